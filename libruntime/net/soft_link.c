// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The initiator's half of a wire between processes.
 */
#include "net/soft_link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "net/soft.h"
#include "net/soft_socket.h"

/* A target that does not answer for so long does not answer: as RC's retries. */
#define ANSWER_S 2

static int reach(const struct soft_nic *nic, const uint8_t *gid)
{
	const struct timeval limit = { .tv_sec = ANSWER_S };
	struct sockaddr_un at;
	socklen_t len = soft_socket_name(gid, &at);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc;

	if (fd < 0)
		return -errno;
	if (!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) &&
	    !setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) &&
	    !connect(fd, (struct sockaddr *)&at, len) &&
	    soft_socket_send(fd, nic->gid, sizeof(nic->gid)))
		return fd;
	rc = errno ? -errno : -ECONNRESET;
	close(fd);
	return rc;
}

struct soft_link *soft_link_get(struct soft_nic *nic, const uint8_t *gid, struct tdm_error *err)
{
	struct soft_link *link;
	int fd;

	for (link = nic->links; link; link = link->next)
		if (!link->dead && !memcmp(link->gid, gid, sizeof(link->gid))) {
			link->users++;
			return link;
		}
	fd = nic->stepped ? -EOPNOTSUPP : reach(nic, gid);
	link = fd < 0 ? NULL : calloc(1, sizeof(*link));
	if (!link) {
		if (fd >= 0)
			close(fd);
		tdm_error_set(
			err, fd >= 0 ? -ENOMEM : -EHOSTUNREACH,
			"%s: the peer's software NIC is not reached (%s); it reaches processes "
			"of this user on this machine, take RDMA between hosts",
			nic->base.name, strerror(fd >= 0 ? ENOMEM : -fd));
		return NULL;
	}
	memcpy(link->gid, gid, sizeof(link->gid));
	link->fd = fd;
	link->users = 1;
	link->next = nic->links;
	nic->links = link;
	return link;
}

void soft_link_put(struct soft_nic *nic, struct soft_link *link)
{
	struct soft_link **at = &nic->links;

	if (--link->users)
		return;
	while (*at != link)
		at = &(*at)->next;
	*at = link->next;
	close(link->fd);
	free(link);
}

static bool exchange(const struct soft_link *link, const struct soft_request *request, void *here,
		     struct soft_answer *answer)
{
	bool write = request->op == TDM_NET_OP_WRITE;

	return soft_socket_send(link->fd, request, sizeof(*request)) &&
	       (!write || soft_socket_send(link->fd, here, request->len)) &&
	       soft_socket_recv(link->fd, answer, sizeof(*answer)) &&
	       answer->len == (write || answer->status ? 0 : request->len) &&
	       (!answer->len || soft_socket_recv(link->fd, here, answer->len));
}

uint32_t soft_link_move(const struct soft_nic *nic, struct soft_link *link,
			const struct soft_qp *qp, const struct tdm_net_wr *wr)
{
	const struct soft_request request = {
		.op = wr->op,
		.from = qp->qpn,
		.to = qp->peers[wr->peer],
		.rkey = wr->rkey,
		.addr = wr->remote_addr,
		.len = wr->len,
	};
	struct soft_answer answer;

	if (!link->dead && exchange(link, &request, (void *)(uintptr_t)wr->addr, &answer))
		return answer.status;
	/* Half of something may be on its way: nothing else can follow it. */
	if (!link->dead)
		shutdown(link->fd, SHUT_RDWR);
	link->dead = true;
	return nic->ordered ? TDM_NET_WC_RETRY_EXC_ERR : TDM_NET_WC_RESP_TIMEOUT_ERR;
}
