/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * KV pages between processes and hosts: an agent owns a NIC, the memory that is
 * registered with it, and the connections to other agents.
 *
 *	sending agent					receiving agent
 *	tdm_agent_connect()	-- control, queue pair --	tdm_agent_listen()
 *	tdm_send_open()		-- OPEN, meta -->		tdm_agent_accept()
 *				<-- tickets (credits) --	tdm_recv_start()
 *	tdm_send_push()		== RDMA writes ==>
 *				-- DONE: page, CRC -->		tdm_recv_next()
 *				<-- credit, or: again --	tdm_recv_done()
 *	tdm_send_finish()	-- FINISH, meta -->		TDM_RECV_COMMITTED
 *	TDM_SEND_DONE		<-- FINISHED --
 *
 * Who owns what:
 * - A landing page belongs to one request from its ticket to tdm_recv_done(). A
 *   ticket is used once; what is announced is named by page and epoch.
 * - Landing memory is split into regions, one for each sending peer, registered
 *   one by one: a peer that died costs its own region only. A request holds a
 *   share of its peer's region at most, so that a slow consumer holds its sender
 *   back and nobody else.
 * - A connection is one incarnation: control connection, queue pair, region and
 *   tickets end together. When it ends badly the receiver first makes late writes
 *   impossible (RC: its queue pair is closed; SRD: the region gets a new key) and
 *   only then gives the pages away.
 * - A request that is given up, by either side and at any point, keeps the
 *   connection: its landing pages stay in quarantine until the sender said that
 *   every write of it had ended well; if one did not, the connection ends.
 * - A peer that says nothing for the lease has died.
 *
 * Threads: an agent, its peers and requests belong to one thread at a time; nothing
 * happens but in its calls, none of which waits, tdm_agent_wait() excepted. Memory
 * is registered once, at tdm_agent_add_source() and tdm_agent_land(); nothing is
 * allocated between a request's open and its close.
 */
#ifndef TANDEM_AGENT_H
#define TANDEM_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tandem/error.h>
#include <tandem/kv.h>
#include <tandem/net.h>
#include <tandem/trace.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tdm_agent;
struct tdm_peer;
struct tdm_send;
struct tdm_recv;

/* Bytes of what a request carries besides its pages, at its open and at its finish. */
#define TDM_META_MAX 65536U

/**
 * struct tdm_agent_attr
 * @size: sizeof(struct tdm_agent_attr)
 * @page_units: units of a page on this side (tokens); two sides exchange pages of
 *		the greatest common divisor of theirs
 * @unit_bytes: bytes of a unit, the same on both sides
 * @layout: what the bytes mean, in words; a peer with another text is refused. NULL: ""
 * @nic: an open NIC, which stays the caller's and outlives the agent; or NULL
 * @net: NIC to open without @nic, as for tdm_net_open()
 * @secret, @secret_len: the shared key, 16 bytes or more; copied
 * @lease_ns: a peer that is silent for so long has died; 0: 5 s
 * @max_peers: connections at once; 0: 64
 * @streams: requests of one peer that land at once; 0: 4. More wait in line
 * @max_pages: pages of one request at most, announced ones of a peer included; 0: 2^20
 * @resends: how often a page that arrived corrupt is sent again; 0: 8
 * @trace: told what pages do, by their number and their request's; or NULL. Outlives
 *	   the agent
 */
struct tdm_agent_attr {
	uint32_t size;
	uint32_t page_units;
	uint64_t unit_bytes;
	const char *layout;
	struct tdm_net *nic;
	const char *net;
	const void *secret;
	size_t secret_len;
	uint64_t lease_ns;
	uint32_t max_peers;
	uint32_t streams;
	uint32_t max_pages;
	uint32_t resends;
	struct tdm_trace *trace;
};

/**
 * tdm_agent_create - open the NIC
 * Return: NULL on error: -EINVAL, -ENOMEM, or as tdm_net_open()
 */
struct tdm_agent *tdm_agent_create(const struct tdm_agent_attr *attr, struct tdm_error *err);

/** tdm_agent_destroy - end all connections and free it; its requests must be closed. NULL is fine */
void tdm_agent_destroy(struct tdm_agent *agent);

/** tdm_agent_net - the NIC, for its name and counters */
struct tdm_net *tdm_agent_net(const struct tdm_agent *agent);

/**
 * tdm_agent_add_source - memory that pages are sent from; stays the caller's
 * @mem: access is ignored; see tdm_net_reg_mem()
 * Return: its number for tdm_send_push(), or -errno
 */
int tdm_agent_add_source(struct tdm_agent *agent, const struct tdm_net_mem *mem,
			 struct tdm_error *err);

/**
 * tdm_agent_land - memory that peers' pages land in; stays the caller's. Once
 * @mem: access is ignored
 * @page_bytes: of a landing page: page_units * unit_bytes or more
 * @regions: how many peers can send at once; each gets an equal part of the pages
 * Return: 0, -EINVAL fewer pages than regions, -EALREADY, or as tdm_net_reg_mem()
 */
int tdm_agent_land(struct tdm_agent *agent, const struct tdm_net_mem *mem, uint64_t page_bytes,
		   uint32_t regions, struct tdm_error *err);

/** tdm_agent_mr_kind - how the NIC reaches a source, or landing memory: @source -1 */
uint32_t tdm_agent_mr_kind(const struct tdm_agent *agent, int source);

/**
 * tdm_agent_listen - take connections at HOST:PORT; port 0: any free one
 * Return: 0 or -errno
 */
int tdm_agent_listen(struct tdm_agent *agent, const char *address, struct tdm_error *err);

/** tdm_agent_address - where it listens, NULL when it does not; lives as long as @agent */
const char *tdm_agent_address(const struct tdm_agent *agent);

/**
 * tdm_agent_connect - begin to connect
 * Return: a peer, the caller's until tdm_peer_close(), or NULL on error
 */
struct tdm_peer *tdm_agent_connect(struct tdm_agent *agent, const char *address,
				   struct tdm_error *err);

/**
 * tdm_agent_pair - connect two agents of one process
 * Return: @to as a peer of @from, the caller's until tdm_peer_close(), or NULL
 */
struct tdm_peer *tdm_agent_pair(struct tdm_agent *from, struct tdm_agent *to,
				struct tdm_error *err);

enum tdm_peer_state {
	TDM_PEER_OPENING = 0,
	TDM_PEER_UP = 1,
	TDM_PEER_DOWN = 2, /* for good: tdm_peer_error() */
};

uint32_t tdm_peer_state(const struct tdm_peer *peer);

/** tdm_peer_error - why it is down; lives as long as the peer */
const struct tdm_error *tdm_peer_error(const struct tdm_peer *peer);

/** tdm_peer_units - units of a page to and from it, once it is up */
uint32_t tdm_peer_units(const struct tdm_peer *peer);

/** tdm_peer_close - end the connection; its requests fail. NULL is fine */
void tdm_peer_close(struct tdm_peer *peer);

/**
 * tdm_agent_poll - do all that can be done now
 * Return: 1 when something moved, 0 when nothing did, or -EIO: the NIC is gone
 */
int tdm_agent_poll(struct tdm_agent *agent);

/**
 * tdm_agent_wait - sleep until tdm_agent_poll() may have something to do
 * @fd: a descriptor of the caller's to wait for as well (readable), or -1
 * @deadline_ns: CLOCK_MONOTONIC
 * Return: 0, also at the deadline and after a signal
 */
int tdm_agent_wait(struct tdm_agent *agent, int fd, uint64_t deadline_ns);

/* The sending side of a request. */

enum tdm_send_state {
	TDM_SEND_RUNNING = 0,
	TDM_SEND_ENDING = 1, /* given up: writes are still on the way */
	TDM_SEND_DONE = 2,   /* the receiver has it all, and the finish */
	TDM_SEND_FAILED = 3, /* tdm_send_error(); no write is on the way any more */
};

/**
 * struct tdm_send_attr
 * @id: of the request, any number that no other open request to the peer has
 * @pages: how many, 1 or more
 * @meta, @meta_len: for the receiver's consumer; copied
 */
struct tdm_send_attr {
	uint64_t id;
	uint32_t pages;
	uint32_t meta_len;
	const void *meta;
};

/**
 * tdm_send_open - ask a peer that is up for landing pages
 * Return: NULL on error: -ENOTCONN, -EINVAL, -EEXIST the id is open, -ENOMEM
 */
struct tdm_send *tdm_send_open(struct tdm_peer *peer, const struct tdm_send_attr *attr,
			       struct tdm_error *err);

/**
 * struct tdm_send_page - finished bytes of a page
 * @source: number from tdm_agent_add_source()
 * @crc: CRC32C of them
 * @offset: in the source's memory; unchanged until the request is DONE or FAILED
 * @bytes: a page's: units * unit_bytes
 */
struct tdm_send_page {
	uint32_t source;
	uint32_t crc;
	uint64_t offset;
	uint64_t bytes;
};

/**
 * tdm_send_push - page @index is final: send it as soon as there is a ticket
 * Return: 0, -EINVAL, -EALREADY pushed before, -ECANCELED the request has ended
 */
int tdm_send_push(struct tdm_send *send, uint32_t index, const struct tdm_send_page *page);

/** tdm_send_taken - pages that the receiver's consumer has taken; up to attr.pages */
uint32_t tdm_send_taken(const struct tdm_send *send);

/**
 * tdm_send_finish - commit, as soon as all pages are taken
 * Return: 0, -EALREADY, -EMSGSIZE, -ECANCELED the request has ended
 */
int tdm_send_finish(struct tdm_send *send, const void *meta, uint32_t len);

/**
 * tdm_send_abort - give it up
 * @reason: "<thing>: <what>; <cure>", told to the receiver
 *
 * Behind tdm_send_finish() it may come too late: FAILED here, and COMMITTED there.
 */
void tdm_send_abort(struct tdm_send *send, const char *reason);

uint32_t tdm_send_state(const struct tdm_send *send);
const struct tdm_error *tdm_send_error(const struct tdm_send *send);

/** tdm_send_stats - of its writes */
struct tdm_kv_xfer_stats tdm_send_stats(const struct tdm_send *send);

/** tdm_send_close - Return: 0, or -EBUSY: neither DONE nor FAILED yet. NULL is fine */
int tdm_send_close(struct tdm_send *send);

/* The receiving side. */

enum tdm_recv_state {
	TDM_RECV_OFFERED = 0,
	TDM_RECV_RUNNING = 1,
	TDM_RECV_COMMITTED = 2, /* every page was taken, and the sender finished */
	TDM_RECV_FAILED = 3,	/* tdm_recv_error(); pages that are out go back as usual */
};

/**
 * tdm_agent_accept - the next request that a peer opened, or NULL: none now
 *
 * It is the caller's until tdm_recv_close(): start it or abort it.
 */
struct tdm_recv *tdm_agent_accept(struct tdm_agent *agent);

uint64_t tdm_recv_id(const struct tdm_recv *recv);
uint32_t tdm_recv_pages(const struct tdm_recv *recv);

/** tdm_recv_units - units of one of its pages */
uint32_t tdm_recv_units(const struct tdm_recv *recv);

/** tdm_recv_meta - of the open, or of the finish once COMMITTED; lives as long as @recv */
const void *tdm_recv_meta(const struct tdm_recv *recv, uint32_t *len);

/** tdm_recv_start - hand out tickets from now on. Return: 0 or -ECANCELED */
int tdm_recv_start(struct tdm_recv *recv);

/**
 * struct tdm_landed - a page that is there
 * @index: of the request
 * @page: landing page, counted over the whole landing memory: it lies at @page *
 *	  page_bytes
 * @crc: as the sender said: the consumer checks it
 * @bytes: of it
 */
struct tdm_landed {
	uint32_t index;
	uint32_t page;
	uint32_t crc;
	uint32_t reserved;
	uint64_t bytes;
};

/** tdm_recv_next - the next page that arrived; the consumer's until tdm_recv_done() */
bool tdm_recv_next(struct tdm_recv *recv, struct tdm_landed *landed);

/**
 * tdm_recv_done - the consumer does not look at the landing page any more
 * @good: false: its CRC did not match: it is sent again, a number of times
 *
 * Also for pages of a request that has FAILED.
 * Return: 0, or -EINVAL the consumer does not have that page
 */
int tdm_recv_done(struct tdm_recv *recv, uint32_t index, bool good);

/** tdm_recv_abort - give it up; @reason is told to the sender */
void tdm_recv_abort(struct tdm_recv *recv, const char *reason);

uint32_t tdm_recv_state(const struct tdm_recv *recv);
const struct tdm_error *tdm_recv_error(const struct tdm_recv *recv);

/**
 * tdm_recv_close - done with it, in any state; NULL is fine
 *
 * One that runs is aborted. No page of it is the consumer's any more; its pages
 * are free at once or when the sender has answered.
 */
void tdm_recv_close(struct tdm_recv *recv);

/**
 * struct tdm_agent_stats - since the agent was created
 * @peers: connections now; @peers_lost: ended badly, ever
 * @sends, @recvs: requests open now
 * @pages_sent, @bytes_sent: written and announced; @pages_resent: of them again
 * @pages_taken, @bytes_taken: landed and taken by the consumer; @pages_corrupt:
 *			       refused by it
 * @aborted: requests given up by either side
 * @fenced: regions of lost peers that were closed off; @rekeyed: of them by a new
 *	    registration
 * @registered: registrations of memory, ever; @registered_bytes: memory of them
 *		that is pinned now
 * @landing: landing pages by enum tdm_kv_state
 */
struct tdm_agent_stats {
	uint32_t peers;
	uint32_t sends;
	uint32_t recvs;
	uint32_t registered;
	uint64_t registered_bytes;
	uint64_t peers_lost;
	uint64_t pages_sent;
	uint64_t bytes_sent;
	uint64_t pages_resent;
	uint64_t pages_taken;
	uint64_t bytes_taken;
	uint64_t pages_corrupt;
	uint64_t aborted;
	uint64_t fenced;
	uint64_t rekeyed;
	uint32_t landing[TDM_KV_STATES];
};

struct tdm_agent_stats tdm_agent_stats(const struct tdm_agent *agent);

#ifdef __cplusplus
}
#endif

#endif /* TANDEM_AGENT_H */
