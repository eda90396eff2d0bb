/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TANDEM_UTIL_QUOTE_H
#define TANDEM_UTIL_QUOTE_H

#include <stddef.h>

/** A name from a file, made fit for a message */
struct quoted {
	char s[72];
};

/**
 * quote - quote bytes that nobody has checked
 *
 * In single quotes; control characters and bytes that are not UTF-8 become
 * \xNN, so that a hostile name cannot drive the user's terminal; a long name
 * is cut and ends in "...".
 */
struct quoted quote(const char *text, size_t len);

#endif /* TANDEM_UTIL_QUOTE_H */
