/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What a transport is to the rest of the library: one table of functions in the
 * words of verbs. net.c checks arguments and counts, so that all providers look
 * the same; a provider may trust what the table says reaches it.
 */
#ifndef NET_PROVIDER_H
#define NET_PROVIDER_H

#include <stdatomic.h>
#include <stdbool.h>

#include <tandem/net.h>

#define NET_NAME_MAX 96
#define NET_DEFAULT_DEPTH 256
/* Far more than a KV transfer needs; keeps 32-bit arithmetic on depths safe. */
#define NET_MAX_DEPTH 65536

struct tdm_net {
	const struct tdm_net_ops *ops;
	struct tdm_net_caps caps;
	char name[NET_NAME_MAX];
	atomic_uint eps;
	atomic_uint_least64_t mr_total;
	atomic_uint_least64_t mr_live;
	atomic_uint_least64_t done;
	atomic_uint_least64_t bytes;
	atomic_uint_least64_t failed;
	atomic_uint_least64_t sleeps;
	atomic_uint_least64_t wakes;
	/* CLOCK_MONOTONIC, ns: the link is down until then; 0: it is up (inject.c) */
	atomic_uint_least64_t down_until;
};

struct tdm_net_mr {
	struct tdm_net *net;
	uint32_t lkey;
	uint32_t rkey;
	uint32_t kind; /* enum tdm_net_mr_kind */
};

/* Written by the endpoint's thread only. */
struct tdm_net_ep {
	struct tdm_net *net;
	struct tdm_net_addr addr;
	uint32_t depth; /* power of two */
	uint32_t open;	/* posted and not polled, <= depth */
	uint32_t peers; /* connected ones */
};

/**
 * struct tdm_net_ops - a transport
 * @prefix: first word of its names
 * @emulated: its link fails on request: it looks at net_link_is_down()
 * @open: @args is what follows the prefix: "", ":X", ",k=v" or ":X,k=v". Fills
 *	  in caps and name
 * @close: no endpoint and no registration is left
 * @reg_mr: len > 0, addr + len does not wrap, access is consistent, fd is -1 or a
 *	    descriptor that may be no use to this NIC. Sets kind
 * @dereg_mr: frees @mr unless it fails
 * @create_qp: @depth is a power of two, 1 to caps.max_outstanding. Fills in
 *	       addr and depth
 * @connect: @peer is of the right kind and ep->peers < caps.max_peers, which it
 *	     counts up. Return: 0 or -errno
 * @post: @n >= 1 valid requests that fit. Return: how many were taken, or -errno
 * @poll_cq: see tdm_net_poll()
 * @wait_cq: see tdm_net_wait()
 * @flush: see tdm_net_ep_flush()
 * @destroy_qp: see tdm_net_ep_close()
 */
struct tdm_net_ops {
	const char *prefix;
	bool emulated;
	struct tdm_net *(*open)(const char *args, struct tdm_error *err);
	void (*close)(struct tdm_net *net);
	struct tdm_net_mr *(*reg_mr)(struct tdm_net *net, const struct tdm_net_mem *mem,
				     struct tdm_error *err);
	int (*dereg_mr)(struct tdm_net_mr *mr);
	struct tdm_net_ep *(*create_qp)(struct tdm_net *net, uint32_t depth, struct tdm_error *err);
	int (*connect)(struct tdm_net_ep *ep, const struct tdm_net_addr *peer,
		       struct tdm_error *err);
	int (*post)(struct tdm_net_ep *ep, const struct tdm_net_wr *wr, uint32_t n);
	int (*poll_cq)(struct tdm_net_ep *ep, struct tdm_net_wc *wc, uint32_t n);
	int (*wait_cq)(struct tdm_net_ep *ep, uint64_t deadline_ns);
	int (*flush)(struct tdm_net_ep *ep);
	void (*destroy_qp)(struct tdm_net_ep *ep);
};

/* inject.c: the time is looked at only while a fault is set. */
bool net_link_is_down(const struct tdm_net *net);

extern const struct tdm_net_ops net_soft_ops;
extern const struct tdm_net_ops net_verbs_ops;
extern const struct tdm_net_ops net_efa_ops;

#endif /* NET_PROVIDER_H */
