// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * PCI functions that say they are processing accelerators and that no driver has.
 */
#include <errno.h>
#include <stdio.h>

#include "host/pci.h"
#include "seen/seen.h"

#define CLASS 0x1200

static int add(struct seen *seen, const struct pci_function *of)
{
	struct seen_function *function = seen_add(&seen->functions, sizeof(*function));

	if (!function)
		return -ENOMEM;
	sys_printable(function->address, sizeof(function->address), of->address);
	snprintf(function->vendor, sizeof(function->vendor), "0x%04x", of->vendor);
	snprintf(function->device, sizeof(function->device), "0x%04x", of->device);
	seen_text(&function->vendor_name, of->vendor_name);
	seen_text(&function->device_name, of->device_name);
	if (of->numa >= 0)
		seen_count(&function->numa, (uint64_t)of->numa);
	return 0;
}

int seen_functions(struct seen *seen)
{
	struct pci_functions found;
	int rc = pci_unclaimed(&found, CLASS);

	for (unsigned int i = 0; i < found.n && !rc; i++)
		rc = add(seen, &found.list[i]);
	seen->unread.functions = found.unread;
	seen->unread.all = found.unlisted;
	seen->unread.names = found.unnamed;
	sys_printable(seen->unread.why, sizeof(seen->unread.why), found.why);
	pci_functions_free(&found);
	return rc;
}
