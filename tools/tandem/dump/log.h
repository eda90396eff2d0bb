/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TANDEM_DUMP_LOG_H
#define TANDEM_DUMP_LOG_H

struct bundle;

/* Lines of the kernel's log that may concern a device, for those who may read it. */
void dump_log(struct bundle *b);

#endif /* TANDEM_DUMP_LOG_H */
