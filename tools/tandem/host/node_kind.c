// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "host/node_kind.h"

#include <string.h>

const struct node_kind node_kinds[NODE_KINDS] = {
	{ "accel", "accel", "/dev/accel" },
	{ "drm", "renderD", "/dev/dri" },
};

bool node_kind_has(const char *path)
{
	for (int i = 0; i < NODE_KINDS; i++) {
		const struct node_kind *kind = &node_kinds[i];
		size_t len = strlen(kind->folder);

		if (!strncmp(path, kind->folder, len) && path[len] == '/' &&
		    !strncmp(path + len + 1, kind->prefix, strlen(kind->prefix)))
			return true;
	}
	return false;
}
