// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Alone, for term.h has macros of many common words.
 */
#include "top/terminal.h"

#include <ncurses.h>
#include <stdlib.h>
#include <term.h>
#include <unistd.h>

bool top_terminal_is_known(void)
{
	const char *term = getenv("TERM");
	int found = 0;

	if (!term || !*term || setupterm(term, STDOUT_FILENO, &found) != OK)
		return false;
	del_curterm(cur_term);
	return found == 1;
}
