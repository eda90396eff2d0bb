/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The software NIC: queue pairs as lock-free rings, one engine thread that
 * checks keys and copies, completions back. One memmove per work request is
 * the wire.
 *
 * Who writes what:
 *	endpoint's thread	sq[], sq_tail, cq_head
 *	engine			cq[], cq_tail, everything marked "engine"
 *	control, engine parked	tables and the engine's fields (soft_gate.h)
 */
#ifndef NET_SOFT_H
#define NET_SOFT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "net/provider.h"
#include "net/soft_fault.h"
#include "net/soft_gate.h"
#include "net/soft_link.h"
#include "net/soft_mr.h"

#define SOFT_CACHE_LINE 64
/* A queue pair number is [generation:16][index:8], 24 bits as in InfiniBand. */
#define SOFT_QP_BITS 8
#define SOFT_MAX_QPS (1U << SOFT_QP_BITS)
#define SOFT_MAX_PEERS 64 /* of one SRD queue pair */
/* Work requests that SRD mode may have overtaken by others at a time. */
#define SOFT_WINDOW 32

struct soft_qp {
	struct tdm_net_ep base;

	/* Endpoint's thread. */
	uint32_t posted;
	uint32_t cq_head;
	uint64_t post_random; /* soft_fault_full() */

	/* Sleeping in tdm_net_wait(): Dekker with cq_tail and armed, as in soft_gate.h. */
	pthread_mutex_t lock;
	pthread_cond_t arrived;
	atomic_bool armed;

	_Alignas(SOFT_CACHE_LINE) atomic_uint sq_tail;
	_Alignas(SOFT_CACHE_LINE) atomic_uint cq_tail;

	/* Engine; it stays off the lines that the endpoint's thread writes. */
	_Alignas(SOFT_CACHE_LINE) uint32_t sq_head;
	uint32_t mask;	   /* depth - 1 */
	uint32_t qpn;	   /* as in base.addr */
	uint32_t nr_peers; /* as in base */
	uint32_t nr_window;
	atomic_bool stopped; /* also by who serves peers in other processes */
	atomic_bool deaf;    /* RC: a packet of its peer got lost; by who serves it */
	bool failed;	     /* RC: a flight ended badly, so all behind it do */
	uint32_t nr_flights; /* under way to other processes */
	uint32_t hold;	     /* rounds that it is held back for, on request */
	uint64_t silent;     /* peers that have fallen silent on request */
	uint64_t random;
	struct tdm_net_wr *sq; /* depth entries each */
	struct tdm_net_wc *cq;
	uint32_t peers[SOFT_MAX_PEERS];		 /* queue pair numbers */
	struct soft_link *links[SOFT_MAX_PEERS]; /* NULL: on this NIC */
	struct soft_flights *flights;		 /* NULL: all peers are on this NIC */
	struct tdm_net_wr window[SOFT_WINDOW];
};

struct soft_mr {
	struct tdm_net_mr base;
};

struct soft_nic {
	struct tdm_net base;
	uint8_t gid[16];
	uint64_t seed;
	uint64_t stepped;   /* 1: no thread (soft_step.h) */
	uint64_t answer_ns; /* a peer in another process may be silent for so long */
	bool ordered;
	atomic_bool stop;
	pthread_t thread;
	struct soft_gate gate;

	/*
	 * Keys and queue pairs as they are below, for soft_target.c: read there, written by
	 * control inside the gate, who is alone then but for these readers.
	 */
	pthread_rwlock_t tables;
	struct soft_server *server; /* NULL: stepped */
	struct soft_link *links;    /* to other processes' NICs */

	/* Engine, or control inside the gate. */
	struct soft_faults faults;
	struct soft_mr_table mrs;
	struct soft_qp *qps[SOFT_MAX_QPS];
	uint16_t qp_gen[SOFT_MAX_QPS];
	uint32_t nr_slots; /* slots of qps[] that were ever used */
	uint64_t qps_made;
};

static inline struct soft_nic *soft_nic(struct tdm_net *net)
{
	return (struct soft_nic *)net;
}

static inline struct soft_qp *soft_qp(struct tdm_net_ep *ep)
{
	return (struct soft_qp *)ep;
}

/* Return: the queue pair of that number, or NULL. */
static inline struct soft_qp *soft_qp_find(const struct soft_nic *nic, uint32_t qpn)
{
	struct soft_qp *qp = nic->qps[qpn & (SOFT_MAX_QPS - 1)];

	return qp && qp->qpn == qpn ? qp : NULL;
}

/* Control: as soft_gate_enter(), and the readers of the tables are out as well. */
static inline void soft_enter(struct soft_nic *nic)
{
	soft_gate_enter(&nic->gate);
	pthread_rwlock_wrlock(&nic->tables);
}

static inline void soft_leave(struct soft_nic *nic)
{
	pthread_rwlock_unlock(&nic->tables);
	soft_gate_leave(&nic->gate);
}

/* How a request ends whose peer does not answer. */
static inline uint32_t soft_no_answer(const struct soft_nic *nic)
{
	return nic->ordered ? TDM_NET_WC_RETRY_EXC_ERR : TDM_NET_WC_RESP_TIMEOUT_ERR;
}

static inline uint64_t soft_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* soft_engine.c */
void *soft_engine(void *nic);
/* Engine, or control inside the gate. */
void soft_complete(struct soft_qp *qp, const struct tdm_net_wr *wr, uint32_t status);

/* soft_reg.c: the table's functions for memory */
struct tdm_net_mr *soft_reg_mr(struct tdm_net *net, const struct tdm_net_mem *mem,
			       struct tdm_error *err);
int soft_dereg_mr(struct tdm_net_mr *mr);

/* soft_qp.c: the table's functions for endpoints */
struct tdm_net_ep *soft_qp_create(struct tdm_net *net, uint32_t depth, struct tdm_error *err);
int soft_qp_connect(struct tdm_net_ep *ep, const struct tdm_net_addr *peer, struct tdm_error *err);
int soft_qp_post(struct tdm_net_ep *ep, const struct tdm_net_wr *wr, uint32_t n);
int soft_qp_poll(struct tdm_net_ep *ep, struct tdm_net_wc *wc, uint32_t n);
int soft_qp_wait(struct tdm_net_ep *ep, uint64_t deadline_ns);
int soft_qp_flush(struct tdm_net_ep *ep);
void soft_qp_destroy(struct tdm_net_ep *ep);

#endif /* NET_SOFT_H */
