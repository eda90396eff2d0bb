// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The observer's thread: who asks is answered, who does not is dropped.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "observe/observer.h"

/* After so long another one may have its place, and after so long nobody waits for it. */
#define SILENCE_NS 1000000000ULL
#define SILENCE_MAX_NS (10 * SILENCE_NS)
/* Where no descriptor is left: not to be asked again at once. */
#define DEAF_NS 100000000ULL

static uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void drop(struct asker *c)
{
	close(c->fd);
	c->fd = -1;
}

/* A free one, or that of who has been silent longest, and for long enough. */
static struct asker *find_place(struct tdm_observer *o, uint64_t now)
{
	struct asker *oldest = &o->askers[0];

	for (int i = 0; i < OBSERVE_ASKERS; i++) {
		if (o->askers[i].fd < 0)
			return &o->askers[i];
		if (o->askers[i].heard_ns < oldest->heard_ns)
			oldest = &o->askers[i];
	}
	return now - oldest->heard_ns >= SILENCE_NS ? oldest : NULL;
}

/* All of it or nothing: it is one packet. False: the client does not read. */
static bool put(int fd, const void *packet, size_t len)
{
	return send(fd, packet, len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)len;
}

/* Nobody has to know more of a stranger than this. */
static void refuse(struct tdm_observer *o, int fd, uid_t uid)
{
	char text[160];

	snprintf(text, sizeof(text),
		 "process %d: it is of user %u and does not answer user %u; ask as that user or "
		 "as root",
		 (int)o->pid, o->uid, uid);
	(void)put(fd, o->packet, answer_error(o, OBSERVE_PROCESS, -EACCES, text));
	close(fd);
}

static void greet(struct tdm_observer *o, struct asker *c, int fd, uint64_t now)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len)) {
		close(fd);
		return;
	}
	if (who.uid && who.uid != o->uid) {
		refuse(o, fd, who.uid);
		return;
	}
	if (c->fd >= 0)
		drop(c);
	*c = (struct asker){ .fd = fd, .heard_ns = now };
	if (!put(fd, o->packet, answer_greeting(o)))
		drop(c);
}

static void accept_one(struct tdm_observer *o, struct asker *c, uint64_t now)
{
	int fd = accept4(o->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0)
		greet(o, c, fd, now);
	else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		o->deaf_until_ns = now + DEAF_NS;
}

static void serve(struct tdm_observer *o, struct asker *c, uint64_t now)
{
	ssize_t n = recv(c->fd, o->request, sizeof(o->request), MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || !put(c->fd, o->packet, answer_request(o, (size_t)n))) {
		drop(c);
		return;
	}
	c->heard_ns = now;
}

/* Return: milliseconds for poll(2); @full: somebody may have to make place */
static int patience(const struct tdm_observer *o, bool full, uint64_t now)
{
	uint64_t next = o->deaf_until_ns > now ? o->deaf_until_ns : UINT64_MAX;
	uint64_t most = full ? SILENCE_NS : SILENCE_MAX_NS;

	for (int i = 0; i < OBSERVE_ASKERS; i++)
		if (o->askers[i].fd >= 0 && o->askers[i].heard_ns + most < next)
			next = o->askers[i].heard_ns + most;
	if (next == UINT64_MAX)
		return -1;
	return next <= now ? 0 : (int)((next - now) / 1000000) + 1;
}

static void wait_for_them(struct tdm_observer *o, struct pollfd *fds, uint64_t now)
{
	bool full = !find_place(o, now), deaf = full || o->deaf_until_ns > now;

	/* Its end is heard always. */
	fds[0] = (struct pollfd){ .fd = o->listener, .events = deaf ? 0 : POLLIN };
	for (int i = 0; i < OBSERVE_ASKERS; i++)
		fds[1 + i] = (struct pollfd){ .fd = o->askers[i].fd, .events = POLLIN };
	if (poll(fds, 1 + OBSERVE_ASKERS, patience(o, full, now)) < 0)
		for (int i = 0; i <= OBSERVE_ASKERS; i++)
			fds[i].revents = 0;
}

static void serve_all(struct tdm_observer *o, const struct pollfd *fds, uint64_t now)
{
	struct asker *place;

	for (int i = 0; i < OBSERVE_ASKERS; i++) {
		struct asker *c = &o->askers[i];

		if (c->fd < 0)
			continue;
		if (fds[1 + i].revents)
			serve(o, c, now);
		else if (now - c->heard_ns >= SILENCE_MAX_NS)
			drop(c);
	}
	place = fds[0].revents & POLLIN ? find_place(o, now) : NULL;
	if (place)
		accept_one(o, place, now);
}

void observe_serve(struct tdm_observer *o)
{
	struct pollfd fds[1 + OBSERVE_ASKERS];

	for (;;) {
		wait_for_them(o, fds, clock_ns());
		if (__atomic_load_n(&o->stop, __ATOMIC_ACQUIRE))
			return;
		serve_all(o, fds, clock_ns());
	}
}
