// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A transfer: the pages of one request on their way.
 */
#include "kv/xfer.h"

#include <errno.h>
#include <stdlib.h>

#include "kv/pool.h"

static void join(struct tdm_kv_link *link, struct tdm_kv_xfer *xfer)
{
	struct tdm_kv_xfer *turn = link->turn;

	xfer->link = link;
	xfer->next = turn ? turn : xfer;
	xfer->prev = turn ? turn->prev : xfer;
	xfer->next->prev = xfer;
	xfer->prev->next = xfer;
	if (!turn)
		link->turn = xfer;
	link->nr_xfers++;
}

static void leave(struct tdm_kv_xfer *xfer)
{
	struct tdm_kv_link *link = xfer->link;

	if (link->turn == xfer)
		link->turn = xfer->next == xfer ? NULL : xfer->next;
	xfer->next->prev = xfer->prev;
	xfer->prev->next = xfer->next;
	link->nr_xfers--;
}

struct tdm_kv_xfer *tdm_kv_xfer_create(struct tdm_kv_link *link,
				       const struct tdm_kv_xfer_attr *attr, struct tdm_error *err)
{
	uint32_t layer_pages = attr->layer_pages ? attr->layer_pages : attr->pages;
	struct tdm_kv_xfer *xfer;
	uint32_t layers;

	if (!attr->pages || link->lost) {
		tdm_error_set(err, -EINVAL, "KV transfer: %s",
			      link->lost ? "the link is lost; make another one"
					 : "no pages; give at least one");
		return NULL;
	}
	layers = (attr->pages - 1) / layer_pages + 1;
	xfer = calloc(1, sizeof(*xfer) + attr->pages * sizeof(xfer->page[0]));
	if (xfer)
		xfer->pushed = calloc(2 * (size_t)attr->pages + layers, sizeof(uint32_t));
	if (!xfer || !xfer->pushed) {
		free(xfer);
		tdm_error_set(err, -ENOMEM, "KV transfer: out of memory for %u pages; free some",
			      attr->pages);
		return NULL;
	}
	xfer->done = xfer->pushed + attr->pages;
	xfer->layer_left = xfer->done + attr->pages;
	xfer->pages = attr->pages;
	xfer->left = attr->pages;
	xfer->layer_pages = layer_pages;
	xfer->peer = attr->peer;
	xfer->window = attr->window ? attr->window : link->credits;
	for (uint32_t i = 0; i < attr->pages; i++) {
		if (attr->tickets)
			xfer->page[i].ticket = attr->tickets[i];
		xfer->layer_left[i / layer_pages]++;
	}
	join(link, xfer);
	return xfer;
}

int tdm_kv_xfer_destroy(struct tdm_kv_xfer *xfer)
{
	if (!xfer)
		return 0;
	if (xfer->in_flight)
		return -EBUSY;
	leave(xfer);
	free(xfer->pushed);
	free(xfer);
	return 0;
}

/* @p may go on the wire as page number @page. Return: 0 or -errno */
static int push(struct tdm_kv_xfer *xfer, uint32_t page, const struct tdm_kv_source *src)
{
	struct kv_xfer_page *p = &xfer->page[page];

	if (src->bytes > p->ticket.bytes)
		return -EMSGSIZE;
	p->src = *src;
	p->pushed = true;
	p->told = false;
	p->posted = 0;
	p->done = 0;
	xfer->pushed[xfer->nr_pushed++ % xfer->pages] = page;
	return 0;
}

int tdm_kv_xfer_push(struct tdm_kv_xfer *xfer, uint32_t page, const struct tdm_kv_source *src)
{
	if (page >= xfer->pages || !src->bytes)
		return -EINVAL;
	if (xfer->page[page].pushed)
		return -EALREADY;
	if (xfer->state != TDM_KV_XFER_RUNNING)
		return src->bytes > xfer->page[page].ticket.bytes ? -EMSGSIZE : -ECANCELED;
	return push(xfer, page, src);
}

int tdm_kv_xfer_send(struct tdm_kv_xfer *xfer, uint32_t page, const struct tdm_kv_ticket *ticket,
		     const struct tdm_kv_source *src)
{
	int rc;

	if (page >= xfer->pages || !src->bytes)
		return -EINVAL;
	if (xfer->page[page].pushed && !xfer->page[page].told)
		return -EALREADY;
	if (xfer->state != TDM_KV_XFER_RUNNING && xfer->state != TDM_KV_XFER_DONE)
		return -ECANCELED;
	xfer->page[page].ticket = *ticket;
	rc = push(xfer, page, src);
	if (!rc)
		xfer->state = TDM_KV_XFER_RUNNING;
	return rc;
}

void kv_xfer_fail(struct tdm_kv_xfer *xfer, int32_t error, uint32_t page)
{
	if (xfer->state != TDM_KV_XFER_RUNNING)
		return;
	xfer->state = TDM_KV_XFER_FAILED;
	xfer->error = error;
	xfer->error_page = page;
}

void kv_xfer_posted(struct tdm_kv_xfer *xfer, uint32_t page, uint32_t len, uint64_t now_ns)
{
	struct kv_xfer_page *p = &xfer->page[page];

	if (!xfer->in_flight++)
		xfer->busy_since_ns = now_ns;
	if (!xfer->stats.first_post_ns)
		xfer->stats.first_post_ns = now_ns;
	if (!p->posted)
		p->posted_ns = now_ns;
	p->posted += len;
	if (p->posted == p->src.bytes)
		xfer->nr_posted++;
}

void kv_xfer_completed(struct tdm_kv_xfer *xfer, uint32_t page, uint32_t len, uint32_t status,
		       uint64_t now_ns)
{
	struct kv_xfer_page *p = &xfer->page[page];

	if (!--xfer->in_flight)
		xfer->stats.busy_ns += now_ns - xfer->busy_since_ns;
	if (status != TDM_NET_WC_SUCCESS) {
		xfer->bad = true;
		kv_xfer_fail(xfer, (int32_t)status, page);
		return;
	}
	xfer->stats.last_done_ns = now_ns;
	xfer->stats.writes++;
	xfer->stats.bytes += len;
	p->done += len;
	if (p->done < p->src.bytes)
		return;
	p->done_ns = now_ns;
	xfer->stats.pages++;
	xfer->done[xfer->nr_done++ % xfer->pages] = page;
	if (!p->counted) {
		p->counted = true;
		xfer->left--;
		xfer->layer_left[page / xfer->layer_pages]--;
	}
	/* Aborted stays aborted, even if the last page still comes home. */
	if (!xfer->left && xfer->nr_done == xfer->nr_pushed && xfer->state == TDM_KV_XFER_RUNNING)
		xfer->state = TDM_KV_XFER_DONE;
}

bool tdm_kv_xfer_next(struct tdm_kv_xfer *xfer, struct tdm_kv_done *done)
{
	uint32_t page;

	if (xfer->nr_told == xfer->nr_done)
		return false;
	page = xfer->done[xfer->nr_told++ % xfer->pages];
	xfer->page[page].told = true;
	done->ticket = xfer->page[page].ticket;
	done->crc = xfer->page[page].src.crc;
	done->page = page;
	done->posted_ns = xfer->page[page].posted_ns;
	done->done_ns = xfer->page[page].done_ns;
	return true;
}

uint32_t tdm_kv_xfer_layer_left(const struct tdm_kv_xfer *xfer, uint32_t layer)
{
	return layer <= (xfer->pages - 1) / xfer->layer_pages ? xfer->layer_left[layer] : 0;
}

void tdm_kv_xfer_abort(struct tdm_kv_xfer *xfer)
{
	if (xfer->state == TDM_KV_XFER_RUNNING)
		xfer->state = TDM_KV_XFER_ABORTED;
}

struct tdm_kv_xfer_status tdm_kv_xfer_status(const struct tdm_kv_xfer *xfer)
{
	bool settled = xfer->state != TDM_KV_XFER_RUNNING && !xfer->in_flight;

	return (struct tdm_kv_xfer_status){
		.state = xfer->state,
		.in_flight = xfer->in_flight,
		.settled = settled,
		.quiet = settled && !xfer->bad,
		.error = xfer->error,
		.error_page = xfer->error_page,
	};
}

struct tdm_kv_xfer_stats tdm_kv_xfer_stats(const struct tdm_kv_xfer *xfer)
{
	struct tdm_kv_xfer_stats stats = xfer->stats;

	if (xfer->in_flight)
		stats.busy_ns += kv_now_ns() - xfer->busy_since_ns;
	return stats;
}
