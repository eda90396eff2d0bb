// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Pools, pages and their bytes.
 *
 * The bytes may be written while they are read here: nobody is asked to wait. What was
 * read counts only if the page is the same afterwards.
 */
#include <errno.h>
#include <string.h>

#include "observe/observer.h"

/* Of one answer: so long may the end of an object have to wait. */
#define VERIFY_BYTES (4U << 20)

static void fill_pool(const struct shown *s, struct tdm_observe_pool *p)
{
	struct tdm_kv_pool_stats stats = tdm_kv_pool_stats(s->pool.pool);
	const struct tdm_kv_pool_attr *attr = &s->pool.pool->attr;

	memcpy(p->name, s->pool.name, sizeof(p->name));
	p->number = s->number;
	p->id = attr->id;
	p->device = s->pool.device;
	p->layout = s->pool.layout;
	p->page_bytes = attr->page_bytes;
	p->pages = attr->pages;
	p->low_water = stats.low_water;
	p->refused = stats.refused;
	for (int i = 0; i < TDM_KV_STATES; i++)
		p->states[i] = stats.pages[i];
	for (int i = 0; i < TDM_KV_OPS; i++)
		p->ops[i] = stats.ops[i];
}

int answer_pools(struct answer *a)
{
	for (struct shown *s = registry_next(a->o, NULL, SHOWN_POOL); s;
	     s = registry_next(a->o, s, SHOWN_POOL)) {
		struct tdm_observe_pool *p;

		if (a->skip) {
			a->skip--;
			continue;
		}
		p = answer_add(a, sizeof(*p));
		if (!p)
			break;
		fill_pool(s, p);
	}
	return 0;
}

int answer_pages(struct answer *a)
{
	const struct shown *s = registry_find(a->o, SHOWN_POOL, a->req->pool);
	struct tdm_kv_page_info list[64];
	uint32_t n;

	if (!s)
		return -ENOENT;
	do {
		n = tdm_kv_pool_list(s->pool.pool, a->skip, list, 64);
		for (uint32_t i = 0; i < n; i++) {
			const struct tdm_kv_page_info *from = &list[i];
			struct tdm_observe_page *p = answer_add(a, sizeof(*p));

			if (!p)
				return 0;
			*p = (struct tdm_observe_page){
				.owner = from->owner,
				.changed_ns = from->changed_ns,
				.address = tdm_kv_pool_device_addr(s->pool.pool, from->page),
				.bytes = from->bytes,
				.page = from->page,
				.epoch = from->epoch,
				.state = from->state,
				.crc = from->crc,
				.sealed = from->bytes != 0,
			};
		}
		a->skip += n;
	} while (n == 64);
	return 0;
}

/* While it has that CRC its bytes stay as they are. */
static bool is_same(const struct tdm_kv_page_info *a, const struct tdm_kv_page_info *b)
{
	return a->epoch == b->epoch && a->bytes == b->bytes && a->crc == b->crc;
}

/* Return: bytes read */
static uint64_t check_page(const struct shown *s, const struct tdm_kv_page_info *before,
			   struct tdm_observe_check *c)
{
	struct tdm_kv_pool *pool = s->pool.pool;
	struct tdm_kv_page_info after;
	int64_t crc;

	*c = (struct tdm_observe_check){
		.owner = before->owner,
		.bytes = before->bytes,
		.page = before->page,
		.epoch = before->epoch,
		.state = before->state,
		.verdict = TDM_OBSERVE_NO_CRC,
	};
	if (!before->bytes)
		return 0;
	c->verdict = TDM_OBSERVE_LAYOUT;
	crc = page_crc(&s->pool, tdm_kv_pool_mem(pool, before->page), before->bytes);
	if (crc < 0)
		return 0;
	c->expected = before->crc;
	c->found = (uint32_t)crc;
	(void)tdm_kv_pool_list(pool, before->page, &after, 1);
	if (!is_same(before, &after)) {
		c->verdict = TDM_OBSERVE_MOVED;
		c->expected = c->found = 0;
	} else {
		c->verdict = c->expected == c->found ? TDM_OBSERVE_OK : TDM_OBSERVE_DIFFERS;
	}
	return before->bytes;
}

int answer_verify(struct answer *a)
{
	const struct shown *s = registry_find(a->o, SHOWN_POOL, a->req->pool);
	struct tdm_kv_page_info info;
	uint64_t bytes = 0;

	if (!s)
		return -ENOENT;
	while (tdm_kv_pool_list(s->pool.pool, a->skip, &info, 1)) {
		struct tdm_observe_check *c;

		if (bytes >= VERIFY_BYTES) {
			a->head->more = 1;
			break;
		}
		c = answer_add(a, sizeof(*c));
		if (!c)
			break;
		bytes += check_page(s, &info, c);
		a->skip++;
	}
	return 0;
}

int answer_bytes(struct answer *a)
{
	const struct shown *s = registry_find(a->o, SHOWN_POOL, a->req->pool);
	const char *mem = s ? tdm_kv_pool_mem(s->pool.pool, a->req->first) : NULL;
	struct tdm_observe_bytes *b;
	uint64_t page_bytes;

	if (!mem)
		return -ENOENT;
	b = answer_add(a, sizeof(*b));
	page_bytes = s->pool.pool->attr.page_bytes;
	b->page = a->req->first;
	b->len = page_bytes < sizeof(b->data) ? (uint32_t)page_bytes : sizeof(b->data);
	page_copy((char *)b->data, mem, b->len);
	return 0;
}
