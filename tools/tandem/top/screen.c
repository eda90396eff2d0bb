// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#define NCURSES_WIDECHAR 1

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "interrupt.h"
#include "top/draw.h"
#include "top/terminal.h"

/* Return: 0 or -ENOTTY with @err */
static int start(struct top_state *state, SCREEN **screen, struct tdm_error *err)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return tdm_error_set(err, -ENOTTY,
				     "terminal: there is none to draw on; use 'tandem top --once', "
				     "or --json");
	setlocale(LC_CTYPE, "");
	/* Asked first: newterm() of one that is not known does not free what it took. */
	*screen = top_terminal_is_known() ? newterm(NULL, stdout, stdin) : NULL;
	if (!*screen)
		return tdm_error_set(err, -ENOTTY,
				     "terminal: TERM names none that is known; set it, or use "
				     "'tandem top --once'");
	state->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	curs_set(0);
	set_escdelay(50);
	state->colours = has_colors() && !getenv("NO_COLOR") && start_color() == OK;
	if (state->colours) {
		use_default_colors();
		init_pair(VIEW_GOOD, COLOR_GREEN, -1);
		init_pair(VIEW_WARN, COLOR_YELLOW, -1);
		init_pair(VIEW_BAD, COLOR_RED, -1);
	}
	return 0;
}

/* Milliseconds until the next reading is due; for ever while it is paused. */
static int wait_ms(const struct top_state *state)
{
	struct timespec now;
	double left;

	if (state->paused)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &now);
	left = state->interval_s * 1e3 - ((double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6 -
					  (double)state->now.taken_ns / 1e6);
	return left > 0 ? (int)left + 1 : 0;
}

static int take(struct top_state *state, struct tdm_error *err)
{
	seen_free(&state->before);
	state->before = state->now;
	state->now = (struct seen){ 0 };
	if (top_take(&state->now, err))
		return err->code;
	if (top_update(state))
		return tdm_error_set(err, -ENOMEM, "screen: out of memory; free some");
	return 0;
}

/* The terminal was closed. */
static bool is_gone(void)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&input, 1, 0) > 0 && (input.revents & (POLLHUP | POLLERR | POLLNVAL));
}

/* Return: 0, or -errno with @err */
static int loop(struct top_state *state, uint64_t count, struct tdm_error *err)
{
	for (uint64_t n = 1; !*interrupt_word(); n++) {
		int rc = take(state, err), code;

		if (rc)
			return rc;
		top_draw(state);
		if (count && n > count)
			return 0;
		do {
			int ms = wait_ms(state);

			/* In pieces, so that a signal which came just before is seen. */
			timeout(ms < 0 || ms > 250 ? 250 : ms);
			code = getch();
			if (code == ERR && is_gone())
				return 0;
			if (code != ERR) {
				if (top_key(state, code))
					return 0;
				top_draw(state);
			}
		} while (!*interrupt_word() && wait_ms(state));
	}
	return 0;
}

int top_screen(const struct top_options *options, struct tdm_error *err)
{
	struct top_state state = { .interval_s = options->interval_s };
	SCREEN *screen = NULL;
	int rc = start(&state, &screen, err);

	if (rc)
		return rc;
	rc = loop(&state, options->count, err);
	endwin();
	delscreen(screen);
	seen_free(&state.before);
	seen_free(&state.now);
	free(state.slots.list);
	return rc;
}
