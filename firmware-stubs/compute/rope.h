/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Rotary position embedding: sine and cosine once a batch, then turn.
 */
#ifndef FW_ROPE_H
#define FW_ROPE_H

#include "compute/compute.h"

/* table[n][rope_dims]: cosine and sine of each pair, times mscale. */
void fw_rope_table(const struct fw_llama *m, const struct fw_row *rows, uint32_t n, float *table);

/* Turn the first rope_dims of a head by one row of the table. */
void fw_rope_turn(const struct fw_llama *m, const float *table, float *head);

#endif /* FW_ROPE_H */
