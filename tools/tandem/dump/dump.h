/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A bundle: all that can be read of a device, as one text for whoever is to help.
 *
 *	tandem-bundle 1
 *	section NAME WHERE		its lines follow, each behind one space
 *	 ...
 *	missing NAME WHY		what could not be read, with the reason
 *
 * Invariants:
 * - What could not be read is in it with the reason; nothing is left out in silence.
 * - It is printable ASCII in lines, whatever was read. No memory of clients is in it:
 *   sizes, addresses, names of processes, and the words of the command that a queue
 *   stands in (driver/coredump.c).
 * - Nothing is consumed by reading. What takes a coredump away was asked for.
 */
#ifndef TANDEM_DUMP_H
#define TANDEM_DUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <tandem/error.h>

#include "host/nodes.h"

#define BUNDLE_SECTIONS 64

/**
 * struct bundle_part - a section, or what is missing of one
 * @where: it was read
 * @bytes: of it
 * @why: it is missing, or ""
 */
struct bundle_part {
	char name[32];
	char where[128];
	char why[128];
	size_t bytes;
};

struct bundle {
	FILE *out;
	char *text; /* of out, once it was closed */
	size_t len;
	struct bundle_part parts[BUNDLE_SECTIONS];
	unsigned int n;
};

/* Return: 0 or -ENOMEM */
int bundle_start(struct bundle *b);
/* No more comes; text and len hold. Return: 0 or -ENOMEM */
int bundle_end(struct bundle *b);
void bundle_free(struct bundle *b);

/* Begin a section; lines are added until the next one begins. */
void bundle_section(struct bundle *b, const char *name, const char *where);
/* Lines of the section: @text is made printable, and cut into lines. */
void bundle_text(struct bundle *b, const char *text, size_t len);
void bundle_line(struct bundle *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** bundle_missing - @error: negative errno; @cure: what would have it, or NULL */
void bundle_missing(struct bundle *b, const char *name, int error, const char *cure);
/* A file as a section, or as missing. @cure: for those without permission */
void bundle_file(struct bundle *b, const char *name, const char *path, const char *cure);

/**
 * dump_about - when and where it was made
 * @name: of the device, as it was named
 */
void dump_about(struct bundle *b, const char *name);
/**
 * dump_coredumps - those of the device that wait
 * @take: and take them away
 */
void dump_coredumps(struct bundle *b, const struct node *node, bool take);
/* What the kernel says of a device: its attributes, sensors, debugfs, clients. */
void dump_node(struct bundle *b, const struct node *node);
/* What is not a device's own: module, RDMA devices, the kernel's log. */
void dump_system(struct bundle *b);

/**
 * dump_process - a soft device of another process, or a NIC of its agents
 * @name: "soft:trn2@4312", "soft:rc@4312"
 * Return: 0 or -errno with @err: -ENODEV it has no such device, or is not to be looked at
 */
int dump_process(struct bundle *b, const char *name, struct tdm_error *err);

#endif /* TANDEM_DUMP_H */
