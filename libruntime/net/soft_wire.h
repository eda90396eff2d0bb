/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What goes over the wire between the software NICs of two processes of one machine: a
 * stream of requests one way, and for each, in their order, an answer the other way.
 *
 * The target moves the bytes into its own memory and checks its own keys, as a
 * responder does, so that what tdm_net_dereg_mr() and tdm_net_ep_close() promise holds
 * for peers in other processes as well: it waits for its own threads alone, whether the
 * initiator is alive, stopped, dead or hostile. (An initiator that wrote into the
 * target's memory could not be kept out of it while it is stopped.)
 *
 * Where the initiator's memory is a memfd, it hands that over once, the target maps it
 * to read, and a write costs one copy, the target's. All else goes through the socket:
 * other memory; and reads, where the same would let the target write here.
 *
 * A target that is stopped amid such a copy, is given up and goes on, ends that one
 * copy, with the bytes that are there then, in its own memory. The next ones it leaves,
 * since the initiator has hung up by then.
 *
 * Both ends let in only processes of the same user, or root's. Neither trusts what it
 * reads.
 */
#ifndef NET_SOFT_WIRE_H
#define NET_SOFT_WIRE_H

#include <stdint.h>

#include <tandem/net.h>

/* The last digit is the version: NICs of different ones do not reach each other. */
#define SOFT_WIRE_MAGIC 0x3243494e4d4454ULL /* "TDMNIC2" */
/* Of the initiator's memory, that the target has mapped at a time. */
#define SOFT_WIRE_REGIONS 64

struct soft_hello {
	uint64_t magic;
	uint8_t gid[16]; /* of the initiator's NIC */
};

enum soft_wire_op {
	SOFT_WIRE_WRITE = TDM_NET_OP_WRITE, /* the bytes follow */
	SOFT_WIRE_READ = TDM_NET_OP_READ,   /* the bytes follow the answer */
	SOFT_WIRE_COPY,			    /* a write of bytes of a region */
	SOFT_WIRE_SHARE,  /* a memfd, with the first byte: map @span bytes at @offset */
	SOFT_WIRE_FORGET, /* the region */
};

struct soft_request {
	uint32_t op;
	uint32_t from, to; /* queue pair numbers */
	uint32_t rkey;
	uint64_t addr;	 /* at the target */
	uint64_t offset; /* in the region, or of the region in its memfd */
	uint64_t span;	 /* of the region */
	uint32_t len;
	uint32_t region; /* COPY, SHARE, FORGET: below SOFT_WIRE_REGIONS */
};

struct soft_answer {
	uint32_t status; /* enum tdm_net_wc_status; SHARE: other than 0: was not mapped */
	uint32_t len;
};

#endif /* NET_SOFT_WIRE_H */
