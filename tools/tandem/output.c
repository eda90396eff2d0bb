// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

int output_write(const char *bytes, size_t len, bool whole)
{
	if (fflush(stdout))
		return errno ? -errno : -EIO;
	while (len) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);

		if (n < 0 && errno == EINTR && whole)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static const char *cure(int code)
{
	switch (code) {
	case -EPIPE:
		return "nobody reads it any more, so the rest is not written";
	case -ENOSPC:
	case -EDQUOT:
	case -EFBIG:
		return "make room there, or write elsewhere";
	case -ENOMEM:
		return "free some memory";
	default:
		return "write elsewhere";
	}
}

int output_error(int code, struct tdm_error *err)
{
	return tdm_error_set(err, code, "standard output: %s; %s", strerror(-code), cure(code));
}

void output_drop(void)
{
	__fpurge(stdout);
	clearerr(stdout);
}

static void check(void)
{
	struct tdm_error err;

	errno = 0;
	if (!fflush(stdout) && !ferror(stdout))
		return;
	/* Where an earlier write failed its errno is gone. */
	output_error(errno ? -errno : -EIO, &err);
	_exit(command_failed(&err));
}

int output_check_at_exit(void)
{
	return atexit(check) ? -ENOMEM : 0;
}
