// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * PROGRAM_LOAD and PROGRAM_UNLOAD: everything about a model is checked here,
 * once, so that running it checks only what changes.
 */
#include "cmd/program.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/exec.h"
#include "cmd/program_check.h"
#include "cmd/tensor.h"
#include "core/context.h"
#include "core/device.h"

void fw_program_free(struct fw_program *program)
{
	if (!program)
		return;
	free(program->model.layers);
	free(program->mem);
	free(program);
}

void fw_program_revoke(struct fw_program *program, uint64_t dva, uint64_t len)
{
	for (unsigned int i = 0; i < program->n_mem; i++) {
		const struct fw_program_mem *mem = &program->mem[i];

		if (mem->dva < dva + len && dva < mem->dva + mem->len)
			program->revoked = mem->dva;
	}
}

bool fw_program_is_whole(struct fw_exec *x, const struct fw_program *program)
{
	struct fw_span bad = { .bad_addr = program->revoked, .reason = TDM_FAULT_REVOKED };

	if (!program->revoked)
		return true;
	fw_fault(x, &bad, TDM_ACCESS_READ);
	return false;
}

struct fw_program *fw_program_get(const struct fw_device *dev, const struct fw_ctx *ctx,
				  uint32_t number)
{
	return number < dev->id.max_programs ? ctx->programs[number] : NULL;
}

static float from_bits(uint32_t bits)
{
	float f;

	memcpy(&f, &bits, sizeof(f));
	return f;
}

static void fill_shape(struct fw_program *p, const struct fw_device *dev)
{
	const struct tdm_program *d = &p->desc;

	p->model.n_layers = d->layer_count;
	p->model.dim = d->dim;
	p->model.n_heads = d->n_heads;
	p->model.n_kv_heads = d->n_kv_heads;
	p->model.head_dim = d->head_dim;
	p->model.ffn_dim = d->ffn_dim;
	p->model.vocab = d->vocab;
	p->model.rope_dims = d->rope_dims;
	p->model.max_ctx = d->ctx_len;
	p->model.norm_eps = from_bits(d->rms_eps);
	p->model.rope_mscale = from_bits(d->rope_scale);
	p->model.attn_scale = from_bits(d->attn_scale);
	p->model.kv_type = d->kv_dtype;
	p->model.kv_page_tokens = d->kv_page_tokens;
	p->model.kv_layout = dev->id.kv_layout;
}

static struct fw_program *alloc(const struct tdm_program *desc)
{
	struct fw_program *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->desc = *desc;
	p->model.layers = calloc(desc->layer_count, sizeof(*p->model.layers));
	p->mem = calloc(desc->n_tensors, sizeof(*p->mem));
	if (p->model.layers && p->mem)
		return p;
	fw_program_free(p);
	return NULL;
}

/* Return: false with the command failed. */
static bool add_tensors(struct fw_exec *x, struct fw_program *p)
{
	const struct tdm_tensor *table;
	uint64_t at = p->desc.tensors;

	table = fw_whole(x, at, (uint64_t)p->desc.n_tensors * sizeof(*table), TDM_ACCESS_READ, 8);
	if (!table)
		return false;
	for (uint32_t i = 0; i < p->desc.n_tensors; i++, at += sizeof(*table)) {
		struct tdm_tensor tensor;

		fw_copy_in(&tensor, &table[i], sizeof(tensor));
		if (!fw_tensor_add(x, p, &tensor, at))
			return false;
	}
	return fw_tensors_complete(x, p);
}

static int free_slot(const struct fw_device *dev, const struct fw_ctx *ctx)
{
	for (uint32_t i = 0; i < dev->id.max_programs; i++)
		if (!ctx->programs[i])
			return (int)i;
	return -1;
}

enum fw_step fw_cmd_program_load(struct fw_exec *x)
{
	const struct tdm_cmd_desc *c = &x->cmd.desc;
	struct tdm_program desc;
	struct fw_program *p;
	int slot = free_slot(x->dev, x->ctx);

	if (c->len != sizeof(desc))
		return fw_invalid(x, desc.len);
	if (c->program || c->count || !fw_tail_is_zero(x, 3))
		return fw_invalid(x, desc.reserved);
	if (slot < 0)
		return fw_fail(x, TDM_ST_LIMIT, x->dev->id.max_programs);
	if (!fw_read(x, &desc, c->addr, sizeof(desc), 8))
		return FW_DONE;
	if (!fw_program_check(x, &desc))
		return FW_DONE;
	p = alloc(&desc);
	if (!p)
		return fw_fail(x, TDM_ST_NO_MEMORY, desc.n_tensors * sizeof(*p->mem));
	fill_shape(p, x->dev);
	if (!add_tensors(x, p)) {
		fw_program_free(p);
		return FW_DONE;
	}
	x->ctx->programs[slot] = p;
	return fw_ok(x, (uint64_t)slot);
}

enum fw_step fw_cmd_program_unload(struct fw_exec *x)
{
	const struct tdm_cmd_desc *c = &x->cmd.desc;
	struct fw_program *p = fw_program_get(x->dev, x->ctx, c->program);

	if (c->addr || c->len || c->count || !fw_tail_is_zero(x, 3))
		return fw_invalid(x, desc.addr);
	if (!p)
		return fw_fail(x, TDM_ST_BAD_PROGRAM, c->program);
	/* Another queue is in the middle of it: unload when that is over. */
	if (p->users)
		return FW_PARKED;
	fw_program_free(p);
	x->ctx->programs[c->program] = NULL;
	return fw_ok(x, 0);
}
