// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * TDM_INJECT_BITFLIP: where a command wrote, as its descriptor says it once more. By
 * now that may say anything, so all of it is looked up again.
 */
#include "core/inject_flip.h"

#include "cmd/exec.h"
#include "cmd/program.h"
#include "core/context.h"

struct place {
	uint64_t dva;
	uint64_t len; /* 0: none */
};

/* splitmix64 */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* A page's tokens lie scattered in it: the values of one head, the same in all layouts. */
static struct place values(const struct fw_llama *m, uint64_t page, uint64_t first, uint64_t tokens,
			   uint64_t random)
{
	uint64_t bytes = fw_kv_page_bytes(m);
	uint64_t head = bytes / 2 / m->n_kv_heads;
	uint64_t token = head / m->kv_page_tokens;

	return (struct place){
		.dva = page + bytes / 2 + random % m->n_kv_heads * head + first * token,
		.len = tokens * token,
	};
}

static struct place imported(const struct fw_llama *m, const struct tdm_kv_move *move,
			     uint64_t random)
{
	if (!move->tokens)
		return (struct place){ move->page, fw_kv_page_bytes(m) };
	return values(m, move->page, move->first, move->tokens, random);
}

static struct place exported(const struct fw_llama *m, const struct tdm_kv_move *move)
{
	uint64_t bytes = fw_kv_page_bytes(m);

	/* Sealed where it is: that page is what goes on the wire. */
	if (!move->wire)
		return (struct place){ move->page, bytes };
	return (struct place){
		.dva = move->wire,
		.len = move->tokens ? bytes / m->kv_page_tokens * move->tokens : bytes,
	};
}

static bool read_in(struct fw_exec *x, void *to, uint64_t dva, uint64_t len)
{
	struct fw_span span = fw_vm_whole(&x->ctx->vm, dva, len, TDM_ACCESS_READ, 8);

	if (span.ptr)
		fw_copy_in(to, span.ptr, len);
	return span.ptr;
}

static struct place moved(struct fw_exec *x, uint64_t *random)
{
	const struct tdm_cmd_desc *c = &x->cmd.desc;
	const struct fw_program *program = fw_program_get(x->dev, x->ctx, c->program);
	uint64_t at = next(random) % c->count * sizeof(struct tdm_kv_move);
	struct tdm_kv_move move;

	if (!program || !read_in(x, &move, c->addr + at, sizeof(move)))
		return (struct place){ 0 };
	return x->cmd.opcode == TDM_OP_KV_EXPORT ? exported(&program->model, &move)
						 : imported(&program->model, &move, next(random));
}

/* What was stored for one of its tokens in one of its layers. */
static struct place ran(struct fw_exec *x, uint64_t *random)
{
	const struct place none = { 0 };
	const struct fw_program *program;
	struct tdm_run run;
	struct tdm_seq seq;
	uint64_t token, entry, page, in_page;

	if (!read_in(x, &run, x->cmd.desc.addr, sizeof(run)) || !run.n_seqs || !run.layer_count)
		return none;
	program = fw_program_get(x->dev, x->ctx, run.program);
	if (!program ||
	    !read_in(x, &seq, run.seqs + next(random) % run.n_seqs * sizeof(seq), sizeof(seq)) ||
	    !seq.n_tokens)
		return none;
	in_page = program->model.kv_page_tokens;
	token = seq.pos + next(random) % seq.n_tokens;
	entry = next(random) % run.layer_count * seq.block_stride + token / in_page;
	if (!read_in(x, &page, seq.blocks + entry * sizeof(page), sizeof(page)))
		return none;
	return values(&program->model, page, token % in_page, 1, next(random));
}

static struct place written(struct fw_exec *x, uint64_t *random)
{
	switch (x->cmd.opcode) {
	case TDM_OP_COPY:
		return (struct place){ x->cmd.copy.dst, x->cmd.copy.len };
	case TDM_OP_FILL:
		return (struct place){ x->cmd.fill.dst, x->cmd.fill.len };
	case TDM_OP_KV_EXPORT:
	case TDM_OP_KV_IMPORT:
		return moved(x, random);
	case TDM_OP_PREFILL:
	case TDM_OP_DECODE:
		return ran(x, random);
	default:
		return (struct place){ 0 };
	}
}

uint64_t fw_inject_flip(struct fw_exec *x, uint64_t *random)
{
	struct place place = written(x, random);
	struct fw_span span;
	uint64_t dva;

	if (!place.len)
		return 0;
	dva = place.dva + next(random) % place.len;
	span = fw_vm_span(&x->ctx->vm, dva, 1, TDM_ACCESS_WRITE);
	if (!span.ptr)
		return 0;
	__atomic_fetch_xor(span.ptr, (char)(1 << next(random) % 8), __ATOMIC_RELAXED);
	return dva;
}
