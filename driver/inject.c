// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Faults to order. They hit everybody's work, so only an administrator of the host may,
 * and a device that is real only where that was allowed beforehand.
 */
#include "inject.h"

#include <linux/capability.h>
#include <linux/module.h>
#include <linux/sysfs.h>

#include <drm/drm_print.h>

#include "context.h"
#include "query.h"

static bool allow_inject;
module_param(allow_inject, bool, 0644);
MODULE_PARM_DESC(allow_inject,
		 "Let administrators inject faults into devices that are not emulated, too (0: no)");

static const char *const names[TDM_INJECT_KINDS] = {
	[TDM_INJECT_NONE] = "none",
	[TDM_INJECT_HANG] = "hang",
	[TDM_INJECT_STALL] = "stall",
	[TDM_INJECT_SLOW] = "slow",
	[TDM_INJECT_BITFLIP] = "bitflip",
	[TDM_INJECT_DROP_IRQ] = "drop-irq",
	[TDM_INJECT_FAIL_CMD] = "fail-cmd",
	[TDM_INJECT_CRASH] = "crash",
};

int tdm_inject_names(char *buf, u64 mask)
{
	int len = 0;
	int kind;

	for (kind = 1; kind < TDM_INJECT_KINDS; kind++)
		if (mask & BIT(kind))
			len += sysfs_emit_at(buf, len, "%s%s", len ? " " : "", names[kind]);
	return len + sysfs_emit_at(buf, len, "%s\n", len ? "" : names[TDM_INJECT_NONE]);
}

/* Return: 0 or -EPERM */
static int check_allowed(struct tdm_device *dev)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (dev->identify.emulated || READ_ONCE(allow_inject))
		return 0;
	dev_notice_ratelimited(dev->drm.dev,
			       "no fault is injected into a real device without the module's parameter allow_inject=1\n");
	return -EPERM;
}

int tdm_inject_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	const struct drm_tandem_inject *args = data;
	struct tdm_admin_cmd cmd = { .opcode = TDM_ADMIN_INJECT };
	struct tdm_ctx *ctx = to_ctx(file);
	struct tdm_device *dev = ctx->dev;
	int ret;

	if (args->flags || args->kind >= TDM_INJECT_KINDS)
		return -EINVAL;
	ret = check_allowed(dev);
	if (ret)
		return ret;
	cmd.inject.kind = args->kind;
	cmd.inject.count = args->count;
	cmd.inject.duration_ms = args->duration_ms;
	cmd.inject.value = args->value;
	cmd.inject.seed = args->seed;
	ret = tdm_admin_run(dev, &cmd);
	if (!ret)
		tdm_telemetry_ordered(dev, args->kind);
	/* Whoever looks into what follows finds the reason in the log. */
	if ((!ret && args->kind != TDM_INJECT_NONE) || args->kind == TDM_INJECT_CRASH)
		dev_notice_ratelimited(dev->drm.dev, "client %llu injects a fault: %s\n",
				       ctx->client, names[args->kind]);
	return ret;
}
