/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * KV pages: who owns which page of a memory region, and how pages reach the
 * pool of another device by RDMA writes.
 *
 *	sender				receiver
 *					tdm_kv_pool_reserve()	free -> reserved
 *		<-- tickets --		tdm_kv_pool_land()	-> landing
 *	tdm_kv_xfer_push()
 *		== RDMA writes ==>
 *	tdm_kv_xfer_next()
 *		-- ticket, CRC -->	tdm_kv_pool_commit()	-> ready
 *					tdm_kv_pool_take()	-> in use
 *					tdm_kv_pool_release()	-> free
 *
 * An abort puts landing pages into quarantine (draining): a write that is
 * still under way must never reach a page that was given to someone else. Only
 * tdm_kv_pool_ack() ends it, when the sender said that its writes are over or
 * its queue pair is gone (struct tdm_kv_xfer_status has the details).
 */
#ifndef TANDEM_KV_H
#define TANDEM_KV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tandem/error.h>
#include <tandem/net.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tdm_kv_pool;

/* What a page is doing. */
enum tdm_kv_state {
	TDM_KV_FREE = 0,
	TDM_KV_RESERVED = 1, /* has an owner, nobody writes yet */
	TDM_KV_LANDING = 2,  /* a ticket is out: a peer may write at any moment */
	TDM_KV_READY = 3,    /* every write of it completed and was announced */
	TDM_KV_IN_USE = 4,   /* the local device reads or writes it */
	TDM_KV_DRAINING = 5, /* given up, but a late access is still possible */
	TDM_KV_STATES = 6,
};

/* What can happen to a page. */
enum tdm_kv_op {
	TDM_KV_OP_RESERVE = 0, /* free -> reserved, with a new epoch */
	TDM_KV_OP_LAND = 1,    /* reserved -> landing */
	TDM_KV_OP_COMMIT = 2,  /* landing -> ready */
	TDM_KV_OP_TAKE = 3,    /* reserved, ready -> in use */
	TDM_KV_OP_RELEASE = 4, /* reserved, ready, in use -> free */
	TDM_KV_OP_ABORT = 5,   /* landing, in use -> draining */
	TDM_KV_OP_ACK = 6,     /* draining -> free */
	TDM_KV_OPS = 7,
};

/**
 * struct tdm_kv_pool_attr - the memory of a pool, which stays the caller's
 * @mem: first byte, at least for the life of the pool; the pool never reads or
 *	 writes it
 * @page_bytes: bytes of a page
 * @pages: how many
 * @id: for the tickets; different for every pool that a sender can meet
 * @device_base: what tdm_kv_pool_device_addr() counts from: the address of
 *		 @mem in the device's address space, opaque here
 */
struct tdm_kv_pool_attr {
	void *mem;
	uint64_t page_bytes;
	uint32_t pages;
	uint32_t id;
	uint64_t device_base;
};

/**
 * struct tdm_kv_ref - a page as it was handed out
 * @page: its number in the pool
 * @epoch: of the reservation; a ref of an older one is refused
 */
struct tdm_kv_ref {
	uint32_t page;
	uint32_t epoch;
};

/**
 * struct tdm_kv_ticket - what the receiver gives the sender for one page
 * @owner: the request
 * @addr: where to write, in the address space of @rkey
 * @bytes: room of the page
 * @pool, @page, @epoch: which reservation of which page
 * @rkey: right to write
 *
 * Plain bytes, fit for a message.
 */
struct tdm_kv_ticket {
	uint64_t owner;
	uint64_t addr;
	uint64_t bytes;
	uint32_t pool;
	uint32_t page;
	uint32_t epoch;
	uint32_t rkey;
};

/**
 * struct tdm_kv_page_info - one page in a listing
 * @owner: the request, 0 on a free page
 * @changed_ns: CLOCK_MONOTONIC of the last change of state
 * @page, @epoch: as in struct tdm_kv_ref
 * @crc: CRC32C of its bytes on the wire: of a commit, or, of a page in use, when its
 *	 engine sent it or took it in; 0 without
 * @state: enum tdm_kv_state
 * @bytes: how many bytes @crc is of; 0: it has none
 */
struct tdm_kv_page_info {
	uint64_t owner;
	uint64_t changed_ns;
	uint32_t page;
	uint32_t epoch;
	uint32_t crc;
	uint32_t state;
	uint64_t bytes;
};

/**
 * struct tdm_kv_pool_stats
 * @pages: pages by enum tdm_kv_state
 * @ops: pages that went through each enum tdm_kv_op, ever
 * @refused: calls refused, ever
 * @low_water: fewest free pages there ever were
 */
struct tdm_kv_pool_stats {
	uint32_t pages[TDM_KV_STATES];
	uint32_t low_water;
	uint64_t ops[TDM_KV_OPS];
	uint64_t refused;
};

/**
 * tdm_kv_pool_create - a pool over the caller's memory, all pages free
 *
 * All functions of a pool may be called from any thread at once, create and
 * destroy excepted.
 * Return: NULL on error: -EINVAL, -ENOMEM.
 */
struct tdm_kv_pool *tdm_kv_pool_create(const struct tdm_kv_pool_attr *attr, struct tdm_error *err);

/** tdm_kv_pool_destroy - in any state; the memory is not touched */
void tdm_kv_pool_destroy(struct tdm_kv_pool *pool);

/**
 * tdm_kv_pool_bind - say how peers reach a range of pages
 * @first, @n: the range; a pool may be split over several registrations
 * @addr: address of page @first for RDMA (tdm_net_reg_mr(): its virtual address)
 * @rkey: key for it, 0: none
 *
 * Return: 0, -EINVAL, or -EBUSY while a page of the range is landing or
 * draining: its ticket names the old key.
 */
int tdm_kv_pool_bind(struct tdm_kv_pool *pool, uint32_t first, uint32_t n, uint64_t addr,
		     uint32_t rkey, struct tdm_error *err);

/**
 * tdm_kv_pool_reserve - take @n free pages, or none
 * @owner: the request, not 0
 * @refs: room for @n; written only on success
 *
 * Return: 0, -ENOSPC (the message tells how many were free), -EINVAL.
 */
int tdm_kv_pool_reserve(struct tdm_kv_pool *pool, uint64_t owner, struct tdm_kv_ref *refs,
			uint32_t n, struct tdm_error *err);

/*
 * The calls below move @n pages of @owner, all of them or none. Refused with
 * -EINVAL: no such page, or a state that the operation does not start from (the
 * message names it); -ESTALE: the epoch is of another reservation; -EPERM: it
 * belongs to another owner.
 */

/**
 * tdm_kv_pool_land - open reserved pages for a peer's writes
 * @tickets: room for @n; written only on success
 *
 * Return: 0, -ENOKEY when a page has no key (tdm_kv_pool_bind()), or as above.
 */
int tdm_kv_pool_land(struct tdm_kv_pool *pool, uint64_t owner, const struct tdm_kv_ref *refs,
		     uint32_t n, struct tdm_kv_ticket *tickets, struct tdm_error *err);

/**
 * tdm_kv_pool_commit - the sender announced one page: all writes of it completed
 * @ticket: as it was given out; its bytes may be fewer, 0: the whole page
 * @crc: CRC32C of its bytes, by the device that made them
 *
 * Return: 0, or as above; -EINVAL also for a ticket of another pool.
 */
int tdm_kv_pool_commit(struct tdm_kv_pool *pool, const struct tdm_kv_ticket *ticket, uint32_t crc,
		       struct tdm_error *err);

/** tdm_kv_pool_take - the local device starts to use ready (or reserved) pages */
int tdm_kv_pool_take(struct tdm_kv_pool *pool, uint64_t owner, const struct tdm_kv_ref *refs,
		     uint32_t n, struct tdm_error *err);

/** tdm_kv_pool_release - give back pages that nobody can be writing or reading */
int tdm_kv_pool_release(struct tdm_kv_pool *pool, uint64_t owner, const struct tdm_kv_ref *refs,
			uint32_t n, struct tdm_error *err);

/** tdm_kv_pool_abort - give up pages that a NIC may still be accessing: to quarantine */
int tdm_kv_pool_abort(struct tdm_kv_pool *pool, uint64_t owner, const struct tdm_kv_ref *refs,
		      uint32_t n, struct tdm_error *err);

/** tdm_kv_pool_ack - no access is possible any more: from quarantine to free */
int tdm_kv_pool_ack(struct tdm_kv_pool *pool, uint64_t owner, const struct tdm_kv_ref *refs,
		    uint32_t n, struct tdm_error *err);

/**
 * tdm_kv_pool_drop - give up whatever @owner has: landing and in use pages to
 * quarantine, reserved and ready ones to free
 * @draining: room for @room refs: the pages of @owner that are in quarantine
 *	      now, to be acknowledged later; may be NULL
 *
 * For the end of a request whose state is not known (a lost peer). Looks at
 * every page of the pool.
 * Return: how many pages of @owner are in quarantine, whatever @room was
 */
uint32_t tdm_kv_pool_drop(struct tdm_kv_pool *pool, uint64_t owner, struct tdm_kv_ref *draining,
			  uint32_t room);

/** tdm_kv_pool_mem - first byte of a page; NULL: no such page */
void *tdm_kv_pool_mem(const struct tdm_kv_pool *pool, uint32_t page);

/** tdm_kv_pool_device_addr - device_base + its offset; 0: no such page */
uint64_t tdm_kv_pool_device_addr(const struct tdm_kv_pool *pool, uint32_t page);

/** tdm_kv_pool_crc - CRC32C given at commit. Return: 0 and *@crc, or as the calls above */
int tdm_kv_pool_crc(struct tdm_kv_pool *pool, uint64_t owner, struct tdm_kv_ref ref, uint32_t *crc,
		    struct tdm_error *err);

/** tdm_kv_pool_stats - all figures of one moment */
struct tdm_kv_pool_stats tdm_kv_pool_stats(struct tdm_kv_pool *pool);

/**
 * tdm_kv_pool_list - pages @first and on, all of one moment
 * Return: how many were written, up to @room and the end of the pool
 */
uint32_t tdm_kv_pool_list(struct tdm_kv_pool *pool, uint32_t first, struct tdm_kv_page_info *list,
			  uint32_t room);

/**
 * tdm_kv_pool_check - do all invariants hold?
 *
 * For tests and tools; looks at every page.
 * Return: 0, or -EUCLEAN with the first one that does not
 */
int tdm_kv_pool_check(struct tdm_kv_pool *pool, struct tdm_error *err);

/** tdm_kv_state_name - "in use"; "unknown" for what is none; static */
const char *tdm_kv_state_name(uint32_t state);
/** tdm_kv_op_name - "commit"; "unknown" for what is none; static */
const char *tdm_kv_op_name(uint32_t op);

/*
 * The sender's side.
 *
 *	tdm_kv_link	an endpoint with its credits; carries any number of
 *			transfers, each gets its turn
 *	tdm_kv_xfer	the pages of one request
 *
 * Both belong to the thread of the endpoint. Nothing is allocated after create.
 */
struct tdm_kv_link;
struct tdm_kv_xfer;

/**
 * tdm_kv_link_create - all completions of @ep belong to the link from now on
 * @ep: stays the caller's and must not be polled or posted to by others
 * @credits: writes in flight at once; 0 or too many: the endpoint's depth
 */
struct tdm_kv_link *tdm_kv_link_create(struct tdm_net_ep *ep, uint32_t credits,
				       struct tdm_error *err);

/** tdm_kv_link_destroy - Return: 0, or -EBUSY while it has transfers */
int tdm_kv_link_destroy(struct tdm_kv_link *link);

/**
 * tdm_kv_link_poll - reap completions and post what is ready, without waiting
 * Return: completions that were reaped, or -EIO: the device is gone, go on with
 * tdm_kv_link_lost()
 */
int tdm_kv_link_poll(struct tdm_kv_link *link);

/**
 * tdm_kv_link_wait - sleep until tdm_kv_link_poll() has completions to reap
 * @deadline_ns: CLOCK_MONOTONIC; UINT64_MAX: no limit
 * Return: 0 (also when nothing is in flight), -ETIMEDOUT, -EINTR, -EIO
 */
int tdm_kv_link_wait(struct tdm_kv_link *link, uint64_t deadline_ns);

/**
 * tdm_kv_link_lost - the endpoint was closed: what is in flight has failed
 *
 * The endpoint is not touched again; every transfer settles at once.
 */
void tdm_kv_link_lost(struct tdm_kv_link *link);

/**
 * struct tdm_kv_xfer_attr
 * @tickets: @pages of them, in the order layer by layer; copied. NULL: each is given
 *	     with its page, to tdm_kv_xfer_send()
 * @pages: how many
 * @layer_pages: pages of a layer: page i is of layer i / @layer_pages; 0: one layer
 * @peer: which peer of the endpoint
 * @window: writes of this transfer in flight at once; 0: the link's credits
 */
struct tdm_kv_xfer_attr {
	const struct tdm_kv_ticket *tickets;
	uint32_t pages;
	uint32_t layer_pages;
	uint32_t peer;
	uint32_t window;
};

/**
 * struct tdm_kv_source - finished bytes of a page
 * @addr: local address, in the memory of @lkey; unchanged until the page is done
 *	  or the transfer settled
 * @bytes: at most the ticket's
 * @lkey: local key
 * @crc: CRC32C, handed on to the receiver
 */
struct tdm_kv_source {
	uint64_t addr;
	uint64_t bytes;
	uint32_t lkey;
	uint32_t crc;
};

enum tdm_kv_xfer_state {
	TDM_KV_XFER_RUNNING = 0,
	TDM_KV_XFER_DONE = 1,	 /* every page is done */
	TDM_KV_XFER_FAILED = 2,	 /* a write failed; nothing more is posted */
	TDM_KV_XFER_ABORTED = 3, /* tdm_kv_xfer_abort(); nothing more is posted */
};

/**
 * struct tdm_kv_xfer_status
 * @state: enum tdm_kv_xfer_state
 * @in_flight: writes posted and not completed
 * @settled: not running and nothing in flight: the source pages may be reused
 * @quiet: settled, and every posted write completed well: the receiver may
 *	   acknowledge its draining pages. Settled but not quiet: some write ended
 *	   in an error and its packets may still be on the way; the receiver
 *	   closes its own endpoint (or changes the key) first
 * @error: enum tdm_net_wc_status of the first write that failed, or a negative
 *	   errno of the post; 0: none
 * @error_page: the page it was of
 */
struct tdm_kv_xfer_status {
	uint32_t state;
	uint32_t in_flight;
	bool settled;
	bool quiet;
	int32_t error;
	uint32_t error_page;
};

/**
 * struct tdm_kv_xfer_stats
 * @pages, @bytes, @writes: done
 * @first_post_ns, @last_done_ns: CLOCK_MONOTONIC; 0: not yet
 * @busy_ns: time with at least one write in flight, the running interval up to
 *	     now included. Its value when compute ends is what was hidden behind
 *	     compute. Ends of intervals are seen by tdm_kv_link_poll(): poll often
 */
struct tdm_kv_xfer_stats {
	uint64_t pages;
	uint64_t bytes;
	uint64_t writes;
	uint64_t first_post_ns;
	uint64_t last_done_ns;
	uint64_t busy_ns;
};

/**
 * struct tdm_kv_done - a page to announce to the receiver
 * @ticket: for its tdm_kv_pool_commit()
 * @crc: from struct tdm_kv_source
 * @page: its index in the transfer
 * @posted_ns, @done_ns: CLOCK_MONOTONIC of its first post and its last completion
 */
struct tdm_kv_done {
	struct tdm_kv_ticket ticket;
	uint32_t crc;
	uint32_t page;
	uint64_t posted_ns;
	uint64_t done_ns;
};

/** tdm_kv_xfer_create - Return: NULL on error: -EINVAL, -ENOMEM */
struct tdm_kv_xfer *tdm_kv_xfer_create(struct tdm_kv_link *link,
				       const struct tdm_kv_xfer_attr *attr, struct tdm_error *err);

/** tdm_kv_xfer_destroy - Return: 0, or -EBUSY while a write is in flight */
int tdm_kv_xfer_destroy(struct tdm_kv_xfer *xfer);

/**
 * tdm_kv_xfer_push - a page is final: send it
 * @page: its index; any order, each once
 *
 * Queues it; tdm_kv_link_poll() posts.
 * Return: 0, -EINVAL no such page or no bytes, -EALREADY pushed before,
 * -EMSGSIZE more bytes than the ticket has room for, -ECANCELED the transfer
 * has failed or was aborted.
 */
int tdm_kv_xfer_push(struct tdm_kv_xfer *xfer, uint32_t page, const struct tdm_kv_source *src);

/**
 * tdm_kv_xfer_send - as tdm_kv_xfer_push(), to where @ticket says
 *
 * A page that tdm_kv_xfer_next() handed out may be sent again, by a new ticket: it
 * had arrived corrupt.
 */
int tdm_kv_xfer_send(struct tdm_kv_xfer *xfer, uint32_t page, const struct tdm_kv_ticket *ticket,
		     const struct tdm_kv_source *src);

/**
 * tdm_kv_xfer_next - the next page of which every write completed
 *
 * Pages that were done before a failure or an abort still come out.
 * Return: true and *@done, or false: none now
 */
bool tdm_kv_xfer_next(struct tdm_kv_xfer *xfer, struct tdm_kv_done *done);

/** tdm_kv_xfer_layer_left - pages of a layer that are not done; 0: the layer is */
uint32_t tdm_kv_xfer_layer_left(const struct tdm_kv_xfer *xfer, uint32_t layer);

/**
 * tdm_kv_xfer_abort - post nothing more
 *
 * What is in flight ends by itself (tdm_kv_link_poll()), or at once by
 * tdm_net_ep_flush(). Pages that are not done never will be.
 */
void tdm_kv_xfer_abort(struct tdm_kv_xfer *xfer);

struct tdm_kv_xfer_status tdm_kv_xfer_status(const struct tdm_kv_xfer *xfer);
struct tdm_kv_xfer_stats tdm_kv_xfer_stats(const struct tdm_kv_xfer *xfer);

#ifdef __cplusplus
}
#endif

#endif /* TANDEM_KV_H */
