// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "engine/mover.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/engine.h"
#include "engine/landing.h"

struct mover {
	struct side *from;
	struct side *to;
	struct landing *landing; /* NIC, endpoints, registered memory */
	struct tdm_kv_link *link;
	struct tdm_kv_xfer *xfer; /* of the running request */
	uint64_t owner;

	uint32_t pages; /* of the request: layers * blocks of the prompt */
	uint32_t blocks;
	uint32_t sealed;  /* exported and pushed */
	uint32_t arrived; /* committed, in the order of the target's moves */
	uint32_t asked;	  /* handed to KV_IMPORT */
	uint32_t imported;
	uint32_t *arrival; /* [pages]: which page each of the moves is */

	uint64_t busy_ns;
	uint64_t busy_since; /* 0: nothing is on its way */
};

static void *no_memory(struct mover *m, struct tdm_error *err)
{
	mover_destroy(m);
	tdm_error_set(err, -ENOMEM, "KV transfer: out of memory; free some");
	return NULL;
}

struct mover *mover_create(struct side *from, struct side *to, const char *net,
			   struct tdm_error *err)
{
	struct mover *m = calloc(1, sizeof(*m));

	if (!m)
		return no_memory(m, err);
	m->from = from;
	m->to = to;
	m->arrival = calloc((size_t)to->desc->n_layers * to->max_blocks, sizeof(*m->arrival));
	if (!m->arrival)
		return no_memory(m, err);
	m->landing = landing_create(from, to, net, err);
	m->link = m->landing ? tdm_kv_link_create(landing_source(m->landing), 0, err) : NULL;
	if (!m->link) {
		mover_destroy(m);
		return NULL;
	}
	return m;
}

void mover_destroy(struct mover *m)
{
	if (!m)
		return;
	if (m->link)
		(void)tdm_kv_link_destroy(m->link);
	landing_destroy(m->landing);
	free(m->arrival);
	free(m);
}

const char *mover_net(const struct mover *m)
{
	return landing_net(m->landing);
}

int mover_start(struct mover *m, uint64_t owner, struct tdm_error *err)
{
	struct tdm_kv_xfer_attr attr = { .layer_pages = m->from->blocks };

	if (!m->link)
		return tdm_error_set(err, -EIO,
				     "%s: it could not be connected again after a failed transfer; "
				     "create the engine anew",
				     mover_net(m));
	m->owner = owner;
	m->blocks = m->from->blocks;
	m->pages = m->from->desc->n_layers * m->blocks;
	m->sealed = m->arrived = m->asked = m->imported = 0;
	m->busy_ns = m->busy_since = 0;
	attr.pages = m->pages;
	attr.tickets = landing_open(m->landing, owner, m->pages, err);
	if (!attr.tickets)
		return -ENOSPC;
	attr.peer = landing_peer(m->landing);
	m->xfer = tdm_kv_xfer_create(m->link, &attr, err);
	return m->xfer ? 0 : -ENOMEM;
}

static struct tdm_kv_move *moves(struct side *side)
{
	return side_ptr(side, side->at.moves);
}

int mover_seal(struct mover *m, uint32_t layer, uint32_t block, uint32_t n, struct tdm_error *err)
{
	struct side *from = m->from;
	uint32_t first = layer * m->blocks + block;
	struct tdm_cmd cmd = {
		.opcode = TDM_OP_KV_EXPORT,
		.cookie = (uint64_t)first << 32 | n,
		.desc = {
			.addr = side_dva(from, from->at.moves + first * sizeof(struct tdm_kv_move)),
			.len = n * sizeof(struct tdm_kv_move),
			.program = tdm_resident_program(from->model),
			.count = n,
		},
	};
	int rc;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t page = side_page(from, layer, block + i).page;

		moves(from)[first + i] = (struct tdm_kv_move){
			.page = tdm_kv_pool_device_addr(from->pool, page),
			.wire = landing_staging_dva(m->landing, page),
		};
	}
	rc = tdm_queue_submit(from->kv, &cmd, 1);
	return rc < 0 ? side_lost(from, rc, err) : rc;
}

static void start_clock(struct mover *m)
{
	if (!m->busy_since)
		m->busy_since = engine_now();
}

/* Sealed pages go to the wire. */
static int push(struct mover *m, struct tdm_error *err)
{
	struct tdm_cqe cqe;
	int n = tdm_queue_poll(m->from->kv, &cqe, 1);
	uint32_t first, count;

	if (n <= 0)
		return n ? side_lost(m->from, n, err) : 0;
	if (cqe.status != TDM_ST_OK)
		return side_failed(m->from, "KV export", &cqe, err);
	start_clock(m);
	first = (uint32_t)(cqe.cookie >> 32);
	count = (uint32_t)cqe.cookie;
	for (uint32_t i = first; i < first + count; i++) {
		struct tdm_kv_source src = landing_from(m->landing, m->from->refs[i].page);
		int rc;

		src.crc = moves(m->from)[i].crc;
		rc = tdm_kv_xfer_push(m->xfer, i, &src);
		if (rc)
			return tdm_error_set(err, rc,
					     "KV transfer: page %u was not taken; run the "
					     "request again",
					     i);
	}
	m->sealed += count;
	return 1;
}

static int link_failed(struct mover *m, struct tdm_error *err)
{
	struct tdm_kv_xfer_status st = tdm_kv_xfer_status(m->xfer);

	return tdm_error_set(err, -EIO,
			     "%s: the KV transfer failed at page %u: %s; run the request again",
			     mover_net(m), st.error_page,
			     st.error > 0 ? tdm_net_status_name((uint32_t)st.error)
					  : "the network device is gone");
}

/* Pages whose writes completed are the receiver's. */
static int commit(struct mover *m, struct tdm_error *err)
{
	struct tdm_kv_done done;
	int moved = 0;

	if (tdm_kv_link_poll(m->link) < 0)
		return link_failed(m, err);
	while (tdm_kv_xfer_next(m->xfer, &done)) {
		struct side *to = m->to;
		int rc = landing_commit(m->landing, m->owner, &done, err);

		if (rc)
			return rc;
		moves(to)[m->arrived] = (struct tdm_kv_move){
			.page = tdm_kv_pool_device_addr(
				to->pool,
				side_page(to, done.page / m->blocks, done.page % m->blocks).page),
			.wire = landing_dva(m->landing, done.page),
			.crc = done.crc,
		};
		m->arrival[m->arrived++] = done.page;
		moved = 1;
	}
	if (tdm_kv_xfer_status(m->xfer).state == TDM_KV_XFER_FAILED)
		return link_failed(m, err);
	return moved;
}

/* One KV_IMPORT for all that has arrived. */
static int ask(struct mover *m, struct tdm_error *err)
{
	struct side *to = m->to;
	uint32_t n = m->arrived - m->asked;
	struct tdm_cmd cmd = {
		.opcode = TDM_OP_KV_IMPORT,
		.cookie = n,
		.desc = {
			.addr = side_dva(to, to->at.moves + m->asked * sizeof(struct tdm_kv_move)),
			.len = n * sizeof(struct tdm_kv_move),
			.program = tdm_resident_program(to->model),
			.count = n,
		},
	};
	int rc;

	if (!n)
		return 0;
	rc = tdm_queue_submit(to->kv, &cmd, 1);
	if (rc < 0)
		return side_lost(to, rc, err);
	if (rc)
		m->asked += n;
	return rc;
}

/* Imported pages give their landing pages back. */
static int reap(struct mover *m, struct tdm_error *err)
{
	struct tdm_cqe cqe;
	int n = tdm_queue_poll(m->to->kv, &cqe, 1);
	int rc;

	if (n <= 0)
		return n ? side_lost(m->to, n, err) : 0;
	if (cqe.status == TDM_ST_BAD_CRC)
		return tdm_error_set(err, -EIO,
				     "%s: KV page %u arrived corrupt: its CRC32C is wrong; run the "
				     "request again",
				     mover_net(m), m->arrival[m->imported + cqe.result]);
	if (cqe.status != TDM_ST_OK)
		return side_failed(m->to, "KV import", &cqe, err);
	for (uint64_t i = 0; i < cqe.cookie; i++) {
		rc = landing_release(m->landing, m->owner, m->arrival[m->imported++], err);
		if (rc)
			return rc;
	}
	if (m->imported == m->sealed) {
		m->busy_ns += engine_now() - m->busy_since;
		m->busy_since = 0;
	}
	return 1;
}

int mover_step(struct mover *m, struct tdm_error *err)
{
	int (*const stages[])(struct mover * m, struct tdm_error * err) = { push, commit, ask,
									    reap };
	int moved = 0;

	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		int rc = stages[i](m, err);

		if (rc < 0)
			return rc;
		moved |= rc;
	}
	return moved;
}

bool mover_is_done(const struct mover *m)
{
	return m->imported == m->pages;
}

void mover_wait(struct mover *m, uint64_t deadline_ns)
{
	if (tdm_queue_open(m->to->kv))
		(void)tdm_queue_wait(m->to->kv, deadline_ns);
	else if (tdm_queue_open(m->from->kv))
		(void)tdm_queue_wait(m->from->kv, deadline_ns);
	else
		(void)tdm_kv_link_wait(m->link, deadline_ns);
}

/* After a failed write its packets may still be on the way: cut them off. */
static void reconnect(struct mover *m)
{
	tdm_kv_link_lost(m->link);
	(void)tdm_kv_xfer_destroy(m->xfer);
	(void)tdm_kv_link_destroy(m->link);
	m->link = NULL;
	if (!landing_reconnect(m->landing, NULL))
		m->link = tdm_kv_link_create(landing_source(m->landing), 0, NULL);
}

static void end_transfer(struct mover *m)
{
	tdm_kv_xfer_abort(m->xfer);
	while (!tdm_kv_xfer_status(m->xfer).settled && tdm_kv_link_poll(m->link) >= 0)
		(void)tdm_kv_link_wait(m->link, engine_now() + 1000000);
	if (tdm_kv_xfer_status(m->xfer).quiet)
		(void)tdm_kv_xfer_destroy(m->xfer);
	else
		reconnect(m);
	m->xfer = NULL;
}

void mover_finish(struct mover *m)
{
	if (m->xfer)
		end_transfer(m);
	landing_close(m->landing, m->owner);
	m->owner = 0;
}

uint64_t mover_busy_ns(const struct mover *m)
{
	return m->busy_ns + (m->busy_since ? engine_now() - m->busy_since : 0);
}
