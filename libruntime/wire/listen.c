// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Taking control connections.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/address.h"
#include "wire/socket.h"

#define BACKLOG 128

struct wire_listener {
	struct wire_attr attr;
	int fd;
	char address[64];
};

static int open_socket(const struct addrinfo *at)
{
	int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, rc;

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (!bind(fd, at->ai_addr, at->ai_addrlen) && !listen(fd, BACKLOG))
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

struct wire_listener *wire_listen(const char *address, const struct wire_attr *attr,
				  struct tdm_error *err)
{
	struct addrinfo *list = wire_resolve(address, true, err);
	struct wire_listener *l = list ? calloc(1, sizeof(*l)) : NULL;
	struct sockaddr_storage here;
	socklen_t len = sizeof(here);

	if (!l) {
		if (list)
			tdm_error_set(err, -ENOMEM, "listener: out of memory; free some");
		if (list)
			freeaddrinfo(list);
		return NULL;
	}
	l->attr = *attr;
	l->fd = -EADDRNOTAVAIL;
	for (struct addrinfo *at = list; at && l->fd < 0; at = at->ai_next)
		l->fd = open_socket(at);
	freeaddrinfo(list);
	if (l->fd < 0) {
		tdm_error_set(err, l->fd, "address '%s': %s; take another, or end who has it",
			      address, strerror(-l->fd));
		free(l);
		return NULL;
	}
	if (!getsockname(l->fd, (struct sockaddr *)&here, &len))
		wire_address_text((struct sockaddr *)&here, len, l->address, sizeof(l->address));
	return l;
}

void wire_listener_close(struct wire_listener *l)
{
	if (!l)
		return;
	close(l->fd);
	free(l);
}

const char *wire_listener_address(const struct wire_listener *l)
{
	return l->address;
}

int wire_listener_fd(const struct wire_listener *l)
{
	return l->fd;
}

struct wire_conn *wire_accept(struct wire_listener *l, struct tdm_error *err)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	char peer[64];
	int fd = accept4(l->fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0) {
		if (err)
			err->code = 0;
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			tdm_error_set(err, -errno,
				      "listener %s: %s; close other files or "
				      "connections",
				      l->address, strerror(errno));
		return NULL;
	}
	wire_address_text((struct sockaddr *)&from, len, peer, sizeof(peer));
	return wire_adopt(fd, &l->attr, WIRE_ROLE_LISTENS, peer, err);
}
