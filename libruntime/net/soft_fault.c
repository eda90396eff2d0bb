// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "net/soft_fault.h"

#include <stdlib.h>
#include <string.h>

#include "net/soft.h"

#define MILLION 1000000
/* A late write comes in one of so many rounds. */
#define LATE_ROUNDS 60

static bool happens(uint64_t *random, uint64_t in_a_million)
{
	return in_a_million && soft_random_below(random, MILLION) < in_a_million;
}

void soft_fault_init(struct soft_faults *faults, uint64_t seed)
{
	faults->random = seed * 0xd1342543de82ef95ULL + 0x2545f4914f6cdd1dULL;
	faults->random |= 1;
}

void soft_fault_fini(struct soft_faults *faults)
{
	for (uint32_t i = 0; i < faults->nr_waiting; i++)
		free(faults->waiting[i].bytes);
	faults->nr_waiting = 0;
}

static void keep(struct soft_nic *nic, const struct soft_qp *qp, const struct tdm_net_wr *wr)
{
	struct soft_faults *faults = &nic->faults;
	struct soft_late *late = &faults->waiting[faults->nr_waiting];

	if (faults->nr_waiting == SOFT_LATE_MAX || qp->links[wr->peer] ||
	    wr->op != TDM_NET_OP_WRITE ||
	    !soft_mr_allows(&nic->mrs, wr->lkey, false, wr->addr, wr->len, 0))
		return;
	*late = (struct soft_late){
		.from = qp->qpn,
		.to = qp->peers[wr->peer],
		.rkey = wr->rkey,
		.len = wr->len,
		.remote_addr = wr->remote_addr,
		.bytes = malloc(wr->len),
	};
	if (!late->bytes)
		return;
	memcpy(late->bytes, (const void *)(uintptr_t)wr->addr, wr->len);
	faults->nr_waiting++;
}

bool soft_fault_before(struct soft_nic *nic, struct soft_qp *qp, const struct tdm_net_wr *wr)
{
	struct soft_faults *faults = &nic->faults;

	if (happens(&faults->random, faults->drop))
		qp->silent |= 1ULL << wr->peer;
	if (qp->silent >> wr->peer & 1)
		return true;
	if (happens(&faults->random, faults->late)) {
		keep(nic, qp, wr);
		return true;
	}
	return happens(&faults->random, faults->error);
}

void soft_fault_after(struct soft_nic *nic, const struct soft_qp *qp, const struct tdm_net_wr *wr)
{
	struct soft_faults *faults = &nic->faults;
	uint8_t *bytes =
		(uint8_t *)(uintptr_t)(wr->op == TDM_NET_OP_READ ? wr->addr : wr->remote_addr);

	if (!qp->links[wr->peer] && happens(&faults->random, faults->corrupt))
		bytes[soft_random_below(&faults->random, wr->len)] ^= 0x10;
}

bool soft_fault_held(struct soft_nic *nic, struct soft_qp *qp)
{
	struct soft_faults *faults = &nic->faults;

	if (!faults->delay)
		return false;
	if (qp->hold)
		return --qp->hold > 0;
	qp->hold = soft_random_below(&faults->random, (uint32_t)faults->delay + 1);
	return qp->hold > 0;
}

/* Is there still a responder for it? An RC one knows its one peer. */
static bool is_let_in(const struct soft_nic *nic, const struct soft_late *late)
{
	const struct soft_qp *to = soft_qp_find(nic, late->to);

	if (!to || to->stopped)
		return false;
	if (nic->ordered && (!to->nr_peers || to->peers[0] != late->from))
		return false;
	return soft_mr_allows(&nic->mrs, late->rkey, true, late->remote_addr, late->len,
			      TDM_NET_REMOTE_WRITE);
}

void soft_fault_late(struct soft_nic *nic)
{
	struct soft_faults *faults = &nic->faults;
	uint32_t i;

	if (!faults->nr_waiting || soft_random_below(&faults->random, LATE_ROUNDS))
		return;
	i = soft_random_below(&faults->random, faults->nr_waiting);
	if (is_let_in(nic, &faults->waiting[i]))
		memcpy((void *)(uintptr_t)faults->waiting[i].remote_addr, faults->waiting[i].bytes,
		       faults->waiting[i].len);
	free(faults->waiting[i].bytes);
	faults->waiting[i] = faults->waiting[--faults->nr_waiting];
}

bool soft_fault_full(const struct soft_nic *nic, struct soft_qp *qp)
{
	return happens(&qp->post_random, nic->faults.full);
}
