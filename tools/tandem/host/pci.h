/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * PCI functions of the host, by libpci, from sysfs alone: no other method of it is
 * ever tried, nothing is opened that needs root, and no name is asked of a network.
 *
 * Invariants:
 * - An error of libpci ends what was asked of it, never the process.
 * - What vanishes while it is read is looked for anew, once. What cannot be read then
 *   is left out and counted, with the library's reason.
 * - All texts are terminated and printable; an address is made of numbers.
 */
#ifndef TANDEM_HOST_PCI_H
#define TANDEM_HOST_PCI_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct pci_function
 * @address: "0000:05:00.0"
 * @numa: the node, negative without one
 * @vendor_name, @device_name: of the system's list of names, "" where it has none
 */
struct pci_function {
	char address[32];
	uint16_t vendor, device;
	int numa;
	char vendor_name[64], device_name[64];
};

/**
 * struct pci_functions
 * @list: by address; NULL without any
 * @unread: functions that could not be read
 * @unlisted: the functions could not be listed, or not all
 * @unnamed: the list of names could not be read
 * @why: the last of that, "" when there was none
 */
struct pci_functions {
	struct pci_function *list;
	unsigned int n;
	unsigned int unread;
	bool unlisted, unnamed;
	char why[128];
};

/**
 * pci_unclaimed - functions of a class that no driver has
 * @found: to be given to pci_functions_free() either way
 * @class: base class and subclass, 0x1200
 *
 * Return: 0 or -ENOMEM. A host without PCI has none.
 */
int pci_unclaimed(struct pci_functions *found, uint16_t class);
void pci_functions_free(struct pci_functions *found);

#endif /* TANDEM_HOST_PCI_H */
