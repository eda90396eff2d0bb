/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Two agents of one process, one that sends pages and one that takes them.
 */
#ifndef BENCH_TRANSFER_RIG_H
#define BENCH_TRANSFER_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include <tandem/agent.h>

/**
 * struct transfer - its memory and its agents
 * @page_bytes, @pages: of the largest request
 * @landing_pages: of the receiver
 * @far_nic: of the receiver; NULL: the sender's
 * @copy: as many bytes as @from, for a peer
 */
struct transfer {
	unsigned int page_bytes;
	unsigned int pages;
	unsigned int landing_pages;
	struct tdm_net *nic, *far_nic;
	struct tdm_agent *send, *recv;
	struct tdm_peer *peer;
	char *from, *to, *copy;
	uint64_t id;
};

/* Exits on error. @net: as for tdm_net_open(); @apart: a NIC for each */
struct transfer transfer_make(const char *net, bool apart, unsigned int page_bytes,
			      unsigned int pages);
void transfer_drop(struct transfer *t);

/* One request of @pages pages, from its open to its commit; exits on error. */
void transfer_move(struct transfer *t, unsigned int pages);

#endif /* BENCH_TRANSFER_RIG_H */
