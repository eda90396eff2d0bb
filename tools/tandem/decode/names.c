// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Names of the numbers of uapi/.
 */
#include <tandem/queue.h>

#include "decode/decode.h"
#include "tandem_hw.h"

#define NAME_OF(names, number)                                                                     \
	((number) < sizeof(names) / sizeof((names)[0]) && (names)[number] ? (names)[number]        \
									  : "unknown")

const char *decode_op_name(uint32_t opcode)
{
	return tdm_op_name(opcode);
}

const char *decode_admin_name(uint32_t opcode)
{
	static const char *const names[] = {
		[TDM_ADMIN_IDENTIFY] = "IDENTIFY",
		[TDM_ADMIN_CTX_CREATE] = "CTX_CREATE",
		[TDM_ADMIN_CTX_DESTROY] = "CTX_DESTROY",
		[TDM_ADMIN_MAP] = "MAP",
		[TDM_ADMIN_UNMAP] = "UNMAP",
		[TDM_ADMIN_QUEUE_CREATE] = "QUEUE_CREATE",
		[TDM_ADMIN_QUEUE_DESTROY] = "QUEUE_DESTROY",
		[TDM_ADMIN_ABORT] = "ABORT",
		[TDM_ADMIN_TELEMETRY] = "TELEMETRY",
		[TDM_ADMIN_INJECT] = "INJECT",
	};

	return NAME_OF(names, opcode);
}

const char *decode_event_name(uint32_t type)
{
	static const char *const names[] = {
		[TDM_EV_ADMIN] = "ADMIN", [TDM_EV_QUEUE] = "QUEUE",
		[TDM_EV_FAULT] = "FAULT", [TDM_EV_QUEUE_ERROR] = "QUEUE_ERROR",
		[TDM_EV_FATAL] = "FATAL",
	};

	return NAME_OF(names, type);
}

const char *decode_fault_name(uint32_t reason)
{
	static const char *const names[] = {
		[TDM_FAULT_UNMAPPED] = "unmapped",  [TDM_FAULT_READONLY] = "read-only",
		[TDM_FAULT_RANGE] = "out of range", [TDM_FAULT_SPLIT] = "leaves its mapping",
		[TDM_FAULT_ALIGN] = "not aligned",  [TDM_FAULT_REVOKED] = "unmapped under it",
	};

	return NAME_OF(names, reason);
}

const char *decode_access_name(uint32_t access)
{
	static const char *const names[] = { "none", "read", "write", "read and write" };

	return NAME_OF(names, access);
}

const char *decode_queue_state_name(uint32_t state)
{
	static const char *const names[] = {
		[TDM_QUEUE_RUNNING] = "running", [TDM_QUEUE_ERROR] = "error",
		[TDM_QUEUE_KILLED] = "killed",	 [TDM_QUEUE_RESET] = "reset",
		[TDM_QUEUE_GONE] = "gone",
	};

	return NAME_OF(names, state);
}

const char *decode_class_name(uint32_t class_id)
{
	static const char *const names[] = { [TDM_CLASS_TRN] = "trn", [TDM_CLASS_CS3] = "cs3" };

	return NAME_OF(names, class_id);
}

const char *decode_firmware_state_name(uint32_t state)
{
	static const char *const names[] = {
		[TDM_FW_BOOT] = "boot",
		[TDM_FW_READY] = "ready",
		[TDM_FW_FAILED] = "failed",
	};

	return NAME_OF(names, state);
}
