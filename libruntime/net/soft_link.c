// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "net/soft_link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <unistd.h>

#include "net/soft.h"
#include "net/soft_socket.h"

#define NS_PER_S 1000000000ULL
#define NS_PER_MS 1000000ULL

static int connect_to(int sock, const uint8_t *gid)
{
	struct sockaddr_un at;
	socklen_t len = soft_socket_name(gid, &at);
	int rc;

	do {
		rc = connect(sock, (struct sockaddr *)&at, len);
	} while (rc && errno == EINTR);
	return rc ? -errno : 0;
}

/* Return: a socket or -errno; a peer whose queue is full may keep it waiting */
static int reach(const struct soft_nic *nic, const uint8_t *gid)
{
	const struct timeval limit = { .tv_sec = (time_t)(nic->answer_ns / NS_PER_S) };
	struct soft_hello hello = { .magic = SOFT_WIRE_MAGIC };
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;

	if (sock < 0)
		return -errno;
	memcpy(hello.gid, nic->gid, sizeof(hello.gid));
	rc = setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) ? -errno : 0;
	if (!rc)
		rc = connect_to(sock, gid);
	if (!rc && !soft_socket_is_ours(sock))
		rc = -EACCES;
	if (!rc && !soft_socket_send(sock, &hello, sizeof(hello)))
		rc = -ECONNRESET;
	if (!rc)
		return sock;
	close(sock);
	return rc;
}

struct soft_link *soft_link_make(const struct soft_nic *nic, const uint8_t *gid,
				 struct tdm_error *err)
{
	int sock = nic->stepped ? -EOPNOTSUPP : reach(nic, gid);
	struct soft_link *link = sock < 0 ? NULL : calloc(1, sizeof(*link));

	if (!link) {
		if (sock >= 0)
			close(sock);
		tdm_error_set(
			err, sock >= 0 ? -ENOMEM : -EHOSTUNREACH,
			"%s: the peer's software NIC is not reached (%s); it reaches processes "
			"of this user on this machine, take RDMA between hosts",
			nic->base.name, strerror(sock >= 0 ? ENOMEM : -sock));
		return NULL;
	}
	memcpy(link->gid, gid, sizeof(link->gid));
	link->fd = sock;
	link->out_fd = -1;
	for (uint32_t i = 0; i < SOFT_WIRE_REGIONS; i++)
		link->regions[i].fd = -1;
	return link;
}

void soft_link_free(struct soft_link *link)
{
	if (!link)
		return;
	close(link->fd);
	free(link->body_copy);
	free(link);
}

struct soft_link *soft_link_find(struct soft_nic *nic, const uint8_t *gid)
{
	for (struct soft_link *link = nic->links; link; link = link->next)
		if (!link->dead && !memcmp(link->gid, gid, sizeof(link->gid))) {
			link->users++;
			return link;
		}
	return NULL;
}

int soft_link_add(struct soft_nic *nic, struct soft_link *link)
{
	int rc = soft_gate_listen(&nic->gate, link->fd);

	if (rc)
		return rc;
	link->users = 1;
	link->next = nic->links;
	nic->links = link;
	return 0;
}

struct soft_link *soft_link_put(struct soft_nic *nic, struct soft_link *link)
{
	struct soft_link **at = &nic->links;

	if (--link->users)
		return NULL;
	/* Flights without a queue pair may be left. */
	soft_link_kill(nic, link);
	while (*at != link)
		at = &(*at)->next;
	*at = link->next;
	return link;
}

void soft_link_kill(struct soft_nic *nic, struct soft_link *link)
{
	if (link->dead)
		return;
	link->dead = true;
	soft_gate_unlisten(&nic->gate, link->fd);
	/* Half of something may be on its way: nothing else can follow it. */
	shutdown(link->fd, SHUT_RDWR);
	link->reading = false;
	link->body_of = NULL;
	link->body_left = 0;
	while (link->first)
		soft_flight_land(nic, link, soft_no_answer(nic));
}

void soft_link_block(struct soft_nic *nic, struct soft_link *link, bool blocked)
{
	if (link->blocked != blocked)
		soft_gate_listen_for(&nic->gate, link->fd, blocked ? EPOLLIN | EPOLLOUT : EPOLLIN);
	link->blocked = blocked;
}

static bool has_unsent(const struct soft_link *link)
{
	return link->unsent || link->out_len || link->body_left;
}

static bool turn(struct soft_nic *nic, struct soft_link *link)
{
	bool worked = has_unsent(link) && soft_send(nic, link);

	if (!link->dead)
		worked |= soft_receive(nic, link);
	if (!link->dead && link->first && soft_now_ns() >= link->deadline) {
		soft_link_kill(nic, link);
		worked = true;
	}
	return worked;
}

bool soft_links_turn(struct soft_nic *nic, bool all)
{
	bool worked = false;

	for (struct soft_link *link = nic->links; link; link = link->next)
		if (!link->dead && (all || link->first))
			worked |= turn(nic, link);
	return worked;
}

bool soft_links_ready(const struct soft_nic *nic)
{
	for (const struct soft_link *link = nic->links; link; link = link->next)
		if (!link->dead && !link->blocked && has_unsent(link))
			return true;
	return false;
}

int soft_links_timeout(const struct soft_nic *nic)
{
	uint64_t first = UINT64_MAX, now;

	for (const struct soft_link *link = nic->links; link; link = link->next)
		if (link->first && link->deadline < first)
			first = link->deadline;
	if (first == UINT64_MAX)
		return -1;
	now = soft_now_ns();
	return first <= now ? 0 : (int)((first - now) / NS_PER_MS) + 1;
}
