// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "support/ioctl_sequence.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "support/ioctl_state.h"

/* Far beyond what the end of a closed context takes. */
#define REAP_TRIES 20000

enum step {
	STEP_CALL, /* several, since they make what the others need */
	STEP_CALL_TOO,
	STEP_CALL_AS_WELL,
	STEP_RAW,
	STEP_VIEW,
	STEP_RING_VIEW,
	STEP_UNVIEW,
	STEP_UNVIEW_PART,
	STEP_ADVISE,
	STEP_POKE,
	STEP_SUBMIT,
	STEP_SUBMIT_TOO,
	STEP_INDEX,
	STEP_REOPEN,
	STEPS,
};

uint64_t sequence_take(struct sequence *s, size_t bytes)
{
	size_t n = bytes < s->left ? bytes : s->left;
	uint64_t value = 0;

	if (n)
		memcpy(&value, s->data, n);
	s->data += n;
	s->left -= n;
	return value;
}

void sequence_wrong(struct sequence *s, const char *format, ...)
{
	va_list list;

	if (s->tally->wrong[0])
		return;
	va_start(list, format);
	vsnprintf(s->tally->wrong, sizeof(s->tally->wrong), format, list);
	va_end(list);
}

static void unview(struct sequence *s, struct view *v)
{
	if (!v->ptr)
		return;
	for (struct client *c = s->clients; c < s->clients + FILES; c++)
		for (struct client_queue *q = c->queues; q < c->queues + THINGS; q++)
			if ((uint8_t *)q->sq == v->ptr)
				q->sq = NULL;
	if (v->dev ? tdm_device_munmap(v->dev, v->ptr, v->len) : munmap(v->ptr, v->len))
		sequence_wrong(s, "a mapping could not be taken back");
	v->ptr = NULL;
}

static struct view *free_view(struct sequence *s)
{
	struct view *v = &s->views[sequence_take(s, 1) % VIEWS];

	unview(s, v);
	return v;
}

static uint8_t *view(struct sequence *s, struct client *c, size_t len, int prot, uint64_t offset)
{
	struct view *v = free_view(s);

	v->ptr = tdm_device_mmap(c->dev, len, prot, offset, NULL);
	v->dev = c->dev;
	v->len = len;
	v->writable = prot & PROT_WRITE;
	if (v->ptr)
		s->tally->mapped++;
	return v->ptr;
}

/* Of a buffer, a ring, or a place near one; or of a descriptor that was exported. */
static void step_view(struct sequence *s, struct client *c)
{
	uint64_t n = sequence_take(s, 2);
	const struct client_queue *q = &c->queues[n % THINGS];
	const uint64_t areas[] = { q->info.sq_offset, q->info.cq_offset, q->info.status_offset,
				   q->info.doorbell_offset };
	struct drm_tandem_bo_mmap map = { .size = sizeof(map),
					  .handle = c->buffers[n % THINGS].handle };
	size_t len = s->page * (1 + (n >> 4) % 4);
	int prot = (int)(n >> 8) & (PROT_READ | PROT_WRITE);
	int fd = s->shared[n % THINGS];

	if (n >> 14 == 0) {
		view(s, c, len, prot, areas[(n >> 10) % 4] + s->page * ((n >> 12) % 4 / 2));
	} else if (n >> 14 == 1 && fd >= 0) {
		struct view *v = free_view(s);
		void *ptr = mmap(NULL, s->page, prot, MAP_SHARED, fd, 0);

		*v = (struct view){ NULL, ptr == MAP_FAILED ? NULL : ptr, s->page,
				    prot & PROT_WRITE };
	} else if (!tdm_device_ioctl(c->dev, DRM_IOCTL_TANDEM_BO_MMAP, &map)) {
		view(s, c, len, prot, map.offset + s->page * ((n >> 12) % 4 / 3));
	}
}

/* The first from @n on that there is, with its ring mapped or not; or NULL. */
static struct client_queue *queue_from(struct client *c, uint64_t n, bool mapped)
{
	for (uint64_t i = 0; i < THINGS; i++) {
		struct client_queue *q = &c->queues[(n + i) % THINGS];

		if (q->info.size && !q->sq == !mapped)
			return q;
	}
	return NULL;
}

static void step_ring_view(struct sequence *s, struct client *c)
{
	struct client_queue *q = queue_from(c, sequence_take(s, 1), false);

	if (!q)
		return;
	q->sq = (void *)view(s, c, q->info.sq_bytes, PROT_READ | PROT_WRITE, q->info.sq_offset);
	q->tail = q->sq ? tdm_load_relaxed(&q->sq->tail) : 0;
}

/* Only the kernel can take apart what the library made; that one refuses. */
static void step_unview_part(struct sequence *s)
{
	struct view *v = &s->views[sequence_take(s, 1) % VIEWS];

	if (!v->ptr || !v->dev || v->len < 2 * s->page)
		return;
	for (struct client *c = s->clients; c < s->clients + FILES; c++)
		for (struct client_queue *q = c->queues; q < c->queues + THINGS; q++)
			if ((uint8_t *)q->sq == v->ptr)
				return;
	if (tdm_device_munmap(v->dev, v->ptr, s->page))
		return;
	v->ptr += s->page;
	v->len -= s->page;
}

static void step_advise(struct sequence *s)
{
	static const int advice[] = { MADV_DONTNEED, MADV_WILLNEED, MADV_RANDOM,  MADV_DONTFORK,
				      MADV_DOFORK,   MADV_COLD,	    MADV_PAGEOUT, MADV_HUGEPAGE };
	struct view *v = &s->views[sequence_take(s, 1) % VIEWS];
	uint64_t n = sequence_take(s, 1);

	if (!v->ptr)
		return;
	madvise(v->ptr, v->len, advice[n % 8]);
	if (n & 16)
		mlock(v->ptr, s->page);
	if (n & 32)
		munlock(v->ptr, s->page);
}

/*
 * Commands may be running on it: that is the point. What the device makes of such a
 * word is unknown, and so it is no race that ThreadSanitizer could tell from a bug.
 */
__attribute__((no_sanitize("thread"))) static void store(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELAXED);
}

static void step_poke(struct sequence *s)
{
	struct view *v = &s->views[sequence_take(s, 1) % VIEWS];
	uint64_t at = sequence_take(s, 2) * 4;
	uint64_t value = sequence_take(s, 8);

	if (v->ptr && v->writable && v->len >= 8)
		store((uint64_t *)(void *)(v->ptr + at % (v->len - 7) / 8 * 8), value);
}

static uint64_t address(struct sequence *s, const struct client *c)
{
	uint64_t n = sequence_take(s, 2);

	return c->maps[n % THINGS].dva + (n >> 4);
}

static void wake(struct client *c, const struct client_queue *q)
{
	struct drm_tandem_queue_wake wake = { .size = sizeof(wake), .queue = q->info.queue };

	tdm_device_ioctl(c->dev, DRM_IOCTL_TANDEM_QUEUE_WAKE, &wake);
}

/* The device may be reading the slot: a tail is whatever the input made of it. */
static void put(struct tdm_cmd *slot, const struct tdm_cmd *cmd)
{
	uint64_t words[sizeof(*cmd) / sizeof(uint64_t)];

	memcpy(words, cmd, sizeof(words));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		store((uint64_t *)(void *)slot + i, words[i]);
}

static void step_submit(struct sequence *s, struct client *c)
{
	uint64_t n = sequence_take(s, 1);
	struct client_queue *q = queue_from(c, n, true);
	struct tdm_cmd cmd = { .cookie = s->tally->published };
	struct tdm_cmd *slots;

	if (!q)
		return;
	slots = (struct tdm_cmd *)((char *)q->sq + TDM_QUEUE_HDR_BYTES);
	cmd.opcode = (uint16_t)sequence_take(s, 1) % 24;
	for (unsigned int i = 0; i < 3; i++)
		cmd.raw[i] = n >> (4 + i) & 1 ? address(s, c) : sequence_take(s, 2);
	if (cmd.opcode == TDM_OP_WAIT)
		cmd.wait.timeout_ns = sequence_take(s, 2);
	put(&slots[q->tail & (q->info.sq_entries - 1)], &cmd);
	tdm_store_release(&q->sq->tail, ++q->tail);
	tdm_store_release(&q->sq->cq_head, q->tail - 1);
	s->tally->published++;
	wake(c, q);
}

/* Indices that may be, or may not. */
static void step_index(struct sequence *s, struct client *c)
{
	uint64_t n = sequence_take(s, 1);
	struct client_queue *q = queue_from(c, n, true);
	uint32_t value = (uint32_t)sequence_take(s, n & 64 ? 1 : 4);

	if (!q)
		return;
	if (n & 16)
		tdm_store_release(&q->sq->cq_head, value);
	else if (n & 32)
		tdm_store_release(&q->sq->event_seq, value);
	else
		tdm_store_release(&q->sq->tail, q->tail += value);
	wake(c, q);
}

static void close_client(struct sequence *s, struct client *c, bool leave)
{
	for (struct view *v = s->views; v < s->views + VIEWS; v++) {
		if (v->dev != c->dev)
			continue;
		/* In the kernel a mapping may outlive its file; it is munmap(2)'s then. */
		if (leave && s->is_node)
			v->dev = NULL;
		else
			unview(s, v);
	}
	tdm_device_close(c->dev);
	memset(c, 0, sizeof(*c));
}

static void open_client(struct sequence *s, struct client *c, struct tdm_device *base)
{
	struct tdm_error err = { 0 };

	c->dev = tdm_device_reopen(base, &err);
	if (!c->dev)
		sequence_wrong(s, "it cannot be opened: %.200s", err.msg);
}

static void step(struct sequence *s, struct tdm_device *base)
{
	uint64_t n = sequence_take(s, 1);
	struct client *c = &s->clients[n / STEPS % FILES];

	switch ((enum step)(n % STEPS)) {
	case STEP_CALL:
	case STEP_CALL_TOO:
	case STEP_CALL_AS_WELL:
		sequence_call(s, c);
		break;
	case STEP_RAW:
		sequence_raw_call(s, c);
		break;
	case STEP_VIEW:
		step_view(s, c);
		break;
	case STEP_RING_VIEW:
		step_ring_view(s, c);
		break;
	case STEP_UNVIEW:
		unview(s, &s->views[sequence_take(s, 1) % VIEWS]);
		break;
	case STEP_UNVIEW_PART:
		step_unview_part(s);
		break;
	case STEP_ADVISE:
		step_advise(s);
		break;
	case STEP_POKE:
		step_poke(s);
		break;
	case STEP_SUBMIT:
	case STEP_SUBMIT_TOO:
		step_submit(s, c);
		break;
	case STEP_INDEX:
		step_index(s, c);
		break;
	case STEP_REOPEN:
		/* The rarest: everything that was made goes with it. */
		if (sequence_take(s, 1) % 8)
			break;
		close_client(s, c, s->left & 1);
		open_client(s, c, base);
		break;
	default:
		break;
	}
}

static void check_memory(struct sequence *s, struct tdm_device *base,
			 const struct tdm_query_memory *before)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	struct tdm_query_memory now;

	for (int i = 0; i < REAP_TRIES; i++) {
		if (tdm_device_memory(base, &now)) {
			sequence_wrong(s, "the device does not answer any more");
			return;
		}
		if (!memcmp(&now, before, sizeof(now)))
			return;
		nanosleep(&pause, NULL);
	}
	sequence_wrong(s, "memory did not come back: device %llu of %llu, host %llu of %llu",
		       (unsigned long long)now.device_used, (unsigned long long)before->device_used,
		       (unsigned long long)now.host_used, (unsigned long long)before->host_used);
}

static void end(struct sequence *s)
{
	for (struct client *c = s->clients; c < s->clients + FILES; c++)
		if (c->dev)
			close_client(s, c, false);
	for (struct view *v = s->views; v < s->views + VIEWS; v++)
		unview(s, v);
	for (int i = 0; i < THINGS; i++)
		if (s->shared[i] >= 0)
			close(s->shared[i]);
	close(s->event);
	free(s->scratch);
	free(s->arg);
}

void ioctl_sequence_run(struct tdm_device *base, const uint8_t *data, size_t size,
			struct ioctl_tally *tally)
{
	struct sequence s = {
		.data = data,
		.left = size,
		.is_node = tdm_device_name(base)[0] == '/',
		.shared = { -1, -1, -1, -1 },
		.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.page = tdm_device_info(base)->identify.page_bytes,
		.scratch = malloc(SCRATCH_BYTES),
		.arg = malloc(ARG_BYTES),
		.tally = tally,
	};
	struct tdm_query_memory before;

	if (!s.scratch || !s.arg || s.event < 0 || tdm_device_memory(base, &before))
		abort();
	for (int i = 0; i < FILES; i++)
		open_client(&s, &s.clients[i], base);
	while (s.left && !tally->wrong[0])
		step(&s, base);
	end(&s);
	check_memory(&s, base, &before);
}
