// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include "command.h"

/*
 * timeout(1) of coreutils sends its signal to the process and then to the whole
 * group: two that come this close are one.
 */
#define SAME_NS 200000000LL

/* A handler has no other way to what it changes. */
static uint32_t came; /* number of the first signal */
static struct timespec came_at;

static int64_t since(const struct timespec *then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - then->tv_sec) * 1000000000LL + now.tv_nsec - then->tv_nsec;
}

/* Both signals are blocked in here, so one runs at a time. */
static void handle(int sig)
{
	sigset_t set;

	if (!__atomic_load_n(&came, __ATOMIC_RELAXED)) {
		clock_gettime(CLOCK_MONOTONIC, &came_at);
		__atomic_store_n(&came, (uint32_t)sig, __ATOMIC_RELAXED);
		return;
	}
	if (since(&came_at) < SAME_NS)
		return;
	signal(sig, SIG_DFL);
	raise(sig);
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void interrupt_start(void)
{
	static const int signals[] = { SIGINT, SIGTERM };
	/* Not SA_RESTART: a write that nobody reads ends as well. */
	struct sigaction action = { .sa_handler = handle }, old;

	sigemptyset(&action.sa_mask);
	sigaddset(&action.sa_mask, SIGINT);
	sigaddset(&action.sa_mask, SIGTERM);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
}

const uint32_t *interrupt_word(void)
{
	return &came;
}

const char *interrupt_name(void)
{
	switch (__atomic_load_n(&came, __ATOMIC_RELAXED)) {
	case 0:
		return NULL;
	case SIGINT:
		return "SIGINT";
	default:
		return "SIGTERM";
	}
}

void interrupt_exit(void)
{
	int sig = (int)__atomic_load_n(&came, __ATOMIC_RELAXED);

	signal(sig, SIG_DFL);
	raise(sig);
	/* Only where the signal is blocked: it was then when the tool began. */
	_Exit(128 + sig);
}
