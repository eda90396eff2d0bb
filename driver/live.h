/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * How many objects of each kind there are, of the whole module: what tests find
 * leaks with, in /sys/module/tandem/parameters/live, and unloading warns of.
 */
#ifndef TDM_LIVE_H
#define TDM_LIVE_H

#include <linux/atomic.h>

enum tdm_live {
	TDM_LIVE_DEVICES,
	TDM_LIVE_CONTEXTS,
	TDM_LIVE_RANGES,
	TDM_LIVE_QUEUES,
	TDM_LIVE_BUFFERS,
	TDM_LIVE_STORES,
	TDM_LIVE_PAGES,
	TDM_LIVE_SHARES,
	TDM_LIVE_NODES,
	TDM_LIVE_KINDS,
};

extern atomic_long_t tdm_live[TDM_LIVE_KINDS];

static inline void tdm_live_inc(enum tdm_live kind)
{
	atomic_long_inc(&tdm_live[kind]);
}

static inline void tdm_live_dec(enum tdm_live kind)
{
	atomic_long_dec(&tdm_live[kind]);
}

/* At the module's end: complain about what is left. */
void tdm_live_check(void);

#endif /* TDM_LIVE_H */
