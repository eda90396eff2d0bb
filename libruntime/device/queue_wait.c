// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <errno.h>
#include <time.h>

#include "device/call.h"
#include "device/queue.h"

/* Looks between two readings of the clock. */
#define LOOKS 32

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
}

static bool spin(struct tdm_queue *q, uint64_t deadline_ns)
{
	uint64_t end = now_ns() + q->spin_ns;

	if (end > deadline_ns)
		end = deadline_ns;
	do {
		for (int i = 0; i < LOOKS; i++) {
			if (queue_ready(q))
				return true;
			q->looks++;
			queue_relax();
		}
	} while (now_ns() < end && !queue_lost(q));
	return false;
}

int tdm_queue_wait(struct tdm_queue *q, uint64_t deadline_ns)
{
	struct drm_tandem_queue_wait wait = {
		.size = sizeof(wait),
		.queue = q->number,
		.seq = q->taken + 1,
		.deadline_ns = deadline_ns,
	};
	int rc;

	if (!tdm_queue_open(q))
		return -ENODATA;
	queue_before_look(q);
	if (queue_ready(q))
		return 0;
	if (q->spin_ns && spin(q, deadline_ns))
		return 0;
	rc = device_call(q->dev, DRM_IOCTL_TANDEM_QUEUE_WAIT, &wait);
	/* The counter follows the entries: one may be there though the call failed. */
	return rc && queue_ready(q) ? 0 : rc;
}

int tdm_queue_run(struct tdm_queue *q, const struct tdm_cmd *cmd, uint64_t deadline_ns,
		  struct tdm_cqe *cqe)
{
	int rc;

	if (tdm_queue_open(q))
		return -EBUSY;
	rc = tdm_queue_submit(q, cmd, 1);
	if (rc < 0)
		return rc;
	rc = tdm_queue_wait(q, deadline_ns);
	if (rc)
		return rc;
	rc = tdm_queue_poll(q, cqe, 1);
	return rc < 0 ? rc : 0;
}

const char *tdm_op_name(unsigned int opcode)
{
	static const char *const names[] = {
		[TDM_OP_NOP] = "NOP",
		[TDM_OP_BARRIER] = "BARRIER",
		[TDM_OP_COPY] = "COPY",
		[TDM_OP_FILL] = "FILL",
		[TDM_OP_CRC32C] = "CRC32C",
		[TDM_OP_SIGNAL] = "SIGNAL",
		[TDM_OP_WAIT] = "WAIT",
		[TDM_OP_PROGRAM_LOAD] = "PROGRAM_LOAD",
		[TDM_OP_PROGRAM_UNLOAD] = "PROGRAM_UNLOAD",
		[TDM_OP_PREFILL] = "PREFILL",
		[TDM_OP_DECODE] = "DECODE",
		[TDM_OP_KV_EXPORT] = "KV_EXPORT",
		[TDM_OP_KV_IMPORT] = "KV_IMPORT",
	};

	return opcode < sizeof(names) / sizeof(names[0]) && names[opcode] ? names[opcode]
									  : "unknown";
}

const char *tdm_status_name(unsigned int status)
{
	static const char *const names[] = {
		[TDM_ST_OK] = "ok",
		[TDM_ST_INVALID] = "invalid",
		[TDM_ST_BAD_OPCODE] = "bad-opcode",
		[TDM_ST_FAULT] = "fault",
		[TDM_ST_BAD_DESC] = "bad-desc",
		[TDM_ST_BAD_PROGRAM] = "bad-program",
		[TDM_ST_BAD_CRC] = "bad-crc",
		[TDM_ST_TIMEOUT] = "timeout",
		[TDM_ST_ABORTED] = "aborted",
		[TDM_ST_NO_MEMORY] = "no-memory",
		[TDM_ST_LIMIT] = "limit",
		[TDM_ST_DEVICE] = "device",
	};

	return status < sizeof(names) / sizeof(names[0]) ? names[status] : "unknown";
}
