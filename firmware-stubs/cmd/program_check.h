/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef FW_PROGRAM_CHECK_H
#define FW_PROGRAM_CHECK_H

#include <stdbool.h>

#include "cmd/exec.h"

/**
 * fw_program_check - is this the shape of a model that can be run?
 * @desc: the firmware's copy; x->cmd.desc.addr says where it came from
 * Return: false with the command failed with TDM_ST_BAD_DESC, naming the field.
 */
bool fw_program_check(struct fw_exec *x, const struct tdm_program *desc);

#endif /* FW_PROGRAM_CHECK_H */
