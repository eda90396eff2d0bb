/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The initiator's half of the wire to a NIC in another process (soft_wire.h).
 *
 * The engine never waits for a peer: it sends what the socket takes, goes on with others,
 * and takes answers as they come. A peer that is silent for the NIC's answer time while
 * it owes answers is given up: its link is dead, and all requests on it end.
 *
 * All of it is the engine's, or control's inside the gate.
 */
#ifndef NET_SOFT_LINK_H
#define NET_SOFT_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include <tandem/net.h>

#include "net/soft_flight.h"
#include "net/soft_wire.h"

struct soft_nic;
struct soft_qp;

/* Memory of this side, as the target has it mapped. */
enum soft_region_state {
	SOFT_REGION_NONE,
	SOFT_REGION_ASKED,   /* it is on its way: not yet to be used */
	SOFT_REGION_SHARED,  /* mapped */
	SOFT_REGION_REFUSED, /* not to be had; not asked for again */
	SOFT_REGION_GOING,   /* it is being told to forget it */
};

struct soft_region {
	enum soft_region_state state;
	bool forget; /* ASKED: and forget it then */
	uint32_t lkey;
	int fd;			   /* ASKED: a duplicate of the registration's, else -1 */
	uint64_t addr, len;	   /* here */
	uint64_t offset;	   /* in the memfd */
	struct soft_flight flight; /* SHARE or FORGET, while ASKED or GOING */
};

struct soft_link {
	struct soft_link *next;
	uint8_t gid[16];
	int fd;
	uint32_t users; /* queue pairs */
	bool dead;
	bool blocked;	   /* the socket takes no more for now */
	uint64_t deadline; /* CLOCK_MONOTONIC, ns; while there are flights */

	/* Requests that are not answered, oldest first; from @unsent on they are not encoded. */
	struct soft_flight *first, *last;
	struct soft_flight *unsent;

	/* Sending: frames, and then the bytes of the last of them. */
	char out[1024];
	uint32_t out_at, out_len;
	int out_fd;		     /* goes with the first byte of @out, -1: none */
	struct soft_flight *body_of; /* NULL: nobody's any more, or there is none */
	const char *body;
	uint64_t body_left;
	void *body_copy; /* @body's, when it is no queue pair's memory any more */

	/* Receiving: answers, and the bytes of a read. */
	char in[512];
	uint32_t in_at, in_len;
	bool reading; /* the bytes of @first's answer */
	uint64_t into_left;

	struct soft_region regions[SOFT_WIRE_REGIONS];
};

struct soft_server; /* the target's half: a thread, and one for each link */

/* Return: NULL with @err */
struct soft_server *soft_serve(struct soft_nic *nic, struct tdm_error *err);
void soft_serve_end(struct soft_server *server);

/*
 * Outside the gate, since the peer may keep it waiting. Return: a link that nobody knows
 * of yet, or NULL with @err
 */
struct soft_link *soft_link_make(const struct soft_nic *nic, const uint8_t *gid,
				 struct tdm_error *err);
/* Outside the gate; one that was never added, or that soft_link_put() took away. */
void soft_link_free(struct soft_link *link);

/* Inside the gate from here on. Return: the live link to that NIC, for one more user, or NULL */
struct soft_link *soft_link_find(struct soft_nic *nic, const uint8_t *gid);
/* For one user. Return: 0 or -errno */
int soft_link_add(struct soft_nic *nic, struct soft_link *link);
/* A user less. Return: the link, to free, when that was the last one, else NULL */
struct soft_link *soft_link_put(struct soft_nic *nic, struct soft_link *link);

/* Nothing goes over it any more; what is under way ends as with a lost peer. */
void soft_link_kill(struct soft_nic *nic, struct soft_link *link);

/* Is the socket full? Then the engine also wakes when it is not. */
void soft_link_block(struct soft_nic *nic, struct soft_link *link, bool blocked);

/*
 * Engine: send and receive what can be. @all: also look whether idle peers are gone.
 * Return: whether there was something
 */
bool soft_links_turn(struct soft_nic *nic, bool all);
/* Is there something to send that a socket may take? */
bool soft_links_ready(const struct soft_nic *nic);
/* Return: milliseconds until a peer is to be given up, -1: none owes an answer */
int soft_links_timeout(const struct soft_nic *nic);

#endif /* NET_SOFT_LINK_H */
