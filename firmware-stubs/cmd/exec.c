// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "cmd/exec.h"

#include <stddef.h>
#include <string.h>

#include "core/context.h"
#include "core/device.h"
#include "core/lost.h"
#include "core/queue.h"

typedef enum fw_step (*step_fn)(struct fw_exec *x);

static step_fn find(uint16_t opcode)
{
	switch (opcode) {
	case TDM_OP_NOP:
		return fw_cmd_nop;
	case TDM_OP_BARRIER:
		return fw_cmd_barrier;
	case TDM_OP_COPY:
		return fw_cmd_copy;
	case TDM_OP_FILL:
		return fw_cmd_fill;
	case TDM_OP_CRC32C:
		return fw_cmd_crc32c;
	case TDM_OP_SIGNAL:
		return fw_cmd_signal;
	case TDM_OP_WAIT:
		return fw_cmd_wait;
	case TDM_OP_PROGRAM_LOAD:
		return fw_cmd_program_load;
	case TDM_OP_PROGRAM_UNLOAD:
		return fw_cmd_program_unload;
	case TDM_OP_PREFILL:
	case TDM_OP_DECODE:
		return fw_cmd_run;
	case TDM_OP_KV_EXPORT:
		return fw_cmd_kv_export;
	case TDM_OP_KV_IMPORT:
		return fw_cmd_kv_import;
	default:
		return NULL;
	}
}

static bool over_time(const struct fw_exec *x)
{
	uint32_t limit = x->queue->time_limit_ms;

	return limit && !x->first && fw_now(x->dev) - x->started_ns > (uint64_t)limit * 1000000;
}

/* What counts as the device being busy; the others only order and wait. */
static bool is_long(uint16_t opcode)
{
	return (opcode >= TDM_OP_COPY && opcode <= TDM_OP_CRC32C) || opcode >= TDM_OP_PROGRAM_LOAD;
}

/* A step during which the handler of lost memory knows whose it is. */
static enum fw_step guarded(struct fw_exec *x, step_fn step)
{
	enum fw_step how;

	__atomic_store_n(&x->dev->running, &x->ctx->vm, __ATOMIC_RELAXED);
	atomic_signal_fence(memory_order_seq_cst);
	how = step(x);
	atomic_signal_fence(memory_order_seq_cst);
	__atomic_store_n(&x->dev->running, NULL, __ATOMIC_RELAXED);
	return fw_lost_any(x->dev) ? fw_lost_end(x) : how;
}

static inline enum fw_step plain_step(struct fw_exec *x)
{
	step_fn step = find(x->cmd.opcode);
	enum fw_step how;
	uint64_t start, took;

	if (!step)
		return fw_fail(x, TDM_ST_BAD_OPCODE, x->cmd.opcode);
	if (x->cmd.flags)
		return fw_invalid(x, flags);
	if (x->cmd.reserved)
		return fw_invalid(x, reserved);
	if (over_time(x))
		return fw_fail(x, TDM_ST_TIMEOUT, 0);
	if (!is_long(x->cmd.opcode))
		return guarded(x, step);
	start = fw_now(x->dev);
	how = guarded(x, step);
	took = fw_now(x->dev) - start;
	x->queue->busy_ns += took;
	fw_count(&x->dev->counters.busy_ns, took);
	return how;
}

static __attribute__((cold, noinline)) enum fw_step injected_step(struct fw_exec *x)
{
	enum fw_step how;

	if (fw_inject_before(x, &how))
		return how;
	how = plain_step(x);
	return how == FW_DONE && x->status == TDM_ST_OK ? guarded(x, fw_inject_after) : how;
}

enum fw_step fw_exec_step(struct fw_exec *x)
{
	if (__builtin_expect(atomic_load_explicit(&x->dev->injecting, memory_order_relaxed), 0))
		return injected_step(x);
	return plain_step(x);
}

enum fw_step fw_ok(struct fw_exec *x, uint64_t result)
{
	x->status = TDM_ST_OK;
	x->result = result;
	return FW_DONE;
}

enum fw_step fw_fail(struct fw_exec *x, enum tdm_status status, uint64_t result)
{
	x->status = (uint16_t)status;
	x->result = result;
	return FW_DONE;
}

enum fw_step fw_fault(struct fw_exec *x, const struct fw_span *span, unsigned int access)
{
	struct tdm_event event = {
		.type = TDM_EV_FAULT,
		.id = x->ctx->id,
		.fault = {
			.addr = span->bad_addr,
			.cookie = x->cmd.cookie,
			.time_ns = fw_now(x->dev),
			.queue = x->queue->number,
			.opcode = x->cmd.opcode,
			.access = (uint8_t)access,
			.reason = (uint8_t)span->reason,
		},
	};

	fw_event_post(&x->dev->events, &event);
	fw_count(&x->dev->counters.faults, 1);
	return fw_fail(x, TDM_ST_FAULT, span->bad_addr);
}

bool fw_tail_is_zero(const struct fw_exec *x, unsigned int from)
{
	for (unsigned int i = from; i < 6; i++)
		if (x->cmd.raw[i])
			return false;
	return true;
}

void *fw_whole(struct fw_exec *x, uint64_t dva, uint64_t len, unsigned int access, uint64_t align)
{
	struct fw_span span = fw_vm_whole(&x->ctx->vm, dva, len, access, align);

	if (!span.ptr)
		fw_fault(x, &span, access);
	return span.ptr;
}

void fw_copy_in(void *dst, const void *src, uint64_t len)
{
	char *to = dst;
	const char *from = src;

	for (; len >= sizeof(uint64_t) && !((uintptr_t)from & 7); len -= 8, from += 8, to += 8) {
		uint64_t word = tdm_load_relaxed((const uint64_t *)(const void *)from);

		memcpy(to, &word, sizeof(word));
	}
	for (; len >= sizeof(uint32_t) && !((uintptr_t)from & 3); len -= 4, from += 4, to += 4) {
		uint32_t word = tdm_load_relaxed((const uint32_t *)(const void *)from);

		memcpy(to, &word, sizeof(word));
	}
	for (; len; len--)
		*to++ = tdm_load_relaxed(from++);
}

bool fw_read(struct fw_exec *x, void *dst, uint64_t dva, uint64_t len, uint64_t align)
{
	const void *src = fw_whole(x, dva, len, TDM_ACCESS_READ, align);

	if (src)
		fw_copy_in(dst, src, len);
	return src;
}
