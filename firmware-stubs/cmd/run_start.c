// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The first step of PREFILL and DECODE: descriptors are copied, then checked;
 * memory is sized, inputs are read. Later steps use the copies alone.
 */
#include <stddef.h>
#include <stdlib.h>

#include "cmd/program.h"
#include "cmd/run.h"
#include "core/context.h"
#include "core/device.h"
#include "core/queue.h"

static bool bad_desc(struct fw_exec *x, size_t member)
{
	fw_fail(x, TDM_ST_BAD_DESC, x->cmd.desc.addr + member);
	return false;
}

static bool bad_seq(struct fw_exec *x, const struct fw_run *run, uint32_t seq, size_t member)
{
	fw_fail(x, TDM_ST_BAD_DESC, run->desc.seqs + seq * sizeof(struct tdm_seq) + member);
	return false;
}

#define BAD_DESC(member) bad_desc(x, offsetof(struct tdm_run, member))
#define BAD_SEQ(member) bad_seq(x, run, i, offsetof(struct tdm_seq, member))

static void let_go(void *array, uint64_t *have)
{
	void **p = array;

	free(*p);
	*p = NULL;
	*have = 0;
}

/* Room for @want elements of @size bytes; what was there is lost. */
static bool room(void *array, uint64_t *have, uint64_t want, size_t size)
{
	void **p = array;

	if (*have >= want)
		return true;
	let_go(array, have);
	*p = want > SIZE_MAX / size - 64 ? NULL : aligned_alloc(64, (want * size + 63) / 64 * 64);
	if (!*p)
		return false;
	*have = want;
	return true;
}

static bool no_memory(struct fw_exec *x, uint64_t bytes)
{
	fw_fail(x, TDM_ST_NO_MEMORY, bytes);
	return false;
}

static bool ends_with_head(const struct fw_run *run)
{
	return run->desc.layer_first + run->desc.layer_count == run->program->desc.n_layers;
}

static bool check_desc(struct fw_exec *x, const struct fw_run *run)
{
	const struct tdm_program *p = &run->program->desc;
	const struct tdm_run *d = &run->desc;

	if (d->size != sizeof(*d))
		return BAD_DESC(size);
	if (d->flags & ~(uint32_t)TDM_RUN_LAYER_EVENT)
		return BAD_DESC(flags);
	if (d->layer_times && !(x->dev->id.features & TDM_FEATURE_LAYER_TIMES))
		return BAD_DESC(layer_times);
	if (d->reserved0)
		return BAD_DESC(reserved0);
	if (d->layer_first < p->layer_first || d->layer_first - p->layer_first >= p->layer_count)
		return BAD_DESC(layer_first);
	if (!d->layer_count || d->layer_count > p->layer_count - (d->layer_first - p->layer_first))
		return BAD_DESC(layer_count);
	if (!d->n_seqs)
		return BAD_DESC(n_seqs);
	if (d->n_seqs > x->dev->id.max_seqs) {
		fw_fail(x, TDM_ST_LIMIT, x->dev->id.max_seqs);
		return false;
	}
	return true;
}

/*
 * Room for the time of every layer, before the first one runs; each is looked up again
 * when it is stored, since an unmap may come between.
 */
static bool check_times(struct fw_exec *x, const struct fw_run *run)
{
	const struct tdm_run *d = &run->desc;

	return !d->layer_times || fw_whole(x, d->layer_times, d->layer_count * sizeof(uint64_t),
					   TDM_ACCESS_READ | TDM_ACCESS_WRITE, sizeof(uint64_t));
}

uint32_t fw_run_blocks(const struct fw_run *run, const struct tdm_seq *seq)
{
	uint32_t page = run->program->desc.kv_page_tokens;

	return (seq->pos + seq->n_tokens + page - 1) / page;
}

static bool check_seq(struct fw_exec *x, const struct fw_run *run, uint32_t i)
{
	const struct tdm_seq *s = &run->seqs[i];
	uint32_t ctx_len = run->program->desc.ctx_len;

	if (!s->n_tokens || (x->cmd.opcode == TDM_OP_DECODE && s->n_tokens != 1))
		return BAD_SEQ(n_tokens);
	if (s->pos >= ctx_len || s->n_tokens > ctx_len - s->pos)
		return BAD_SEQ(pos);
	if (s->block_stride < fw_run_blocks(run, s))
		return BAD_SEQ(block_stride);
	if ((s->flags & ~(uint32_t)(TDM_SEQ_SAMPLE | TDM_SEQ_LOGITS)) ||
	    (s->flags && !ends_with_head(run)))
		return BAD_SEQ(flags);
	if (s->reserved)
		return BAD_SEQ(reserved);
	return true;
}

/*
 * A row of the block table must be there before its pages are counted: what the
 * firmware allocates for it is then bounded by what the caller was charged for.
 */
static bool check_blocks(struct fw_exec *x, const struct fw_run *run, const struct tdm_seq *s)
{
	uint64_t bytes = (uint64_t)fw_run_blocks(run, s) * sizeof(uint64_t);

	return fw_whole(x, s->blocks, bytes, TDM_ACCESS_READ, sizeof(uint64_t));
}

/* Read the table of sequences; counts rows and pages. */
static bool read_seqs(struct fw_exec *x, struct fw_run *run)
{
	uint64_t rows = 0, pages = 0, n = run->desc.n_seqs;

	if (!room(&run->seqs, &run->room_seqs, n, sizeof(*run->seqs) + sizeof(void *)))
		return no_memory(x, n * sizeof(*run->seqs));
	run->pages_by_seq = (void *const **)(void *)(run->seqs + run->room_seqs);
	if (!fw_read(x, run->seqs, run->desc.seqs, n * sizeof(*run->seqs), 8))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		if (!check_seq(x, run, i) || !check_blocks(x, run, &run->seqs[i]))
			return false;
		rows += run->seqs[i].n_tokens;
		pages += fw_run_blocks(run, &run->seqs[i]);
	}
	if (rows > x->dev->id.max_tokens) {
		fw_fail(x, TDM_ST_LIMIT, x->dev->id.max_tokens);
		return false;
	}
	run->n_rows = (uint32_t)rows;
	if (run->room_pages >= pages)
		return true;
	let_go(&run->pages, &run->room_pages);
	if (!fw_run_may_hold(x, pages * sizeof(*run->pages)))
		return false;
	if (!room(&run->pages, &run->room_pages, pages, sizeof(*run->pages)))
		return no_memory(x, pages * sizeof(*run->pages));
	return true;
}

static bool size_buffers(struct fw_exec *x, struct fw_run *run)
{
	const struct fw_llama *m = &run->program->model;
	uint64_t scratch = fw_scratch_size(m, run->n_rows, x->dev->pool);
	uint64_t sampling = fw_sample_scratch(m->vocab);
	uint64_t acts = (uint64_t)run->n_rows * m->dim;
	uint64_t logits = (uint64_t)run->desc.n_seqs * m->vocab;
	uint64_t bytes;

	if (!ends_with_head(run))
		logits = 0;
	else if (scratch < sampling)
		scratch = sampling; /* the layers are over by then */
	if (run->room_rows >= run->n_rows && run->room_x >= acts && run->room_logits >= logits &&
	    run->room_scratch >= scratch)
		return true;
	let_go(&run->rows, &run->room_rows);
	let_go(&run->x, &run->room_x);
	let_go(&run->logits, &run->room_logits);
	let_go(&run->scratch, &run->room_scratch);
	bytes = run->n_rows * sizeof(*run->rows) + (acts + logits) * sizeof(float) + scratch;
	if (!fw_run_may_hold(x, bytes))
		return false;
	if (!room(&run->rows, &run->room_rows, run->n_rows, sizeof(*run->rows)) ||
	    !room(&run->x, &run->room_x, acts, sizeof(*run->x)) ||
	    !room(&run->logits, &run->room_logits, logits, sizeof(*run->logits)) ||
	    !room(&run->scratch, &run->room_scratch, scratch, 1))
		return no_memory(x, bytes);
	return true;
}

/* One row a token; tokens are read where the embedding is. */
static bool read_rows(struct fw_exec *x, struct fw_run *run)
{
	struct fw_row *row = run->rows;

	for (uint32_t i = 0; i < run->desc.n_seqs; i++) {
		const struct tdm_seq *s = &run->seqs[i];
		const uint32_t *tokens = NULL;

		if (!run->desc.layer_first) {
			tokens = fw_whole(x, s->tokens_in, s->n_tokens * sizeof(*tokens),
					  TDM_ACCESS_READ, sizeof(*tokens));
			if (!tokens)
				return false;
		}
		for (uint32_t t = 0; t < s->n_tokens; t++, row++) {
			row->token = tokens ? tdm_load_relaxed(&tokens[t]) : 0;
			row->pos = s->pos + t;
			row->seq = i;
			if (row->token < run->program->desc.vocab)
				continue;
			fw_fail(x, TDM_ST_BAD_DESC, s->tokens_in + t * sizeof(*tokens));
			return false;
		}
	}
	return true;
}

static bool read_input(struct fw_exec *x, struct fw_run *run)
{
	const struct fw_llama *m = &run->program->model;

	if (!read_rows(x, run))
		return false;
	fw_begin(m, run->rows, run->n_rows, run->scratch);
	if (run->desc.layer_first)
		return fw_read(x, run->x, run->desc.act_in,
			       (uint64_t)run->n_rows * m->dim * sizeof(float), sizeof(float));
	fw_embed(x->dev->kernels, m, run->rows, run->n_rows, run->x);
	return true;
}

static struct fw_run *get(struct fw_exec *x)
{
	if (!x->queue->run)
		x->queue->run = calloc(1, sizeof(*x->queue->run));
	if (!x->queue->run)
		no_memory(x, sizeof(*x->queue->run));
	return x->queue->run;
}

struct fw_run *fw_run_start(struct fw_exec *x)
{
	const struct tdm_cmd_desc *c = &x->cmd.desc;
	struct fw_program *program;
	struct fw_run *run;

	if (c->len != sizeof(run->desc)) {
		fw_invalid(x, desc.len);
		return NULL;
	}
	if (c->program || c->count || !fw_tail_is_zero(x, 3)) {
		fw_invalid(x, desc.reserved);
		return NULL;
	}
	run = get(x);
	if (!run || !fw_read(x, &run->desc, c->addr, sizeof(run->desc), 8))
		return NULL;
	program = fw_program_get(x->dev, x->ctx, run->desc.program);
	if (!program) {
		fw_fail(x, TDM_ST_BAD_PROGRAM, run->desc.program);
		return NULL;
	}
	if (!fw_program_is_whole(x, program))
		return NULL;
	run->program = program;
	program->users++;
	if (check_desc(x, run) && check_times(x, run) && read_seqs(x, run) &&
	    size_buffers(x, run) && read_input(x, run))
		return run;
	return NULL; /* completing the command lets go of the program */
}

void fw_run_end(struct fw_run *run)
{
	if (!run || !run->program)
		return;
	run->program->users--;
	run->program = NULL;
}
