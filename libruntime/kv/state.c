// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The states of a KV page and the operations between them.
 */
#include "kv/pool.h"

static const char *const state_names[TDM_KV_STATES] = {
	[TDM_KV_FREE] = "free",	  [TDM_KV_RESERVED] = "reserved", [TDM_KV_LANDING] = "landing",
	[TDM_KV_READY] = "ready", [TDM_KV_IN_USE] = "in use",	  [TDM_KV_DRAINING] = "draining",
};

static const struct {
	const char *name;
	const char *start;
	uint8_t from; /* set of states */
	uint8_t to;
} ops[TDM_KV_OPS] = {
#define FROM(state) (1U << (state))
	[TDM_KV_OP_RESERVE] = { "reserve", "free", FROM(TDM_KV_FREE), TDM_KV_RESERVED },
	[TDM_KV_OP_LAND] = { "land", "reserved", FROM(TDM_KV_RESERVED), TDM_KV_LANDING },
	[TDM_KV_OP_COMMIT] = { "commit", "landing", FROM(TDM_KV_LANDING), TDM_KV_READY },
	[TDM_KV_OP_TAKE] = { "take", "reserved or ready",
			     FROM(TDM_KV_RESERVED) | FROM(TDM_KV_READY), TDM_KV_IN_USE },
	/* Not from landing: a peer may be writing. */
	[TDM_KV_OP_RELEASE] = { "release", "reserved, ready or in use",
				FROM(TDM_KV_RESERVED) | FROM(TDM_KV_READY) | FROM(TDM_KV_IN_USE),
				TDM_KV_FREE },
	/* In use: the NIC may still be reading a sender's page. */
	[TDM_KV_OP_ABORT] = { "abort", "landing or in use",
			      FROM(TDM_KV_LANDING) | FROM(TDM_KV_IN_USE), TDM_KV_DRAINING },
	[TDM_KV_OP_ACK] = { "ack", "draining", FROM(TDM_KV_DRAINING), TDM_KV_FREE },
#undef FROM
};

uint32_t kv_next_state(uint32_t state, uint32_t op)
{
	if (state >= TDM_KV_STATES || op >= TDM_KV_OPS || !(ops[op].from & (1U << state)))
		return KV_REFUSED;
	return ops[op].to;
}

const char *kv_op_start(uint32_t op)
{
	return ops[op].start;
}

const char *tdm_kv_state_name(uint32_t state)
{
	return state < TDM_KV_STATES ? state_names[state] : "unknown";
}

const char *tdm_kv_op_name(uint32_t op)
{
	return op < TDM_KV_OPS ? ops[op].name : "unknown";
}
