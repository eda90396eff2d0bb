// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * DRM_IOCTL_TANDEM_INJECT. The device is this process's, so nobody is asked.
 */
#include <errno.h>

#include "soft/device.h"
#include "soft/file.h"
#include "soft/ioctl.h"

int soft_inject(struct soft_file *file, void *arg)
{
	const struct drm_tandem_inject *order = arg;
	struct tdm_admin_cmd cmd = { .opcode = TDM_ADMIN_INJECT };

	if (order->flags)
		return -EINVAL;
	cmd.inject.kind = order->kind;
	cmd.inject.count = order->count;
	cmd.inject.duration_ms = order->duration_ms;
	cmd.inject.value = order->value;
	cmd.inject.seed = order->seed;
	return soft_admin_run(file->dev, &cmd);
}
