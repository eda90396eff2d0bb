/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A program's tensors: each entry checked against the model's shape and bound
 * to its place in struct fw_llama.
 */
#ifndef FW_TENSOR_H
#define FW_TENSOR_H

#include <stdbool.h>

#include "cmd/exec.h"
#include "cmd/program.h"

/**
 * fw_tensor_add - check one entry and bind it
 * @tensor: the firmware's copy
 * @at: device address of the entry, to name a bad field
 * Return: false with the command failed.
 */
bool fw_tensor_add(struct fw_exec *x, struct fw_program *p, const struct tdm_tensor *tensor,
		   uint64_t at);

/** fw_tensors_complete - nothing is missing. Return: false with the command failed */
bool fw_tensors_complete(struct fw_exec *x, struct fw_program *p);

#endif /* FW_TENSOR_H */
