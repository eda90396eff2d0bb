// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A model on a device: one buffer holds the descriptor, the tensor table, the
 * rope table and the weights.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <tandem/buffer.h>

#include "model/model.h"

#define ALIGN 64ULL

struct tdm_resident {
	struct tdm_queue *queue;
	struct tdm_buffer *weights;
	struct tdm_program desc;
	uint32_t program;
};

uint64_t tdm_program_page_bytes(const struct tdm_program *desc)
{
	uint64_t elt = desc->kv_dtype == TDM_DTYPE_F32 ? 4 : 2;

	return 2ULL * desc->n_kv_heads * desc->kv_page_tokens * desc->head_dim * elt;
}

uint32_t tdm_resident_program(const struct tdm_resident *res)
{
	return res->program;
}

const struct tdm_program *tdm_resident_desc(const struct tdm_resident *res)
{
	return &res->desc;
}

static uint64_t align(uint64_t n)
{
	return (n + ALIGN - 1) & ~(ALIGN - 1);
}

static uint32_t bits(float f)
{
	uint32_t u;

	memcpy(&u, &f, sizeof(u));
	return u;
}

static uint32_t last_layer(const struct tdm_model *model, const struct tdm_resident_options *opts)
{
	return opts->layer_count ? opts->layer_first + opts->layer_count : model->info.n_layers;
}

/* Does this range of layers need the tensor? Tied output needs the embedding too. */
static bool is_needed(const struct tdm_model *model, const struct model_tensor *t,
		      const struct tdm_resident_options *opts)
{
	bool head = last_layer(model, opts) == model->info.n_layers;

	if (t->role == TDM_TENSOR_TOKEN_EMBD)
		return !opts->layer_first ||
		       (head && !tdm_gguf_find_tensor(model->gguf, "output.weight"));
	if (t->role < TDM_TENSOR_ATTN_NORM)
		return head;
	return t->layer >= opts->layer_first && t->layer < last_layer(model, opts);
}

static uint64_t tensor_bytes(const struct model_tensor *t)
{
	return model_is_vector(t->role) ? t->cols * sizeof(float) : t->src->bytes;
}

/* Where things lie in the buffer; also counts. */
struct plan {
	uint32_t n_tensors;
	uint64_t table;
	uint64_t rope;
	uint64_t weights;
	uint64_t total;
};

static struct plan make_plan(const struct tdm_model *model, const struct tdm_resident_options *opts)
{
	struct plan plan = { .n_tensors = 1, .table = align(sizeof(struct tdm_program)) };
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < model->n_tensors; i++) {
		if (!is_needed(model, &model->tensors[i], opts))
			continue;
		plan.n_tensors++;
		bytes += align(tensor_bytes(&model->tensors[i]));
	}
	plan.rope = align(plan.table + plan.n_tensors * sizeof(struct tdm_tensor));
	plan.weights = align(plan.rope + model->info.rope_dims / 2 * sizeof(float));
	plan.total = plan.weights + bytes;
	return plan;
}

uint64_t tdm_resident_bytes(const struct tdm_model *model, struct tdm_device *dev,
			    const struct tdm_resident_options *opts)
{
	uint64_t page = tdm_device_info(dev)->identify.page_bytes;

	return (make_plan(model, opts).total + page - 1) / page * page;
}

static void fill_desc(struct tdm_program *d, const struct tdm_model *model,
		      const struct tdm_resident_options *opts, const struct plan *plan)
{
	const struct tdm_model_shape *i = &model->info;

	*d = (struct tdm_program){
		.size = sizeof(*d),
		.n_layers = i->n_layers,
		.layer_first = opts->layer_first,
		.layer_count = last_layer(model, opts) - opts->layer_first,
		.dim = i->dim,
		.n_heads = i->n_heads,
		.n_kv_heads = i->n_kv_heads,
		.head_dim = i->head_dim,
		.ffn_dim = i->ffn_dim,
		.vocab = i->vocab,
		.ctx_len = opts->ctx_len ? opts->ctx_len : i->ctx_len,
		.rope_dims = i->rope_dims,
		.rms_eps = bits(i->rms_eps),
		.rope_scale = bits(i->rope_scale),
		.attn_scale = bits(i->attn_scale),
		.kv_dtype = opts->kv_dtype,
		.kv_page_tokens = opts->kv_page_tokens,
		.n_tensors = plan->n_tensors,
	};
}

static void copy_tensor(void *dst, const struct model_tensor *t)
{
	if (model_is_vector(t->role))
		model_copy_vector(dst, t->src, t->cols);
	else
		memcpy(dst, t->src->data, t->src->bytes);
}

static bool is_stopped(const struct tdm_resident_options *opts)
{
	return opts->stop && __atomic_load_n(opts->stop, __ATOMIC_RELAXED);
}

/*
 * Fill the buffer: table, rope, weights; then the descriptor that names them.
 * Return: 0, or -ECANCELED when the caller stopped it.
 */
static int fill(struct tdm_resident *res, const struct tdm_model *model,
		const struct tdm_resident_options *opts, const struct plan *plan)
{
	char *base = tdm_buffer_ptr(res->weights);
	uint64_t dva = tdm_buffer_dva(res->weights), at = plan->weights;
	struct tdm_tensor *entry = (struct tdm_tensor *)(base + plan->table);

	*entry++ = (struct tdm_tensor){
		.role = TDM_TENSOR_ROPE_FREQ,
		.dtype = TDM_DTYPE_F32,
		.rows = 1,
		.cols = model->info.rope_dims / 2,
		.addr = dva + plan->rope,
		.bytes = model->info.rope_dims / 2 * sizeof(float),
	};
	memcpy(base + plan->rope, model->rope, model->info.rope_dims / 2 * sizeof(float));
	for (uint32_t i = 0; i < model->n_tensors; i++) {
		const struct model_tensor *t = &model->tensors[i];

		if (!is_needed(model, t, opts))
			continue;
		if (is_stopped(opts))
			return -ECANCELED;
		copy_tensor(base + at, t);
		*entry++ = (struct tdm_tensor){
			.role = t->role,
			.layer = t->layer,
			.dtype = model_is_vector(t->role) ? TDM_DTYPE_F32 : t->src->type,
			.rows = t->rows,
			.cols = t->cols,
			.addr = dva + at,
			.bytes = tensor_bytes(t),
		};
		at += align(tensor_bytes(t));
		if (opts->progress)
			opts->progress(opts->progress_ctx, at - plan->weights,
				       plan->total - plan->weights);
	}
	res->desc.tensors = dva + plan->table;
	memcpy(base, &res->desc, sizeof(res->desc));
	return 0;
}

static int load_program(struct tdm_resident *res, struct tdm_device *dev, struct tdm_error *err)
{
	struct tdm_cmd cmd = {
		.opcode = TDM_OP_PROGRAM_LOAD,
		.desc = { .addr = tdm_buffer_dva(res->weights), .len = sizeof(res->desc) },
	};
	struct tdm_cqe cqe;
	int rc = tdm_queue_run(res->queue, &cmd, ~0ULL, &cqe);

	if (rc)
		return tdm_error_set(err, rc,
				     "%s: the device did not load the model: %s; open it "
				     "again",
				     tdm_device_name(dev), strerror(-rc));
	if (cqe.status == TDM_ST_LIMIT)
		return tdm_error_set(err, -ENOSPC, "%s: %llu models are loaded already; unload one",
				     tdm_device_name(dev), (unsigned long long)cqe.result);
	if (cqe.status == TDM_ST_NO_MEMORY)
		return tdm_error_set(err, -ENOMEM,
				     "%s: the device has no memory for the model (%llu bytes were "
				     "needed); free some",
				     tdm_device_name(dev), (unsigned long long)cqe.result);
	if (cqe.status != TDM_ST_OK)
		return tdm_error_set(err, -EIO,
				     "%s: the device refused the model: %s at 0x%llx; report this "
				     "with the model's name",
				     tdm_device_name(dev), tdm_status_name(cqe.status),
				     (unsigned long long)cqe.result);
	res->program = (uint32_t)cqe.result;
	return 0;
}

struct tdm_resident *tdm_resident_load(const struct tdm_model *model, struct tdm_device *dev,
				       struct tdm_queue *queue,
				       const struct tdm_resident_options *opts,
				       struct tdm_error *err)
{
	struct plan plan = make_plan(model, opts);
	struct tdm_resident *res = calloc(1, sizeof(*res));
	int rc;

	if (!res) {
		tdm_error_set(err, -ENOMEM, "%s: out of memory; free some", tdm_device_name(dev));
		return NULL;
	}
	res->queue = queue;
	fill_desc(&res->desc, model, opts, &plan);
	/* Capacity is charged here, before a byte is copied. */
	res->weights = tdm_buffer_create(dev, TDM_DOMAIN_DEVICE, plan.total, TDM_ACCESS_READ, err);
	if (!res->weights) {
		free(res);
		return NULL;
	}
	rc = fill(res, model, opts, &plan);
	if (rc)
		tdm_error_set(err, rc, "%s: loading was stopped; load the model again",
			      tdm_device_name(dev));
	else
		rc = load_program(res, dev, err);
	if (rc) {
		tdm_buffer_destroy(res->weights);
		free(res);
		return NULL;
	}
	return res;
}

void tdm_resident_unload(struct tdm_resident *res)
{
	struct tdm_cmd cmd = { .opcode = TDM_OP_PROGRAM_UNLOAD };
	struct tdm_cqe cqe;

	if (!res)
		return;
	cmd.desc.program = res->program;
	/* On a device that is gone the program went with it. */
	(void)tdm_queue_run(res->queue, &cmd, ~0ULL, &cqe);
	tdm_buffer_destroy(res->weights);
	free(res);
}
