// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "net/soft_flight.h"

#include <stdlib.h>
#include <string.h>

#include "net/soft.h"

struct soft_flights *soft_flights_new(uint32_t depth)
{
	struct soft_flights *flights =
		calloc(1, sizeof(*flights) + depth * sizeof(flights->flight[0]));

	if (!flights)
		return NULL;
	flights->users = 1;
	for (uint32_t i = 0; i < depth; i++) {
		flights->flight[i].home = flights;
		flights->flight[i].next = flights->free;
		flights->free = &flights->flight[i];
	}
	return flights;
}

void soft_flights_put(struct soft_flights *flights)
{
	if (flights && !--flights->users)
		free(flights);
}

static void give_back(struct soft_flight *flight)
{
	struct soft_flights *home = flight->home;

	if (!home)
		return;
	flight->qp = NULL;
	flight->next = home->free;
	home->free = flight;
	soft_flights_put(home);
}

void soft_flight_add(struct soft_nic *nic, struct soft_link *link, struct soft_flight *flight)
{
	flight->next = NULL;
	flight->sent = false;
	if (!link->first)
		link->deadline = soft_now_ns() + nic->answer_ns;
	if (link->last)
		link->last->next = flight;
	else
		link->first = flight;
	link->last = flight;
	if (!link->unsent)
		link->unsent = flight;
}

/* There is one: a queue pair has as many as it can have open requests. */
static struct soft_flight *take(struct soft_qp *qp, const struct tdm_net_wr *wr)
{
	struct soft_flight *flight = qp->flights->free;

	qp->flights->free = flight->next;
	qp->flights->users++;
	qp->nr_flights++;
	flight->qp = qp;
	flight->region = NULL;
	flight->wr = *wr;
	flight->op = wr->op;
	flight->decided = false;
	return flight;
}

uint32_t soft_flight_start(struct soft_nic *nic, struct soft_qp *qp, const struct tdm_net_wr *wr)
{
	struct soft_link *link = qp->links[wr->peer];
	struct soft_flight *flight;

	if (link->dead)
		return soft_no_answer(nic);
	flight = take(qp, wr);
	if (wr->op == TDM_NET_OP_WRITE)
		flight->region = soft_region_of(nic, link, wr->lkey);
	if (flight->region)
		flight->op = SOFT_WIRE_COPY;
	soft_flight_add(nic, link, flight);
	return SOFT_PENDING;
}

void soft_flight_decided(struct soft_nic *nic, struct soft_qp *qp, const struct tdm_net_wr *wr,
			 uint32_t status)
{
	struct soft_flight *flight = take(qp, wr);

	flight->decided = true;
	flight->status = status;
	soft_flight_add(nic, qp->links[wr->peer], flight);
}

static void complete(struct soft_nic *nic, struct soft_qp *qp, const struct soft_flight *flight,
		     uint32_t status)
{
	qp->nr_flights--;
	if (nic->ordered && qp->failed)
		status = TDM_NET_WC_WR_FLUSH_ERR;
	if (nic->ordered && status != TDM_NET_WC_SUCCESS) {
		qp->failed = true;
		atomic_store(&qp->stopped, true);
	}
	soft_complete(qp, &flight->wr, status);
}

static void land_one(struct soft_nic *nic, struct soft_link *link, uint32_t status)
{
	struct soft_flight *flight = link->first;

	link->first = flight->next;
	if (!link->first)
		link->last = NULL;
	if (link->unsent == flight)
		link->unsent = flight->next;
	if (flight->home && flight->qp)
		complete(nic, flight->qp, flight, flight->decided ? flight->status : status);
	if (flight->home)
		give_back(flight);
	else
		soft_region_landed(nic, link, flight->region, status);
}

void soft_flight_land(struct soft_nic *nic, struct soft_link *link, uint32_t status)
{
	land_one(nic, link, status);
	while (link->first && link->first->decided)
		land_one(nic, link, status);
}

/* Bytes of a write that is half sent: the link needs the rest, the queue pair's owner as well. */
static void keep_body(struct soft_nic *nic, struct soft_link *link)
{
	void *copy = malloc(link->body_left);

	if (!copy) {
		soft_link_kill(nic, link);
		return;
	}
	memcpy(copy, link->body, link->body_left);
	link->body = copy;
	link->body_copy = copy;
	link->body_of = NULL;
}

static void unlink_flight(struct soft_link *link, struct soft_flight *before,
			  struct soft_flight *flight)
{
	if (before)
		before->next = flight->next;
	else
		link->first = flight->next;
	if (link->last == flight)
		link->last = before;
	if (link->unsent == flight)
		link->unsent = flight->next;
	give_back(flight);
}

/* Return: false when some have to be waited for */
static bool drop_on(struct soft_nic *nic, struct soft_link *link, const struct soft_qp *qp)
{
	struct soft_flight *before = NULL, *next;
	bool clear = true, halfway = false;

	for (struct soft_flight *f = link->first; f; f = next) {
		next = f->next;
		if (f->qp != qp) {
			before = f;
		} else if (!f->sent) {
			unlink_flight(link, before, f);
		} else {
			clear &= f->op != SOFT_WIRE_COPY;
			halfway |= f == link->body_of;
			if (f->op != SOFT_WIRE_COPY)
				f->qp = NULL;
			before = f;
		}
	}
	if (halfway)
		keep_body(nic, link);
	return clear || link->dead;
}

bool soft_flights_drop(struct soft_nic *nic, struct soft_qp *qp)
{
	bool clear = true;

	for (uint32_t i = 0; i < qp->nr_peers; i++)
		if (qp->links[i])
			clear &= drop_on(nic, qp->links[i], qp);
	return clear;
}

bool soft_flights_use(const struct soft_nic *nic, uint32_t lkey)
{
	for (const struct soft_link *link = nic->links; link; link = link->next)
		for (const struct soft_flight *f = link->first; f; f = f->next)
			if (f->home && f->qp && !f->decided && f->wr.lkey == lkey)
				return true;
	return false;
}
