/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A connection over a socket that is there.
 */
#ifndef WIRE_SOCKET_H
#define WIRE_SOCKET_H

#include "wire/frame.h"
#include "wire/tcp.h"

/* @fd: a stream socket, non-blocking; it is the connection's, also when this fails */
struct wire_conn *wire_adopt(int fd, const struct wire_attr *attr, enum wire_role role,
			     const char *peer, struct tdm_error *err);

#endif /* WIRE_SOCKET_H */
