// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The driver's module: what sysfs says of the one that is loaded, and libkmod of the
 * one that modprobe would load.
 */
#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seen/seen.h"

#include "tandem_accel.h"

static int version_of(struct kmod_module *mod, char *version, size_t room)
{
	struct kmod_list *info = NULL, *at;
	int rc = kmod_module_get_info(mod, &info);

	version[0] = '\0';
	kmod_list_foreach(at, info) if (!strcmp(kmod_module_info_get_key(at), "version"))
		sys_printable(version, room, kmod_module_info_get_value(at));
	kmod_module_info_free_list(info);
	return rc == -ENOMEM ? rc : 0;
}

/* Return: 1 when modprobe finds the module for that kernel, 0 when not, or -ENOMEM */
static int look_up(const char *kernel, char *version, size_t room)
{
	const char *no_config = NULL;
	struct kmod_list *found = NULL;
	char folder[SYS_PATH_BYTES];
	struct kmod_ctx *ctx;
	int rc;

	if (sys_in_tree(folder, "/lib/modules/%s", kernel))
		return 0;
	/* It would write of its own failures to standard error; what it returns says all. */
	if (setenv("KMOD_LOG", "0", 1))
		return -ENOMEM;
	ctx = kmod_new(folder, &no_config);
	if (!ctx)
		return -ENOMEM;
	rc = kmod_module_new_from_lookup(ctx, TDM_DRIVER_NAME, &found);
	if (rc >= 0)
		rc = found != NULL;
	if (rc == 1) {
		struct kmod_module *mod = kmod_module_get_module(found);
		int err = version_of(mod, version, room);

		kmod_module_unref(mod);
		rc = err ? err : rc;
	}
	kmod_module_unref_list(found);
	kmod_unref(ctx);
	return rc == -ENOMEM || rc == 1 ? rc : 0;
}

static int look_elsewhere(struct seen_module *module)
{
	struct sys_names names;
	char version[64];
	int rc = sys_names(&names, "", "/lib/modules");

	if (rc != -ENOMEM)
		rc = 0;
	for (int i = 0; i < names.n && !rc; i++) {
		if (!strcmp(names.list[i], module->kernel))
			continue;
		rc = look_up(names.list[i], version, sizeof(version));
		if (rc == 1)
			sys_printable(module->other_kernel, sizeof(module->other_kernel),
				      names.list[i]);
	}
	sys_names_free(&names);
	return rc < 0 ? rc : 0;
}

int seen_module(struct seen_module *module)
{
	int rc = 0;

	*module = (struct seen_module){ 0 };
	sys_text(module->kernel, sizeof(module->kernel), "/proc/sys/kernel/osrelease");
	sys_text(module->state, sizeof(module->state), "/sys/module/" TDM_DRIVER_NAME "/initstate");
	sys_text(module->version, sizeof(module->version),
		 "/sys/module/" TDM_DRIVER_NAME "/version");
	if (module->kernel[0] && !strchr(module->kernel, '/'))
		rc = look_up(module->kernel, module->installed, sizeof(module->installed));
	module->is_installed = rc == 1;
	if (!rc)
		rc = look_elsewhere(module);
	return rc < 0 ? rc : 0;
}
