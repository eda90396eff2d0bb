/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The local sockets of software NICs.
 */
#ifndef NET_SOFT_SOCKET_H
#define NET_SOFT_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

/* The place of a NIC: an abstract name, which goes with the process. Return: its length */
socklen_t soft_socket_name(const uint8_t *gid, struct sockaddr_un *at);

/* All of it, or false: the other end is gone, or silent for longer than is allowed. */
bool soft_socket_send(int fd, const void *bytes, size_t len);
bool soft_socket_recv(int fd, void *bytes, size_t len);

#endif /* NET_SOFT_SOCKET_H */
