// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "process/shown.h"

#include <stdio.h>
#include <string.h>

struct tdm_observer *shown_start(const char *program, bool off)
{
	struct tdm_observer *observer;
	struct tdm_error err;

	if (off)
		return NULL;
	observer = tdm_observer_start(program, &err);
	if (!observer)
		fprintf(stderr, "tandem: %s\n", err.msg);
	return observer;
}

void shown_added(int rc)
{
	if (rc)
		fprintf(stderr,
			"tandem: observer: it shows less of this process: %s; free some memory\n",
			strerror(-rc));
}
