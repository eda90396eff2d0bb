/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * SRD queue pairs of AWS's Elastic Fabric Adapter, over libibverbs and efadv.
 *
 * What EFA promises, and what follows from it here:
 * - One queue pair serves all peers; an error is its request's alone.
 * - A peer's NIC answers RDMA only to whom it has an address handle for: both sides
 *   connect before either posts, or the request ends in REM_OP_ERR. A protection domain
 *   has one handle for each GID, as a second one may be the same to the device and go
 *   with the first: they are shared by all endpoints of the NIC and counted. A handle
 *   outlives the queue pairs whose requests name it.
 * - Requests and completions come in any order: a request is found again by its slot's
 *   number, which is the device's wr_id, and a slot is in use exactly from post to poll.
 * - Only destroying a queue pair ends its traffic for sure: the device forgets what is
 *   open, reads no more memory for it, and answers nobody who writes to it. No more than
 *   that is documented of its error state, in which libefa refuses requests besides. So
 *   tdm_net_ep_flush() destroys the queue pair. What was open then, and what is posted
 *   later, ends in WR_FLUSH_ERR from here. The completion queue is not polled any more:
 *   to libefa a completion of a queue pair that is gone is an error of the poll.
 * - A write that was flushed, or that the peer did not answer, may have landed, or may
 *   yet while it is on the wire: only the peer's closed endpoint or a new key there ends
 *   that.
 * - Nobody says how soon the device gives a key out again: the last EFA_DEAD_KEYS are
 *   remembered, and not taken.
 * - Receives are never posted: writes carry no immediate data, so there is no RNR.
 */
#ifndef NET_EFA_H
#define NET_EFA_H

#include <pthread.h>
#include <stdbool.h>

#include <infiniband/efadv.h>
#include <infiniband/verbs.h>

#include "net/provider.h"

#define EFA_MAX_PEERS 256 /* of one queue pair */
#define EFA_DEAD_KEYS 16
#define EFA_NO_SLOT UINT32_MAX

struct efa_ah {
	struct efa_ah *next;
	struct ibv_ah *ah;
	uint32_t users; /* peers of endpoints */
	uint8_t gid[16];
};

struct efa_net {
	struct tdm_net base;
	struct ibv_context *ctx;
	struct ibv_pd *pd;
	union ibv_gid gid;
	uint8_t gid_index;
	pthread_mutex_t lock; /* guards what is below */
	struct efa_ah *ahs;
	uint32_t dead[EFA_DEAD_KEYS]; /* a ring of remote keys */
	uint32_t nr_dead;	      /* ever */
};

struct efa_mr {
	struct tdm_net_mr base;
	struct ibv_mr *mr;
};

enum efa_slot_state { EFA_SLOT_FREE = 0, EFA_SLOT_POSTED, EFA_SLOT_DONE };

struct efa_slot {
	uint64_t wr_id;
	uint32_t len;
	uint32_t next;	 /* in the list of the free, or of the done */
	uint32_t status; /* enum tdm_net_wc_status, once done */
	uint32_t state;	 /* enum efa_slot_state */
};

struct efa_peer {
	struct efa_ah *ah;
	uint32_t qpn;
	uint32_t qkey;
};

struct efa_ep {
	struct tdm_net_ep base;
	struct ibv_comp_channel *channel;
	struct ibv_cq *cq;
	struct ibv_qp *qp; /* NULL: stopped */
	struct ibv_qp_ex *qpx;
	struct efa_slot *slots; /* base.depth of them */
	uint32_t free_slot;
	uint32_t done_first; /* completed, to be polled */
	uint32_t done_last;
	bool broken; /* a poll failed: nothing more is known of what is open */
	struct efa_peer peers[EFA_MAX_PEERS];
};

static inline struct efa_net *efa_net(struct tdm_net *net)
{
	return (struct efa_net *)net;
}

static inline struct efa_ep *efa_ep(struct tdm_net_ep *ep)
{
	return (struct efa_ep *)ep;
}

/* Is it an EFA device? */
bool efa_is(struct ibv_context *ctx);

/* efa_ah.c; any thread. Return: the handle for that GID, or NULL with errno */
struct efa_ah *efa_ah_get(struct efa_net *net, const uint8_t *gid);
void efa_ah_put(struct efa_net *net, struct efa_ah *ah);

/* efa_mr.c: the table's functions for memory */
struct tdm_net_mr *efa_reg_mr(struct tdm_net *net, const struct tdm_net_mem *mem,
			      struct tdm_error *err);
int efa_dereg_mr(struct tdm_net_mr *mr);

/* efa_qp.c: for endpoints */
struct tdm_net_ep *efa_qp_create(struct tdm_net *net, uint32_t depth, struct tdm_error *err);
int efa_qp_connect(struct tdm_net_ep *ep, const struct tdm_net_addr *peer, struct tdm_error *err);
int efa_qp_flush(struct tdm_net_ep *ep);
void efa_qp_destroy(struct tdm_net_ep *ep);

/* efa_io.c: the fast part */
int efa_post(struct tdm_net_ep *ep, const struct tdm_net_wr *wr, uint32_t n);
int efa_poll(struct tdm_net_ep *ep, struct tdm_net_wc *wc, uint32_t n);
int efa_wait(struct tdm_net_ep *ep, uint64_t deadline_ns);
/* Move what the device has completed to the list of the done. Return: 0, or -EIO for good */
int efa_reap(struct efa_ep *ep);
/* The queue pair is gone: what is open has been flushed. */
void efa_flush_open(struct efa_ep *ep);

/* efa_status.c. Return: enum tdm_net_wc_status */
uint32_t efa_status(enum ibv_wc_status status, uint32_t vendor_err);

#endif /* NET_EFA_H */
