/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * RDMA in the words of verbs, with a software NIC where there is no real one.
 *
 *	tdm_net		a NIC with its protection domain; any thread
 *	tdm_net_mr	registered memory: lkey, rkey; any thread
 *	tdm_net_ep	an endpoint: one queue pair and its completion queue;
 *			ONE thread uses it, from creation to close
 *
 * Rules a caller can rely on with every provider:
 * - Every work request that tdm_net_post() took ends in exactly one completion.
 * - The completion queue cannot overflow: a slot is taken at post and given
 *   back when tdm_net_poll() hands out the completion.
 * - A write is in the peer's memory once its completion says success, and not
 *   before. Without TDM_NET_CAP_ORDERED writes and completions come in any
 *   order; nothing may be inferred from the order with it either, if the code
 *   is to run on both.
 * - With TDM_NET_CAP_ERROR_STOPS an error completion stops the endpoint: all
 *   that was and is posted ends in TDM_NET_WC_WR_FLUSH_ERR. Without it (SRD,
 *   where one queue pair serves many peers) an error is that request's alone.
 * - Memory stays mapped, and the bytes of a posted write stay unchanged, until
 *   the completion.
 */
#ifndef TANDEM_NET_H
#define TANDEM_NET_H

#include <stddef.h>
#include <stdint.h>

#include <tandem/error.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tdm_net;
struct tdm_net_mr;
struct tdm_net_ep;

/* What a NIC can do. */
#define TDM_NET_CAP_ORDERED 0x1	    /* writes land and complete in posting order (RC) */
#define TDM_NET_CAP_DEVICE 0x2	    /* an RDMA device, not this library's software NIC */
#define TDM_NET_CAP_ERROR_STOPS 0x4 /* an error completion stops the endpoint */
#define TDM_NET_CAP_READ 0x8	    /* TDM_NET_OP_READ works */

/**
 * struct tdm_net_caps - what the device says of itself; never assumed
 * @flags: TDM_NET_CAP_*
 * @max_outstanding: largest depth of an endpoint, in work requests
 * @max_sge: local ranges per work request; this interface uses one
 * @max_peers: peers that one endpoint can be connected to
 * @max_msg: bytes of one work request, at most
 */
struct tdm_net_caps {
	uint32_t flags;
	uint32_t max_outstanding;
	uint32_t max_sge;
	uint32_t max_peers;
	uint64_t max_msg;
};

/* Rights of registered memory; the values of IBV_ACCESS_*. Local reading is always allowed. */
#define TDM_NET_LOCAL_WRITE 0x1
#define TDM_NET_REMOTE_WRITE 0x2 /* needs TDM_NET_LOCAL_WRITE as well */
#define TDM_NET_REMOTE_READ 0x4

enum tdm_net_op {
	TDM_NET_OP_WRITE = 0, /* push: local bytes to the peer */
	TDM_NET_OP_READ = 1,  /* pull: the peer's bytes to here */
};

/**
 * struct tdm_net_wr - a work request
 * @wr_id: the caller's, comes back in the completion
 * @addr: local address, inside the memory of @lkey
 * @remote_addr: inside the memory of @rkey at the peer
 * @len: bytes, 1 to caps.max_msg
 * @peer: which peer, from tdm_net_ep_connect(); 0 on a connected (RC) endpoint
 * @op: enum tdm_net_op
 * @flags: none yet, 0
 */
struct tdm_net_wr {
	uint64_t wr_id;
	uint64_t addr;
	uint64_t remote_addr;
	uint32_t len;
	uint32_t lkey;
	uint32_t rkey;
	uint32_t peer;
	uint16_t op;
	uint16_t flags;
	uint32_t reserved;
};

/* Completion status; the values of enum ibv_wc_status. */
enum tdm_net_wc_status {
	TDM_NET_WC_SUCCESS = 0,
	TDM_NET_WC_LOC_LEN_ERR = 1,
	TDM_NET_WC_LOC_QP_OP_ERR = 2, /* Linux's rxe: an lkey that is unknown or stale */
	TDM_NET_WC_LOC_PROT_ERR = 4,  /* lkey unknown, stale, out of bounds or without the right */
	TDM_NET_WC_WR_FLUSH_ERR = 5,  /* the endpoint had stopped */
	TDM_NET_WC_LOC_ACCESS_ERR = 8,
	TDM_NET_WC_REM_INV_REQ_ERR = 9,
	TDM_NET_WC_REM_ACCESS_ERR =
		10,		       /* rkey unknown, stale, out of bounds or without the right */
	TDM_NET_WC_REM_OP_ERR = 11,    /* also: the peer is not connected to this side (EFA) */
	TDM_NET_WC_RETRY_EXC_ERR = 12, /* the peer does not answer (RC) */
	TDM_NET_WC_RNR_RETRY_EXC_ERR = 13,
	TDM_NET_WC_FATAL_ERR = 19,
	TDM_NET_WC_RESP_TIMEOUT_ERR = 20, /* the peer does not answer, or is gone (SRD) */
	TDM_NET_WC_GENERAL_ERR = 21,
};

/**
 * struct tdm_net_wc - a completion
 * @wr_id: of the work request
 * @status: enum tdm_net_wc_status, or another value of enum ibv_wc_status
 * @byte_len: bytes moved: the request's length, or 0 when it failed
 */
struct tdm_net_wc {
	uint64_t wr_id;
	uint32_t status;
	uint32_t byte_len;
};

/* What kind of endpoint an address is of; only equal kinds can be connected. */
enum tdm_net_kind {
	TDM_NET_KIND_SOFT_RC = 1,
	TDM_NET_KIND_SOFT_SRD = 2,
	TDM_NET_KIND_IB_RC = 3,
	TDM_NET_KIND_EFA_SRD = 4,
};

/**
 * struct tdm_net_addr - where an endpoint is, to be carried to its peer
 *
 * Plain bytes in the machine's order, fit for a message between equal machines.
 * @gid: of the port (soft: the NIC's own number)
 * @qpn: queue pair number
 * @psn: first packet number it sends with
 * @qkey: of EFA's queue pair, a random number of its own; 0 elsewhere
 * @lid: InfiniBand's local id, 0 on Ethernet
 * @mtu: enum ibv_mtu of the port, 0 where it has none
 * @kind: enum tdm_net_kind
 */
struct tdm_net_addr {
	uint8_t gid[16];
	uint32_t qpn;
	uint32_t psn;
	uint32_t qkey;
	uint16_t lid;
	uint8_t mtu;
	uint8_t kind;
};

/**
 * struct tdm_net_stats - counted since the NIC was opened
 * @mr_total: registrations ever made; @mr_live: of them not yet undone
 * @done: work requests that were polled and had ended well; @bytes: what they
 *	  moved
 * @failed: work requests that were polled and had ended in an error, flushed
 *	    ones included
 * @sleeps: times the software NIC's thread went to sleep; @wakes: times it was
 *	    woken (each a system call of the poster); 0 on a device
 * @link_down: 1 while tdm_net_inject() has the link down, else 0
 */
struct tdm_net_stats {
	uint64_t mr_total;
	uint64_t mr_live;
	uint64_t done;
	uint64_t bytes;
	uint64_t failed;
	uint64_t sleeps;
	uint64_t wakes;
	uint64_t link_down;
};

/*
 * The software NIC's faults, for tests: ",KEY=N" after its name. Of a million work
 * requests N, by the seed:
 *	error	end in an error completion, and have moved nothing
 *	late	end in one as well, and their bytes land at some later moment, if the
 *		key and the queue pair still let them
 *	corrupt	have one bit of theirs flipped on the way, and complete well
 *	full	find the queue full when they are posted, though it is not
 *	drop	are the last that their peer answers
 * "delay=N" holds each endpoint back for up to N rounds before a work request;
 * "step=1" makes a NIC without a thread, which only the library's own tests can use.
 */

/**
 * tdm_net_open - open a NIC
 * @name: NULL: the first RDMA device that really opens (port active, RC queue
 *	  pairs), else the first EFA device that does (SRD queue pairs, RDMA
 *	  write), else the software NIC. Or
 *	  "soft[:rc|srd][,seed=N][,depth=N][,max_msg=N][,answer=N]": the software
 *	  NIC, with ordered (rc, the default) or reordered delivery; a peer in another
 *	  process is lost when it does not answer for N seconds (default 2);
 *	  "verbs[:DEVICE][,port=N][,gid=N]": that RDMA device, or the first one;
 *	  an EFA device is none, as it has no RC;
 *	  "efa[:DEVICE][,gid=N]": that EFA device, or the first one. Writing needs
 *	  a device that can and rdma-core 46 or newer; TDM_NET_CAP_READ is there
 *	  where the device says so.
 * @err: where to say why, or NULL
 *
 * Software NICs of different processes reach each other on one machine, for one
 * user, through a local socket. A write of memory that was registered with a memfd costs
 * one copy there as well, which the peer makes; everything else goes through the socket.
 * A peer that does not answer holds up what is posted to it, and nobody else's; closing
 * an endpoint or registration that it owes an answer to takes until it is lost.
 *
 * Return: NULL on error: -EINVAL a malformed name, -ENODEV no such device (the
 * message lists the ones there are), -EOPNOTSUPP one that cannot do what is
 * needed, -ENOMEM, -EAGAIN no thread.
 */
struct tdm_net *tdm_net_open(const char *name, struct tdm_error *err);

/**
 * tdm_net_close - close the NIC
 * Return: 0, or -EBUSY while it has endpoints or registered memory
 */
int tdm_net_close(struct tdm_net *net);

/** tdm_net_name - what was opened, in the words of tdm_net_open(); lives as long as @net */
const char *tdm_net_name(const struct tdm_net *net);

/** tdm_net_caps - what the device can do; lives as long as @net */
const struct tdm_net_caps *tdm_net_caps(const struct tdm_net *net);

/** tdm_net_stats - a snapshot of the counters; each one is exact, they need not agree */
struct tdm_net_stats tdm_net_stats(const struct tdm_net *net);

enum tdm_net_inject {
	TDM_NET_INJECT_NONE = 0,      /* all is well again */
	TDM_NET_INJECT_LINK_DOWN = 1, /* nothing gets through, neither way */
};

/**
 * tdm_net_inject - let the software NIC's link fail, for tools and tests; any thread
 * @fault: enum tdm_net_inject; takes the place of the one before
 * @duration_ms: until it is over by itself; 0: until TDM_NET_INJECT_NONE, which
 *		 ignores it
 *
 * While the link is down every write and read of this NIC, and of others to it, ends
 * as with a peer that is lost (RETRY_EXC_ERR, RESP_TIMEOUT_ERR), at once. One that was
 * on its way when this was called may still arrive. An endpoint that stopped by that
 * stays so.
 * Return: 0, -EINVAL no such fault, -EOPNOTSUPP not emulated: a device's link is its own
 */
int tdm_net_inject(struct tdm_net *net, uint32_t fault, uint64_t duration_ms);

/**
 * tdm_net_reg_mr - register memory, once, at start; never per transfer
 * @addr, @len: mapped memory, which stays the caller's
 * @access: TDM_NET_LOCAL_WRITE, TDM_NET_REMOTE_WRITE, TDM_NET_REMOTE_READ
 *
 * Return: NULL on error: -EINVAL, -EFAULT not mapped, -ENOMEM (also a memlock
 * limit), -ENOSPC out of keys.
 */
struct tdm_net_mr *tdm_net_reg_mr(struct tdm_net *net, void *addr, size_t len, uint32_t access,
				  struct tdm_error *err);

/**
 * struct tdm_net_mem - memory that a descriptor stands for as well
 * @addr, @len: as for tdm_net_reg_mr()
 * @access: as for tdm_net_reg_mr()
 * @fd: a dma-buf, or a memfd of a soft device (tdm_buffer_export()) or another one that
 *	is sealed against shrinking, of which @addr is a shared mapping; -1: none. Stays
 *	the caller's, is not used after the call
 * @fd_offset: where @addr is in it, bytes
 */
struct tdm_net_mem {
	void *addr;
	size_t len;
	uint32_t access;
	int fd;
	uint64_t fd_offset;
};

/* How the NIC reaches registered memory. */
enum tdm_net_mr_kind {
	TDM_NET_MR_MAPPING = 0, /* by the process's mapping of it */
	TDM_NET_MR_DMABUF = 1,	/* by its dma-buf: the device's memory itself */
	TDM_NET_MR_MEMFD = 2,	/* soft: as MAPPING, and other processes read it by its memfd */
};

/**
 * tdm_net_reg_mem - register memory by its descriptor where the NIC takes that, by
 * its mapping where not
 *
 * Return: as tdm_net_reg_mr(); tdm_net_mr_kind() says which it became.
 */
struct tdm_net_mr *tdm_net_reg_mem(struct tdm_net *net, const struct tdm_net_mem *mem,
				   struct tdm_error *err);

/** tdm_net_mr_kind - enum tdm_net_mr_kind */
uint32_t tdm_net_mr_kind(const struct tdm_net_mr *mr);

/** tdm_net_mr_kind_name - "mapping", "dma-buf", "memfd"; static */
const char *tdm_net_mr_kind_name(uint32_t kind);

/**
 * tdm_net_dereg_mr - end a registration
 *
 * When it returns no access with its keys runs any more, and none will; the
 * keys are not given out again (soft: before 2^31 others were; EFA: before 16
 * other remote keys ended).
 * Return: 0 or -errno of the device, the registration then remains
 */
int tdm_net_dereg_mr(struct tdm_net_mr *mr);

uint32_t tdm_net_mr_lkey(const struct tdm_net_mr *mr);
uint32_t tdm_net_mr_rkey(const struct tdm_net_mr *mr); /* 0 when it has no remote right */

/**
 * tdm_net_ep_create - make an endpoint
 * @depth: work requests that may be open at once, rounded up to a power of two;
 *	   0: 256 or what the device has
 *
 * Return: NULL on error: -EINVAL depth larger than caps.max_outstanding,
 * -ENOMEM, -ENOSPC no more queue pairs.
 */
struct tdm_net_ep *tdm_net_ep_create(struct tdm_net *net, uint32_t depth, struct tdm_error *err);

/** tdm_net_ep_addr - what the peer needs for its tdm_net_ep_connect() */
struct tdm_net_addr tdm_net_ep_addr(const struct tdm_net_ep *ep);

/** tdm_net_ep_depth - work requests that may be open at once */
uint32_t tdm_net_ep_depth(const struct tdm_net_ep *ep);

/** tdm_net_ep_net - the NIC it was made on */
struct tdm_net *tdm_net_ep_net(const struct tdm_net_ep *ep);

/**
 * tdm_net_ep_connect - connect to a peer (also to itself)
 *
 * Both sides connect before either posts: an EFA device answers only to whom it
 * is connected.
 * Return: the peer's number for struct tdm_net_wr, 0 or more; -EPROTOTYPE
 * another kind of endpoint, -EHOSTUNREACH no way to it, -EISCONN an RC endpoint
 * that has its peer, -ENOSPC more than caps.max_peers.
 */
int tdm_net_ep_connect(struct tdm_net_ep *ep, const struct tdm_net_addr *peer,
		       struct tdm_error *err);

/**
 * tdm_net_post - post work requests
 *
 * Makes no system call while the NIC is awake. A stopped endpoint takes
 * requests and flushes them.
 * Return: how many of the first ones were taken, fewer than @n when the queue
 * is full. When none was: -EAGAIN queue full (poll first), -ENOTCONN no such
 * peer, -EMSGSIZE longer than caps.max_msg, -EINVAL length 0 or an unknown op
 * or flag, -EOPNOTSUPP an op the NIC has not got.
 */
int tdm_net_post(struct tdm_net_ep *ep, const struct tdm_net_wr *wr, uint32_t n);

/**
 * tdm_net_poll - take completions, without waiting
 * Return: how many were written to @wc, 0 to @n, or -EIO: the device is gone
 */
int tdm_net_poll(struct tdm_net_ep *ep, struct tdm_net_wc *wc, uint32_t n);

/**
 * tdm_net_wait - sleep until there is a completion to poll
 * @deadline_ns: CLOCK_MONOTONIC; UINT64_MAX: no limit
 * Return: 0 when tdm_net_poll() has something, -ENODATA when no work request is
 * open, -ETIMEDOUT, -EINTR or -EIO
 */
int tdm_net_wait(struct tdm_net_ep *ep, uint64_t deadline_ns);

/** tdm_net_ep_open_wrs - work requests posted and not yet polled */
uint32_t tdm_net_ep_open_wrs(const struct tdm_net_ep *ep);

/**
 * tdm_net_ep_flush - stop the endpoint: what is open ends in
 * TDM_NET_WC_WR_FLUSH_ERR unless it is already done
 *
 * An endpoint cannot be started again. Writes that were under way may still
 * land until their completion; at the peer, until the peer closed its own.
 * Return: 0 or -errno
 */
int tdm_net_ep_flush(struct tdm_net_ep *ep);

/**
 * tdm_net_ep_close - destroy the endpoint; open work requests are dropped
 *
 * When it returns no write through this endpoint's queue pair lands here any
 * more, and none that it posted is being read from here.
 */
void tdm_net_ep_close(struct tdm_net_ep *ep);

/** tdm_net_status_name - "REM_ACCESS_ERR"; "UNKNOWN" for what is none; static */
const char *tdm_net_status_name(uint32_t status);

#ifdef __cplusplus
}
#endif

#endif /* TANDEM_NET_H */
