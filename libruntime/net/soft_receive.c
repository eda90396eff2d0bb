// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Answers come in, and the bytes of reads. The peer's word is not taken for anything
 * but its own requests: an answer that nobody waits for ends the link.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "net/soft.h"

/* Before others get their turn. */
#define TURN_BYTES (1U << 20)

/* Return: how many bytes, 0: none for now, or -1: the peer is gone */
static ssize_t receive(struct soft_nic *nic, struct soft_link *link, void *bytes, size_t len)
{
	ssize_t n;

	do {
		n = recv(link->fd, bytes, len, MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		link->deadline = soft_now_ns() + nic->answer_ns;
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	return n > 0 ? n : -1;
}

/* Return: where the next byte of the read goes; NULL: to nobody */
static char *into(const struct soft_link *link)
{
	const struct soft_flight *f = link->first;

	return f->qp ? (char *)(uintptr_t)f->wr.addr + (f->wr.len - link->into_left) : NULL;
}

static void got(struct soft_nic *nic, struct soft_link *link, size_t n)
{
	link->into_left -= n;
	if (link->into_left)
		return;
	link->reading = false;
	soft_flight_land(nic, link, TDM_NET_WC_SUCCESS);
}

/* Return: false when the peer must not say that */
static bool take_answer(struct soft_nic *nic, struct soft_link *link, const struct soft_answer *a)
{
	const struct soft_flight *f = link->first;
	bool bytes = f && f->op == SOFT_WIRE_READ && a->status == TDM_NET_WC_SUCCESS;

	if (!f || !f->sent || a->status > TDM_NET_WC_GENERAL_ERR ||
	    a->len != (bytes ? f->wr.len : 0))
		return false;
	if (bytes) {
		link->reading = true;
		link->into_left = f->wr.len;
	} else {
		soft_flight_land(nic, link, a->status);
	}
	return true;
}

/* What is in @in. Return: false when the peer must not say that */
static bool take_all(struct soft_nic *nic, struct soft_link *link)
{
	struct soft_answer answer;

	for (;;) {
		size_t n = link->in_len - link->in_at;

		if (link->reading) {
			char *to = into(link);

			n = n < link->into_left ? n : link->into_left;
			if (!n)
				return true;
			if (to)
				memcpy(to, link->in + link->in_at, n);
			link->in_at += (uint32_t)n;
			got(nic, link, n);
		} else if (n < sizeof(answer)) {
			return true;
		} else {
			memcpy(&answer, link->in + link->in_at, sizeof(answer));
			link->in_at += (uint32_t)sizeof(answer);
			if (!take_answer(nic, link, &answer))
				return false;
		}
	}
}

/* Return: as receive() */
static ssize_t receive_some(struct soft_nic *nic, struct soft_link *link)
{
	ssize_t n;

	memmove(link->in, link->in + link->in_at, link->in_len - link->in_at);
	link->in_len -= link->in_at;
	link->in_at = 0;
	/* Nothing is left over while the bytes of a read come: they go where they belong. */
	if (link->reading && into(link)) {
		n = receive(nic, link, into(link), link->into_left);
		if (n > 0)
			got(nic, link, (size_t)n);
		return n;
	}
	n = receive(nic, link, link->in + link->in_len, sizeof(link->in) - link->in_len);
	if (n > 0)
		link->in_len += (uint32_t)n;
	return n > 0 && !take_all(nic, link) ? -1 : n;
}

bool soft_receive(struct soft_nic *nic, struct soft_link *link)
{
	size_t total = 0;

	while (total < TURN_BYTES) {
		ssize_t n = receive_some(nic, link);

		if (n < 0)
			soft_link_kill(nic, link);
		if (n <= 0)
			return n < 0 || total;
		total += (size_t)n;
		/* A message that was not full was the last one, most of the time. */
		if (!link->reading && (size_t)n < sizeof(link->in))
			break;
	}
	return true;
}
