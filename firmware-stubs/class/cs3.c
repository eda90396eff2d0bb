// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * CS-3-class: one token a sequence and step, everything in SRAM on the wafer.
 * Keys lie by dimension, the way the fabric streams them past the cores.
 *
 * Source: Cerebras, "CS-3" product page and Hot Chips 2024 (44 GB SRAM,
 * 21 PB/s, 125 PFLOPS sparse FP16, 12 x 100 GbE). The sparse figure is the one
 * that is published; no dense one is.
 */
#include "class/profile.h"

const struct fw_profile fw_profile_cs3 = {
	.model = "cs3",
	.class_id = TDM_CLASS_CS3,
	.kv_layout = TDM_KV_LAYOUT_WAFER,
	.memory_bytes = 44000000000ULL / 4096 * 4096,
	.memory_bw = 21000000000000000ULL,
	.fabric_bps = 1200000000000ULL,
	.flops = 125000000000000000ULL,
	.max_seqs = 256,
	.max_tokens = 1024,
};
