/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The devices of the kernel's driver by what sysfs says of them: nothing is opened,
 * so that also those are found that nobody may open, or that do not answer.
 */
#ifndef TANDEM_NODES_H
#define TANDEM_NODES_H

/**
 * struct node
 * @name: "accel0", "renderD128"
 * @path: of the node, "/dev/accel/accel0"
 * @sys: of the device, "/sys/class/accel/accel0/device"; its attributes are in
 *	 "tandem" below it
 */
struct node {
	char name[64];
	char path[96];
	char sys[128];
};

/* Return: 0 to go on */
typedef int node_see(void *ctx, const struct node *node);

/**
 * nodes_each - all of them, each class of nodes sorted as people count
 * Return: 0; -ENOMEM; what @see returned that was not 0, which ends it
 */
int nodes_each(node_see *see, void *ctx);

#define NODES_MAX 128

/* Return: how many there are in @nodes; without memory, fewer than there are */
unsigned int nodes_list(struct node nodes[NODES_MAX]);

/**
 * nodes_find - the one of that name or path
 * Return: 0, -ENODEV the driver has no such device
 */
int nodes_find(const char *name, struct node *node);

/* The path of the node of that name, in @node, or @name as it is where it is none. */
const char *nodes_path(const char *name, struct node *node);

/* An attribute of the driver's. Return: as sys_text() */
int node_attribute(const struct node *node, const char *name, char *room, unsigned int size);

#endif /* TANDEM_NODES_H */
