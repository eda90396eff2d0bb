/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A control connection: whole, authenticated messages in order, or its end with a
 * reason. What travels here is small; KV pages never do.
 *
 * A connection belongs to one thread and never blocks: wire_step() does what can be
 * done now. It stays until wire_close(), also after it ended. Once it ended nothing
 * more comes out of wire_next() but what had arrived whole before.
 *
 * It is a lease as well: while it is idle it says so to the peer, and a peer from
 * which nothing was heard for lease_ns has ended (-ETIMEDOUT).
 */
#ifndef WIRE_CONN_H
#define WIRE_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include <tandem/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of one message, at most; a longer one is refused before it is read. */
#define WIRE_MESSAGE_MAX (1U << 20)

/* What a listener serves: a peer that asks for something else is refused. */
enum wire_service {
	WIRE_SERVICE_PAGES = 1, /* agent/: pages of a request */
	WIRE_SERVICE_JOBS = 2,	/* remote/: requests */
};

enum wire_state {
	WIRE_OPENING = 0, /* connecting, or proving the key to each other */
	WIRE_OPEN = 1,
	WIRE_ENDED = 2, /* wire_error() says why */
};

/* @payload is valid until the next call on the connection. */
struct wire_message {
	uint16_t type; /* the service's own, 1 and up */
	uint32_t len;
	const void *payload;
};

struct wire_conn;

/* One table, so that a simulated connection can stand in for TCP in tests. */
struct wire_ops {
	int (*step)(struct wire_conn *conn, uint64_t now_ns);
	int (*send)(struct wire_conn *conn, uint16_t type, const void *payload, uint32_t len);
	const struct wire_message *(*next)(struct wire_conn *conn);
	int (*fd)(const struct wire_conn *conn, short *events);
	void (*close)(struct wire_conn *conn, const struct tdm_error *why);
};

struct wire_conn {
	const struct wire_ops *ops;
	enum wire_state state;
	struct tdm_error error; /* once ENDED */
	char peer[64];		/* "10.0.0.1:7471", for messages */
};

/**
 * wire_step - read, write and look at the clock, as far as it goes without waiting
 * @now_ns: CLOCK_MONOTONIC
 * Return: enum wire_state
 */
static inline enum wire_state wire_step(struct wire_conn *conn, uint64_t now_ns)
{
	conn->ops->step(conn, now_ns);
	return conn->state;
}

/**
 * wire_send - queue a message; wire_step() sends it
 * Return: 0, -EMSGSIZE, -ENOTCONN not open, -ENOBUFS the peer does not read what is
 * queued already (a few MiB): close it, -ENOMEM
 */
static inline int wire_send(struct wire_conn *conn, uint16_t type, const void *payload,
			    uint32_t len)
{
	return conn->ops->send(conn, type, payload, len);
}

/** wire_next - the next message that arrived whole, or NULL: none now */
static inline const struct wire_message *wire_next(struct wire_conn *conn)
{
	return conn->ops->next(conn);
}

/** wire_fd - what to wait for: poll(2)'s descriptor and events; -1: nothing to wait for */
static inline int wire_fd(const struct wire_conn *conn, short *events)
{
	return conn->ops->fd(conn, events);
}

/**
 * wire_close - end and free it; NULL is fine
 * @why: told to the peer if that goes without waiting; NULL: an orderly end
 */
static inline void wire_close(struct wire_conn *conn, const struct tdm_error *why)
{
	if (conn)
		conn->ops->close(conn, why);
}

#ifdef __cplusplus
}
#endif

#endif /* WIRE_CONN_H */
