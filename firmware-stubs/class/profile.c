// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "class/profile.h"

#include <stdio.h>
#include <string.h>

#include "core/firmware.h"

#define FIRMWARE_VERSION "stub-1.0"

static const struct fw_profile *const profiles[] = {
	&fw_profile_trn2,
	&fw_profile_trn3,
	&fw_profile_cs3,
};

const struct fw_profile *fw_profile_at(unsigned int index)
{
	return index < sizeof(profiles) / sizeof(profiles[0]) ? profiles[index] : NULL;
}

const struct fw_profile *fw_profile_find(const char *model)
{
	const struct fw_profile *profile;

	for (unsigned int i = 0; (profile = fw_profile_at(i)); i++)
		if (!strcmp(profile->model, model))
			return profile;
	return NULL;
}

void fw_profile_identify(const struct fw_profile *profile, struct tdm_identify *id)
{
	*id = (struct tdm_identify){
		.abi = TDM_HW_ABI,
		.class_id = profile->class_id,
		.memory_bytes = profile->memory_bytes,
		.memory_bw = profile->memory_bw,
		.fabric_bps = profile->fabric_bps,
		.flops = profile->flops,
		.clock_hz = 1000000000,
		.max_contexts = 64,
		.max_queues = 256,
		.max_entries = TDM_QUEUE_MAX_ENTRIES,
		.max_programs = 16,
		.max_seqs = profile->max_seqs,
		.max_tokens = profile->max_tokens,
		.kv_layout = profile->kv_layout,
		.page_bytes = 4096,
		.emulated = 1,
		.features = TDM_FEATURE_LAYER_TIMES,
	};
	snprintf(id->model, sizeof(id->model), "%s", profile->model);
	snprintf(id->firmware, sizeof(id->firmware), FIRMWARE_VERSION);
}
