/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TDM_FDINFO_H
#define TDM_FDINFO_H

struct file;
struct seq_file;

/* What a client has, in the format of the kernel's Documentation/gpu/drm-usage-stats.rst. */
void tdm_show_fdinfo(struct seq_file *m, struct file *filp);

#endif /* TDM_FDINFO_H */
