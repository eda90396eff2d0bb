/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Inside of links and transfers. All of it belongs to the endpoint's thread.
 */
#ifndef KV_XFER_H
#define KV_XFER_H

#include <stdbool.h>
#include <stdint.h>

#include <tandem/kv.h>

/* Writes that one transfer posts before the next one gets its turn. */
#define KV_TURN 16

/* A write in flight; its index is the work request's wr_id. */
struct kv_slot {
	struct tdm_kv_xfer *xfer; /* NULL: free */
	uint32_t page;
	uint32_t len;
};

struct tdm_kv_link {
	struct tdm_net_ep *ep;
	struct tdm_kv_xfer *turn; /* whose turn it is, in a ring; NULL: no transfers */
	uint32_t nr_xfers;
	bool lost;
	uint32_t credits;
	uint32_t in_flight;
	uint32_t *free_slots; /* the first credits - in_flight of them are free */
	struct kv_slot slot[];
};

struct kv_xfer_page {
	struct tdm_kv_ticket ticket;
	struct tdm_kv_source src;
	uint64_t posted;    /* bytes */
	uint64_t done;	    /* bytes whose write completed */
	uint64_t posted_ns; /* the first of them */
	uint64_t done_ns;   /* the last of them */
	bool pushed;
	bool told;    /* by tdm_kv_xfer_next() since it was pushed */
	bool counted; /* it was done once */
};

struct tdm_kv_xfer {
	struct tdm_kv_link *link;
	struct tdm_kv_xfer *next; /* ring of the link's transfers */
	struct tdm_kv_xfer *prev;
	uint32_t pages;
	uint32_t layer_pages;
	uint32_t peer;
	uint32_t window;

	uint32_t state;
	uint32_t in_flight;
	bool bad; /* some write ended in an error */
	int32_t error;
	uint32_t error_page;

	/*
	 * Pages in the order in which they were pushed, and in which they were done:
	 * rings of @pages entries, as a page is in each of them once at a time.
	 */
	uint32_t *pushed;
	uint32_t nr_pushed;
	uint32_t nr_posted; /* of them fully */
	uint32_t *done;
	uint32_t nr_done;
	uint32_t nr_told; /* of them by tdm_kv_xfer_next() */
	uint32_t left;	  /* pages that were never done */
	uint32_t *layer_left;

	uint64_t busy_since_ns; /* while in_flight */
	struct tdm_kv_xfer_stats stats;
	struct kv_xfer_page page[];
};

/* The page that was pushed as number @at. */
static inline uint32_t kv_xfer_pushed(const struct tdm_kv_xfer *xfer, uint32_t at)
{
	return xfer->pushed[at % xfer->pages];
}

/* Nothing of it will be posted any more; the first reason counts. */
void kv_xfer_fail(struct tdm_kv_xfer *xfer, int32_t error, uint32_t page);

/* A write of @len bytes of @page was taken by the NIC. */
void kv_xfer_posted(struct tdm_kv_xfer *xfer, uint32_t page, uint32_t len, uint64_t now_ns);

/* It completed with @status. */
void kv_xfer_completed(struct tdm_kv_xfer *xfer, uint32_t page, uint32_t len, uint32_t status,
		       uint64_t now_ns);

#endif /* KV_XFER_H */
