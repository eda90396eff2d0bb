// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The sending side of a request.
 */
#include <errno.h>
#include <stdlib.h>

#include "agent/agent.h"

static struct tdm_send *alloc(uint32_t pages)
{
	struct tdm_send *send = calloc(1, sizeof(*send) + pages * sizeof(send->page[0]));

	if (!send)
		return NULL;
	send->tickets = calloc(pages, sizeof(*send->tickets));
	send->waiting = calloc(pages, sizeof(*send->waiting));
	send->meta = malloc(TDM_META_MAX);
	if (send->tickets && send->waiting && send->meta)
		return send;
	free(send->meta);
	free(send->waiting);
	free(send->tickets);
	free(send);
	return NULL;
}

static void release(struct tdm_send *send)
{
	free(send->meta);
	free(send->waiting);
	free(send->tickets);
	free(send);
}

struct tdm_send *send_find(struct tdm_peer *peer, uint64_t number)
{
	struct tdm_send *send = peer->sends;

	while (send && (send->number != number || send->state >= TDM_SEND_DONE))
		send = send->next;
	return send;
}

static bool is_open(const struct tdm_peer *peer, uint64_t id)
{
	const struct tdm_send *send = peer->sends;

	while (send && (send->id != id || send->state >= TDM_SEND_DONE))
		send = send->next;
	return send;
}

static int check(struct tdm_peer *peer, const struct tdm_send_attr *attr, struct tdm_error *err)
{
	if (peer->state != TDM_PEER_UP)
		return tdm_error_set(err, -ENOTCONN,
				     "peer: there is no connection to it (%s); connect, and wait "
				     "until it is up",
				     peer->state == TDM_PEER_DOWN ? peer->error.msg : "not yet");
	if (peer->room < peer->bytes)
		return tdm_error_set(err, -EINVAL,
				     "peer %s: it has no landing memory for pages of %llu bytes; "
				     "connect to one that takes pages",
				     peer->conn->peer, (unsigned long long)peer->bytes);
	if (!attr->pages || attr->pages > peer->agent->attr.max_pages ||
	    attr->meta_len > TDM_META_MAX)
		return tdm_error_set(
			err, -EINVAL,
			"request %016llx: %u pages and %u bytes about them; take 1 to %u "
			"pages, and %u bytes at most",
			(unsigned long long)attr->id, attr->pages, attr->meta_len,
			peer->agent->attr.max_pages, TDM_META_MAX);
	if (is_open(peer, attr->id))
		return tdm_error_set(err, -EEXIST,
				     "request %016llx: one of that number is open; take another",
				     (unsigned long long)attr->id);
	return 0;
}

static void say_open(const struct tdm_send *send, const struct tdm_send_attr *attr)
{
	uint8_t bytes[20 + TDM_META_MAX];
	struct msg_out m = { .at = bytes };

	msg_put64(&m, send->number);
	msg_put32(&m, send->pages);
	msg_put64(&m, send->id);
	if (attr->meta_len)
		msg_put(&m, attr->meta, attr->meta_len);
	peer_send(send->peer, MSG_OPEN, bytes, m.len);
}

struct tdm_send *tdm_send_open(struct tdm_peer *peer, const struct tdm_send_attr *attr,
			       struct tdm_error *err)
{
	struct tdm_kv_xfer_attr xfer = { .pages = attr->pages, .peer = peer->number };
	struct tdm_send *send;

	if (check(peer, attr, err))
		return NULL;
	send = alloc(attr->pages);
	if (!send) {
		tdm_error_set(err, -ENOMEM,
			      "request %016llx: out of memory for %u pages; free some",
			      (unsigned long long)attr->id, attr->pages);
		return NULL;
	}
	send->xfer = tdm_kv_xfer_create(peer->lane->link, &xfer, err);
	if (!send->xfer) {
		release(send);
		return NULL;
	}
	send->peer = peer;
	send->number = ++peer->numbers;
	send->id = attr->id;
	send->pages = attr->pages;
	send->next = peer->sends;
	peer->sends = send;
	peer->agent->stats.sends++;
	say_open(send, attr);
	return send;
}

int tdm_send_push(struct tdm_send *send, uint32_t index, const struct tdm_send_page *page)
{
	const struct tdm_agent *agent = send->peer->agent;

	if (index >= send->pages || page->source >= agent->nr_sources ||
	    page->bytes != send->peer->bytes ||
	    page->bytes > agent->sources[page->source].mem.len ||
	    page->offset > agent->sources[page->source].mem.len - page->bytes)
		return -EINVAL;
	if (send->page[index].state != OUT_NONE)
		return -EALREADY;
	if (send->state != TDM_SEND_RUNNING || send->peer->state != TDM_PEER_UP)
		return -ECANCELED;
	send->page[index].src = *page;
	send->page[index].state = OUT_WAITING;
	send->waiting[send->wait_tail++ % send->pages] = index;
	trace_page(agent->attr.trace, TDM_TRACE_PUSHED, send->id, index, page->bytes);
	return 0;
}

/* Pages that wait, to the tickets that are there. */
static int match(struct tdm_send *send)
{
	const struct tdm_agent *agent = send->peer->agent;
	int moved = 0;

	while (send->wait_head != send->wait_tail && send->ticket_head != send->ticket_tail) {
		uint32_t index = send->waiting[send->wait_head % send->pages];
		struct out_page *page = &send->page[index];
		const struct source *from = &agent->sources[page->src.source];
		struct tdm_kv_source src = {
			.addr = (uint64_t)(uintptr_t)from->mem.addr + page->src.offset,
			.bytes = page->src.bytes,
			.lkey = tdm_net_mr_lkey(from->mr),
			.crc = page->src.crc,
		};

		if (tdm_kv_xfer_send(send->xfer, index,
				     &send->tickets[send->ticket_head % send->pages], &src))
			break;
		page->state = OUT_FLYING;
		send->wait_head++;
		send->ticket_head++;
		moved = 1;
	}
	return moved;
}

static void note_written(const struct tdm_send *send, const struct tdm_kv_done *done)
{
	struct tdm_trace *trace = send->peer->agent->attr.trace;
	struct tdm_trace_event event;

	if (!trace_on(trace))
		return;
	event = trace_event(TDM_TRACE_WRITTEN, send->id, done->posted_ns);
	event.duration_ns = done->done_ns - done->posted_ns;
	event.page = done->page;
	event.pages = 1;
	event.bytes = send->page[done->page].src.bytes;
	tdm_trace_add(trace, &event);
}

/* Pages of which every write completed are announced, some at a time. */
static int say_done(struct tdm_send *send)
{
	uint8_t bytes[MSG_BATCH_BYTES];
	struct msg_out m = { .at = bytes };
	struct tdm_agent *agent = send->peer->agent;
	struct tdm_kv_done done;
	uint32_t n = 0;

	msg_put64(&m, send->number);
	for (; n < BATCH_MAX && tdm_kv_xfer_next(send->xfer, &done); n++) {
		struct out_page *page = &send->page[done.page];

		page->state = OUT_SAID;
		note_written(send, &done);
		agent->stats.pages_resent += page->again != 0;
		agent->stats.pages_sent++;
		agent->stats.bytes_sent += page->src.bytes;
		msg_put_done(&m, &done);
	}
	if (n)
		peer_send(send->peer, MSG_DONE, bytes, m.len);
	return n > 0;
}

/* No write is on the way any more: the source memory is the caller's again. */
static void settle(struct tdm_send *send)
{
	send->stats = tdm_kv_xfer_stats(send->xfer);
	(void)tdm_kv_xfer_destroy(send->xfer);
	send->xfer = NULL;
}

static void fail(struct tdm_send *send)
{
	settle(send);
	send->state = TDM_SEND_FAILED;
	send->peer->agent->stats.aborted++;
}

static void write_failed(struct tdm_send *send)
{
	struct tdm_kv_xfer_status st = tdm_kv_xfer_status(send->xfer);

	peer_down(send->peer, -EIO,
		  "the write of page %u of request %016llx failed: %s; connect again",
		  st.error_page, (unsigned long long)send->id,
		  st.error > 0 ? tdm_net_status_name((uint32_t)st.error) : "the NIC is gone");
}

static int step_running(struct tdm_send *send)
{
	int moved = match(send) | say_done(send);

	if (tdm_kv_xfer_status(send->xfer).state == TDM_KV_XFER_FAILED) {
		write_failed(send);
		return 1;
	}
	if (!send->finishing || send->finished || send->taken < send->pages)
		return moved;
	send->finished = true;
	peer_send_number(send->peer, MSG_FINISH, send->number, send->meta, send->meta_len);
	return 1;
}

/* Given up. The receiver frees its pages when it hears that all writes ended well. */
static int step_ending(struct tdm_send *send)
{
	struct tdm_kv_xfer_status st = tdm_kv_xfer_status(send->xfer);

	if (!st.settled)
		return 0;
	if (send->peer->state == TDM_PEER_UP) {
		if (st.quiet)
			peer_send_reason(send->peer, MSG_ENDED, send->number, &send->error);
		else
			write_failed(send);
	}
	fail(send);
	return 1;
}

int send_step(struct tdm_send *send)
{
	if (send->state == TDM_SEND_RUNNING && send->peer->state == TDM_PEER_UP)
		return step_running(send);
	if (send->state == TDM_SEND_ENDING)
		return step_ending(send);
	return 0;
}

static void give_up(struct tdm_send *send, const struct tdm_error *why)
{
	send->state = TDM_SEND_ENDING;
	send->error = *why;
	tdm_kv_xfer_abort(send->xfer);
}

void send_lost(struct tdm_send *send, const struct tdm_error *why)
{
	if (send->state == TDM_SEND_RUNNING)
		give_up(send, why);
	if (send->state == TDM_SEND_ENDING)
		(void)step_ending(send);
}

void tdm_send_abort(struct tdm_send *send, const char *reason)
{
	struct tdm_error why = { .code = -ECANCELED };

	if (send->state != TDM_SEND_RUNNING)
		return;
	/* errors.sh: the cure is in reason */
	tdm_error_set(&why, -ECANCELED, "%s", reason);
	give_up(send, &why);
}

int tdm_send_finish(struct tdm_send *send, const void *meta, uint32_t len)
{
	if (send->state != TDM_SEND_RUNNING)
		return -ECANCELED;
	if (send->finishing)
		return -EALREADY;
	if (len > TDM_META_MAX)
		return -EMSGSIZE;
	if (len)
		memcpy(send->meta, meta, len);
	send->meta_len = len;
	send->finishing = true;
	return 0;
}

uint32_t tdm_send_taken(const struct tdm_send *send)
{
	return send->taken;
}

uint32_t tdm_send_state(const struct tdm_send *send)
{
	return send->state;
}

const struct tdm_error *tdm_send_error(const struct tdm_send *send)
{
	return &send->error;
}

struct tdm_kv_xfer_stats tdm_send_stats(const struct tdm_send *send)
{
	return send->xfer ? tdm_kv_xfer_stats(send->xfer) : send->stats;
}

int tdm_send_close(struct tdm_send *send)
{
	struct tdm_send **at;

	if (!send)
		return 0;
	if (send->xfer)
		return -EBUSY;
	at = &send->peer->sends;
	while (*at != send)
		at = &(*at)->next;
	*at = send->next;
	send->peer->agent->stats.sends--;
	release(send);
	return 0;
}
