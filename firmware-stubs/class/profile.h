/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What tells one model of device from another: numbers, nothing else. Figures
 * of real devices carry their source beside them; they are what the device
 * says of itself, not what software reaches.
 */
#ifndef FW_PROFILE_H
#define FW_PROFILE_H

#include <stdint.h>

#include "tandem_hw.h"

struct fw_profile {
	const char *model;
	enum tdm_class class_id;
	enum tdm_kv_layout kv_layout;
	uint64_t memory_bytes;
	uint64_t memory_bw;  /* bytes a second */
	uint64_t fabric_bps; /* bits a second */
	uint64_t flops;	     /* dense, 16 bit */
	uint32_t max_seqs;
	uint32_t max_tokens;
};

extern const struct fw_profile fw_profile_trn2;
extern const struct fw_profile fw_profile_trn3;
extern const struct fw_profile fw_profile_cs3;

#endif /* FW_PROFILE_H */
