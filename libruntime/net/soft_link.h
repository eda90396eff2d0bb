/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Software NICs of different processes on one machine: their wire is a local socket.
 *
 * The target moves the bytes into its own memory and checks its own keys, as a
 * responder does, so that what tdm_net_dereg_mr() and tdm_net_ep_close() promise
 * holds for peers in other processes as well. The bytes are copied on their way: this
 * wire is there to be complete, not to be fast.
 *
 * Only processes of the same user, or root's, get in.
 */
#ifndef NET_SOFT_LINK_H
#define NET_SOFT_LINK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <tandem/net.h>

struct soft_nic;
struct soft_qp;

/* To another NIC; used by the engine alone, made and freed inside the gate. */
struct soft_link {
	struct soft_link *next;
	uint8_t gid[16];
	int fd;
	uint32_t users; /* queue pairs */
	bool dead;
};

/* What goes over the wire, and back: between processes of one machine. */
struct soft_request {
	uint32_t op;	   /* enum tdm_net_op */
	uint32_t from, to; /* queue pair numbers */
	uint32_t rkey;
	uint64_t addr;
	uint32_t len; /* a write's bytes follow, a read's follow the answer */
	uint32_t reserved;
};

struct soft_answer {
	uint32_t status; /* enum tdm_net_wc_status */
	uint32_t len;
};

struct soft_server; /* the target's half: a thread, and one for each link */

/* Return: NULL with @err */
struct soft_server *soft_serve(struct soft_nic *nic, struct tdm_error *err);
void soft_serve_end(struct soft_server *server);

/* Inside the gate. Return: the link to that NIC, or NULL with @err */
struct soft_link *soft_link_get(struct soft_nic *nic, const uint8_t *gid, struct tdm_error *err);
/* A queue pair does not use it any more. */
void soft_link_put(struct soft_nic *nic, struct soft_link *link);

/* Engine: carry it out at the other end. Return: enum tdm_net_wc_status */
uint32_t soft_link_move(const struct soft_nic *nic, struct soft_link *link,
			const struct soft_qp *qp, const struct tdm_net_wr *wr);

#endif /* NET_SOFT_LINK_H */
