// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Requests go out: encoded some at a time, as far as the socket takes them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/soft.h"
#include "net/soft_socket.h"

static struct soft_request request_of(const struct soft_link *link, const struct soft_flight *f)
{
	const struct soft_region *region = f->region;
	struct soft_request r = { .op = f->op };

	if (region)
		r.region = (uint32_t)(region - link->regions);
	if (region && f->op == SOFT_WIRE_SHARE) {
		r.offset = region->offset;
		r.span = region->len;
	}
	if (region && f->op == SOFT_WIRE_COPY)
		r.offset = f->wr.addr - region->addr;
	/* The region's own have none. */
	if (!f->qp)
		return r;
	r.from = f->qp->qpn;
	r.to = f->qp->peers[f->wr.peer];
	r.rkey = f->wr.rkey;
	r.addr = f->wr.remote_addr;
	r.len = f->wr.len;
	return r;
}

/* Return: false when it has to wait until what is there has been sent */
static bool encode_one(struct soft_link *link, struct soft_flight *f)
{
	const struct soft_request r = request_of(link, f);

	if (link->body_left || link->out_len + sizeof(r) > sizeof(link->out))
		return false;
	/* A descriptor goes with the first byte of a message. */
	if (f->op == SOFT_WIRE_SHARE && link->out_len)
		return false;
	if (f->op == SOFT_WIRE_SHARE && f->region)
		link->out_fd = f->region->fd;
	if (f->op == SOFT_WIRE_WRITE) {
		link->body = (const char *)(uintptr_t)f->wr.addr;
		link->body_left = f->wr.len;
		link->body_of = f;
	}
	memcpy(link->out + link->out_len, &r, sizeof(r));
	link->out_len += (uint32_t)sizeof(r);
	return true;
}

static void encode(struct soft_link *link)
{
	while (link->unsent) {
		struct soft_flight *f = link->unsent;

		if (!f->decided && !encode_one(link, f))
			return;
		/* Not so a decided one: it can still be taken back. */
		f->sent = !f->decided;
		link->unsent = f->next;
	}
}

static void advance(struct soft_nic *nic, struct soft_link *link, size_t n)
{
	size_t frames = link->out_len - link->out_at;

	link->out_fd = -1;
	link->deadline = soft_now_ns() + nic->answer_ns;
	if (n < frames) {
		link->out_at += (uint32_t)n;
		return;
	}
	link->out_at = 0;
	link->out_len = 0;
	if (!link->body_left)
		return;
	link->body += n - frames;
	link->body_left -= n - frames;
	if (!link->body_left) {
		free(link->body_copy);
		link->body_copy = NULL;
		link->body = NULL;
		link->body_of = NULL;
	}
}

bool soft_send(struct soft_nic *nic, struct soft_link *link)
{
	bool worked = false;

	for (;;) {
		struct iovec iov[2];
		ssize_t n;

		encode(link);
		iov[0].iov_base = link->out + link->out_at;
		iov[0].iov_len = link->out_len - link->out_at;
		/* It is only read. */
		iov[1].iov_base = (void *)(uintptr_t)link->body;
		iov[1].iov_len = link->body_left;
		if (!iov[0].iov_len && !iov[1].iov_len)
			break;
		n = soft_socket_send_now(link->fd, iov, 2, link->out_fd);
		if (n == -EAGAIN) {
			soft_link_block(nic, link, true);
			return worked;
		}
		if (n < 0) {
			soft_link_kill(nic, link);
			return true;
		}
		advance(nic, link, (size_t)n);
		worked = true;
	}
	soft_link_block(nic, link, false);
	return worked;
}
