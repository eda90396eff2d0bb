/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TDM_COREDUMP_H
#define TDM_COREDUMP_H

struct tdm_device;

/* Hand the state of the device to devcoredump, before a reset. May sleep. */
void tdm_coredump(struct tdm_device *dev, const char *reason);

#endif /* TDM_COREDUMP_H */
