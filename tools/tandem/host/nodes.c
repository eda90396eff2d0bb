// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "host/nodes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/sysfile.h"

static const struct {
	const char *pattern; /* of the attributes' folder */
	const char *class;
	const char *dev;
} kinds[] = {
	{ "/sys/class/accel/accel[0-9]*/device/tandem", "accel", "/dev/accel" },
	{ "/sys/class/drm/renderD[0-9]*/device/tandem", "drm", "/dev/dri" },
};

static unsigned int add_kind(struct node *nodes, unsigned int n, unsigned int kind)
{
	size_t skip = strlen("/sys/class//") + strlen(kinds[kind].class);
	glob_t found;

	sys_glob(&found, kinds[kind].pattern);
	for (size_t i = 0; i < found.gl_pathc && n < NODES_MAX; i++) {
		const char *name = sys_inner(found.gl_pathv[i]) + skip;
		struct node *node = &nodes[n];
		int len = (int)strcspn(name, "/");

		if (len >= (int)sizeof(node->name))
			continue;
		snprintf(node->name, sizeof(node->name), "%.*s", len, name);
		snprintf(node->path, sizeof(node->path), "%s/%s", kinds[kind].dev, node->name);
		snprintf(node->sys, sizeof(node->sys), "/sys/class/%s/%s/device", kinds[kind].class,
			 node->name);
		n++;
	}
	globfree(&found);
	return n;
}

unsigned int nodes_list(struct node nodes[NODES_MAX])
{
	return add_kind(nodes, add_kind(nodes, 0, 0), 1);
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
