/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The options of commands that show all that is seen and take --json alone.
 */
#ifndef TANDEM_SEEN_OPTIONS_H
#define TANDEM_SEEN_OPTIONS_H

#include <argp.h>

extern const struct argp_option seen_options[];

/* argp's parser for them; its input is a bool, whether JSON is wanted */
error_t seen_parse(int key, char *arg, struct argp_state *state);

#endif /* TANDEM_SEEN_OPTIONS_H */
