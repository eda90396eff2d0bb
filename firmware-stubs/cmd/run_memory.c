// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * How much a run may work in: a caller pays for its buffers, but not for this, and a
 * small descriptor can ask for a lot of it.
 */
#include <stdlib.h>

#include "cmd/run.h"
#include "core/device.h"
#include "core/queue.h"

static uint64_t held(const struct fw_run *run)
{
	return run->room_seqs * (sizeof(*run->seqs) + sizeof(void *)) +
	       run->room_rows * sizeof(*run->rows) +
	       (run->room_x + run->room_logits) * sizeof(float) +
	       run->room_pages * sizeof(*run->pages) + run->room_scratch;
}

static void drop(struct fw_run *run)
{
	free(run->seqs);
	free(run->rows);
	free(run->x);
	free(run->logits);
	free(run->pages);
	free(run->scratch);
	*run = (struct fw_run){ 0 };
}

/* What other queues hold; @idle: they let go of what they only keep for later. */
static uint64_t others(struct fw_exec *x, bool idle)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < x->dev->n_active; i++) {
		struct fw_run *run = x->dev->active[i]->run;

		if (!run || run == x->queue->run)
			continue;
		if (idle && !run->program)
			drop(run);
		sum += held(run);
	}
	return sum;
}

bool fw_run_may_hold(struct fw_exec *x, uint64_t bytes)
{
	if (bytes > FW_RUN_BYTES) {
		fw_fail(x, TDM_ST_LIMIT, FW_RUN_BYTES);
		return false;
	}
	bytes += held(x->queue->run);
	if (bytes + others(x, false) <= FW_RUN_BYTES || bytes + others(x, true) <= FW_RUN_BYTES)
		return true;
	fw_fail(x, TDM_ST_NO_MEMORY, bytes);
	return false;
}

void fw_run_free(struct fw_run *run)
{
	if (!run)
		return;
	fw_run_end(run);
	drop(run);
	free(run);
}
