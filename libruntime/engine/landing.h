/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Both ends of the wire: the NIC, its endpoints, the memory that pages are read
 * from and the pool of landing pages that they are written to. Memory is
 * registered once, here.
 */
#ifndef TDM_ENGINE_LANDING_H
#define TDM_ENGINE_LANDING_H

#include "engine/side.h"

struct landing;

struct landing *landing_create(struct side *from, struct side *to, const char *net,
			       struct tdm_error *err);
void landing_destroy(struct landing *l);

const char *landing_net(const struct landing *l);
struct tdm_net_ep *landing_source(const struct landing *l);
uint32_t landing_peer(const struct landing *l);

/* New endpoints, after a transfer that failed. Return: 0 or -errno */
int landing_reconnect(struct landing *l, struct tdm_error *err);

/* Reserve and open @pages landing pages. Return: their tickets, or NULL */
const struct tdm_kv_ticket *landing_open(struct landing *l, uint64_t owner, uint32_t pages,
					 struct tdm_error *err);

/* A page was announced: it is the receiver's. Return: 0 or -errno */
int landing_commit(struct landing *l, uint64_t owner, const struct tdm_kv_done *done,
		   struct tdm_error *err);

/* Landing page number @index of the request was imported. Return: 0 or -errno */
int landing_release(struct landing *l, uint64_t owner, uint32_t index, struct tdm_error *err);

/* Give up what the request still has; no write of it is under way any more. */
void landing_close(struct landing *l, uint64_t owner);

/* Device address of landing page @index of the request. */
uint64_t landing_dva(const struct landing *l, uint32_t index);

/* Where the bytes of the sender's page @page are when it is sealed. */
struct tdm_kv_source landing_from(const struct landing *l, uint32_t page);

/* Device address that KV_EXPORT writes to; 0: sealed in place. */
uint64_t landing_staging_dva(const struct landing *l, uint32_t page);

#endif /* TDM_ENGINE_LANDING_H */
