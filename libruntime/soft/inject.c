// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * DRM_IOCTL_TANDEM_INJECT. The device is this process's, so nobody is asked.
 */
#include <errno.h>

#include "soft/device.h"
#include "soft/file.h"
#include "soft/ioctl.h"

static struct tdm_admin_cmd command(const struct drm_tandem_inject *order)
{
	struct tdm_admin_cmd cmd = { .opcode = TDM_ADMIN_INJECT };

	cmd.inject.kind = order->kind;
	cmd.inject.count = order->count;
	cmd.inject.duration_ms = order->duration_ms;
	cmd.inject.value = order->value;
	cmd.inject.seed = order->seed;
	return cmd;
}

static void remember(struct soft_device *dev, const struct drm_tandem_inject *order, int rc)
{
	/* That it is gone is the answer to a crash. */
	if (!rc || (order->kind == TDM_INJECT_CRASH && rc == -ENODEV))
		soft_telemetry_ordered(dev, order->kind);
}

int soft_inject(struct soft_file *file, void *arg)
{
	const struct drm_tandem_inject *order = arg;
	struct tdm_admin_cmd cmd = command(order);
	int rc;

	if (order->flags)
		return -EINVAL;
	rc = soft_admin_run(file->dev, &cmd);
	remember(file->dev, order, rc);
	return rc;
}

int soft_inject_try(struct soft_device *dev, const struct drm_tandem_inject *order,
		    uint64_t deadline_ns)
{
	struct tdm_admin_cmd cmd = command(order);
	int rc = soft_admin_try(dev, &cmd, deadline_ns);

	remember(dev, order, rc);
	return rc;
}
