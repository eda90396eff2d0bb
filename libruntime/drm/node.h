/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The kernel's device nodes of our driver.
 */
#ifndef DRM_NODE_H
#define DRM_NODE_H

#include <stdbool.h>

/* Long enough for "/dev/accel/accel1048575". */
#define NODE_NAME_BYTES 32

/**
 * drm_node_open - open a node, and see that the driver behind it is ours
 *
 * Return: a descriptor or -errno: -ENODEV where there is no node of that name
 * or its driver is another one, -EACCES where this process may not open it.
 */
int drm_node_open(const char *name);

/**
 * drm_node_at - the nodes of our driver, in order of their numbers
 *
 * Accel nodes (Linux 6.2 and newer) first, then render nodes. What cannot be
 * opened cannot be told from another driver's, and is left out.
 *
 * Return: false behind the last one.
 */
bool drm_node_at(unsigned int index, char name[NODE_NAME_BYTES]);

#endif /* DRM_NODE_H */
