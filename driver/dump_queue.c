// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A queue as text, and what it is at.
 */
#include <linux/jiffies.h>

#include <drm/drm_print.h>

#include "bo.h"
#include "context.h"
#include "dump.h"
#include "queue.h"
#include "store.h"

bool tdm_queue_is_busy(const struct tdm_queue *q)
{
	u32 completed = READ_ONCE(q->cq->completed);

	return READ_ONCE(q->cq->sq_head) != completed || READ_ONCE(q->sq->tail) != completed;
}

/* Since when it has not moved although it is busy, as the watchdog has seen it. */
static unsigned int still_ms(const struct tdm_queue *q)
{
	unsigned long at = READ_ONCE(q->moved_at);

	if (!tdm_queue_is_busy(q) || READ_ONCE(q->cq->slices) != READ_ONCE(q->seen_slices))
		return 0;
	return time_after(jiffies, at) ? jiffies_to_msecs(jiffies - at) : 0;
}

/*
 * The command that runs is the first that has not completed. It lies where the
 * application may write, also meanwhile: each word is loaded once, and printed.
 */
static void show_command(const struct tdm_queue *q, struct drm_printer *p)
{
	u32 index = READ_ONCE(q->cq->completed);
	u64 at = TDM_QUEUE_HDR_BYTES + (u64)(index & (q->sq_entries - 1)) * sizeof(struct tdm_cmd);
	const u64 *words = tdm_store_ptr(q->areas[TDM_AREA_SUBMIT].bo->store, at);
	u64 cmd[sizeof(struct tdm_cmd) / sizeof(u64)];
	int i;

	for (i = 0; i < ARRAY_SIZE(cmd); i++)
		cmd[i] = READ_ONCE(words[i]);
	drm_printf(p, "command context %u queue %u index %u fetched %u ", q->ctx->id, q->number,
		   index, READ_ONCE(q->cq->sq_head) != index);
	drm_printf(p, "opcode %u flags %#x reserved %#x cookie %#llx ", (u16)cmd[0],
		   (u16)(cmd[0] >> 16), (u32)(cmd[0] >> 32), cmd[1]);
	tdm_dump_words(p, &cmd[2]);
}

void tdm_queue_show(struct tdm_queue *q, struct drm_printer *p)
{
	const struct tdm_cq_hdr *cq = q->cq;

	drm_printf(p, "queue context %u number %u id %u state %u error %d ", q->ctx->id, q->number,
		   q->id, READ_ONCE(q->status->state), READ_ONCE(q->status->error));
	drm_printf(p, "sq_entries %u cq_entries %u limit_ms %u ", q->sq_entries, q->cq_entries,
		   q->time_limit_ms);
	drm_printf(p, "tail %u sq_head %u cq_head %u completed %llu ", READ_ONCE(q->sq->tail),
		   READ_ONCE(cq->sq_head), READ_ONCE(q->sq->cq_head), READ_ONCE(cq->completed));
	drm_printf(p, "slices %llu need_wake %u still_ms %u ", READ_ONCE(cq->slices),
		   READ_ONCE(cq->need_wake), still_ms(q));
	drm_printf(p, "event_seq %llu wait_seq %llu busy_ns %llu errors %llu ",
		   READ_ONCE(q->sq->event_seq), READ_ONCE(q->status->wait_seq),
		   READ_ONCE(cq->busy_ns), READ_ONCE(cq->errors));
	drm_printf(p, "tokens_prefill %llu tokens_decode %llu\n", READ_ONCE(cq->tokens_prefill),
		   READ_ONCE(cq->tokens_decode));
	if (tdm_queue_is_busy(q))
		show_command(q, p);
}
