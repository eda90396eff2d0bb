/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A loaded program: a model's shape and pointers to its tensors.
 */
#ifndef FW_PROGRAM_H
#define FW_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "compute/compute.h"
#include "tandem_queue.h"

struct fw_ctx;
struct fw_exec;
struct fw_device;

/* Where a tensor lies, so that an unmap under the program is noticed. */
struct fw_program_mem {
	uint64_t dva;
	uint64_t len;
};

struct fw_program {
	struct tdm_program desc;
	struct fw_llama model; /* model.layers[i] is layer desc.layer_first + i */
	struct fw_program_mem *mem;
	unsigned int n_mem;
	uint64_t revoked;   /* address that was unmapped, 0: none */
	unsigned int users; /* commands that run it */
};

void fw_program_free(struct fw_program *program);

/* Memory [dva, dva + len) goes: a program that lies in it may not run again. */
void fw_program_revoke(struct fw_program *program, uint64_t dva, uint64_t len);

/* All of its memory is still mapped. Return: false with the command failed. */
bool fw_program_is_whole(struct fw_exec *x, const struct fw_program *program);

/* NULL when there is no such program in the context. */
struct fw_program *fw_program_get(const struct fw_device *dev, const struct fw_ctx *ctx,
				  uint32_t number);

#endif /* FW_PROGRAM_H */
