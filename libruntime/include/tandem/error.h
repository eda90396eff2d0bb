/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Errors that say what is wrong and what to do about it.
 *
 * Every message has one style: `<thing>: <what is wrong>; <cure>`.
 */
#ifndef TANDEM_ERROR_H
#define TANDEM_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct tdm_error - the last error of one call
 * @code: negative errno
 * @msg: one line of UTF-8, always terminated, cut if it is longer
 *
 * Owned by the caller, who gives its address to a call; untouched by a call
 * that succeeds.
 */
struct tdm_error {
	int code;
	char msg[480];
};

/**
 * tdm_error_set - fill in an error
 * @err: may be NULL: then only @code is passed on
 * @code: negative errno
 * @fmt: printf format of the message, without a newline
 *
 * Arguments may be views into @err itself (a message that wraps an older one).
 * A message that does not fit is cut at a character boundary.
 *
 * Return: @code, so that `return tdm_error_set(...)` is the whole error path.
 */
int tdm_error_set(struct tdm_error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#ifdef __cplusplus
}
#endif

#endif /* TANDEM_ERROR_H */
