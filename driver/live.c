// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "live.h"

#include <linux/bug.h>
#include <linux/moduleparam.h>
#include <linux/module.h>
#include <linux/sysfs.h>

atomic_long_t tdm_live[TDM_LIVE_KINDS];

static const char *const names[TDM_LIVE_KINDS] = {
	[TDM_LIVE_DEVICES] = "devices",
	[TDM_LIVE_CONTEXTS] = "contexts",
	[TDM_LIVE_RANGES] = "ranges",
	[TDM_LIVE_QUEUES] = "queues",
	[TDM_LIVE_BUFFERS] = "buffers",
	[TDM_LIVE_STORES] = "stores",
	[TDM_LIVE_PAGES] = "pages",
	[TDM_LIVE_SHARES] = "shares",
	[TDM_LIVE_NODES] = "nodes",
};

static int show(char *buf, const struct kernel_param *param)
{
	int len = 0;
	int i;

	for (i = 0; i < TDM_LIVE_KINDS; i++)
		len += sysfs_emit_at(buf, len, "%s %ld%c", names[i], atomic_long_read(&tdm_live[i]),
				     i + 1 < TDM_LIVE_KINDS ? ' ' : '\n');
	return len;
}

static const struct kernel_param_ops ops = { .get = show };

module_param_cb(live, &ops, NULL, 0444);
MODULE_PARM_DESC(live, "Objects that there are now, by kind (read only)");

void tdm_live_check(void)
{
	int i;

	for (i = 0; i < TDM_LIVE_KINDS; i++)
		WARN(atomic_long_read(&tdm_live[i]), "tandem: %ld %s leaked\n",
		     atomic_long_read(&tdm_live[i]), names[i]);
}
