// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <string.h>

#include <tandem/inject.h>

#include "device/call.h"

static const char *const names[TDM_INJECT_KINDS] = {
	[TDM_INJECT_NONE] = "none",	    [TDM_INJECT_HANG] = "hang",
	[TDM_INJECT_STALL] = "stall",	    [TDM_INJECT_SLOW] = "slow",
	[TDM_INJECT_BITFLIP] = "bitflip",   [TDM_INJECT_DROP_IRQ] = "drop-irq",
	[TDM_INJECT_FAIL_CMD] = "fail-cmd", [TDM_INJECT_CRASH] = "crash",
};

int tdm_device_inject(struct tdm_device *dev, const struct drm_tandem_inject *fault)
{
	struct drm_tandem_inject order = *fault;

	order.size = sizeof(order);
	return device_call(dev, DRM_IOCTL_TANDEM_INJECT, &order);
}

const char *tdm_inject_name(unsigned int kind)
{
	return kind < TDM_INJECT_KINDS ? names[kind] : "unknown";
}

int tdm_inject_kind(const char *name)
{
	for (int kind = 0; kind < TDM_INJECT_KINDS; kind++)
		if (!strcmp(names[kind], name))
			return kind;
	return -EINVAL;
}
