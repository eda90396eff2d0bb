// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "peer_ucx.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The server takes a moment to listen. */
#define TRIES 50
#define PAUSE_US 100000

/* Data by shared memory only; TCP on this machine for the two to find each other. */
static void set_up(void)
{
	setenv("UCX_TLS", "posix,self,tcp", 1);
	setenv("UCX_NET_DEVICES", "lo", 1);
	setenv("UCX_WARN_UNUSED_ENV_VARS", "n", 1);
}

static pid_t serve(const char *port)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	set_up();
	if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
		_exit(1);
	execlp("ucx_perftest", "ucx_perftest", "-p", port, (char *)NULL);
	_exit(127);
}

/* The client. Return: what it prints, or NULL */
static FILE *start(const char *port, unsigned int bytes, unsigned int puts, pid_t *pid)
{
	char size[16], count[16];
	int ends[2];

	snprintf(size, sizeof(size), "%u", bytes);
	snprintf(count, sizeof(count), "%u", puts);
	if (pipe(ends))
		return NULL;
	*pid = fork();
	if (*pid) {
		close(ends[1]);
		return fdopen(ends[0], "r");
	}
	set_up();
	if (dup2(ends[1], STDOUT_FILENO) < 0 || !freopen("/dev/null", "w", stderr))
		_exit(1);
	close(ends[0]);
	execlp("ucx_perftest", "ucx_perftest", "127.0.0.1", "-p", port, "-t", "ucp_put_bw", "-s",
	       size, "-n", count, (char *)NULL);
	_exit(127);
}

/* "Final:  iterations  p50  average  overall  MB/s  MB/s overall  ..." (UCX 1.13) */
static double overall(char *line)
{
	static const char head[] = "Final:";
	double value = NAN;

	if (strncmp(line, head, strlen(head)) != 0)
		return NAN;
	line += strlen(head);
	for (int column = 0; column < 6; column++) {
		char *end;

		value = strtod(line, &end);
		if (end == line)
			return NAN;
		line = end;
	}
	return value;
}

static double ask(const char *port, unsigned int bytes, unsigned int puts)
{
	double mb = NAN;
	char line[400];
	int status;
	pid_t pid;
	FILE *out = start(port, bytes, puts, &pid);

	if (!out)
		return NAN;
	while (fgets(line, sizeof(line), out))
		if (isnan(mb))
			mb = overall(line);
	if (fclose(out) || waitpid(pid, &status, 0) != pid || status)
		return NAN;
	return mb * 1048576;
}

double ucx_put_bytes_per_s(unsigned int bytes, unsigned int puts)
{
	char port[16];
	double rate = NAN;
	pid_t server;
	int status;

	set_up();
	snprintf(port, sizeof(port), "%d", 20000 + (int)getpid() % 20000);
	server = serve(port);
	if (server < 0)
		return NAN;
	for (int i = 0; i < TRIES && isnan(rate); i++) {
		usleep(PAUSE_US);
		if (waitpid(server, &status, WNOHANG) == server)
			return NAN;
		rate = ask(port, bytes, puts);
	}
	kill(server, SIGKILL);
	waitpid(server, &status, 0);
	return rate;
}
