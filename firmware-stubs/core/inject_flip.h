/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef FW_INJECT_FLIP_H
#define FW_INJECT_FLIP_H

#include <stdint.h>

struct fw_exec;

/**
 * fw_inject_flip - change one bit of what a command wrote that has ended well
 * @random: state of the generator; the same state and command, the same bit
 *
 * Return: device address of the byte, 0: it wrote nothing, or not any more
 */
uint64_t fw_inject_flip(struct fw_exec *x, uint64_t *random);

#endif /* FW_INJECT_FLIP_H */
