// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "engine/side.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/lost.h"
#include "engine/note.h"
#include "kv/pool.h"

#define QUEUE_ENTRIES 256
/* Pages of another size are exchanged in parts, of no fewer tokens than these. */
#define MIN_PAGE_TOKENS 16

static uint64_t align64(uint64_t n)
{
	return (n + 63) & ~63ULL;
}

static struct side_layout lay_out(const struct tdm_program *desc, uint32_t max_blocks)
{
	uint64_t n_pages = (uint64_t)desc->n_layers * max_blocks;
	struct side_layout at = { .runs = 0 };

	at.seqs = at.runs + SIDE_RUNS * align64(sizeof(struct tdm_run));
	at.out = at.seqs + align64(SIDE_RUNS * sizeof(struct tdm_seq));
	at.table = at.out + SIDE_RUNS * 64ULL;
	at.tokens = at.table + align64(n_pages * sizeof(uint64_t));
	at.times = at.tokens + align64(desc->ctx_len * sizeof(uint32_t));
	at.moves = at.times + align64((uint64_t)SIDE_RUNS * desc->n_layers * sizeof(uint64_t));
	at.total = at.moves +
		   n_pages * (desc->kv_page_tokens / MIN_PAGE_TOKENS) * sizeof(struct tdm_kv_move);
	return at;
}

/* Say what is needed against what is free before anything is loaded. */
static int check_room(const struct tdm_model *model, struct side *side,
		      const struct tdm_resident_options *opts, uint64_t kv_bytes,
		      struct tdm_error *err)
{
	uint64_t weights = tdm_resident_bytes(model, side->dev, opts);
	struct tdm_query_memory mem;
	int rc = tdm_device_memory(side->dev, &mem);

	if (rc)
		return side_lost(side, rc, err);
	if (weights + kv_bytes <= mem.device_bytes - mem.device_used)
		return 0;
	return tdm_error_set(err, -ENOSPC,
			     "%s: device memory is too small: %.3f GB of weights and %.3f GB of KV "
			     "pages are needed, %.3f GB are free; take a smaller model, a shorter "
			     "context or another device",
			     tdm_device_name(side->dev), (double)weights / 1e9,
			     (double)kv_bytes / 1e9,
			     (double)(mem.device_bytes - mem.device_used) / 1e9);
}

static int open_device(struct side *side, const char *name, struct tdm_error *err)
{
	side->dev = tdm_device_open(name, err);
	if (!side->dev)
		return -ENODEV;
	side->run = tdm_queue_create(side->dev, QUEUE_ENTRIES, err);
	side->kv = side->run ? tdm_queue_create(side->dev, QUEUE_ENTRIES, err) : NULL;
	return side->kv ? 0 : -EIO;
}

static int load_model(struct side *side, const struct tdm_model *model,
		      const struct tdm_resident_options *opts, struct tdm_error *err)
{
	const struct tdm_model_shape *info = tdm_model_info(model);
	uint32_t ctx = opts->ctx_len ? opts->ctx_len : info->ctx_len;
	uint64_t elt = opts->kv_dtype == TDM_DTYPE_F32 ? 4 : 2, kv_bytes;

	side->max_blocks = (ctx + opts->kv_page_tokens - 1) / opts->kv_page_tokens;
	side->page_bytes = 2ULL * info->n_kv_heads * info->head_dim * opts->kv_page_tokens * elt;
	kv_bytes = side->page_bytes * side->max_blocks * info->n_layers;
	if (check_room(model, side, opts, kv_bytes, err))
		return -ENOSPC;
	side->model = tdm_resident_load(model, side->dev, side->kv, opts, err);
	if (!side->model)
		return -EIO;
	side->desc = tdm_resident_desc(side->model);
	side->pages = tdm_buffer_create(side->dev, TDM_DOMAIN_DEVICE, kv_bytes,
					TDM_ACCESS_READ | TDM_ACCESS_WRITE, err);
	return side->pages ? 0 : -ENOSPC;
}

static int make_pool(struct side *side, uint32_t id, struct tdm_error *err)
{
	uint32_t pages = side->desc->n_layers * side->max_blocks;
	struct tdm_kv_pool_attr attr = {
		.mem = tdm_buffer_ptr(side->pages),
		.page_bytes = side->page_bytes,
		.pages = pages,
		.id = id,
		.device_base = tdm_buffer_dva(side->pages),
	};

	side->at = lay_out(side->desc, side->max_blocks);
	side->pool = tdm_kv_pool_create(&attr, err);
	side->work = tdm_buffer_create(side->dev, TDM_DOMAIN_HOST, side->at.total,
				       TDM_ACCESS_READ | TDM_ACCESS_WRITE, err);
	if (!side->pool || !side->work)
		return -ENOMEM;
	side->refs = calloc(pages, sizeof(*side->refs));
	if (!side->refs)
		return tdm_error_set(err, -ENOMEM, "%s: out of memory; free some",
				     tdm_device_name(side->dev));
	return 0;
}

struct side *side_open(const struct tdm_model *model, const struct side_options *opts,
		       struct tdm_error *err)
{
	struct side *side = calloc(1, sizeof(*side));

	if (!side) {
		tdm_error_set(err, -ENOMEM, "%s: out of memory; free some", opts->device);
		return NULL;
	}
	if (open_device(side, opts->device, err) || load_model(side, model, &opts->model, err) ||
	    make_pool(side, opts->pool_id, err)) {
		side_close(side);
		return NULL;
	}
	side->trace = opts->trace;
	side->number = tdm_trace_device(side->trace, opts->device);
	return side;
}

void side_close(struct side *side)
{
	if (!side)
		return;
	free(side->refs);
	tdm_buffer_destroy(side->work);
	if (side->pool)
		tdm_kv_pool_destroy(side->pool);
	tdm_buffer_destroy(side->pages);
	tdm_resident_unload(side->model);
	tdm_queue_destroy(side->kv);
	tdm_queue_destroy(side->run);
	if (side->dev)
		tdm_device_close(side->dev);
	free(side);
}

int side_reserve(struct side *side, uint64_t owner, uint32_t tokens, struct tdm_error *err)
{
	uint32_t layers = side->desc->n_layers;
	uint64_t *table = side_ptr(side, side->at.table);
	int rc;

	side->tokens = tokens;
	side->blocks = (tokens + side->desc->kv_page_tokens - 1) / side->desc->kv_page_tokens;
	rc = tdm_kv_pool_reserve(side->pool, owner, side->refs, layers * side->blocks, err);
	if (rc)
		return rc;
	side->owner = owner;
	rc = tdm_kv_pool_take(side->pool, owner, side->refs, layers * side->blocks, err);
	if (rc)
		return rc;
	for (uint32_t l = 0; l < layers; l++)
		for (uint32_t b = 0; b < side->blocks; b++)
			table[l * side->max_blocks + b] =
				tdm_kv_pool_device_addr(side->pool, side_page(side, l, b).page);
	return 0;
}

void side_seal(struct side *side, uint32_t layer, uint32_t block, uint32_t crc)
{
	kv_pool_seal(side->pool, side->owner, side_page(side, layer, block), crc);
}

void side_release(struct side *side)
{
	uint32_t n = side->desc->n_layers * side->blocks;
	uint64_t owner = side->owner;

	side->owner = 0;
	side->blocks = 0;
	if (!owner || !tdm_kv_pool_release(side->pool, owner, side->refs, n, NULL))
		return;
	/* A request that failed half way: nothing accesses them, so straight through. */
	n = tdm_kv_pool_drop(side->pool, owner, side->refs, n);
	(void)tdm_kv_pool_ack(side->pool, owner, side->refs, n, NULL);
}

void side_abort(struct side *side)
{
	struct tdm_queue *fresh;

	if (!tdm_queue_open(side->run))
		return;
	fresh = tdm_queue_create(side->dev, QUEUE_ENTRIES, NULL);
	if (!fresh)
		return;
	tdm_queue_destroy(side->run);
	side->run = fresh;
}

static void drain(struct tdm_queue *queue)
{
	struct tdm_cqe cqes[16];

	while (tdm_queue_open(queue)) {
		if (tdm_queue_poll(queue, cqes, 16) < 0)
			return;
		if (tdm_queue_open(queue) && tdm_queue_wait(queue, ~0ULL))
			return;
	}
}

void side_drain(struct side *side)
{
	drain(side->run);
	drain(side->kv);
}

static const char *fault_reason(uint8_t reason)
{
	static const char *const names[] = {
		[TDM_FAULT_UNMAPPED] = "unmapped",  [TDM_FAULT_READONLY] = "read only",
		[TDM_FAULT_RANGE] = "out of range", [TDM_FAULT_SPLIT] = "crosses a mapping",
		[TDM_FAULT_ALIGN] = "misaligned",   [TDM_FAULT_REVOKED] = "revoked",
	};

	return reason && reason < sizeof(names) / sizeof(names[0]) ? names[reason] : "unknown";
}

int side_failed(struct side *side, const char *what, const struct tdm_cqe *cqe,
		struct tdm_error *err)
{
	struct tdm_fault fault;

	note_code(side, TDM_TRACE_FAILED, cqe->status);
	if (cqe->status == TDM_ST_FAULT && tdm_device_faults(side->dev, &fault, 1) == 1)
		return tdm_error_set(
			err, -EIO, "%s: %s failed: fault at 0x%llx (%s, opcode %u); report this",
			tdm_device_name(side->dev), what, (unsigned long long)fault.addr,
			fault_reason(fault.reason), fault.opcode);
	if (cqe->status == TDM_ST_NO_MEMORY)
		return tdm_error_set(
			err, -ENOMEM,
			"%s: %s failed: no memory for %llu bytes; free some, or take a "
			"shorter prompt or context",
			tdm_device_name(side->dev), what, (unsigned long long)cqe->result);
	/* Whoever ordered it may be another: a drill, or a test. */
	if (cqe->status == TDM_ST_DEVICE)
		return tdm_error_set(
			err, -EIO,
			"%s: %s failed: the device says that it could not do it; tandem list says "
			"whether a fault is ordered, else look at its log",
			tdm_device_name(side->dev), what);
	return tdm_error_set(err, -EIO, "%s: %s failed: %s (0x%llx); report this",
			     tdm_device_name(side->dev), what, tdm_status_name(cqe->status),
			     (unsigned long long)cqe->result);
}

int side_lost(struct side *side, int rc, struct tdm_error *err)
{
	note_code(side, TDM_TRACE_LOST, rc);
	return lost_error(side->dev, rc, err);
}
