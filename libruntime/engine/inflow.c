// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "engine/inflow.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/engine.h"
#include "engine/note.h"

struct inflow {
	struct side *to;
	struct tdm_agent *agent;
	struct tdm_buffer *landing;

	struct tdm_recv *recv; /* of the running request */
	uint32_t per_layer;    /* pages on the wire */
	uint32_t parts;	       /* of a page of this side, each a page on the wire */
	uint32_t full;	       /* pages of a layer that decode adds nothing to */

	/* Landed and not imported: the first @asked of them are with the device. */
	struct tdm_landed *landed;
	uint32_t room;
	uint32_t n;
	uint32_t asked;
};

static int make_landing(struct inflow *in, uint32_t regions, struct tdm_error *err)
{
	uint64_t bytes = in->to->page_bytes * in->room;
	struct tdm_net_mem mem;
	int fd, rc;

	in->landing = tdm_buffer_create(in->to->dev, TDM_DOMAIN_HOST, bytes, TDM_ACCESS_READ, err);
	if (!in->landing)
		return -ENOMEM;
	fd = tdm_buffer_export(in->landing);
	mem = (struct tdm_net_mem){
		.addr = tdm_buffer_ptr(in->landing),
		.len = bytes,
		.fd = fd < 0 ? -1 : fd,
	};
	rc = tdm_agent_land(in->agent, &mem, in->to->page_bytes, regions, err);
	if (fd >= 0)
		close(fd);
	return rc;
}

struct inflow *inflow_create(struct side *to, struct tdm_agent *agent, uint32_t regions,
			     struct tdm_error *err)
{
	struct inflow *in = calloc(1, sizeof(*in));
	uint32_t pages = to->desc->n_layers * to->max_blocks;

	if (in) {
		in->room = pages < regions ? regions : pages;
		in->landed = calloc(in->room, sizeof(*in->landed));
	}
	if (!in || !in->landed) {
		free(in);
		tdm_error_set(err, -ENOMEM, "KV transfer: out of memory; free some");
		return NULL;
	}
	in->to = to;
	in->agent = agent;
	if (!make_landing(in, regions, err))
		return in;
	inflow_destroy(in);
	return NULL;
}

void inflow_destroy(struct inflow *in)
{
	if (!in)
		return;
	tdm_buffer_destroy(in->landing);
	free(in->landed);
	free(in);
}

int inflow_start(struct inflow *in, struct tdm_recv *recv, uint32_t tokens, struct tdm_error *err)
{
	const struct tdm_program *desc = in->to->desc;
	uint32_t wanted;

	in->recv = recv;
	in->parts = desc->kv_page_tokens / tdm_recv_units(recv);
	in->per_layer = (tokens - 1) / tdm_recv_units(recv) + 1;
	in->full = tokens / desc->kv_page_tokens;
	in->n = in->asked = 0;
	wanted = desc->n_layers * in->per_layer;
	if (tdm_recv_pages(recv) != wanted)
		return tdm_error_set(
			err, -EPROTO,
			"KV transfer: the sender has %u pages, the prompt %u; send both "
			"workers the same prompt",
			tdm_recv_pages(recv), wanted);
	return tdm_recv_start(recv);
}

static struct tdm_kv_move *moves(const struct inflow *in)
{
	return side_ptr(in->to, in->to->at.moves);
}

static struct tdm_kv_move move_of(const struct inflow *in, const struct tdm_landed *landed)
{
	const struct side *to = in->to;
	uint32_t layer = landed->index / in->per_layer, at = landed->index % in->per_layer;
	struct tdm_kv_move move = {
		.page = tdm_kv_pool_device_addr(to->pool,
						side_page(to, layer, at / in->parts).page),
		.wire = tdm_buffer_dva(in->landing) + landed->page * to->page_bytes,
		.crc = landed->crc,
	};

	if (in->parts > 1) {
		move.tokens = (uint16_t)tdm_recv_units(in->recv);
		move.first = (uint16_t)(at % in->parts * move.tokens);
	}
	return move;
}

/* One KV_IMPORT for all that has landed. */
static int ask(struct inflow *in, struct tdm_error *err)
{
	struct side *to = in->to;
	struct tdm_cmd cmd = {
		.opcode = TDM_OP_KV_IMPORT,
		.desc = {
			.addr = side_dva(to, to->at.moves),
			.program = tdm_resident_program(to->model),
		},
	};
	int rc;

	while (in->n < in->room && tdm_recv_next(in->recv, &in->landed[in->n]))
		in->n++;
	if (!in->n || in->asked)
		return 0;
	for (uint32_t i = 0; i < in->n; i++)
		moves(in)[i] = move_of(in, &in->landed[i]);
	cmd.cookie = in->n;
	cmd.desc.count = in->n;
	cmd.desc.len = in->n * sizeof(struct tdm_kv_move);
	rc = tdm_queue_submit(to->kv, &cmd, 1);
	if (rc < 0)
		return side_lost(to, rc, err);
	if (rc)
		in->asked = in->n;
	return rc;
}

/* The first @n are out of the way. */
static void drop(struct inflow *in, uint32_t n)
{
	in->n -= n;
	in->asked = 0;
	for (uint32_t i = 0; i < in->n; i++)
		in->landed[i] = in->landed[n + i];
}

/* The first @good of the pages that were asked for are in the device, the next one is corrupt. */
static void note_import(const struct inflow *in, uint32_t good, const struct tdm_cqe *cqe)
{
	uint64_t end;

	if (!trace_on(in->to->trace))
		return;
	end = note_end_ns(in->to, cqe);
	note_pages_run(in->to, TDM_TRACE_IMPORT, TDM_TRACE_NO, TDM_TRACE_NO, good, cqe);
	for (uint32_t i = 0; i < in->asked && i <= good; i++) {
		uint32_t index = in->landed[i].index;

		note_pages(in->to, i < good ? TDM_TRACE_IMPORTED : TDM_TRACE_CORRUPT,
			   index / in->per_layer, index, 1, end);
	}
}

/* What is whole and stays as it came has the CRC that it came with. */
static void seal(const struct inflow *in, const struct tdm_landed *landed)
{
	uint32_t at = landed->index % in->per_layer;

	if (in->parts == 1 && at < in->full)
		side_seal(in->to, landed->index / in->per_layer, at, landed->crc);
}

/* Imported pages give their landing pages back; the device stops at a corrupt one. */
static int reap(struct inflow *in, struct tdm_error *err)
{
	struct tdm_cqe cqe;
	int n = tdm_queue_poll(in->to->kv, &cqe, 1);
	uint32_t good;

	if (n <= 0)
		return n ? side_lost(in->to, n, err) : 0;
	if (cqe.status != TDM_ST_OK && cqe.status != TDM_ST_BAD_CRC)
		return side_failed(in->to, "KV import", &cqe, err);
	good = cqe.status == TDM_ST_OK ? in->asked : (uint32_t)cqe.result;
	note_import(in, good, &cqe);
	for (uint32_t i = 0; i < good; i++) {
		seal(in, &in->landed[i]);
		(void)tdm_recv_done(in->recv, in->landed[i].index, true);
	}
	if (good < in->asked)
		(void)tdm_recv_done(in->recv, in->landed[good++].index, false);
	drop(in, good);
	return 1;
}

int inflow_step(struct inflow *in, struct tdm_error *err)
{
	int moved, rc;

	if (tdm_recv_state(in->recv) == TDM_RECV_FAILED)
		/* errors.sh: the cure is in the receiver's own error */
		return tdm_error_set(err, tdm_recv_error(in->recv)->code, "KV transfer: %s",
				     tdm_recv_error(in->recv)->msg);
	moved = reap(in, err);
	if (moved < 0)
		return moved;
	rc = ask(in, err);
	return rc < 0 ? rc : moved | rc;
}

bool inflow_is_done(const struct inflow *in)
{
	return tdm_recv_state(in->recv) == TDM_RECV_COMMITTED;
}

const void *inflow_meta(const struct inflow *in, uint32_t *len)
{
	return tdm_recv_meta(in->recv, len);
}

void inflow_finish(struct inflow *in, const char *reason)
{
	if (!in->recv)
		return;
	tdm_recv_abort(in->recv, reason);
	for (uint32_t i = 0; i < in->n; i++)
		(void)tdm_recv_done(in->recv, in->landed[i].index, true);
	tdm_recv_close(in->recv);
	in->recv = NULL;
	in->n = in->asked = 0;
}
