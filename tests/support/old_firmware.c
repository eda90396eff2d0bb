// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The linker leads the firmware's own call here. TANDEM_OLD_FIRMWARE: what a program
 * starts with that has no test in it.
 */
#include "support/old_firmware.h"

#include "core/firmware.h"

#ifndef TANDEM_OLD_FIRMWARE
#define TANDEM_OLD_FIRMWARE false
#endif

bool old_firmware = TANDEM_OLD_FIRMWARE;

void __real_fw_profile_identify(const struct fw_profile *profile, struct tdm_identify *id);
void __wrap_fw_profile_identify(const struct fw_profile *profile, struct tdm_identify *id);

void __wrap_fw_profile_identify(const struct fw_profile *profile, struct tdm_identify *id)
{
	__real_fw_profile_identify(profile, id);
	if (old_firmware)
		id->features = 0;
}
