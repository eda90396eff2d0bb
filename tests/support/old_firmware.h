/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Soft devices whose firmware is from before tdm_identify.features: they announce none,
 * and what belongs to a feature is reserved to them.
 */
#ifndef TESTS_SUPPORT_OLD_FIRMWARE_H
#define TESTS_SUPPORT_OLD_FIRMWARE_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* True: those that are made from now on. A device stays what it was made as. */
extern bool old_firmware;

#ifdef __cplusplus
}
#endif

#endif /* TESTS_SUPPORT_OLD_FIRMWARE_H */
