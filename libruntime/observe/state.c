// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "observe/state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The letter behind "(NAME)" in /proc/PID/stat, '?' where there is none. */
static int letter_of(uint32_t pid)
{
	char path[48], text[512];
	const char *end = NULL;
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return '?';
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	fclose(file);
	end = strrchr(text, ')');
	return end && end[1] == ' ' && end[2] ? end[2] : '?';
}

bool state_goes_on(uint32_t pid)
{
	int letter = letter_of(pid);

	return letter != 'T' && letter != 't' && letter != 'Z' && letter != '?';
}

int state_unanswered(uint32_t pid, struct tdm_error *err)
{
	switch (letter_of(pid)) {
	case 'T':
		return tdm_error_set(err, -ETIMEDOUT,
				     "process %u: it does not answer, it is stopped; continue it "
				     "(kill -CONT %u)",
				     pid, pid);
	case 't':
		return tdm_error_set(err, -ETIMEDOUT,
				     "process %u: it does not answer, a debugger has stopped it; "
				     "continue it there",
				     pid);
	case 'Z':
	case '?':
		return tdm_error_set(err, -ETIMEDOUT,
				     "process %u: it does not answer, it has ended; list the "
				     "processes again",
				     pid);
	default:
		return tdm_error_set(err, -ETIMEDOUT,
				     "process %u: it does not answer in time; ask again", pid);
	}
}
