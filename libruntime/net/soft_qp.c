// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The software NIC's endpoints, as their thread sees them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/soft.h"

#define NS_PER_S 1000000000ULL
/* Between two looks whether a target is through with what was sent. */
#define NAP_NS 100000

static int init_wait(struct soft_qp *qp)
{
	pthread_condattr_t attr;
	int rc = pthread_mutex_init(&qp->lock, NULL);

	if (rc)
		return -rc;
	rc = pthread_condattr_init(&attr);
	if (!rc) {
		rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
		if (!rc)
			rc = pthread_cond_init(&qp->arrived, &attr);
		pthread_condattr_destroy(&attr);
	}
	if (rc)
		pthread_mutex_destroy(&qp->lock);
	return -rc;
}

static struct soft_qp *alloc_qp(uint32_t depth)
{
	struct soft_qp *qp = aligned_alloc(SOFT_CACHE_LINE, sizeof(*qp));

	if (!qp)
		return NULL;
	memset(qp, 0, sizeof(*qp));
	qp->sq = calloc(depth, sizeof(*qp->sq));
	qp->cq = calloc(depth, sizeof(*qp->cq));
	if (qp->sq && qp->cq && !init_wait(qp))
		return qp;
	free(qp->cq);
	free(qp->sq);
	free(qp);
	return NULL;
}

static void free_qp(struct soft_qp *qp)
{
	pthread_cond_destroy(&qp->arrived);
	pthread_mutex_destroy(&qp->lock);
	free(qp->cq);
	free(qp->sq);
	free(qp);
}

/*
 * Inside the gate. Numbers carry a generation, so that a closed endpoint's
 * number is not met again soon.
 */
static int plug_in(struct soft_nic *nic, struct soft_qp *qp)
{
	uint32_t slot = 0;

	while (slot < SOFT_MAX_QPS && nic->qps[slot])
		slot++;
	if (slot == SOFT_MAX_QPS)
		return -ENOSPC;
	nic->qp_gen[slot]++;
	qp->qpn = (uint32_t)nic->qp_gen[slot] << SOFT_QP_BITS | slot;
	qp->base.addr.qpn = qp->qpn;
	/* Each endpoint has its own sequence, the same in every run. */
	qp->random = (nic->seed + ++nic->qps_made) * 0x9e3779b97f4a7c15ULL | 1;
	qp->post_random = qp->random;
	nic->qps[slot] = qp;
	if (nic->nr_slots <= slot)
		nic->nr_slots = slot + 1;
	return 0;
}

struct tdm_net_ep *soft_qp_create(struct tdm_net *net, uint32_t depth, struct tdm_error *err)
{
	struct soft_nic *nic = soft_nic(net);
	struct soft_qp *qp = alloc_qp(depth);
	int rc;

	if (!qp) {
		tdm_error_set(err, -ENOMEM,
			      "%s: no memory for an endpoint of %u work requests; make it smaller",
			      net->name, depth);
		return NULL;
	}
	qp->base.net = net;
	qp->base.depth = depth;
	qp->mask = depth - 1;
	qp->base.addr.kind = nic->ordered ? TDM_NET_KIND_SOFT_RC : TDM_NET_KIND_SOFT_SRD;
	memcpy(qp->base.addr.gid, nic->gid, sizeof(nic->gid));

	soft_enter(nic);
	rc = plug_in(nic, qp);
	soft_leave(nic);
	if (rc) {
		free_qp(qp);
		tdm_error_set(err, rc, "%s: all %u endpoints are open; close one", net->name,
			      SOFT_MAX_QPS);
		return NULL;
	}
	return &qp->base;
}

/* Return: a link for one more user, or NULL with @err */
static struct soft_link *link_to(struct soft_nic *nic, const uint8_t *gid, struct tdm_error *err)
{
	struct soft_link *link, *fresh;
	int rc = 0;

	soft_enter(nic);
	link = soft_link_find(nic, gid);
	soft_leave(nic);
	if (link)
		return link;
	fresh = soft_link_make(nic, gid, err);
	if (!fresh)
		return NULL;
	soft_enter(nic);
	link = soft_link_find(nic, gid);
	if (!link)
		rc = soft_link_add(nic, fresh);
	soft_leave(nic);
	if (!link && !rc)
		return fresh;
	soft_link_free(fresh);
	if (rc)
		tdm_error_set(err, rc, "%s: a link cannot be waited for (%s); free some memory",
			      nic->base.name, strerror(-rc));
	return link;
}

static int out_of_memory(const struct soft_qp *qp, struct tdm_error *err)
{
	return tdm_error_set(err, -ENOMEM,
			     "%s: no memory for %u work requests under way; free some",
			     qp->base.net->name, qp->base.depth);
}

int soft_qp_connect(struct tdm_net_ep *ep, const struct tdm_net_addr *peer, struct tdm_error *err)
{
	struct soft_nic *nic = soft_nic(ep->net);
	struct soft_qp *qp = soft_qp(ep);
	struct soft_link *link = NULL;

	if (memcmp(peer->gid, nic->gid, sizeof(nic->gid)) != 0) {
		/* The engine does not look at it before there is a link. */
		if (!qp->flights)
			qp->flights = soft_flights_new(ep->depth);
		if (!qp->flights)
			return out_of_memory(qp, err);
		link = link_to(nic, peer->gid, err);
		if (!link)
			return -EHOSTUNREACH;
	}
	soft_enter(nic);
	qp->links[qp->nr_peers] = link;
	qp->peers[qp->nr_peers++] = peer->qpn;
	ep->peers++;
	soft_leave(nic);
	return 0;
}

int soft_qp_post(struct tdm_net_ep *ep, const struct tdm_net_wr *wr, uint32_t n)
{
	struct soft_nic *nic = soft_nic(ep->net);
	struct soft_qp *qp = soft_qp(ep);

	if (soft_fault_full(nic, qp))
		return -EAGAIN;
	for (uint32_t i = 0; i < n; i++)
		qp->sq[qp->posted++ & (ep->depth - 1)] = wr[i];
	atomic_store(&qp->sq_tail, qp->posted);
	if (soft_gate_wake(&nic->gate))
		atomic_fetch_add_explicit(&ep->net->wakes, 1, memory_order_relaxed);
	return (int)n;
}

int soft_qp_poll(struct tdm_net_ep *ep, struct tdm_net_wc *wc, uint32_t n)
{
	struct soft_qp *qp = soft_qp(ep);
	uint32_t tail = atomic_load_explicit(&qp->cq_tail, memory_order_acquire);
	uint32_t got;

	for (got = 0; got < n && qp->cq_head != tail; got++)
		wc[got] = qp->cq[qp->cq_head++ & (ep->depth - 1)];
	return (int)got;
}

int soft_qp_wait(struct tdm_net_ep *ep, uint64_t deadline_ns)
{
	struct soft_qp *qp = soft_qp(ep);
	struct timespec ts = {
		.tv_sec = (time_t)(deadline_ns / NS_PER_S),
		.tv_nsec = (long)(deadline_ns % NS_PER_S),
	};
	int rc = 0;

	if (qp->cq_head != atomic_load_explicit(&qp->cq_tail, memory_order_relaxed))
		return 0;
	pthread_mutex_lock(&qp->lock);
	atomic_store(&qp->armed, true);
	while (qp->cq_head == atomic_load(&qp->cq_tail) && !rc) {
		if (deadline_ns == UINT64_MAX)
			rc = pthread_cond_wait(&qp->arrived, &qp->lock);
		else
			rc = pthread_cond_timedwait(&qp->arrived, &qp->lock, &ts);
	}
	if (qp->cq_head != atomic_load(&qp->cq_tail))
		rc = 0;
	atomic_store(&qp->armed, false);
	pthread_mutex_unlock(&qp->lock);
	return -rc;
}

int soft_qp_flush(struct tdm_net_ep *ep)
{
	struct soft_nic *nic = soft_nic(ep->net);

	soft_enter(nic);
	soft_qp(ep)->stopped = true;
	soft_leave(nic);
	return 0;
}

/* Inside the gate when it returns; what was posted is not read here any more. */
static void enter_alone(struct soft_nic *nic, struct soft_qp *qp)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };

	for (;;) {
		soft_enter(nic);
		/* The engine flushes what comes now. */
		atomic_store(&qp->stopped, true);
		if (soft_flights_drop(nic, qp))
			return;
		soft_leave(nic);
		nanosleep(&nap, NULL);
	}
}

void soft_qp_destroy(struct tdm_net_ep *ep)
{
	struct soft_nic *nic = soft_nic(ep->net);
	struct soft_qp *qp = soft_qp(ep);
	struct soft_link *gone[SOFT_MAX_PEERS];
	uint32_t nr_gone = 0;

	enter_alone(nic, qp);
	nic->qps[ep->addr.qpn & (SOFT_MAX_QPS - 1)] = NULL;
	for (uint32_t i = 0; i < qp->nr_peers; i++) {
		struct soft_link *link = qp->links[i] ? soft_link_put(nic, qp->links[i]) : NULL;

		if (link)
			gone[nr_gone++] = link;
	}
	soft_flights_put(qp->flights);
	soft_leave(nic);
	while (nr_gone)
		soft_link_free(gone[--nr_gone]);
	free_qp(qp);
}
