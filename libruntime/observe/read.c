// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * One function for each kind of record, and what has to be made fit of it.
 */
#include <errno.h>
#include <stdlib.h>

#include "observe/ask.h"

static void *all(struct tdm_observed *o, uint32_t kind, uint32_t bytes, uint32_t *n,
		 struct tdm_error *err)
{
	const struct observe_request req = { .kind = kind, .count = UINT32_MAX };

	return ask_all(o, &req, bytes, n, err);
}

struct tdm_observe_device *tdm_observed_devices(struct tdm_observed *o, uint32_t *n,
						struct tdm_error *err)
{
	struct tdm_observe_device *list = all(o, OBSERVE_DEVICES, sizeof(*list), n, err);

	for (uint32_t i = 0; list && i < *n; i++) {
		struct tdm_identify *id = &list[i].identify;

		ask_clean(list[i].name, sizeof(list[i].name));
		ask_clean(id->model, sizeof(id->model));
		ask_clean(id->firmware, sizeof(id->firmware));
	}
	return list;
}

struct tdm_observe_queue *tdm_observed_queues(struct tdm_observed *o, uint32_t *n,
					      struct tdm_error *err)
{
	return all(o, OBSERVE_QUEUES, sizeof(struct tdm_observe_queue), n, err);
}

struct tdm_observe_engine *tdm_observed_engines(struct tdm_observed *o, uint32_t *n,
						struct tdm_error *err)
{
	return all(o, OBSERVE_ENGINES, sizeof(struct tdm_observe_engine), n, err);
}

struct tdm_observe_pool *tdm_observed_pools(struct tdm_observed *o, uint32_t *n,
					    struct tdm_error *err)
{
	struct tdm_observe_pool *list = all(o, OBSERVE_POOLS, sizeof(*list), n, err);

	for (uint32_t i = 0; list && i < *n; i++)
		ask_clean(list[i].name, sizeof(list[i].name));
	return list;
}

struct tdm_observe_agent *tdm_observed_agents(struct tdm_observed *o, uint32_t *n,
					      struct tdm_error *err)
{
	struct tdm_observe_agent *list = all(o, OBSERVE_AGENTS, sizeof(*list), n, err);

	for (uint32_t i = 0; list && i < *n; i++) {
		ask_clean(list[i].address, sizeof(list[i].address));
		ask_clean(list[i].net, sizeof(list[i].net));
	}
	return list;
}

struct tdm_observe_peer *tdm_observed_peers(struct tdm_observed *o, uint32_t *n,
					    struct tdm_error *err)
{
	struct tdm_observe_peer *list = all(o, OBSERVE_PEERS, sizeof(*list), n, err);

	for (uint32_t i = 0; list && i < *n; i++)
		ask_clean(list[i].address, sizeof(list[i].address));
	return list;
}

static void *of_pool(struct tdm_observed *o, uint32_t kind, const struct tdm_observe_range *range,
		     uint32_t bytes, uint32_t *n, struct tdm_error *err)
{
	const struct observe_request req = {
		.kind = kind,
		.pool = range->pool,
		.first = range->first,
		.count = range->count,
	};

	return ask_all(o, &req, bytes, n, err);
}

struct tdm_observe_page *tdm_observed_pages(struct tdm_observed *o,
					    const struct tdm_observe_range *range, uint32_t *n,
					    struct tdm_error *err)
{
	return of_pool(o, OBSERVE_PAGES, range, sizeof(struct tdm_observe_page), n, err);
}

struct tdm_observe_check *tdm_observed_verify(struct tdm_observed *o,
					      const struct tdm_observe_range *range, uint32_t *n,
					      struct tdm_error *err)
{
	return of_pool(o, OBSERVE_VERIFY, range, sizeof(struct tdm_observe_check), n, err);
}

int tdm_observed_bytes(struct tdm_observed *o, uint32_t pool, uint32_t page,
		       struct tdm_observe_bytes *bytes, struct tdm_error *err)
{
	const struct tdm_observe_range range = { .pool = pool, .first = page, .count = 1 };
	struct tdm_observe_bytes *got;
	struct tdm_error own = { .code = 0 };
	uint32_t n;
	int rc = 0;

	got = of_pool(o, OBSERVE_BYTES, &range, sizeof(*got), &n, &own);
	if (!got)
		rc = own.code;
	else if (n != 1 || got->len > sizeof(got->data))
		rc = tdm_error_set(&own, -EPROTO,
				   "process %u: it answers with no page; use the same version of "
				   "tandem",
				   o->at.pid);
	else
		*bytes = *got;
	free(got);
	if (rc && err)
		*err = own;
	return rc;
}

int tdm_observed_inject(struct tdm_observed *o, const struct tdm_observe_inject *fault,
			struct tdm_error *err)
{
	const struct observe_request req = {
		.size = sizeof(req),
		.magic = OBSERVE_MAGIC,
		.version = OBSERVE_VERSION,
		.kind = OBSERVE_INJECT,
		.count = 1,
		.inject = *fault,
	};
	struct tdm_error own = { .code = 0 };

	if (ask_once(o, &req, &own))
		return 0;
	if (err)
		*err = own;
	return own.code;
}
