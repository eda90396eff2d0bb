// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "engine/outflow.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/engine.h"
#include "engine/note.h"

struct outflow {
	struct side *from;
	struct tdm_agent *agent;
	struct tdm_buffer *staging; /* NULL: pages are sent from where they are */
	uint32_t source;	    /* the memory they are sent from, at the agent */

	struct tdm_send *send; /* of the running request */
	uint32_t parts;	       /* of a page, each a page on the wire */
	uint32_t per_layer;    /* pages on the wire: what is behind the prompt stays here */
	uint64_t part_bytes;
	uint32_t total; /* pages on the wire */
	uint32_t pushed;
	uint64_t busy_ns;
	uint64_t busy_since; /* 0: nothing is on its way */
};

static int enroll(struct outflow *out, struct tdm_buffer *buf, struct tdm_error *err)
{
	int fd = tdm_buffer_export(buf), source;
	struct tdm_net_mem mem = {
		.addr = tdm_buffer_ptr(buf),
		.len = tdm_buffer_bytes(buf),
		.fd = fd < 0 ? -1 : fd,
	};

	source = tdm_agent_add_source(out->agent, &mem, err);
	if (fd >= 0)
		close(fd);
	if (source < 0)
		return source;
	out->source = (uint32_t)source;
	return 0;
}

static int make_staging(struct outflow *out, struct tdm_error *err)
{
	out->staging = tdm_buffer_create(out->from->dev, TDM_DOMAIN_HOST,
					 tdm_buffer_bytes(out->from->pages),
					 TDM_ACCESS_READ | TDM_ACCESS_WRITE, err);
	return out->staging ? enroll(out, out->staging, err) : -ENOMEM;
}

struct outflow *outflow_create(struct side *from, struct tdm_agent *agent, struct tdm_error *err)
{
	const struct tdm_identify *id = &tdm_device_info(from->dev)->identify;
	struct outflow *out = calloc(1, sizeof(*out));
	int rc;

	if (!out) {
		tdm_error_set(err, -ENOMEM, "KV transfer: out of memory; free some");
		return NULL;
	}
	out->from = from;
	out->agent = agent;
	rc = id->kv_layout == TDM_KV_LAYOUT_WIRE ? enroll(out, from->pages, err)
						 : make_staging(out, err);
	if (!rc)
		return out;
	outflow_destroy(out);
	return NULL;
}

void outflow_destroy(struct outflow *out)
{
	if (!out)
		return;
	tdm_buffer_destroy(out->staging);
	free(out);
}

int outflow_start(struct outflow *out, struct tdm_peer *peer, uint64_t id, struct tdm_error *err)
{
	uint32_t tokens = out->from->desc->kv_page_tokens;
	struct tdm_send_attr attr = { .id = id };

	out->parts = tokens / tdm_peer_units(peer);
	out->per_layer = (out->from->tokens - 1) / tdm_peer_units(peer) + 1;
	out->part_bytes = out->from->page_bytes / out->parts;
	out->total = out->from->desc->n_layers * out->per_layer;
	out->pushed = 0;
	out->busy_ns = out->busy_since = 0;
	/* A part is no run of bytes in its page: the device puts it together. */
	if (out->parts > 1 && !out->staging && make_staging(out, err))
		return -ENOMEM;
	attr.pages = out->total;
	out->send = tdm_send_open(peer, &attr, err);
	return out->send ? 0 : -EIO;
}

static struct tdm_kv_move *moves(const struct outflow *out)
{
	return side_ptr(out->from, out->from->at.moves);
}

/* Where a page on the wire comes from. */
struct origin {
	uint64_t offset; /* of its page, in the pool's memory */
	uint32_t page;
	uint32_t part;
};

static struct origin origin_of(const struct outflow *out, uint32_t index)
{
	uint32_t at = index % out->per_layer;
	uint32_t page = side_page(out->from, index / out->per_layer, at / out->parts).page;

	return (struct origin){
		.offset = page * out->from->page_bytes,
		.page = page,
		.part = at % out->parts,
	};
}

static void fill_move(struct outflow *out, uint32_t index)
{
	const struct origin from = origin_of(out, index);
	uint32_t tokens = out->from->desc->kv_page_tokens / out->parts;
	struct tdm_kv_move *move = &moves(out)[index];

	*move = (struct tdm_kv_move){
		.page = tdm_kv_pool_device_addr(out->from->pool, from.page),
	};
	if (out->staging)
		move->wire =
			tdm_buffer_dva(out->staging) + from.offset + from.part * out->part_bytes;
	if (out->parts > 1) {
		move->first = (uint16_t)(from.part * tokens);
		move->tokens = (uint16_t)tokens;
	}
}

int outflow_seal(struct outflow *out, uint32_t layer, uint32_t block, uint32_t n,
		 struct tdm_error *err)
{
	struct side *from = out->from;
	uint32_t first = layer * out->per_layer + block * out->parts;
	uint32_t left = out->per_layer - block * out->parts;
	uint32_t count = n * out->parts < left ? n * out->parts : left;
	struct tdm_cmd cmd = {
		.opcode = TDM_OP_KV_EXPORT,
		.cookie = (uint64_t)first << 32 | count,
		.desc = {
			.addr = side_dva(from, from->at.moves + first * sizeof(struct tdm_kv_move)),
			.len = count * sizeof(struct tdm_kv_move),
			.program = tdm_resident_program(from->model),
			.count = count,
		},
	};
	uint64_t now;
	int rc;

	for (uint32_t i = first; i < first + count; i++)
		fill_move(out, i);
	now = note_now(from);
	rc = tdm_queue_submit(from->kv, &cmd, 1);
	if (rc < 0)
		return side_lost(from, rc, err);
	if (rc)
		note_pages(from, TDM_TRACE_SEAL, layer, first, count, now);
	return rc;
}

static int push_page(struct outflow *out, uint32_t index, struct tdm_error *err)
{
	const struct origin from = origin_of(out, index);
	struct tdm_send_page page = {
		.source = out->source,
		.crc = moves(out)[index].crc,
		.offset = from.offset + from.part * out->part_bytes,
		.bytes = out->part_bytes,
	};
	int rc = tdm_send_push(out->send, index, &page);

	/* One that has ended says why at the next step. */
	if (rc && rc != -ECANCELED)
		return tdm_error_set(err, rc,
				     "KV transfer: page %u was not taken; run the request again",
				     index);
	out->pushed++;
	return 0;
}

/* Sealed pages go to the wire. */
static int push(struct outflow *out, struct tdm_error *err)
{
	struct tdm_cqe cqe;
	int n = tdm_queue_poll(out->from->kv, &cqe, 1);
	uint32_t first, count;

	if (n <= 0)
		return n ? side_lost(out->from, n, err) : 0;
	if (cqe.status != TDM_ST_OK)
		return side_failed(out->from, "KV export", &cqe, err);
	if (!out->busy_since)
		out->busy_since = engine_now();
	first = (uint32_t)(cqe.cookie >> 32);
	count = (uint32_t)cqe.cookie;
	note_pages_run(out->from, TDM_TRACE_EXPORT, first / out->per_layer, first, count, &cqe);
	for (uint32_t i = first; i < first + count; i++) {
		int rc = push_page(out, i, err);

		/* A part's is not the page's. */
		if (out->parts == 1)
			side_seal(out->from, i / out->per_layer, i % out->per_layer,
				  moves(out)[i].crc);
		if (rc)
			return rc;
	}
	return 1;
}

int outflow_step(struct outflow *out, struct tdm_error *err)
{
	int moved = push(out, err);

	if (moved < 0)
		return moved;
	if (tdm_send_state(out->send) == TDM_SEND_FAILED ||
	    tdm_send_state(out->send) == TDM_SEND_ENDING)
		/* errors.sh: the cure is in the sender's own error */
		return tdm_error_set(err, tdm_send_error(out->send)->code, "KV transfer: %s",
				     tdm_send_error(out->send)->msg);
	if (out->busy_since && tdm_send_taken(out->send) == out->pushed) {
		out->busy_ns += engine_now() - out->busy_since;
		out->busy_since = 0;
	}
	return moved;
}

bool outflow_is_done(const struct outflow *out)
{
	return tdm_send_taken(out->send) == out->total;
}

int outflow_commit(struct outflow *out, const void *meta, uint32_t len)
{
	return tdm_send_finish(out->send, meta, len);
}

bool outflow_is_committed(const struct outflow *out)
{
	return tdm_send_state(out->send) == TDM_SEND_DONE;
}

bool outflow_finish(struct outflow *out)
{
	if (!out->send)
		return true;
	tdm_send_abort(out->send, "request: its sender gave it up; run it again");
	if (tdm_send_close(out->send))
		return false;
	out->send = NULL;
	return true;
}

uint64_t outflow_busy_ns(const struct outflow *out)
{
	return out->busy_ns + (out->busy_since ? engine_now() - out->busy_since : 0);
}

uint64_t outflow_pages(const struct outflow *out)
{
	return out->total;
}

uint64_t outflow_bytes(const struct outflow *out)
{
	return out->total * out->part_bytes;
}
