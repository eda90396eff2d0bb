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
#include <sys/uio.h>
#include <sys/un.h>

/*
 * What is read from a socket that may bring descriptors, some requests at a time. At
 * most one descriptor is kept until somebody takes it; a second one is the peer's
 * mistake.
 */
struct soft_reader {
	int sock;
	int fd; /* -1: none */
	uint32_t at, len;
	char bytes[2048];
};

/* The place of a NIC: an abstract name, which goes with the process. Return: its length */
socklen_t soft_socket_name(const uint8_t *gid, struct sockaddr_un *at);

/* Is the other end a process of this user, or root's? Memory is nobody else's. */
bool soft_socket_is_ours(int sock);

/* All of it, or false: the other end is gone. */
bool soft_socket_send(int sock, const void *bytes, size_t len);

/*
 * Some of it without waiting, @fd with its first byte unless that is -1. Return: how
 * much, or -errno
 */
ssize_t soft_socket_send_now(int sock, struct iovec *iov, size_t n, int fd);

/* Has the other end hung up? What it sent before may still be unread. */
bool soft_socket_hung_up(int sock);

void soft_reader_init(struct soft_reader *reader, int sock);
void soft_reader_fini(struct soft_reader *reader);

/* All of it, or false: the other end is gone, or sends what it must not. */
bool soft_reader_get(struct soft_reader *reader, void *bytes, size_t len);

/* Is so much there without waiting? */
static inline bool soft_reader_has(const struct soft_reader *reader, size_t len)
{
	return reader->len - reader->at >= len;
}

/* Return: the descriptor that came, the caller's from here on; -1: none */
int soft_reader_take_fd(struct soft_reader *reader);

#endif /* NET_SOFT_SOCKET_H */
