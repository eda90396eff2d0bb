// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "privilege.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int become(const char *user, struct tdm_error *err)
{
	struct passwd *pw = getpwnam(user);

	if (!pw)
		return tdm_error_set(err, -ENOENT,
				     "user '%s': there is none; name another with --user", user);
	/* The order matters: without root there are no groups to be left. */
	if (setgroups(0, NULL) || setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid))
		return tdm_error_set(err, -errno,
				     "user '%s': rights cannot be dropped: %s; run it outside of "
				     "what forbids that",
				     user, strerror(errno));
	return 0;
}

int privilege_drop(const char *user, struct tdm_error *err)
{
	int rc = geteuid() ? 0 : become(user, err);

	if (rc)
		return rc;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return tdm_error_set(err, -errno,
				     "user '%s': rights cannot be given up for good: %s; use a "
				     "kernel with no_new_privs",
				     user, strerror(errno));
	return 0;
}
