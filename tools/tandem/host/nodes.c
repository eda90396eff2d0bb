// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "host/nodes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/node_kind.h"
#include "host/sysroot.h"

#include "tandem_accel.h"

/* A device has the driver's folder of attributes, or is bound to one of its drivers. */
static bool is_ours(const struct node *node)
{
	char driver[64];

	sys_link(driver, sizeof(driver), "%s/driver", node->sys);
	return !strncmp(driver, TDM_DRIVER_NAME, strlen(TDM_DRIVER_NAME)) ||
	       sys_exists("%s/tandem", node->sys);
}

/* Return: whether there is room for its name */
static bool fill(struct node *node, const struct node_kind *kind, const char *name)
{
	if (strlen(name) >= sizeof(node->name))
		return false;
	snprintf(node->name, sizeof(node->name), "%s", name);
	snprintf(node->path, sizeof(node->path), "%s/%s", kind->folder, node->name);
	snprintf(node->sys, sizeof(node->sys), "/sys/class/%s/%s/device", kind->class, node->name);
	return true;
}

static int each_of(const struct node_kind *kind, node_see *see, void *ctx)
{
	struct sys_names names;
	struct node node;
	int rc = sys_names(&names, kind->prefix, "/sys/class/%s", kind->class);

	/* Without the folder there are none. */
	if (rc != -ENOMEM)
		rc = 0;
	for (int i = 0; i < names.n && !rc; i++)
		if (fill(&node, kind, names.list[i]) && is_ours(&node))
			rc = see(ctx, &node);
	sys_names_free(&names);
	return rc;
}

int nodes_each(node_see *see, void *ctx)
{
	int rc = 0;

	for (int i = 0; i < NODE_KINDS && !rc; i++)
		rc = each_of(&node_kinds[i], see, ctx);
	return rc;
}

struct list {
	struct node *nodes;
	unsigned int n;
};

static int keep(void *ctx, const struct node *node)
{
	struct list *l = ctx;

	if (l->n < NODES_MAX)
		l->nodes[l->n++] = *node;
	return 0;
}

unsigned int nodes_list(struct node nodes[NODES_MAX])
{
	struct list l = { .nodes = nodes };

	nodes_each(keep, &l);
	return l.n;
}

int nodes_find(const char *name, struct node *node)
{
	struct node nodes[NODES_MAX];
	unsigned int n = nodes_list(nodes);

	for (unsigned int i = 0; i < n; i++)
		if (!strcmp(name, nodes[i].name) || !strcmp(name, nodes[i].path)) {
			*node = nodes[i];
			return 0;
		}
	return -ENODEV;
}

const char *nodes_path(const char *name, struct node *node)
{
	return nodes_find(name, node) ? name : node->path;
}

int node_attribute(const struct node *node, const char *name, char *room, unsigned int size)
{
	return sys_text(room, size, "%s/tandem/%s", node->sys, name);
}
