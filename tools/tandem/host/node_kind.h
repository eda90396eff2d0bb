/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Where the kernel keeps nodes of accelerators: in a class of their own, and before
 * Linux 6.2 among those that render.
 */
#ifndef TANDEM_NODE_KIND_H
#define TANDEM_NODE_KIND_H

#include <stdbool.h>

/**
 * struct node_kind
 * @class: "accel", of /sys/class
 * @prefix: of its nodes' names, up to their number: "accel"
 * @folder: of the nodes, "/dev/accel"
 */
struct node_kind {
	const char *class;
	const char *prefix;
	const char *folder;
};

#define NODE_KINDS 2

extern const struct node_kind node_kinds[NODE_KINDS];

/* Whether a path is a node's, of whatever driver, by its name alone. */
bool node_kind_has(const char *path);

#endif /* TANDEM_NODE_KIND_H */
