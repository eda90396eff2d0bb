/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A command in execution, and what every opcode is made of.
 */
#ifndef FW_EXEC_H
#define FW_EXEC_H

#include <stdbool.h>
#include <stdint.h>

#include "core/vm.h"
#include "tandem_queue.h"

struct fw_ctx;
struct fw_device;
struct fw_queue;

/* What a step says. */
enum fw_step {
	FW_DONE,   /* status and result hold; complete it */
	FW_MORE,   /* a slice is over, the command is not */
	FW_PARKED, /* nothing to do until memory, time or another queue moves */
};

/**
 * struct fw_exec - one command in execution
 * @cmd: the firmware's own copy
 * @first: this is its first step
 * @started_ns: device clock at its first step
 * @stamp: its place in the order of fetching, over all queues
 * @deadline_ns: when a parked command must be looked at, ~0 never
 * @progress: the opcode's own: bytes done, layers done
 * @status: enum tdm_status
 * @result: as tandem_queue.h says
 */
struct fw_exec {
	struct fw_device *dev;
	struct fw_ctx *ctx;
	struct fw_queue *queue;
	struct tdm_cmd cmd;
	bool first;
	uint64_t started_ns;
	uint64_t stamp;
	uint64_t deadline_ns;
	uint64_t progress;
	uint16_t status;
	uint64_t result;
};

/* One step of a command. Steps are called until one says FW_DONE. */
enum fw_step fw_exec_step(struct fw_exec *x);

/* The ways to end; each returns FW_DONE. */
enum fw_step fw_ok(struct fw_exec *x, uint64_t result);
enum fw_step fw_fail(struct fw_exec *x, enum tdm_status status, uint64_t result);
enum fw_step fw_fault(struct fw_exec *x, const struct fw_span *span, unsigned int access);

/* TDM_ST_INVALID naming @field, the offset of a member in struct tdm_cmd. */
#define fw_invalid(x, member) fw_fail(x, TDM_ST_INVALID, offsetof(struct tdm_cmd, member))

/* True when all of the reserved words from payload word @from on are zero. */
bool fw_tail_is_zero(const struct fw_exec *x, unsigned int from);

/**
 * fw_whole - memory of one descriptor, tensor, page or word
 * Return: pointer valid until the step returns, or NULL with the command failed.
 */
void *fw_whole(struct fw_exec *x, uint64_t dva, uint64_t len, unsigned int access, uint64_t align);

/*
 * The one way in for what is checked afterwards: each word is loaded once, whole,
 * whoever writes it meanwhile. @src: at least 4-byte aligned to be quick
 */
void fw_copy_in(void *dst, const void *src, uint64_t len);

/* Copy in. Return: false with the command failed. */
bool fw_read(struct fw_exec *x, void *dst, uint64_t dva, uint64_t len, uint64_t align);

/* The opcodes. */
enum fw_step fw_cmd_nop(struct fw_exec *x);
enum fw_step fw_cmd_barrier(struct fw_exec *x);
enum fw_step fw_cmd_copy(struct fw_exec *x);
enum fw_step fw_cmd_fill(struct fw_exec *x);
enum fw_step fw_cmd_crc32c(struct fw_exec *x);
enum fw_step fw_cmd_signal(struct fw_exec *x);
enum fw_step fw_cmd_wait(struct fw_exec *x);
enum fw_step fw_cmd_program_load(struct fw_exec *x);
enum fw_step fw_cmd_program_unload(struct fw_exec *x);
enum fw_step fw_cmd_run(struct fw_exec *x);
enum fw_step fw_cmd_kv_export(struct fw_exec *x);
enum fw_step fw_cmd_kv_import(struct fw_exec *x);

#endif /* FW_EXEC_H */
