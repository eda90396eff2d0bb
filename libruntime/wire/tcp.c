// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Control connections over sockets.
 */
#include "wire/tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "wire/address.h"
#include "wire/session.h"
#include "wire/socket.h"

#define LEASE_NS 5000000000ULL
#define READ_BYTES 65536U
/* Bytes of one step: others want their turn. */
#define STEP_BYTES (1U << 20)

struct tcp_conn {
	struct wire_conn base;
	int fd;
	struct addrinfo *list; /* of the host, while none of them has answered */
	struct addrinfo *at;
	bool connected;
	bool eof;
	uint64_t lease_ns;
	uint64_t heard_ns; /* 0: the first step begins the lease */
	uint64_t said_ns;
	struct wire_session session;
	struct wire_message message;
};

static struct tcp_conn *tcp(struct wire_conn *conn)
{
	return (struct tcp_conn *)conn;
}

__attribute__((format(printf, 3, 4))) static void end(struct tcp_conn *c, int code, const char *fmt,
						      ...)
{
	char text[400];
	va_list args;

	if (c->base.state == WIRE_ENDED)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	c->base.state = WIRE_ENDED;
	/* errors.sh: the cure is in fmt */
	tdm_error_set(&c->base.error, code, "peer %s: %s", c->base.peer, text);
}

/* Begin with the next address of the host. Return: false when there is none left */
static bool try_next(struct tcp_conn *c, int why)
{
	for (; c->at; c->at = c->at->ai_next) {
		if (c->fd >= 0)
			close(c->fd);
		c->fd = socket(c->at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (c->fd >= 0 &&
		    (!connect(c->fd, c->at->ai_addr, c->at->ai_addrlen) || errno == EINPROGRESS)) {
			c->at = c->at->ai_next;
			return true;
		}
		why = errno;
	}
	end(c, -why, "no connection: %s; look if it runs and listens there", strerror(why));
	return false;
}

static void look_if_connected(struct tcp_conn *c)
{
	struct pollfd fd = { .fd = c->fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int error = 0, one = 1;

	if (poll(&fd, 1, 0) != 1)
		return;
	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len))
		error = errno;
	if (error) {
		(void)try_next(c, error);
		return;
	}
	/* Small messages are waited for: a credit that is held up holds up pages. */
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c->connected = true;
	if (c->list)
		freeaddrinfo(c->list);
	c->list = NULL;
	c->at = NULL;
}

static void read_all(struct tcp_conn *c)
{
	struct wire_session *s = &c->session;
	uint32_t total = 0;

	while (total < STEP_BYTES && !c->eof) {
		uint32_t most = s->open ? WIRE_FRAME_MAX + READ_BYTES : WIRE_IN_MIN;
		uint32_t have = wire_buffer_len(&s->in);
		uint32_t want = most - have < READ_BYTES ? most - have : READ_BYTES;
		uint8_t *at;
		ssize_t n;

		if (!want)
			return; /* whoever reads the messages makes room */
		at = wire_buffer_room(&s->in, want);
		if (!at) {
			end(c, -ENOMEM, "this side is out of memory; free some");
			return;
		}
		n = recv(c->fd, at, want, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			c->eof = true;
			break;
		}
		s->in.tail += (uint32_t)n;
		total += (uint32_t)n;
		wire_session_take(s);
		if (s->ended)
			return;
	}
}

static void write_all(struct tcp_conn *c)
{
	struct wire_buffer *out = &c->session.out;

	while (wire_buffer_len(out)) {
		ssize_t n = send(c->fd, out->bytes + out->head, wire_buffer_len(out), MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			c->eof = true;
			return;
		}
		out->head += (uint32_t)n;
	}
}

static void keep_lease(struct tcp_conn *c, uint64_t now_ns)
{
	struct wire_session *s = &c->session;
	uint64_t theirs = s->peer_lease_ms * 1000000ULL;
	uint64_t pause = (theirs && theirs < c->lease_ns ? theirs : c->lease_ns) / 4;

	if (s->heard || !c->heard_ns)
		c->heard_ns = now_ns;
	s->heard = false;
	if (now_ns - c->heard_ns > c->lease_ns)
		end(c, -ETIMEDOUT,
		    "nothing was heard from it for %llu ms; look if it runs, and at the network",
		    (unsigned long long)(c->lease_ns / 1000000));
	if (s->open && now_ns - c->said_ns >= pause && !wire_buffer_len(&s->out)) {
		c->said_ns = now_ns;
		(void)wire_session_say(s, WIRE_PING, NULL, 0);
	}
}

static void look_at_end(struct tcp_conn *c)
{
	const struct wire_session *s = &c->session;

	if (s->ended) {
		end(c, s->error.code, "%s", s->error.msg);
		if (s->orderly)
			c->base.error.code = 0;
	} else if (c->eof) {
		end(c, -ECONNRESET,
		    s->open ? "the connection was lost; look if it runs"
			    : "it hung up before its greeting; look what runs "
			      "there, and at its log");
	} else if (s->open && c->base.state == WIRE_OPENING) {
		c->base.state = WIRE_OPEN;
	}
}

static int tcp_step(struct wire_conn *conn, uint64_t now_ns)
{
	struct tcp_conn *c = tcp(conn);

	if (conn->state == WIRE_ENDED)
		return 0;
	if (!c->connected)
		look_if_connected(c);
	wire_session_take(&c->session);
	if (c->connected && !c->session.ended) {
		read_all(c);
		keep_lease(c, now_ns);
	} else if (!c->connected) {
		keep_lease(c, now_ns);
	}
	if (c->connected && !c->eof)
		write_all(c);
	look_at_end(c);
	return 0;
}

static int tcp_send(struct wire_conn *conn, uint16_t type, const void *payload, uint32_t len)
{
	if (conn->state != WIRE_OPEN)
		return -ENOTCONN;
	if (len > WIRE_MESSAGE_MAX)
		return -EMSGSIZE;
	return wire_session_say(&tcp(conn)->session, type, payload, len);
}

static const struct wire_message *tcp_next(struct wire_conn *conn)
{
	struct tcp_conn *c = tcp(conn);

	return wire_session_next(&c->session, &c->message) ? &c->message : NULL;
}

static int tcp_fd(const struct wire_conn *conn, short *events)
{
	const struct tcp_conn *c = (const struct tcp_conn *)conn;

	if (conn->state == WIRE_ENDED)
		return -1;
	*events = POLLIN;
	if (!c->connected || wire_buffer_len(&c->session.out))
		*events = (short)(*events | POLLOUT);
	return c->fd;
}

/* What is unread makes close() reset the connection, and the last word would be lost. */
static void hang_up(struct tcp_conn *c)
{
	uint8_t rest[4096];

	shutdown(c->fd, SHUT_WR);
	for (int i = 0; i < 256 && recv(c->fd, rest, sizeof(rest), MSG_DONTWAIT) > 0; i++)
		;
}

static void say_end(struct tcp_conn *c, const struct tdm_error *why)
{
	size_t len = why ? strlen(why->msg) : 0;
	uint8_t bytes[4 + WIRE_REASON_MAX];

	len = len < WIRE_REASON_MAX ? len : WIRE_REASON_MAX;
	wire_put32(bytes, why ? (uint32_t)-why->code : 0);
	if (len)
		memcpy(bytes + 4, why->msg, len);
	(void)wire_session_say(&c->session, WIRE_END, bytes, 4 + (uint32_t)len);
}

static void tcp_close(struct wire_conn *conn, const struct tdm_error *why)
{
	struct tcp_conn *c = tcp(conn);

	if (c->session.open && !c->session.told && !c->eof)
		say_end(c, why);
	if (c->connected && !c->eof) {
		write_all(c);
		hang_up(c);
	}
	if (c->fd >= 0)
		close(c->fd);
	if (c->list)
		freeaddrinfo(c->list);
	wire_session_free(&c->session);
	free(c);
}

static const struct wire_ops tcp_ops = {
	.step = tcp_step,
	.send = tcp_send,
	.next = tcp_next,
	.fd = tcp_fd,
	.close = tcp_close,
};

static struct tcp_conn *make(const struct wire_attr *attr, enum wire_role role, int fd,
			     struct tdm_error *err)
{
	struct tcp_conn *c = calloc(1, sizeof(*c));
	uint64_t lease = attr->lease_ns ? attr->lease_ns : LEASE_NS;
	uint64_t ms = lease / 1000000;
	int rc;

	if (!c) {
		tdm_error_set(err, -ENOMEM, "control connection: out of memory; free some");
		return NULL;
	}
	c->base.ops = &tcp_ops;
	c->fd = fd;
	c->lease_ns = lease;
	c->session.key = attr->key;
	c->session.role = role;
	c->session.service = attr->service;
	c->session.lease_ms = (uint32_t)(ms > UINT32_MAX ? UINT32_MAX : ms ? ms : 1);
	rc = wire_session_start(&c->session);
	if (!rc)
		return c;
	wire_session_free(&c->session);
	free(c);
	tdm_error_set(err, rc, "control connection: %s",
		      rc == -ENOMEM ? "out of memory; free some" : "no random numbers; try again");
	return NULL;
}

struct wire_conn *wire_connect(const char *address, const struct wire_attr *attr,
			       struct tdm_error *err)
{
	struct addrinfo *list = wire_resolve(address, false, err);
	struct tcp_conn *c = list ? make(attr, WIRE_ROLE_CONNECTS, -1, err) : NULL;

	if (!c) {
		if (list)
			freeaddrinfo(list);
		return NULL;
	}
	snprintf(c->base.peer, sizeof(c->base.peer), "%s", address);
	c->list = list;
	c->at = list;
	(void)try_next(c, EHOSTUNREACH);
	return &c->base;
}

struct wire_conn *wire_adopt(int fd, const struct wire_attr *attr, enum wire_role role,
			     const char *peer, struct tdm_error *err)
{
	struct tcp_conn *c = make(attr, role, fd, err);

	if (!c) {
		close(fd);
		return NULL;
	}
	snprintf(c->base.peer, sizeof(c->base.peer), "%s", peer);
	return &c->base;
}

int wire_pair(struct wire_conn *end[2], const struct wire_attr *attr, struct tdm_error *err)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds))
		return tdm_error_set(err, -errno, "control connection: %s; close other files",
				     strerror(errno));
	end[0] = wire_adopt(fds[0], attr, WIRE_ROLE_CONNECTS, "local", err);
	end[1] = wire_adopt(fds[1], attr, WIRE_ROLE_LISTENS, "local", err);
	if (end[0] && end[1])
		return 0;
	wire_close(end[0], NULL);
	wire_close(end[1], NULL);
	return -ENOMEM;
}
