// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * System calls of the steady state, counted: a child runs NOPs, its own threads
 * and the device's are stopped by ptrace at every system call. Marks in the
 * child's first thread say between which moments they count.
 */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tandem/queue.h>

#include "bench.h"
#include "clock.h"

/* An operation that prctl does not know: a system call and nothing else. */
#define MARK 0x746e646d

enum mark { MARK_KNOWN = 1, MARK_WARM, MARK_NOPS, MARK_END };

#define KNOWN_CALLS 100

static void nops(struct tdm_queue *q, unsigned int count)
{
	struct tdm_cmd cmd = { .opcode = TDM_OP_NOP };
	struct tdm_cqe cqes[32];
	unsigned int sent = 0, done = 0;

	while (done < count) {
		int rc = sent < count ? tdm_queue_submit(q, &cmd, 1) : 0;

		if (rc > 0)
			sent++;
		if (rc >= 0)
			rc = tdm_queue_poll(q, cqes, 32);
		if (rc < 0)
			bench_fail("the queue was lost under NOP; try again", NULL);
		done += (unsigned int)rc;
	}
}

static void child(struct bench *b, unsigned int count)
{
	struct tdm_device *dev;
	struct tdm_queue *q;

	/* Not traced, a stop would last for ever. */
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(1);
	raise(SIGSTOP);
	dev = bench_open(b, "soft:cs3,threads=1");
	q = tdm_queue_create(dev, 256, NULL);
	if (!q)
		_exit(1);
	nops(q, count);
	prctl(MARK, MARK_KNOWN);
	for (int i = 0; i < KNOWN_CALLS; i++)
		syscall(SYS_getppid);
	prctl(MARK, MARK_WARM);
	/* Both sides are awake when the counting starts. */
	nops(q, 1000);
	prctl(MARK, MARK_NOPS);
	nops(q, count);
	prctl(MARK, MARK_END);
	_exit(0);
}

struct count {
	unsigned long calls[MARK_END + 1]; /* since each mark */
	unsigned long known;		   /* of KNOWN_CALLS */
	unsigned int last;
};

static void at_call(pid_t tid, struct count *c)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return;
	if (info.entry.nr == SYS_prctl && info.entry.args[0] == MARK &&
	    info.entry.args[1] <= MARK_END)
		c->last = (unsigned int)info.entry.args[1];
	else
		c->calls[c->last]++;
	c->known += c->last == MARK_KNOWN && info.entry.nr == SYS_getppid;
}

/* What the thread is to get when it goes on: its own signals, none of ours. */
static int signal_of(int status)
{
	int sig = WSTOPSIG(status);

	return status >> 16 || sig == (SIGTRAP | 0x80) || sig == SIGSTOP ? 0 : sig;
}

/* Return: 0 when the child ran to its end. */
static int trace(pid_t pid, struct count *c)
{
	int status;
	pid_t tid;

	if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status))
		return -1;
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL,
		   (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL))) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		return -1;
	}
	ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
	for (;;) {
		tid = waitpid(-1, &status, __WALL);
		if (tid < 0)
			return -1;
		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			if (tid == pid)
				return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
			continue;
		}
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			at_call(tid, c);
		ptrace(PTRACE_SYSCALL, tid, NULL, (void *)(long)signal_of(status));
	}
}

struct calls {
	struct bench *b;
	unsigned int count;
	const char *why;
	struct tdm_queue *queue; /* of those that are not traced */
};

static double per_command(void *ctx)
{
	struct calls *calls = ctx;
	struct count c = { .last = 0 };
	pid_t pid = fork();

	if (!pid)
		child(calls->b, calls->count);
	if (pid < 0 || trace(pid, &c)) {
		calls->why = "ptrace is not allowed here";
		return NAN;
	}
	/* A counter that misses what is known to be there counts nothing. */
	if (c.known != KNOWN_CALLS || c.last != MARK_END) {
		calls->why = "the counter did not count the calls that were made";
		return NAN;
	}
	return (double)c.calls[MARK_NOPS] / calls->count;
}

/* Not under ptrace, which switches at every stop. */
static double switches_per_command(void *ctx)
{
	struct calls *calls = ctx;
	struct rusage before, after;

	/* Both sides are awake when the counting starts. */
	nops(calls->queue, 1000);
	getrusage(RUSAGE_SELF, &before);
	nops(calls->queue, calls->count);
	getrusage(RUSAGE_SELF, &after);
	return (double)(after.ru_nvcsw - before.ru_nvcsw) / calls->count;
}

static void context_switches(struct bench *b, struct calls *calls)
{
	struct tdm_device *dev = bench_open(b, "soft:cs3,threads=1");
	struct tdm_error err = { 0 };
	struct figure *f;

	calls->queue = tdm_queue_create(dev, 256, &err);
	if (!calls->queue)
		bench_fail("NOP", &err);
	f = bench_figure(b, "nop_context_switches", UNIT_SWITCHES, NULL,
			 "voluntary, of a NOP, all threads");
	bench_measure(b, f, switches_per_command, calls, NULL, NULL);
	tdm_queue_destroy(calls->queue);
	tdm_device_close(dev);
}

void bench_calls(struct bench *b)
{
	struct calls calls = { .b = b, .count = b->quick ? 2000 : 100000 };
	struct figure *f = bench_figure(b, "nop_system_calls", UNIT_CALLS, NULL,
					"system calls of a NOP, all threads");

	bench_measure(b, f, per_command, &calls, NULL, NULL);
	if (isnan(f->value))
		snprintf(f->note, sizeof(f->note), "%s", calls.why);
	context_switches(b, &calls);
}
