/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A trace as a picture: one request, its last one, from the prompt to the first steps
 * of decode. One file, nothing outside of it; light and dark as its viewer is.
 */
#ifndef TANDEM_TRACE_SVG_H
#define TANDEM_TRACE_SVG_H

#include <stdio.h>

#include "trace/story.h"

/* Return: 0, -ENOMEM, or -ENODATA: there is no request in it */
int trace_svg(const struct story *story, FILE *out);

#endif /* TANDEM_TRACE_SVG_H */
