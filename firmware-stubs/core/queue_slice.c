// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The fast path of a queue: no lock, no system call, and as few cache lines
 * from core to core as the contract allows. The order of loads and stores is
 * that of tandem_queue.h.
 */
#include <errno.h>
#include <string.h>

#include "cmd/run.h"
#include "core/device.h"
#include "core/queue.h"

/* Commands of one turn, if they are short. */
#define SLICE_COMMANDS 64
/* How far ahead the lines of a batch are asked for. */
#define AHEAD 8

/* Tell what was done, then look at the arm words: Dekker, as the waiters do. */
static void publish(struct fw_queue *q)
{
	uint64_t before = q->published;
	uint64_t wait_seq, event_seq;

	tdm_store_release(&q->cq->sq_head, q->sq_head);
	tdm_store_relaxed(&q->cq->slices, ++q->slices);
	tdm_store_relaxed(&q->cq->busy_ns, q->busy_ns);
	tdm_store_relaxed(&q->cq->tokens_prefill, q->tokens_prefill);
	tdm_store_relaxed(&q->cq->tokens_decode, q->tokens_decode);
	tdm_store_relaxed(&q->cq->errors, q->errors);
	if (q->completed == before)
		return;
	tdm_store_release(&q->cq->completed, q->completed);
	q->published = q->completed;
	fw_count(&q->dev->counters.commands, q->completed - before);
	tdm_full_fence();
	wait_seq = tdm_load_relaxed(&q->status->wait_seq);
	event_seq = tdm_load_relaxed(&q->sq->event_seq);
	if ((wait_seq > before && wait_seq <= q->completed) ||
	    (event_seq > before && event_seq <= q->completed))
		fw_queue_event(q);
}

/* What was done is out before the driver hears that no more will be. */
static void ring_error(struct fw_queue *q)
{
	struct tdm_event event = {
		.type = TDM_EV_QUEUE_ERROR,
		.id = q->id,
		.value = (uint64_t)-EPROTO,
	};

	publish(q);
	fw_queue_stop(q);
	fw_event_post(&q->dev->events, &event);
}

/* Commands that may be fetched; a tail that cannot be stops the queue. */
static inline uint32_t commands(struct fw_queue *q)
{
	uint32_t tail;

	if (q->tail_seen != q->sq_head)
		return q->tail_seen - q->sq_head;
	tail = tdm_load_acquire(&q->sq->tail);
	if (__builtin_expect(tail - q->sq_head > q->sq_entries, 0)) {
		ring_error(q);
		return 0;
	}
	q->tail_seen = tail;
	return tail - q->sq_head;
}

/* Completion slots, looked at again when there are fewer than @wanted; the same for cq_head. */
static inline uint32_t slots(struct fw_queue *q, uint32_t wanted)
{
	uint32_t done = (uint32_t)q->completed;
	uint32_t head;

	if (q->cq_entries - (done - q->cq_head_seen) >= wanted)
		return wanted;
	head = tdm_load_acquire(&q->sq->cq_head);
	if (__builtin_expect(done - head > q->cq_entries, 0)) {
		ring_error(q);
		return 0;
	}
	q->cq_head_seen = head;
	return q->cq_entries - (done - head);
}

/* Commands that may be fetched and completed. */
static inline uint32_t fetchable(struct fw_queue *q)
{
	uint32_t n = commands(q);
	uint32_t room;

	if (!n)
		return 0;
	room = slots(q, n);
	return n < room ? n : room;
}

bool fw_queue_has_work(struct fw_queue *q)
{
	if (q->stopped || q->busy)
		return false; /* what is parked has its deadline */
	return fetchable(q) != 0;
}

static inline void prefetch_write(const void *p)
{
#if defined(__x86_64__)
	/* gcc makes a prefetch for reading of __builtin_prefetch() without -mprfchw. */
	__asm__ __volatile__("prefetchw %0" : : "m"(*(const char *)p));
#else
	__builtin_prefetch(p, 1);
#endif
}

static inline const struct tdm_cmd *command_at(const struct fw_queue *q, uint32_t index)
{
	return &q->cmds[index & (q->sq_entries - 1)];
}

static inline struct tdm_cqe *cqe_at(const struct fw_queue *q, uint64_t index)
{
	return &q->cqes[index & (q->cq_entries - 1)];
}

/*
 * What the next command needs is asked for before it is there: its own line,
 * together with the tail's, and the completion's for writing, which nobody
 * looks at while no command is open.
 */
static inline void prepare(const struct fw_queue *q)
{
	__builtin_prefetch(command_at(q, q->sq_head));
	prefetch_write(cqe_at(q, q->completed));
}

/* Each word once, whatever the application does to the slot meanwhile. */
static inline void copy_command(struct tdm_cmd *to, const struct tdm_cmd *from)
{
	const uint64_t *words = (const uint64_t *)(const void *)from;

	for (size_t i = 0; i < sizeof(*to) / sizeof(*words); i++) {
		uint64_t word = tdm_load_relaxed(&words[i]);

		memcpy((char *)to + i * sizeof(word), &word, sizeof(word));
	}
}

static inline void fetch(struct fw_queue *q, uint64_t now, uint32_t left)
{
	struct fw_exec *x = &q->exec;

	if (left > AHEAD) {
		__builtin_prefetch(command_at(q, q->sq_head + AHEAD));
		prefetch_write(cqe_at(q, q->completed + AHEAD));
	}
	copy_command(&x->cmd, command_at(q, q->sq_head));
	x->first = true;
	x->started_ns = now;
	x->stamp = ++q->dev->fetch_stamp;
	x->deadline_ns = ~0ULL;
	x->progress = 0;
	q->sq_head++;
	q->busy = true;
}

/*
 * Completions that are due: the application polls the ring's next entry, so a
 * line that is written half by half goes there and back between the two.
 */
struct due {
	unsigned int n;
	struct tdm_cqe cqes[SLICE_COMMANDS];
};

static void flush(struct fw_queue *q, struct due *due)
{
	uint64_t at = q->completed - due->n;

	for (unsigned int i = 0; i < due->n; i++, at++) {
		const struct tdm_cqe *from = &due->cqes[i];
		struct tdm_cqe *cqe = cqe_at(q, at);
		uint32_t phase = at & q->cq_entries ? 0 : TDM_CQE_PHASE;

		cqe->cookie = from->cookie;
		cqe->result = from->result;
		cqe->end_ns = from->end_ns;
		cqe->run_16ns = from->run_16ns;
		tdm_store_release((uint32_t *)(void *)&cqe->status, from->status | phase << 16);
	}
	due->n = 0;
}

static inline void complete(struct fw_queue *q, struct due *due, uint64_t now)
{
	const struct fw_exec *x = &q->exec;
	struct tdm_cqe *cqe = &due->cqes[due->n++];
	uint64_t run = (now - x->started_ns) / 16;

	cqe->cookie = x->cmd.cookie;
	cqe->result = x->result;
	cqe->end_ns = now;
	cqe->run_16ns = run > UINT32_MAX ? UINT32_MAX : (uint32_t)run;
	cqe->status = x->status;
	q->completed++;
	q->busy = false;
	if (q->run)
		fw_run_end(q->run);
	if (x->status != TDM_ST_OK) {
		q->errors++;
		fw_count(&q->dev->counters.errors, 1);
	}
}

/* What nobody can tell from its completion being late, but by the clock. */
static inline bool is_silent(const struct fw_exec *x)
{
	return x->cmd.opcode == TDM_OP_NOP;
}

/*
 * Up to a slice. @left: commands that may be fetched; read again when they are
 * used up. Return: true when anything moved.
 */
static bool run_some(struct fw_queue *q, uint32_t left)
{
	uint64_t now = 0;
	bool moved = false;
	struct due due;

	due.n = 0;
	for (unsigned int n = 0; n < SLICE_COMMANDS && !q->stopped; n++) {
		enum fw_step step;

		if (!q->busy) {
			if (!left) {
				/* Looking at the ring may end the queue: nothing is due then. */
				flush(q, &due);
				left = fetchable(q);
			}
			if (!left)
				break;
			if (!now)
				now = fw_now(q->dev);
			fetch(q, now, left--);
			moved = true;
		}
		if (due.n && !is_silent(&q->exec))
			flush(q, &due);
		step = fw_exec_step(&q->exec);
		q->exec.first = false;
		if (step == FW_PARKED)
			break;
		moved = true;
		if (step == FW_MORE)
			break;
		/* Short commands share the clock reading that they started with. */
		if (!q->exec.progress) {
			complete(q, &due, now ? now : fw_now(q->dev));
			continue;
		}
		/* A long one was its queue's share for this turn. */
		complete(q, &due, fw_now(q->dev));
		break;
	}
	flush(q, &due);
	return moved;
}

bool fw_queue_slice(struct fw_queue *q)
{
	uint32_t left = 0;

	if (!q->busy) {
		if (q->stopped)
			return false;
		prepare(q);
		left = fetchable(q);
		if (!left)
			return false;
	}
	if (!run_some(q, left))
		return false;
	if (q->asleep) {
		q->asleep = false;
		tdm_store_relaxed(&q->cq->need_wake, 0);
	}
	publish(q);
	return true;
}
