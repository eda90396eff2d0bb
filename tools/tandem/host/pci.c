// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * An error of libpci must not return to it. So it leaves by longjmp(), in this file
 * alone and by these rules:
 * - Every call of the library is in guarded(), except pci_alloc(), which takes no
 *   callback; what that needs is seen to before.
 * - What runs in guarded() has no memory, file or lock of ours while the library does:
 *   results are in struct look, which belongs to a frame that is not left.
 * - What the library held itself when it failed is lost, a few hundred bytes at most:
 *   there are two scans, and an error ends a scan, or the reading of one function.
 */
#include "host/pci.h"

#include <errno.h>
#include <pci/pci.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/sysroot.h"

#define ROOM 65536 /* far more than pci_alloc() takes */

/* One scan. */
struct look {
	struct pci_access *access;
	struct pci_dev *dev; /* what a step is about */
	struct pci_function *function;
	struct pci_functions *found;
	char path[SYS_PATH_BYTES]; /* of sysfs' folder, as the library is told it */
	int error;		   /* of the last step that failed */
	jmp_buf back;
};

/* Whose step runs: the library's callbacks are told nothing of whom they are for. */
static _Thread_local struct look *running;

static void fail(char *msg, ...) __attribute__((noreturn, format(printf, 1, 2)));

static void fail(char *msg, ...)
{
	int error = errno == ENOMEM ? -ENOMEM : -EIO;
	struct look *l = running;
	char why[sizeof(l->found->why)];
	va_list args;

	va_start(args, msg);
	vsnprintf(why, sizeof(why), msg, args);
	va_end(args);
	why[strcspn(why, "\n")] = '\0';
	sys_printable(l->found->why, sizeof(l->found->why), why);
	l->error = error;
	longjmp(l->back, 1);
}

/* What it goes on without leaves its field empty. */
static void ignore(char *msg, ...) __attribute__((format(printf, 1, 2)));

static void ignore(char *msg, ...)
{
	(void)msg;
}

/* Return: 0; -ENOMEM, or -EIO with the reason in what was found */
static int guarded(struct look *l, void (*step)(struct look *l))
{
	l->error = 0;
	running = l;
	errno = 0;
	/* NOLINTNEXTLINE(cert-err52-cpp): there is no other way out of the library's error */
	if (!setjmp(l->back))
		step(l);
	running = NULL;
	return l->error;
}

static void scan(struct look *l)
{
	pci_init(l->access);
	pci_scan_bus(l->access);
}

static void fill(struct look *l)
{
	pci_fill_info(l->dev, PCI_FILL_IDENT | PCI_FILL_CLASS | PCI_FILL_NUMA_NODE);
}

static void lookup(struct look *l, char *name, size_t room, int what)
{
	char text[sizeof(l->function->device_name)];
	const char *known = pci_lookup_name(l->access, text, sizeof(text),
					    what | PCI_LOOKUP_NO_NUMBERS | PCI_LOOKUP_NO_HWDB,
					    l->function->vendor, l->function->device);

	sys_printable(name, room, known ? known : "");
}

static void name(struct look *l)
{
	lookup(l, l->function->vendor_name, sizeof(l->function->vendor_name), PCI_LOOKUP_VENDOR);
	lookup(l, l->function->device_name, sizeof(l->function->device_name), PCI_LOOKUP_DEVICE);
}

static void clean_up(struct look *l)
{
	pci_cleanup(l->access);
}

static void open_access(struct look *l)
{
	void *room = malloc(ROOM);

	if (!room)
		return;
	free(room);
	l->access = pci_alloc();
	l->access->method = PCI_ACCESS_SYS_BUS_PCI;
	l->access->error = fail;
	l->access->warning = ignore;
	l->access->debug = ignore;
	l->access->id_lookup_mode = 0; /* nor what was once asked of a network */
}

/* Not by pci_set_param(): without memory it leaves one that pci_cleanup() cannot free. */
static int set_path(struct look *l)
{
	struct pci_param *param = NULL;

	if (sys_in_tree(l->path, "/sys/bus/pci"))
		return -ENAMETOOLONG;
	while ((param = pci_walk_params(l->access, param)))
		if (!strcmp(param->param, "sysfs.path"))
			param->value = l->path;
	return 0;
}

/*
 * The list of names is of the same tree. The library is told of one that is there
 * alone: it does not look whether it has the memory to find another.
 *
 * Return: whether there is one
 */
static bool find_names(struct look *l)
{
	char path[SYS_PATH_BYTES], *own;
	size_t len;

	if (sys_in_tree(path, "%s", l->access->id_file_name))
		return false;
	len = strlen(l->access->id_file_name);
	if (!sys_exists("%s", l->access->id_file_name)) {
		if (len < 3 || strcmp(l->access->id_file_name + len - 3, ".gz") != 0)
			return false;
		path[strlen(path) - 3] = '\0';
		if (!sys_exists("%.*s", (int)len - 3, l->access->id_file_name))
			return false;
	}
	own = strdup(path);
	if (own)
		pci_set_name_list_path(l->access, own, 1);
	return own;
}

/* Not by PCI_FILL_DRIVER, which without memory says that there is none. */
static bool has_driver(const char *address)
{
	char driver[32];

	return !sys_link(driver, sizeof(driver), "/sys/bus/pci/devices/%s/driver", address);
}

/* Return: 0 or -ENOMEM */
static int keep(struct look *l, const struct pci_dev *dev)
{
	struct pci_functions *found = l->found;
	struct pci_function function = {
		.vendor = dev->vendor_id,
		.device = dev->device_id,
		.numa = dev->numa_node,
	};
	struct pci_function *list;

	snprintf(function.address, sizeof(function.address), "%04x:%02x:%02x.%u",
		 (unsigned int)dev->domain, dev->bus, dev->dev, dev->func);
	if (has_driver(function.address))
		return 0;
	list = reallocarray(found->list, found->n + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	found->list = list;
	list[found->n++] = function;
	return 0;
}

/* Return: 0 or -ENOMEM */
static int read_functions(struct look *l, uint16_t class)
{
	for (struct pci_dev *dev = l->access->devices; dev; dev = dev->next) {
		int rc;

		l->dev = dev;
		rc = guarded(l, fill);
		if (rc == -ENOMEM)
			return rc;
		if (rc)
			l->found->unread++;
		else if (dev->device_class == class && keep(l, dev))
			return -ENOMEM;
	}
	return 0;
}

/* Return: 0 or -ENOMEM. They are of use, but nothing is wrong without. */
static int name_functions(struct look *l)
{
	if (!l->found->n || !find_names(l))
		return 0;
	for (unsigned int i = 0; i < l->found->n && !l->found->unnamed; i++) {
		int rc;

		l->function = &l->found->list[i];
		rc = guarded(l, name);
		if (rc == -ENOMEM)
			return rc;
		l->found->unnamed = rc;
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct pci_function *one = a, *other = b;

	return strcmp(one->address, other->address);
}

/* Return: 0 or -ENOMEM */
static int look(struct pci_functions *found, uint16_t class)
{
	struct look l = { .found = found };
	int rc;

	*found = (struct pci_functions){ 0 };
	open_access(&l);
	if (!l.access)
		return -ENOMEM;
	rc = set_path(&l);
	if (!rc)
		rc = guarded(&l, scan);
	found->unlisted = rc && rc != -ENOMEM;
	if (rc != -ENOMEM)
		rc = read_functions(&l, class);
	if (!rc)
		rc = name_functions(&l);
	guarded(&l, clean_up);
	if (found->n)
		qsort(found->list, found->n, sizeof(*found->list), compare);
	return rc;
}

int pci_unclaimed(struct pci_functions *found, uint16_t class)
{
	int rc;

	*found = (struct pci_functions){ 0 };
	if (!sys_exists("/sys/bus/pci/devices"))
		return 0;
	rc = look(found, class);
	if (!rc && (found->unread || found->unlisted)) {
		pci_functions_free(found);
		rc = look(found, class);
	}
	return rc;
}

void pci_functions_free(struct pci_functions *found)
{
	free(found->list);
	*found = (struct pci_functions){ 0 };
}
