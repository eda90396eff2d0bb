// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * NOP, BARRIER, SIGNAL and WAIT.
 */
#include <stddef.h>

#include "cmd/exec.h"
#include "core/device.h"
#include "core/queue.h"

enum fw_step fw_cmd_nop(struct fw_exec *x)
{
	if (!fw_tail_is_zero(x, 0))
		return fw_invalid(x, raw);
	return fw_ok(x, 0);
}

/* A command of this context that was fetched earlier and still runs. */
static bool earlier_runs(const struct fw_exec *x)
{
	const struct fw_device *dev = x->dev;

	for (unsigned int i = 0; i < dev->n_active; i++) {
		const struct fw_queue *q = dev->active[i];

		if (q->ctx == x->ctx && q->busy && q->exec.stamp < x->stamp &&
		    q->exec.cmd.opcode != TDM_OP_WAIT)
			return true;
	}
	return false;
}

enum fw_step fw_cmd_barrier(struct fw_exec *x)
{
	if (!fw_tail_is_zero(x, 0))
		return fw_invalid(x, raw);
	if (earlier_runs(x))
		return FW_PARKED;
	tdm_full_fence();
	return fw_ok(x, 0);
}

/*
 * Not __atomic_add_fetch(): gcc 12.2 at -O2 returns the old value twice over
 * where the operand is also used in another branch, as it is below.
 */
static uint64_t add(uint64_t *word, uint64_t value)
{
	uint64_t old = tdm_load_relaxed(word);

	while (!__atomic_compare_exchange_n(word, &old, old + value, true, __ATOMIC_ACQ_REL,
					    __ATOMIC_RELAXED))
		;
	return old + value;
}

enum fw_step fw_cmd_signal(struct fw_exec *x)
{
	const struct tdm_cmd_signal *c = &x->cmd.signal;
	uint64_t *word, value;

	if (c->kind > TDM_SIGNAL_ADD)
		return fw_invalid(x, signal.kind);
	if (c->reserved0 || !fw_tail_is_zero(x, 3))
		return fw_invalid(x, signal.reserved0);
	word = fw_whole(x, c->addr, sizeof(*word), TDM_ACCESS_READ | TDM_ACCESS_WRITE,
			sizeof(*word));
	if (!word)
		return FW_DONE;
	if (c->kind == TDM_SIGNAL_SET) {
		value = c->value;
		tdm_store_release(word, value);
	} else {
		value = add(word, c->value);
	}
	return fw_ok(x, value);
}

static bool wait_is_over(const struct tdm_cmd_wait *c, uint64_t word)
{
	word &= c->mask;
	if (c->kind == TDM_WAIT_EQ)
		return word == c->value;
	if (c->kind == TDM_WAIT_NE)
		return word != c->value;
	return word >= c->value;
}

enum fw_step fw_cmd_wait(struct fw_exec *x)
{
	const struct tdm_cmd_wait *c = &x->cmd.wait;
	const uint64_t *word;
	uint64_t value, now, waited;

	if (c->kind > TDM_WAIT_GE)
		return fw_invalid(x, wait.kind);
	if (c->reserved0 || c->reserved1)
		return fw_invalid(x, wait.reserved0);
	/* Every time anew: the mapping may go while the command is parked. */
	word = fw_whole(x, c->addr, sizeof(*word), TDM_ACCESS_READ, sizeof(*word));
	if (!word)
		return FW_DONE;
	value = tdm_load_acquire(word);
	if (wait_is_over(c, value))
		return fw_ok(x, value);
	now = fw_now(x->dev);
	waited = now - x->started_ns;
	if (waited >= c->timeout_ns)
		return fw_fail(x, TDM_ST_TIMEOUT, value);
	x->progress = 1; /* it ends later than it started: read the clock for its end */
	x->deadline_ns = now + TDM_WAIT_POLL_NS;
	if (c->timeout_ns - waited < TDM_WAIT_POLL_NS)
		x->deadline_ns = now + (c->timeout_ns - waited);
	return FW_PARKED;
}
