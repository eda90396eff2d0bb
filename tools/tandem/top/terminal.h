/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TANDEM_TOP_TERMINAL_H
#define TANDEM_TOP_TERMINAL_H

#include <stdbool.h>

/** top_terminal_is_known - whether TERM names one that curses can draw on */
bool top_terminal_is_known(void);

#endif /* TANDEM_TOP_TERMINAL_H */
