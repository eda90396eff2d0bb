/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * "HOST:PORT" and "[V6]:PORT".
 */
#ifndef WIRE_ADDRESS_H
#define WIRE_ADDRESS_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>

#include <tandem/error.h>

/**
 * wire_resolve - the addresses of a name; may ask a name server, and wait for it
 * Return: a list for freeaddrinfo(), or NULL: -EINVAL, -EHOSTUNREACH
 */
struct addrinfo *wire_resolve(const char *address, bool listen, struct tdm_error *err);

/* As text that wire_resolve() takes. */
void wire_address_text(const struct sockaddr *addr, socklen_t len, char *text, size_t room);

#endif /* WIRE_ADDRESS_H */
