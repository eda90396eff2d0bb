// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The prompt, chunk by chunk. Two PREFILLs are open at once, so that the device
 * goes from one to the next by itself; finished layers are seen in the
 * descriptors while they run.
 */
#include <errno.h>

#include <tandem/observe.h>

#include "engine/engine.h"
#include "engine/mover.h"
#include "engine/note.h"

struct chunk {
	uint32_t start; /* first position */
	uint32_t end;
	uint32_t seen;	 /* layers that were seen to be done */
	uint32_t sealed; /* of them handed to the mover */
	bool done;	 /* its completion was seen */
	struct note_layers layers;
};

struct prefill {
	struct tdm_engine *e;
	struct side *side;
	const struct tdm_request *req;
	struct chunk chunks[SIDE_RUNS]; /* by number modulo SIDE_RUNS */
	uint64_t started;
	uint32_t submitted; /* chunks */
	uint32_t completed;
	uint32_t sealed; /* chunks of which every layer is with the mover */
	uint32_t n_chunks;
	uint32_t first; /* the sampled token */
	bool ended;	/* it ended the request */
	bool committed; /* the receiver was told */
};

static struct tdm_run *run_of(const struct prefill *p, unsigned int slot)
{
	return (struct tdm_run *)side_ptr(p->side, p->side->at.runs) + slot;
}

static void fill_chunk(struct prefill *p, unsigned int slot)
{
	struct side *s = p->side;
	struct chunk *c = &p->chunks[slot];
	struct tdm_seq *seq = (struct tdm_seq *)side_ptr(s, s->at.seqs) + slot;

	engine_fill_seq(seq, s, p->req, slot);
	seq->tokens_in = side_dva(s, s->at.tokens + c->start * sizeof(uint32_t));
	seq->pos = c->start;
	seq->n_tokens = c->end - c->start;
	seq->flags = c->end == p->req->n_prompt ? TDM_SEQ_SAMPLE : 0;
	*run_of(p, slot) = (struct tdm_run){
		.size = sizeof(struct tdm_run),
		.program = tdm_resident_program(s->model),
		.layer_count = s->desc->n_layers,
		.n_seqs = 1,
		.seqs = side_dva(s, s->at.seqs + slot * sizeof(*seq)),
		.layer_times = note_layers_begin(s, slot, &c->layers),
	};
}

/* Return: 1 submitted, 0 nothing to submit now, or -errno */
static int submit(struct prefill *p, struct tdm_error *err)
{
	unsigned int slot = p->submitted % SIDE_RUNS;
	struct side *s = p->side;
	struct tdm_cmd cmd = {
		.opcode = TDM_OP_PREFILL,
		.desc = { .addr = side_dva(s, s->at.runs + slot * sizeof(struct tdm_run)),
			  .len = sizeof(struct tdm_run) },
	};
	uint32_t start = p->submitted * p->e->chunk_tokens;
	uint32_t left = p->req->n_prompt - start;
	uint64_t now;
	int rc;

	/* The slot's chunk before must have left it. */
	if (p->submitted == p->n_chunks || p->submitted - p->sealed >= SIDE_RUNS)
		return 0;
	p->chunks[slot] = (struct chunk){
		.start = start,
		.end = start + (left < p->e->chunk_tokens ? left : p->e->chunk_tokens),
	};
	fill_chunk(p, slot);
	now = note_now(s);
	rc = tdm_queue_submit(s->run, &cmd, 1);
	if (rc < 0)
		return side_lost(s, rc, err);
	p->submitted += (uint32_t)rc;
	if (rc)
		note_tokens(s, TDM_TRACE_SUBMIT, start, p->chunks[slot].end - start, now);
	return rc;
}

/* The prompt is computed: its token is out before the last pages have moved. */
static void deliver(struct prefill *p, struct tdm_result *result)
{
	unsigned int slot = (p->n_chunks - 1) % SIDE_RUNS;

	p->first = *(const uint32_t *)side_ptr(p->side, side_out(p->side, slot));
	result->ttft_ns = engine_now() - p->started;
	note_tokens(p->side, TDM_TRACE_FIRST, p->first, 1, p->started + result->ttft_ns);
	if (p->e->mover)
		result->hidden_ns = mover_busy_ns(p->e->mover);
	result->n_tokens = 1;
	p->ended = p->req->token && p->req->token(p->req->token_ctx, p->first);
}

/* Return: 1 a chunk completed, 0 none, or -errno */
static int reap(struct prefill *p, struct tdm_result *result, struct tdm_error *err)
{
	struct side *s = p->side;
	unsigned int slot = p->completed % SIDE_RUNS;
	struct tdm_cqe cqe;
	int n = tdm_queue_poll(s->run, &cqe, 1);

	if (n <= 0)
		return n ? side_lost(s, n, err) : 0;
	if (cqe.status != TDM_ST_OK)
		return side_failed(s, "prefill", &cqe, err);
	result->prefill_ns += 16ULL * cqe.run_16ns;
	p->chunks[slot].layers.end_ns =
		note_tokens_run(s, TDM_TRACE_PREFILL, p->chunks[slot].start,
				p->chunks[slot].end - p->chunks[slot].start, &cqe);
	p->chunks[slot].done = true;
	watch_count(&p->e->watch->tokens_prefill, p->chunks[slot].end - p->chunks[slot].start);
	p->completed++;
	if (p->completed == p->n_chunks)
		deliver(p, result);
	return 1;
}

/* Blocks that this chunk completes: the last chunk also ends a partial one. */
static uint32_t first_block(const struct prefill *p, const struct chunk *c)
{
	return c->start / p->side->desc->kv_page_tokens;
}

static uint32_t end_block(const struct prefill *p, const struct chunk *c)
{
	return c->end == p->req->n_prompt ? p->side->blocks
					  : c->end / p->side->desc->kv_page_tokens;
}

/* A layer of a chunk is that share of its tokens. */
static void report(const struct prefill *p, const struct chunk *c)
{
	uint64_t tokens = c->end - c->start;

	if (p->e->progress)
		p->e->progress(p->e->progress_ctx, TDM_STAGE_PREFILL,
			       c->start + tokens * c->sealed / p->side->desc->n_layers,
			       p->req->n_prompt);
}

static void see(const struct prefill *p, struct chunk *c, uint32_t ready)
{
	if (ready <= c->seen)
		return;
	note_layers(p->side, &c->layers, c->seen, ready - c->seen, c->start, c->end - c->start);
	c->seen = ready;
}

/* Hand finished layers of the oldest chunk to the mover. */
static int seal(struct prefill *p, struct tdm_error *err)
{
	unsigned int slot = p->sealed % SIDE_RUNS;
	struct chunk *c = &p->chunks[slot];
	uint32_t layers = p->side->desc->n_layers;
	uint32_t ready, block, n;
	int moved = 0;

	if (p->sealed == p->submitted)
		return 0;
	/* Completed says all layers; before that the word in the descriptor does. */
	ready = c->done ? layers : tdm_load_acquire(&run_of(p, slot)->layers_done);
	see(p, c, ready < layers ? ready : layers);
	block = first_block(p, c);
	n = end_block(p, c) - block;
	for (; c->sealed < ready; c->sealed++) {
		int rc = 1;

		if (p->e->mover && n)
			rc = mover_seal(p->e->mover, c->sealed, block, n, err);
		if (rc <= 0)
			return rc ? rc : moved;
		moved = 1;
	}
	if (moved)
		report(p, c);
	/* The slot is free when the device has left it as well. */
	if (c->sealed == layers && c->done) {
		p->sealed++;
		moved = 1;
	}
	return moved;
}

/* All pages are there: the receiver may go on, with this token. */
static int commit(struct prefill *p, struct tdm_error *err)
{
	struct engine_commit meta = { .first = p->first, .ended = p->ended };
	int rc;

	if (p->committed || p->sealed < p->n_chunks || !mover_is_done(p->e->mover))
		return 0;
	rc = mover_commit(p->e->mover, &meta, sizeof(meta));
	if (rc)
		return tdm_error_set(err, -EIO,
				     "KV transfer: it ended at its last page; run the "
				     "request again");
	p->committed = true;
	return 1;
}

static bool is_over(const struct prefill *p)
{
	return p->sealed == p->n_chunks && (!p->e->mover || mover_is_committed(p->e->mover));
}

/*
 * Between two looks. While the device computes a look costs it a processor where
 * there are no more than it has threads, and a layer's pages can wait a little;
 * once it is done nothing else is left to do.
 */
#define NAP_COMPUTE_NS 1000000
#define NAP_NS 200000

static void nap(struct prefill *p)
{
	uint64_t until = engine_now() + NAP_NS;

	if (tdm_queue_open(p->side->run))
		(void)tdm_queue_wait(p->side->run, until + NAP_COMPUTE_NS - NAP_NS);
	else if (p->e->mover)
		mover_wait(p->e->mover, until);
}

int engine_prefill(struct tdm_engine *e, const struct tdm_request *req, uint64_t started,
		   struct tdm_result *result, uint32_t *first, struct tdm_error *err)
{
	struct prefill p = {
		.e = e,
		.side = e->prefill,
		.req = req,
		.started = started,
		.n_chunks = (req->n_prompt + e->chunk_tokens - 1) / e->chunk_tokens,
	};

	watch_stage(e->watch, TDM_OBSERVE_PREFILL);
	while (!is_over(&p)) {
		int moved = 0, rc;

		if (engine_stopped(e))
			return engine_say_stopped(result, err);
		rc = submit(&p, err);
		moved |= rc;
		if (rc >= 0) {
			rc = reap(&p, result, err);
			moved |= rc;
		}
		if (rc >= 0) {
			rc = seal(&p, err);
			moved |= rc;
		}
		if (rc >= 0 && e->mover) {
			rc = mover_step(e->mover, err);
			moved |= rc;
		}
		if (rc >= 0 && e->mover) {
			rc = commit(&p, err);
			moved |= rc;
		}
		if (rc < 0)
			return rc;
		if (!moved)
			nap(&p);
	}
	*first = p.first;
	return p.ended;
}
