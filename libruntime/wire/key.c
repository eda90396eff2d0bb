// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "wire/key.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_MIN 16
#define SECRET_MAX 4096

int wire_key_from(struct wire_key *key, const void *secret, size_t len, struct tdm_error *err)
{
	struct sha256_ctx ctx;

	if (!secret || len < SECRET_MIN)
		return tdm_error_set(err, -EINVAL,
				     "shared key: it has %zu bytes; give it %d or more", len,
				     SECRET_MIN);
	sha256_init(&ctx);
	sha256_update(&ctx, len, secret);
	sha256_digest(&ctx, sizeof(key->bytes), key->bytes);
	return 0;
}

static int check(int fd, const char *path, struct tdm_error *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return tdm_error_set(err, -errno, "%s: %s; give a readable file", path,
				     strerror(errno));
	if (!S_ISREG(st.st_mode))
		return tdm_error_set(err, -EINVAL,
				     "%s: not a regular file; put the shared key in "
				     "one",
				     path);
	if (st.st_mode & 077)
		return tdm_error_set(err, -EACCES,
				     "%s: others than its owner can get at it (mode %03o); chmod "
				     "600 it, and take a new key",
				     path, st.st_mode & 0777);
	return 0;
}

static int read_secret(struct wire_key *key, int fd, const char *path, struct tdm_error *err)
{
	char secret[SECRET_MAX + 1];
	ssize_t len = read(fd, secret, sizeof(secret));
	int rc;

	if (len < 0)
		return tdm_error_set(err, -errno, "%s: %s; give a readable file", path,
				     strerror(errno));
	if (len > SECRET_MAX)
		return tdm_error_set(err, -EINVAL, "%s: longer than %d bytes; take a shorter key",
				     path, SECRET_MAX);
	while (len && isspace((unsigned char)secret[len - 1]))
		len--;
	rc = wire_key_from(key, secret, (size_t)len, err);
	explicit_bzero(secret, sizeof(secret));
	return rc ? tdm_error_set(err, rc, "%s: %zd bytes of key; give it %d or more", path, len,
				  SECRET_MIN)
		  : 0;
}

int wire_key_read(struct wire_key *key, const char *path, struct tdm_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int rc;

	/* To make one anew would take it from those who share it. */
	if (fd < 0 && errno == EACCES)
		return tdm_error_set(err, -EACCES,
				     "%s: %s; run this as the key's owner, or give this user a "
				     "copy of it with mode 0600",
				     path, strerror(EACCES));
	if (fd < 0)
		return tdm_error_set(err, -errno,
				     "%s: %s; make one with: (umask 077; head -c 32 /dev/urandom | "
				     "base64 > %s)",
				     path, strerror(errno), path);
	rc = check(fd, path, err);
	if (!rc)
		rc = read_secret(key, fd, path, err);
	close(fd);
	return rc;
}
