/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * RC queue pairs over libibverbs.
 */
#ifndef NET_VERBS_H
#define NET_VERBS_H

#include <stdbool.h>

#include <infiniband/verbs.h>

#include "net/provider.h"

struct verbs_net {
	struct tdm_net base;
	struct ibv_context *ctx;
	struct ibv_pd *pd;
	struct ibv_port_attr port_attr;
	union ibv_gid gid;
	uint8_t port;
	uint8_t gid_index;
	uint8_t max_rd_init; /* reads in flight, as requester and as responder */
	uint8_t max_rd_resp;
};

struct verbs_mr {
	struct tdm_net_mr base;
	struct ibv_mr *mr;
};

/*
 * What a completion does not say, or not with every device: byte_len is not
 * defined for writes. The device's wr_id is the slot's number.
 */
struct verbs_slot {
	uint64_t wr_id;
	uint32_t len;
	uint32_t next; /* free list */
};

struct verbs_ep {
	struct tdm_net_ep base;
	struct ibv_comp_channel *channel;
	struct ibv_cq *cq;
	struct ibv_qp *qp;
	struct verbs_slot *slots; /* base.depth of them */
	uint32_t free_slot;
	struct ibv_wc stash; /* taken by wait_cq, handed out by poll_cq */
	bool stashed;
};

static inline struct verbs_net *verbs_net(struct tdm_net *net)
{
	return (struct verbs_net *)net;
}

static inline struct verbs_ep *verbs_ep(struct tdm_net_ep *ep)
{
	return (struct verbs_ep *)ep;
}

/**
 * verbs_gid_choose - which entry of a port's GID table to use
 * @entry: the whole table of the device
 *
 * RoCE v2 by IPv4 first (it is routed, and what people configure), then RoCE v2
 * by a global and by a link-local IPv6 address, then InfiniBand, then RoCE v1;
 * the lowest index among equals.
 * Return: position in @entry, or -1: no usable entry for @port
 */
int verbs_gid_choose(const struct ibv_gid_entry *entry, int n, uint32_t port);

/* verbs_device.c: what RC and SRD have in common */

typedef struct tdm_net *(*verbs_open_one)(struct ibv_device *device, const void *wish,
					  struct tdm_error *err);
/*
 * Open the device of that name, or with "" the first that @open takes.
 * Return: NULL with what @open said last, or with the devices that there are
 */
struct tdm_net *verbs_open_first(const char *name, verbs_open_one open, const void *wish,
				 struct tdm_error *err);

/*
 * By the dma-buf where there is one and the NIC's driver takes it (Linux's rxe does not,
 * a memfd is none), else by the mapping: an error of the first is not one of the whole.
 * @kind: becomes enum tdm_net_mr_kind. Return: NULL with errno
 */
struct ibv_mr *verbs_enroll(struct ibv_pd *pd, const struct tdm_net_mem *mem, uint32_t access,
			    uint32_t *kind);
/* Say why not, by errno. */
void verbs_enroll_failed(const struct tdm_net *net, const struct tdm_net_mem *mem,
			 struct tdm_error *err);

/* Sleep until the channel has an event, and take it. Return: 0, -ETIMEDOUT, -EINTR or -EIO */
int verbs_event(struct ibv_comp_channel *channel, uint64_t deadline_ns);

/* verbs_qp.c: the table's functions for endpoints */
struct tdm_net_ep *verbs_qp_create(struct tdm_net *net, uint32_t depth, struct tdm_error *err);
int verbs_qp_connect(struct tdm_net_ep *ep, const struct tdm_net_addr *peer, struct tdm_error *err);
int verbs_qp_flush(struct tdm_net_ep *ep);
void verbs_qp_destroy(struct tdm_net_ep *ep);

/* verbs_io.c: the same, the fast part */
int verbs_post(struct tdm_net_ep *ep, const struct tdm_net_wr *wr, uint32_t n);
int verbs_poll(struct tdm_net_ep *ep, struct tdm_net_wc *wc, uint32_t n);
int verbs_wait(struct tdm_net_ep *ep, uint64_t deadline_ns);

#endif /* NET_VERBS_H */
