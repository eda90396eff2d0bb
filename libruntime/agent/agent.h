/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What the files of agent/ share. All of it belongs to the agent's thread.
 *
 * A peer's struct stays until its connection is down and neither its owner nor a
 * request refers to it; a request's until it is closed and nothing of it is out.
 */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include <tandem/agent.h>

#include "agent/msg.h"
#include "agent/view.h"
#include "kv/pool.h"
#include "kv/xfer.h"
#include "trace/trace.h"
#include "wire/conn.h"
#include "wire/tcp.h"

#define SOURCES_MAX 16

/* An endpoint: of one peer where an error stops it (RC), else of all of them (SRD). */
struct lane {
	struct lane *next;
	struct tdm_net_ep *ep;
	struct tdm_kv_link *link;
	uint32_t users; /* peers now */
	uint32_t given; /* peers ever: an endpoint numbers them once and for all */
	bool cut;	/* its endpoint is closed */
};

/* A part of the landing memory, with its key; one sending peer's at a time. */
struct region {
	struct tdm_kv_pool *pool; /* its id is the region's number */
	struct tdm_net_mr *mr;	  /* NULL: the last registration failed; tried again when needed */
	struct tdm_net_mem mem;
	struct tdm_peer *peer; /* NULL: nobody's, and no ticket of it is out */
	bool stuck;	       /* its key could not be taken back: pages stay in quarantine */
};

struct source {
	struct tdm_net_mr *mr;
	struct tdm_net_mem mem;
};

struct tdm_agent {
	struct tdm_agent_attr attr; /* pointers in it are not used after create */
	char layout[LAYOUT_MAX + 1];
	struct wire_key key;
	struct wire_attr wire;
	struct tdm_net *net;
	bool owns_net;
	struct wire_listener *listener;
	uint64_t now_ns; /* of the running poll */

	struct tdm_peer *peers;
	uint32_t nr_peers;
	struct lane *lanes;
	struct source sources[SOURCES_MAX];
	uint32_t nr_sources;

	uint64_t page_bytes; /* of a landing page; 0: none */
	uint32_t nr_regions;
	struct region *regions;
	uint64_t owners; /* the last number given to a request in a pool */

	struct tdm_agent_stats stats;
	struct agent_view *view; /* NULL: nobody looks */
};

struct tdm_peer {
	struct tdm_peer *next;
	struct tdm_agent *agent;
	struct wire_conn *conn; /* NULL once it is down */
	enum tdm_peer_state state;
	struct tdm_error error;
	bool owned;	/* by who connected */
	bool buried;	/* down, and all that follows from it is done */
	bool greeted;	/* our HELLO is out */
	bool connected; /* its HELLO was good, and the endpoint is connected to it */
	uint64_t since_ns;

	struct lane *lane;
	uint32_t number; /* of the peer at the lane's endpoint */
	uint32_t units;
	uint64_t bytes; /* of a page */
	uint64_t room;	/* of a landing page there; 0: none */
	struct region *region;

	uint64_t numbers; /* the last one given to a request to it */
	uint64_t heard;	  /* and by it */
	struct tdm_send *sends;
	struct tdm_recv *recvs; /* in the order in which they were opened */
	uint32_t nr_recvs;
};

enum out_state { OUT_NONE = 0, OUT_WAITING, OUT_FLYING, OUT_SAID, OUT_TAKEN };

struct out_page {
	struct tdm_send_page src;
	uint8_t state; /* enum out_state */
	uint8_t again; /* how often it was sent again */
};

struct tdm_send {
	struct tdm_send *next;
	struct tdm_peer *peer;
	uint64_t number; /* in the messages */
	uint64_t id;	 /* the caller's */
	enum tdm_send_state state;
	struct tdm_error error;
	struct tdm_kv_xfer *xfer; /* NULL once DONE or FAILED */
	struct tdm_kv_xfer_stats stats;
	bool finishing; /* tdm_send_finish() was called */
	bool finished;	/* FINISH is out */
	uint32_t pages;
	uint32_t taken;
	uint8_t *meta; /* of the finish */
	uint32_t meta_len;

	/* Rings of @pages entries. */
	struct tdm_kv_ticket *tickets; /* not used yet */
	uint32_t ticket_head, ticket_tail;
	uint32_t *waiting; /* pages without a ticket */
	uint32_t wait_head, wait_tail;
	struct out_page page[];
};

enum in_state { IN_NONE = 0, IN_READY, IN_TAKEN, IN_DONE };

struct in_page {
	struct tdm_kv_ref ref;
	uint32_t crc;
	uint8_t state; /* enum in_state */
	uint8_t again;
};

struct tdm_recv {
	struct tdm_recv *next;
	struct tdm_peer *peer; /* NULL once nothing of it is expected from there */
	struct region *region; /* NULL until it is accepted */
	struct tdm_agent *agent;
	uint64_t number; /* in the messages */
	uint64_t id;
	uint64_t owner; /* in the pool */
	enum tdm_recv_state state;
	struct tdm_error error;
	bool accepted;
	bool started;
	bool closed;	     /* by the consumer */
	uint64_t aborted_ns; /* 0: not */
	uint32_t units;
	uint64_t bytes; /* of a page */
	uint32_t pages;
	uint32_t window;
	uint32_t out;  /* tickets whose page is not announced yet */
	uint32_t held; /* pages ready or with the consumer */
	uint32_t taken;
	uint8_t *meta;
	uint32_t meta_len;

	uint32_t *ready; /* rings of @pages entries */
	uint32_t ready_head, ready_tail;
	uint32_t *said; /* taken or refused, to be told */
	uint32_t said_head, said_tail;
	struct in_page page[];
};

/* agent.c */
int agent_poll_at(struct tdm_agent *agent, uint64_t now_ns);
/* A connection that is open already, or will be: for tdm_agent_pair() and tests. */
struct tdm_peer *agent_add(struct tdm_agent *agent, struct wire_conn *conn, bool owned,
			   struct tdm_error *err);

/* lane.c */
struct lane *lane_get(struct tdm_agent *agent, struct tdm_error *err);
/* Of one peer: close the endpoint; every write on it has ended then. Not if shared. */
void lane_cut(struct tdm_agent *agent, struct lane *lane);
/* Its transfers are destroyed. */
void lane_put(struct tdm_agent *agent, struct lane *lane);
bool lane_is_shared(const struct tdm_agent *agent);

/* region.c */
int region_open_all(struct tdm_agent *agent, const struct tdm_net_mem *mem, uint32_t regions,
		    struct tdm_error *err);
void region_close_all(struct tdm_agent *agent);
struct region *region_get(struct tdm_agent *agent, struct tdm_peer *peer, struct tdm_error *err);
/*
 * The peer is gone: after this no write of it lands in the region, whatever is still
 * on the way. Its queue pair is closed already, if it had one of its own.
 */
void region_fence(struct tdm_agent *agent, struct region *region);

/* peer.c, peer_msg.c */
int peer_step(struct tdm_peer *peer); /* 1: something moved */
int peer_messages(struct tdm_peer *peer);
/* It ends, at its next step: nothing is freed in here. The first reason counts. */
void peer_down(struct tdm_peer *peer, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void peer_send(struct tdm_peer *peer, enum msg_type type, const void *payload, uint32_t len);
void peer_send_reason(struct tdm_peer *peer, enum msg_type type, uint64_t number,
		      const struct tdm_error *why);
/* A message with a number and a text or bytes behind it. */
void peer_send_number(struct tdm_peer *peer, enum msg_type type, uint64_t number, const void *rest,
		      uint32_t len);
/* Do what follows from its end. */
void peer_bury(struct tdm_peer *peer);
/* Nobody refers to it. */
bool peer_is_over(const struct tdm_peer *peer);
void peer_free(struct tdm_peer *peer);

/* send.c, send_msg.c */
int send_step(struct tdm_send *send);
void send_lost(struct tdm_send *send, const struct tdm_error *why);
struct tdm_send *send_find(struct tdm_peer *peer, uint64_t number);
void send_grant(struct tdm_peer *peer, struct msg_in *m);
void send_taken(struct tdm_peer *peer, struct msg_in *m);
void send_finished(struct tdm_peer *peer, struct msg_in *m);
void send_abort(struct tdm_peer *peer, struct msg_in *m);

/* recv.c, recv_msg.c */
int recv_step(struct tdm_recv *recv);
void recv_lost(struct tdm_recv *recv, const struct tdm_error *why);
struct tdm_recv *recv_find(struct tdm_peer *peer, uint64_t number);
void recv_open(struct tdm_peer *peer, struct msg_in *m);
void recv_done(struct tdm_peer *peer, struct msg_in *m);
void recv_finish(struct tdm_peer *peer, struct msg_in *m);
void recv_ended(struct tdm_peer *peer, struct msg_in *m);
/* Nothing more of it is expected: take it off its peer, and free it if it is closed. */
void recv_detach(struct tdm_recv *recv);
void recv_fail(struct tdm_recv *recv, const struct tdm_error *why);
/* Give it up; the sender is told. */
void recv_give_up(struct tdm_recv *recv, const struct tdm_error *why);

#endif /* AGENT_AGENT_H */
