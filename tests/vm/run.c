// SPDX-License-Identifier: MIT
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * run SECONDS COMMAND...: the command in a session of its own, all of which is killed
 * when it ends or when its time is up. Exits as it did; 124 for time, 128 + N for a signal.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUN_TIME_IS_UP = 124, RUN_CANNOT = 125, RUN_SIGNALLED = 128 };

static int code_of(int status)
{
	if (WIFSIGNALED(status))
		return RUN_SIGNALLED + WTERMSIG(status);
	return WEXITSTATUS(status);
}

/* SIGCHLD is blocked by main, so that one which comes early is not lost. */
static int wait_until(pid_t child, time_t seconds)
{
	struct timespec left = { .tv_sec = seconds };
	sigset_t set;
	int status;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	while (waitpid(child, &status, WNOHANG) == 0)
		if (sigtimedwait(&set, NULL, &left) < 0 && errno != EINTR)
			return RUN_TIME_IS_UP;
	return code_of(status);
}

int main(int argc, char **argv)
{
	sigset_t set, old;
	pid_t child;
	int code;

	if (argc < 3) {
		fprintf(stderr, "run: no command; use run SECONDS COMMAND...\n");
		return RUN_CANNOT;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &old);
	child = fork();
	if (child < 0) {
		perror("run: fork");
		return RUN_CANNOT;
	}
	if (!child) {
		setsid();
		sigprocmask(SIG_SETMASK, &old, NULL);
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	code = wait_until(child, atol(argv[1]));
	/* A child that is stuck in the kernel is left to the harness's own limit. */
	kill(-child, SIGKILL);
	return code;
}
