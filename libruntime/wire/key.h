/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The shared key of a control connection. It is in no message and no log.
 */
#ifndef WIRE_KEY_H
#define WIRE_KEY_H

#include <stddef.h>
#include <stdint.h>

#include <tandem/error.h>

#ifdef __cplusplus
extern "C" {
#endif

struct wire_key {
	uint8_t bytes[32]; /* SHA-256 of what was given */
};

/** wire_key_from - of 16 bytes or more. Return: 0 or -EINVAL too short */
int wire_key_from(struct wire_key *key, const void *secret, size_t len, struct tdm_error *err);

/**
 * wire_key_read - of a file's bytes, white space at its end left out
 * Return: 0, -ENOENT, -EACCES also for a file that others may read or write, -EINVAL
 */
int wire_key_read(struct wire_key *key, const char *path, struct tdm_error *err);

#ifdef __cplusplus
}
#endif

#endif /* WIRE_KEY_H */
