/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What the software NIC does wrong on request, by its seed. All of it is the engine's,
 * but soft_fault_full(), which is the poster's.
 */
#ifndef NET_SOFT_FAULT_H
#define NET_SOFT_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include <tandem/net.h>

struct soft_nic;
struct soft_qp;

#define SOFT_LATE_MAX 32

/* A write that ended in an error while its packets were still on the way. */
struct soft_late {
	uint32_t from, to; /* queue pair numbers */
	uint32_t rkey;
	uint32_t len;
	uint64_t remote_addr;
	void *bytes;
};

struct soft_faults {
	/* In a million work requests; see tdm_net_open(). */
	uint64_t error, late, corrupt, full, drop;
	uint64_t delay; /* rounds, at most */
	uint64_t random;
	struct soft_late waiting[SOFT_LATE_MAX];
	uint32_t nr_waiting;
};

/* xorshift64*, Vigna 2016; the state is never 0. */
static inline uint32_t soft_random_below(uint64_t *state, uint32_t n)
{
	uint64_t x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return (uint32_t)((x * 0x2545f4914f6cdd1dULL) >> 33) % n;
}

void soft_fault_init(struct soft_faults *faults, uint64_t seed);
void soft_fault_fini(struct soft_faults *faults);

/* Does the request end badly before it moved anything? Return: true for an error */
bool soft_fault_before(struct soft_nic *nic, struct soft_qp *qp, const struct tdm_net_wr *wr);

/* It was moved well: perhaps not all of it. Not in another process's memory. */
void soft_fault_after(struct soft_nic *nic, const struct soft_qp *qp, const struct tdm_net_wr *wr);

/* Is the queue pair held back in this round? */
bool soft_fault_held(struct soft_nic *nic, struct soft_qp *qp);

/* Writes that come late: perhaps now, if their keys and queue pairs still let them. */
void soft_fault_late(struct soft_nic *nic);

/* The poster: is its queue full, so to say? */
bool soft_fault_full(const struct soft_nic *nic, struct soft_qp *qp);

#endif /* NET_SOFT_FAULT_H */
