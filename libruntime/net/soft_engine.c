// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The software NIC's thread.
 */
#include <string.h>
#include <sys/prctl.h>

#include "net/soft.h"
#include "net/soft_step.h"

/* Work requests of one queue pair before the next one gets its turn. */
#define TURN 16
/* Rounds without work before it sleeps: some tens of microseconds. */
#define IDLE_ROUNDS 1000
#define THREAD_NAME "tdm-softnic"

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

void soft_complete(struct soft_qp *qp, const struct tdm_net_wr *wr, uint32_t status)
{
	uint32_t tail = atomic_load_explicit(&qp->cq_tail, memory_order_relaxed);

	/* There is room: the completion's slot was taken when it was posted. */
	qp->cq[tail & qp->mask] = (struct tdm_net_wc){
		.wr_id = wr->wr_id,
		.status = status,
		.byte_len = status == TDM_NET_WC_SUCCESS ? wr->len : 0,
	};
	atomic_store(&qp->cq_tail, tail + 1);
	if (atomic_load(&qp->armed)) {
		pthread_mutex_lock(&qp->lock);
		pthread_cond_signal(&qp->arrived);
		pthread_mutex_unlock(&qp->lock);
	}
}

/*
 * The peer of a work request, if it answers. An RC peer answers only its own
 * peer, and not after it stopped.
 */
static struct soft_qp *answering_peer(const struct soft_nic *nic, const struct soft_qp *qp,
				      const struct tdm_net_wr *wr)
{
	struct soft_qp *peer = soft_qp_find(nic, qp->peers[wr->peer]);

	if (!peer || peer->stopped)
		return NULL;
	if (nic->ordered && (!peer->nr_peers || peer->peers[0] != qp->qpn))
		return NULL;
	return peer;
}

/* Return: SOFT_PENDING, or how it ended */
static uint32_t move(struct soft_nic *nic, struct soft_qp *qp, const struct tdm_net_wr *wr)
{
	bool read = wr->op == TDM_NET_OP_READ;
	uint32_t local = read ? TDM_NET_LOCAL_WRITE : 0;
	uint32_t remote = read ? TDM_NET_REMOTE_READ : TDM_NET_REMOTE_WRITE;
	struct soft_qp *peer;
	void *here = (void *)(uintptr_t)wr->addr;
	void *there = (void *)(uintptr_t)wr->remote_addr;

	if (!soft_mr_allows(&nic->mrs, wr->lkey, false, wr->addr, wr->len, local))
		return TDM_NET_WC_LOC_PROT_ERR;
	if (qp->links[wr->peer])
		return soft_flight_start(nic, qp, wr);
	peer = answering_peer(nic, qp, wr);
	if (!peer)
		return soft_no_answer(nic);
	if (!soft_mr_allows(&nic->mrs, wr->rkey, true, wr->remote_addr, wr->len, remote)) {
		/* IBTA vol. 1, 9.9.2: the responder of a connection stops as well. */
		if (nic->ordered)
			peer->stopped = true;
		return TDM_NET_WC_REM_ACCESS_ERR;
	}
	/* A queue pair may write over its own source. */
	if (read)
		memmove(here, there, wr->len);
	else
		memmove(there, here, wr->len);
	return TDM_NET_WC_SUCCESS;
}

static void execute(struct soft_nic *nic, struct soft_qp *qp, const struct tdm_net_wr *wr)
{
	uint32_t status;

	if (qp->stopped)
		status = TDM_NET_WC_WR_FLUSH_ERR;
	else if (net_link_is_down(&nic->base) || soft_fault_before(nic, qp, wr))
		status = soft_no_answer(nic);
	else
		status = move(nic, qp, wr);
	if (status == TDM_NET_WC_SUCCESS)
		soft_fault_after(nic, qp, wr);
	if (status == SOFT_PENDING)
		return;
	if (status != TDM_NET_WC_SUCCESS && nic->ordered)
		qp->stopped = true;
	if (nic->ordered && qp->nr_flights)
		soft_flight_decided(nic, qp, wr, status);
	else
		soft_complete(qp, wr, status);
}

/* Return: false when there is nothing to do. */
static bool take(struct soft_nic *nic, struct soft_qp *qp, struct tdm_net_wr *wr)
{
	uint32_t tail = atomic_load_explicit(&qp->sq_tail, memory_order_acquire);
	uint32_t i;

	if ((qp->sq_head != tail || qp->nr_window) && soft_fault_held(nic, qp))
		return false;
	if (nic->ordered) {
		if (qp->sq_head == tail)
			return false;
		*wr = qp->sq[qp->sq_head++ & qp->mask];
		return true;
	}
	while (qp->nr_window < SOFT_WINDOW && qp->sq_head != tail)
		qp->window[qp->nr_window++] = qp->sq[qp->sq_head++ & qp->mask];
	if (!qp->nr_window)
		return false;
	i = soft_random_below(&qp->random, qp->nr_window);
	*wr = qp->window[i];
	qp->window[i] = qp->window[--qp->nr_window];
	return true;
}

/* Return: true when there was work. Ends early when the gate is wanted. */
static bool round_of_turns(struct soft_nic *nic)
{
	struct tdm_net_wr wr;
	bool worked = false;

	soft_fault_late(nic);
	for (uint32_t i = 0; i < nic->nr_slots; i++) {
		struct soft_qp *qp = nic->qps[i];

		for (int turn = 0; qp && turn < TURN; turn++) {
			if (soft_gate_wanted(&nic->gate))
				return true;
			if (!take(nic, qp, &wr))
				break;
			execute(nic, qp, &wr);
			worked = true;
		}
	}
	return worked;
}

static bool has_work(void *ctx)
{
	struct soft_nic *nic = ctx;

	if (atomic_load(&nic->stop) || nic->faults.nr_waiting || soft_links_ready(nic))
		return true;
	for (uint32_t i = 0; i < nic->nr_slots; i++) {
		struct soft_qp *qp = nic->qps[i];

		if (qp && (qp->nr_window || qp->sq_head != atomic_load(&qp->sq_tail)))
			return true;
	}
	return false;
}

uint32_t soft_step(struct tdm_net *net, uint32_t n)
{
	struct soft_nic *nic = soft_nic(net);
	struct tdm_net_wr wr;
	uint32_t done = 0;
	bool any = true;

	while (any && done < n) {
		any = false;
		soft_fault_late(nic);
		for (uint32_t i = 0; i < nic->nr_slots && done < n; i++) {
			if (nic->qps[i] && take(nic, nic->qps[i], &wr)) {
				execute(nic, nic->qps[i], &wr);
				done++;
				any = true;
			}
		}
	}
	return done;
}

/* Between processes it is the peer that has to be waited for. */
static bool sleep_on_it(struct soft_nic *nic)
{
	bool slept = soft_gate_sleep(&nic->gate, has_work, nic, soft_links_timeout(nic));

	if (slept)
		atomic_fetch_add_explicit(&nic->base.sleeps, 1, memory_order_relaxed);
	return slept;
}

void *soft_engine(void *arg)
{
	struct soft_nic *nic = arg;
	unsigned int idle = 0;
	bool slept = false;

	prctl(PR_SET_NAME, THREAD_NAME);
	soft_gate_start(&nic->gate);
	while (!atomic_load_explicit(&nic->stop, memory_order_relaxed)) {
		bool worked;

		if (soft_gate_wanted(&nic->gate)) {
			soft_gate_yield(&nic->gate);
			continue;
		}
		worked = round_of_turns(nic);
		worked |= soft_links_turn(nic, slept);
		slept = false;
		if (worked) {
			idle = 0;
		} else if (++idle < IDLE_ROUNDS && soft_links_timeout(nic) < 0) {
			relax();
		} else {
			idle = 0;
			slept = sleep_on_it(nic);
		}
	}
	soft_gate_stop(&nic->gate);
	return NULL;
}
