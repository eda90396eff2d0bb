// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * PCI functions that say they are processing accelerators and that no driver has.
 *
 * Read from sysfs, not through libpci: that ends the process for a file that is
 * missing and does not look whether it got its memory.
 */
#include <errno.h>
#include <string.h>

#include "seen/seen.h"

#define CLASS "0x1200" /* and a byte of the programming interface */

static int look(struct seen *seen, const char *name)
{
	struct seen_function *function;
	char class[32], driver[32];
	int64_t node;

	if (sys_text(class, sizeof(class), "/sys/bus/pci/devices/%s/class", name) ||
	    strncmp(class, CLASS, strlen(CLASS)) != 0 || strlen(class) != strlen(CLASS) + 2 ||
	    !sys_link(driver, sizeof(driver), "/sys/bus/pci/devices/%s/driver", name))
		return 0;
	function = seen_add(&seen->functions, sizeof(*function));
	if (!function)
		return -ENOMEM;
	sys_printable(function->address, sizeof(function->address), name);
	sys_text(function->vendor, sizeof(function->vendor), "/sys/bus/pci/devices/%s/vendor",
		 name);
	sys_text(function->device, sizeof(function->device), "/sys/bus/pci/devices/%s/device",
		 name);
	if (sys_signed(&node, "/sys/bus/pci/devices/%s/numa_node", name) && node >= 0)
		seen_count(&function->numa, (uint64_t)node);
	return 0;
}

int seen_functions(struct seen *seen)
{
	struct sys_names names;
	int rc = sys_names(&names, "", "/sys/bus/pci/devices");

	if (rc != -ENOMEM)
		rc = 0;
	for (int i = 0; i < names.n && !rc; i++)
		rc = look(seen, names.list[i]);
	sys_names_free(&names);
	return rc;
}
