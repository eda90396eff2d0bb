// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Trainium-class: many tokens at once, HBM, pages kept in the wire layout so
 * that sealing one for the fabric moves nothing.
 *
 * Sources: AWS Neuron documentation, "Trainium2 Architecture" and "Trainium3
 * Architecture" (memory, bandwidth, BF16 TFLOPS a chip); EFA at 200 Gb/s a chip.
 */
#include "class/profile.h"

const struct fw_profile fw_profile_trn2 = {
	.model = "trn2",
	.class_id = TDM_CLASS_TRN,
	.kv_layout = TDM_KV_LAYOUT_WIRE,
	.memory_bytes = 96ULL << 30,
	.memory_bw = 2900000000000ULL,
	.fabric_bps = 200000000000ULL,
	.flops = 667000000000000ULL,
	.max_seqs = 64,
	.max_tokens = 2048,
};

const struct fw_profile fw_profile_trn3 = {
	.model = "trn3",
	.class_id = TDM_CLASS_TRN,
	.kv_layout = TDM_KV_LAYOUT_WIRE,
	.memory_bytes = 144ULL << 30,
	.memory_bw = 4900000000000ULL,
	.fabric_bps = 200000000000ULL,
	.flops = 671000000000000ULL,
	.max_seqs = 64,
	.max_tokens = 4096,
};
