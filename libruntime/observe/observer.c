// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * An observer: its socket, its thread, its end.
 */
#include "observe/observer.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "util/signals.h"

/* It formats a text and asks a device, no more; a sanitizer's frames are larger. */
#define STACK_BYTES (256U << 10)
#define BACKLOG 16
#define NAMES_TRIED 8

static void *body(void *arg)
{
	observe_serve(arg);
	return NULL;
}

/* A number that nobody can have taken on purpose. */
static int bind_somewhere(int fd, pid_t pid)
{
	for (int i = 0; i < NAMES_TRIED; i++) {
		struct sockaddr_un at;
		socklen_t len;
		uint32_t n;

		if (getrandom(&n, sizeof(n), 0) != (ssize_t)sizeof(n))
			return -EIO;
		len = observe_name((uint32_t)pid, n, &at);
		if (!bind(fd, (struct sockaddr *)&at, len))
			return 0;
		if (errno != EADDRINUSE)
			return -errno;
	}
	return -EADDRINUSE;
}

static int open_socket(struct tdm_observer *o)
{
	int rc;

	o->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (o->listener < 0)
		return -errno;
	rc = bind_somewhere(o->listener, o->pid);
	if (!rc && listen(o->listener, BACKLOG))
		rc = -errno;
	if (rc)
		close(o->listener);
	return rc;
}

static int start_thread(struct tdm_observer *o)
{
	pthread_attr_t attr;
	sigset_t old;
	int rc = pthread_attr_init(&attr);

	if (rc)
		return -rc;
	(void)pthread_attr_setstacksize(&attr, STACK_BYTES);
	old = signals_block();
	rc = pthread_create(&o->thread, &attr, body, o);
	if (!rc)
		pthread_setname_np(o->thread, "tdm-observe");
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return -rc;
}

static void fill(struct tdm_observer *o, const char *program)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(o->program, sizeof(o->program), "%s", program);
	o->pid = getpid();
	o->uid = geteuid();
	o->started_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	for (int i = 0; i < OBSERVE_ASKERS; i++)
		o->askers[i].fd = -1;
}

struct tdm_observer *tdm_observer_start(const char *program, struct tdm_error *err)
{
	struct tdm_observer *o = calloc(1, sizeof(*o));
	int rc;

	if (!o || pthread_mutex_init(&o->lock, NULL)) {
		free(o);
		tdm_error_set(err, -ENOMEM, "observer: out of memory; free some");
		return NULL;
	}
	fill(o, program);
	rc = open_socket(o);
	if (!rc) {
		rc = start_thread(o);
		if (!rc)
			return o;
		close(o->listener);
		tdm_error_set(err, rc,
			      "observer: no thread could be started; raise the limit on threads "
			      "(ulimit -u)");
	} else {
		tdm_error_set(err, rc, "observer: no socket to be looked at by: %s; go on without",
			      strerror(-rc));
	}
	pthread_mutex_destroy(&o->lock);
	free(o);
	return NULL;
}

void tdm_observer_stop(struct tdm_observer *o)
{
	if (!o)
		return;
	if (getpid() == o->pid) {
		__atomic_store_n(&o->stop, true, __ATOMIC_RELEASE);
		/* Which the thread's poll(2) hears, whatever it waits for. */
		(void)shutdown(o->listener, SHUT_RDWR);
		pthread_join(o->thread, NULL);
	}
	for (int i = 0; i < OBSERVE_ASKERS; i++)
		if (o->askers[i].fd >= 0)
			close(o->askers[i].fd);
	close(o->listener);
	registry_clear(o);
	pthread_mutex_destroy(&o->lock);
	free(o);
}
