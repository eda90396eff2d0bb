/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Control connections over TCP.
 */
#ifndef WIRE_TCP_H
#define WIRE_TCP_H

#include "wire/conn.h"
#include "wire/key.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct wire_attr - how to talk
 * @key: the shared key; outlives the connection and the listener
 * @service: enum wire_service
 * @lease_ns: a peer that is silent for so long has ended; 0: 5 s
 */
struct wire_attr {
	const struct wire_key *key;
	uint16_t service;
	uint64_t lease_ns;
};

struct wire_listener;

/**
 * wire_connect - begin to connect
 * @address: "HOST:PORT" or "[V6]:PORT"
 * Return: a connection that is OPENING, or NULL: -EINVAL a malformed address,
 * -EHOSTUNREACH an unknown host, -ENOMEM, -EMFILE
 */
struct wire_conn *wire_connect(const char *address, const struct wire_attr *attr,
			       struct tdm_error *err);

/** wire_listen - listen; port 0: any free one, see wire_listener_address() */
struct wire_listener *wire_listen(const char *address, const struct wire_attr *attr,
				  struct tdm_error *err);
void wire_listener_close(struct wire_listener *listener);
const char *wire_listener_address(const struct wire_listener *listener);
int wire_listener_fd(const struct wire_listener *listener);

/** wire_accept - the next connection, OPENING, or NULL: none now, or with @err->code set */
struct wire_conn *wire_accept(struct wire_listener *listener, struct tdm_error *err);

/** wire_pair - two connected ends in one process, through the same code; 0 or -errno */
int wire_pair(struct wire_conn *end[2], const struct wire_attr *attr, struct tdm_error *err);

#ifdef __cplusplus
}
#endif

#endif /* WIRE_TCP_H */
