/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Work requests that are under way to another process.
 *
 * A queue pair has a flight for each work request that it can have open, so that there
 * is always one, and requests to a peer that does not answer are out of the way of those
 * to others. Flights of a link are answered in their order. On a queue pair that is
 * ordered what is decided here (a bad local key, say) flies along, unsent, behind what is
 * under way.
 *
 * When a queue pair is closed its flights go on without it, but those whose bytes the
 * target may be copying from here: they are waited for.
 *
 * All of it is the engine's, or control's inside the gate.
 */
#ifndef NET_SOFT_FLIGHT_H
#define NET_SOFT_FLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include <tandem/net.h>

#include "net/soft_wire.h"

struct soft_link;
struct soft_nic;
struct soft_qp;
struct soft_region;

struct soft_flight {
	struct soft_flight *next;
	struct soft_qp *qp;	    /* NULL: nobody's any more */
	struct soft_flights *home;  /* NULL: @region's */
	struct soft_region *region; /* of COPY, SHARE and FORGET */
	struct tdm_net_wr wr;
	uint32_t op; /* enum soft_wire_op */
	uint32_t status;
	bool decided; /* @status is known; not sent */
	bool sent;    /* encoded, perhaps already on the wire */
};

/* Of a queue pair; goes when both it and all flights are back. */
struct soft_flights {
	uint32_t users; /* flights, and the queue pair */
	struct soft_flight *free;
	struct soft_flight flight[];
};

/* How a work request may end for now: later, by an answer. */
#define SOFT_PENDING UINT32_MAX

/* Return: NULL: no memory */
struct soft_flights *soft_flights_new(uint32_t depth);
/* The queue pair's own share of it. */
void soft_flights_put(struct soft_flights *flights);

/* Engine: start it. Return: SOFT_PENDING, or how it ended at once */
uint32_t soft_flight_start(struct soft_nic *nic, struct soft_qp *qp, const struct tdm_net_wr *wr);
/* Engine: it ends with @status, but behind those of its queue pair that are under way. */
void soft_flight_decided(struct soft_nic *nic, struct soft_qp *qp, const struct tdm_net_wr *wr,
			 uint32_t status);

/* Append it; @link is alive. */
void soft_flight_add(struct soft_nic *nic, struct soft_link *link, struct soft_flight *flight);
/* The first one of @link is over, and so are the decided ones behind it. */
void soft_flight_land(struct soft_nic *nic, struct soft_link *link, uint32_t status);

/*
 * A queue pair that is being closed lets go of its flights.
 * Return: false when some have to be waited for
 */
bool soft_flights_drop(struct soft_nic *nic, struct soft_qp *qp);
/* Is any under way from or to the memory of a local key? */
bool soft_flights_use(const struct soft_nic *nic, uint32_t lkey);

/* soft_send.c: give the socket what it takes. soft_receive.c: take the answers there are. */
bool soft_send(struct soft_nic *nic, struct soft_link *link);
bool soft_receive(struct soft_nic *nic, struct soft_link *link);

/*
 * soft_region.c: the region by which the target reads that memory. Asks for one where
 * there is none yet. Return: NULL: the bytes go through the socket
 */
struct soft_region *soft_region_of(struct soft_nic *nic, struct soft_link *link, uint32_t lkey);
/* SHARE or FORGET was answered. */
void soft_region_landed(struct soft_nic *nic, struct soft_link *link, struct soft_region *region,
			uint32_t status);
/* Its registration is over: all targets forget it. */
void soft_region_forget(struct soft_nic *nic, uint32_t lkey);

#endif /* NET_SOFT_FLIGHT_H */
