// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "net/soft_socket.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* More than one descriptor at once is nobody's message; the kernel closes what has no room. */
union control {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int))];
};

socklen_t soft_socket_name(const uint8_t *gid, struct sockaddr_un *at)
{
	int n;

	memset(at, 0, sizeof(*at));
	at->sun_family = AF_UNIX;
	n = snprintf(at->sun_path + 1, sizeof(at->sun_path) - 1, "tandem-nic-");
	for (int i = 0; i < 16; i++)
		n += snprintf(at->sun_path + 1 + n, sizeof(at->sun_path) - 1 - (size_t)n, "%02x",
			      gid[i]);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
}

bool soft_socket_is_ours(int sock)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	return !getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &cred, &len) &&
	       (cred.uid == geteuid() || cred.uid == 0);
}

bool soft_socket_send(int sock, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len) {
		ssize_t n = send(sock, at, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

ssize_t soft_socket_send_now(int sock, struct iovec *iov, size_t n, int fd)
{
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = n };
	union control control = { 0 };
	struct cmsghdr *c;
	ssize_t sent;

	if (fd >= 0) {
		msg.msg_control = control.bytes;
		msg.msg_controllen = sizeof(control.bytes);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	do {
		sent = sendmsg(sock, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : sent;
}

bool soft_socket_hung_up(int sock)
{
	struct pollfd fd = { .fd = sock, .events = POLLRDHUP };

	return poll(&fd, 1, 0) != 0;
}

void soft_reader_init(struct soft_reader *reader, int sock)
{
	reader->sock = sock;
	reader->fd = -1;
	reader->at = 0;
	reader->len = 0;
}

void soft_reader_fini(struct soft_reader *reader)
{
	if (reader->fd >= 0)
		close(reader->fd);
	reader->fd = -1;
}

int soft_reader_take_fd(struct soft_reader *reader)
{
	int fd = reader->fd;

	reader->fd = -1;
	return fd;
}

/* Return: false when there is one too many, which is closed */
static bool keep_fd(struct soft_reader *reader, struct msghdr *msg)
{
	bool good = !(msg->msg_flags & MSG_CTRUNC);

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			if (reader->fd < 0) {
				reader->fd = fd;
				continue;
			}
			close(fd);
			good = false;
		}
	}
	return good;
}

/* Return: how many bytes, 0: the end */
static size_t receive(struct soft_reader *reader, void *bytes, size_t len)
{
	struct iovec iov = { .iov_base = bytes, .iov_len = len };
	union control control;
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t n;

	do {
		n = recvmsg(reader->sock, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	return n <= 0 || !keep_fd(reader, &msg) ? 0 : (size_t)n;
}

bool soft_reader_get(struct soft_reader *reader, void *bytes, size_t len)
{
	char *at = bytes;

	while (len) {
		size_t n = reader->len - reader->at;

		if (!n && len >= sizeof(reader->bytes)) {
			n = receive(reader, at, len);
			if (!n)
				return false;
			at += n;
			len -= n;
			continue;
		}
		if (!n) {
			reader->at = 0;
			reader->len =
				(uint32_t)receive(reader, reader->bytes, sizeof(reader->bytes));
			if (!reader->len)
				return false;
			n = reader->len;
		}
		n = n < len ? n : len;
		memcpy(at, reader->bytes + reader->at, n);
		reader->at += (uint32_t)n;
		at += n;
		len -= n;
	}
	return true;
}
