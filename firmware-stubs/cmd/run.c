// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * PREFILL and DECODE: one slice a layer, so that an abort and a fair share never
 * wait for more than one.
 */
#include "cmd/run.h"

#include <stddef.h>
#include <string.h>

#include "cmd/program.h"
#include "core/context.h"
#include "core/device.h"
#include "core/queue.h"

/* dva + off, and an address that nothing is mapped at where that wraps. */
static uint64_t at(uint64_t dva, uint64_t off)
{
	uint64_t sum;

	return __builtin_add_overflow(dva, off, &sum) ? ~0ULL : sum;
}

/* The pages of one sequence; those that this command fills must be writable. */
static bool look_up(struct fw_exec *x, struct fw_run *run, const struct tdm_seq *s, uint32_t layer,
		    void **pages)
{
	uint32_t blocks = fw_run_blocks(run, s);
	uint32_t first_written = s->pos / run->program->desc.kv_page_tokens;
	uint64_t bytes = fw_kv_page_bytes(&run->program->model);
	const uint64_t *table;

	table = fw_whole(x, at(s->blocks, (uint64_t)layer * s->block_stride * sizeof(*table)),
			 blocks * sizeof(*table), TDM_ACCESS_READ, sizeof(*table));
	if (!table)
		return false;
	for (uint32_t b = 0; b < blocks; b++) {
		unsigned int access = TDM_ACCESS_READ;

		if (b >= first_written)
			access |= TDM_ACCESS_WRITE;
		pages[b] = fw_whole(x, tdm_load_relaxed(&table[b]), bytes, access, 64);
		if (!pages[b])
			return false;
	}
	return true;
}

bool fw_run_pages(struct fw_exec *x, struct fw_run *run, uint32_t layer)
{
	void **pages = run->pages;

	for (uint32_t i = 0; i < run->desc.n_seqs; i++) {
		if (!look_up(x, run, &run->seqs[i], layer, pages))
			return false;
		run->pages_by_seq[i] = pages;
		pages += fw_run_blocks(run, &run->seqs[i]);
	}
	return true;
}

static bool set_layers_done(struct fw_exec *x, struct fw_run *run, uint32_t done)
{
	uint64_t addr = x->cmd.desc.addr + offsetof(struct tdm_run, layers_done);
	uint32_t *word =
		fw_whole(x, addr, sizeof(*word), TDM_ACCESS_READ | TDM_ACCESS_WRITE, sizeof(*word));

	if (!word)
		return false;
	tdm_store_release(word, done);
	if (done && run->desc.flags & TDM_RUN_LAYER_EVENT)
		fw_queue_event(x->queue);
	return true;
}

/* The clock at a layer's end, where it is asked for. */
static bool store_time(struct fw_exec *x, struct fw_run *run, uint32_t layer)
{
	uint64_t addr = run->desc.layer_times + layer * sizeof(uint64_t);
	uint64_t *word;

	if (!run->desc.layer_times)
		return true;
	word = fw_whole(x, addr, sizeof(*word), TDM_ACCESS_READ | TDM_ACCESS_WRITE, sizeof(*word));
	if (word)
		tdm_store_relaxed(word, fw_now(x->dev));
	return word;
}

static bool do_layer(struct fw_exec *x, struct fw_run *run)
{
	struct fw_device *dev = x->dev;
	const struct fw_llama *m = &run->program->model;
	uint32_t layer = (uint32_t)x->progress;
	uint32_t resident = run->desc.layer_first - run->program->desc.layer_first + layer;

	if (!fw_run_pages(x, run, layer))
		return false;
	fw_layer_forward(dev->kernels, m, resident, run->rows, run->n_rows, run->x,
			 (void *const *const *)run->pages_by_seq, run->scratch, dev->pool);
	x->progress++;
	/* Whoever sees the layer done may read its time. */
	return store_time(x, run, layer) && set_layers_done(x, run, layer + 1);
}

static float from_bits(uint32_t bits)
{
	float f;

	memcpy(&f, &bits, sizeof(f));
	return f;
}

static bool sample(struct fw_exec *x, struct fw_run *run, const struct tdm_seq *s,
		   const float *logits)
{
	struct fw_sampling how = {
		.temperature = from_bits(s->temperature),
		.top_k = s->top_k,
		.top_p = from_bits(s->top_p),
		.seed = s->seed,
		.pos = s->pos + s->n_tokens - 1,
	};
	uint32_t *out = fw_whole(x, s->tokens_out, sizeof(*out), TDM_ACCESS_READ | TDM_ACCESS_WRITE,
				 sizeof(*out));

	if (!out)
		return false;
	tdm_store_relaxed(out, fw_sample(logits, run->program->model.vocab, &how, run->scratch));
	return true;
}

/* Sequences with a flag get their last row through the output matrix. */
static bool head(struct fw_exec *x, struct fw_run *run, uint32_t *sampled)
{
	const struct fw_llama *m = &run->program->model;
	uint32_t last = 0, n = 0;

	for (uint32_t i = 0; i < run->desc.n_seqs; i++) {
		last += run->seqs[i].n_tokens;
		/* Rows only ever move towards the start: never onto one still needed. */
		if (run->seqs[i].flags)
			memmove(run->x + (uint64_t)n++ * m->dim,
				run->x + (uint64_t)(last - 1) * m->dim, m->dim * sizeof(float));
	}
	if (n)
		fw_logits(x->dev->kernels, m, run->x, n, run->logits, run->scratch, x->dev->pool);
	n = 0;
	for (uint32_t i = 0; i < run->desc.n_seqs; i++) {
		const struct tdm_seq *s = &run->seqs[i];
		const float *logits = run->logits + (uint64_t)n * m->vocab;

		if (!s->flags)
			continue;
		n++;
		if (s->flags & TDM_SEQ_LOGITS) {
			void *out = fw_whole(x, s->logits_out, m->vocab * sizeof(float),
					     TDM_ACCESS_READ | TDM_ACCESS_WRITE, sizeof(float));

			if (!out)
				return false;
			memcpy(out, logits, m->vocab * sizeof(float));
		}
		if (s->flags & TDM_SEQ_SAMPLE) {
			if (!sample(x, run, s, logits))
				return false;
			(*sampled)++;
		}
	}
	return true;
}

static bool store_activations(struct fw_exec *x, struct fw_run *run)
{
	uint64_t bytes = (uint64_t)run->n_rows * run->program->model.dim * sizeof(float);
	void *out = fw_whole(x, run->desc.act_out, bytes, TDM_ACCESS_READ | TDM_ACCESS_WRITE,
			     sizeof(float));

	if (out)
		memcpy(out, run->x, bytes);
	return out;
}

static enum fw_step finish(struct fw_exec *x, struct fw_run *run)
{
	const struct tdm_program *p = &run->program->desc;
	uint32_t sampled = 0;

	if (run->desc.layer_first + run->desc.layer_count < p->n_layers) {
		if (!store_activations(x, run))
			return FW_DONE;
	} else if (!head(x, run, &sampled)) {
		return FW_DONE;
	}
	if (x->cmd.opcode == TDM_OP_DECODE) {
		x->queue->tokens_decode += sampled;
		fw_count(&x->dev->counters.tokens_decode, sampled);
		return fw_ok(x, sampled);
	}
	x->queue->tokens_prefill += run->n_rows;
	fw_count(&x->dev->counters.tokens_prefill, run->n_rows);
	return fw_ok(x, run->n_rows);
}

enum fw_step fw_cmd_run(struct fw_exec *x)
{
	struct fw_run *run = x->queue->run;

	if (x->first) {
		run = fw_run_start(x);
		if (!run || !set_layers_done(x, run, 0))
			return FW_DONE;
	}
	/* An unmap may have taken the weights since the last slice. */
	if (!fw_program_is_whole(x, run->program))
		return FW_DONE;
	if (x->progress < run->desc.layer_count)
		return do_layer(x, run) ? FW_MORE : FW_DONE;
	return finish(x, run);
}
