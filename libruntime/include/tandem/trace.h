/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A trace: what a run did and when, in memory, for a timeline afterwards.
 *
 *	trace = tdm_trace_create(65536);
 *	options.trace = trace;			engine, worker, client or agent
 *	...
 *	n = tdm_trace_read(trace, 0, events, room);
 *
 * Invariants:
 * - Memory is taken once, at create, and touched there. Recording allocates nothing,
 *   takes no lock and makes no system call; its cost is a clock reading and the stores
 *   of one record. Without a trace (NULL) it is one branch.
 * - A record has one writer, once: whoever drew its number. It is visible to readers
 *   when its kind is, and does not change afterwards.
 * - What does not fit is counted, not kept: the start of a run is what one has.
 *
 * Whose times they are. All are CLOCK_MONOTONIC of this host, ns, so that traces of
 * several processes of one host lie on one axis.
 * - TDM_TRACE_BY_DEVICE: start and end are the device's own (tdm_cqe.end_ns, run_16ns:
 *   a start is exact to 16 ns), moved by the difference of the two clocks, which is
 *   read (TDM_QUERY_CLOCK) at the start of every request; the smallest of some
 *   readings counts, since what comes between the two clocks only ever adds. A device
 *   cannot have ended after its completion was seen: an end that would be later is
 *   that moment. A layer of a PREFILL is when the device had done it
 *   (tdm_run.layer_times), moved and bounded like that, by its command's end as well.
 * - otherwise: when the runtime did it or saw it. TDM_TRACE_SEEN marks what had
 *   happened before, at a moment that nobody told: a layer of a device without
 *   TDM_FEATURE_LAYER_TIMES, which is seen in tdm_run.layers_done. That is looked at once
 *   in a millisecond; layers of one look have one time.
 *
 * Threads: everything but create and destroy may be called by any thread at once.
 */
#ifndef TANDEM_TRACE_H
#define TANDEM_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tdm_trace;

/* Where an event belongs on a timeline. */
enum tdm_trace_lane {
	TDM_LANE_REQUEST = 0, /* the runtime */
	TDM_LANE_PREFILL = 1, /* a device */
	TDM_LANE_EXPORT = 2,  /* a device */
	TDM_LANE_WIRE = 3,    /* the network, both ends */
	TDM_LANE_IMPORT = 4,  /* a device */
	TDM_LANE_DECODE = 5,  /* a device */
	TDM_LANES = 6,
};

/*
 * What happened. Spans have a duration; the others are moments. In braces: the fields
 * of struct tdm_trace_event that hold, besides time, device and request.
 */
enum tdm_trace_kind {
	TDM_TRACE_NONE = 0,
	TDM_TRACE_REQUEST = 1,	 /* span {tokens: prompt, token: made, code} */
	TDM_TRACE_FIRST = 2,	 /* the first token was handed out {token: its id} */
	TDM_TRACE_TOKEN = 3,	 /* a client was told one {token: number, from 0} */
	TDM_TRACE_RETRY = 4,	 /* a client runs a request again {code} */
	TDM_TRACE_LOST = 5,	 /* a device was lost: removed, reset {code} */
	TDM_TRACE_FAILED = 6,	 /* a command of a device failed {code: tdm_status} */
	TDM_TRACE_PEER_LOST = 7, /* a connection to another agent ended badly {code} */

	TDM_TRACE_SUBMIT = 8,	/* a PREFILL went to the device {token, tokens} */
	TDM_TRACE_LAYER = 9,	/* a layer of it was done {layer, token, tokens}; by whom: flags */
	TDM_TRACE_PREFILL = 10, /* span of the command {token, tokens} */
	TDM_TRACE_DECODE = 11,	/* span of the command {token: number, from 1} */

	/* Pages by their number on the wire, within the request. */
	TDM_TRACE_SEAL = 12,   /* KV_EXPORT went to the device {layer, page, pages} */
	TDM_TRACE_EXPORT = 13, /* span of the command {layer, page, pages} */
	TDM_TRACE_IMPORT = 14, /* span of KV_IMPORT {pages} */
	TDM_TRACE_PUSHED = 15, /* given to the agent {page, bytes} */
	TDM_TRACE_WRITTEN =
		16, /* span from its first write's post to the last's end {page, bytes} */
	TDM_TRACE_LANDED = 17,	 /* the receiver was told so {page, bytes} */
	TDM_TRACE_TAKEN = 18,	 /* its consumer has it {page, bytes} */
	TDM_TRACE_IMPORTED = 19, /* in the device: KV_IMPORT's end {layer, page} */
	TDM_TRACE_CREDITED = 20, /* the sender heard of it {page} */
	TDM_TRACE_CORRUPT = 21,	 /* refused for its CRC {layer, page} */
	TDM_TRACE_AGAIN = 22,	 /* to be sent once more {page} */
	TDM_TRACE_KINDS = 23,
};

enum tdm_trace_flags {
	TDM_TRACE_BY_DEVICE = 1, /* the device's times; else the runtime's */
	TDM_TRACE_SEEN = 2,	 /* it happened before: this is when it was noticed */
};

/* A layer, page, token or device that an event does not have. */
#define TDM_TRACE_NO 0xffffffffU
#define TDM_TRACE_NO_DEVICE 0xffffU

/**
 * struct tdm_trace_event - one record
 * @time_ns: CLOCK_MONOTONIC: the moment, or the start
 * @duration_ns: of a span
 * @request: its number: an engine's own count, or the client's for workers
 * @bytes: on the wire
 * @kind: enum tdm_trace_kind
 * @lane: enum tdm_trace_lane
 * @flags: enum tdm_trace_flags
 * @device: as tdm_trace_device() numbered it, or TDM_TRACE_NO_DEVICE
 * @layer, @page, @token: TDM_TRACE_NO where there is none
 * @pages, @tokens: how many from there on
 * @code: a negative errno, or as its kind says
 */
struct tdm_trace_event {
	uint64_t time_ns;
	uint64_t duration_ns;
	uint64_t request;
	uint64_t bytes;
	uint16_t kind;
	uint16_t lane;
	uint16_t flags;
	uint16_t device;
	uint32_t layer;
	uint32_t page;
	uint32_t pages;
	uint32_t token;
	uint32_t tokens;
	int32_t code;
};

/**
 * tdm_trace_create - room for @events records of 64 bytes
 * @events: 1 or more
 * Return: NULL without memory; whoever has it may go on without a trace
 */
struct tdm_trace *tdm_trace_create(uint32_t events);

/** tdm_trace_destroy - nobody records into it any more. NULL is fine */
void tdm_trace_destroy(struct tdm_trace *trace);

/**
 * tdm_trace_device - a number for a device's events
 * @name: copied, up to 63 bytes
 * Return: TDM_TRACE_NO_DEVICE when there are 32 already, or without a trace
 */
uint16_t tdm_trace_device(struct tdm_trace *trace, const char *name);

/** tdm_trace_device_name - NULL: no such number */
const char *tdm_trace_device_name(const struct tdm_trace *trace, uint16_t device);

/**
 * tdm_trace_add - record one event; its lane is set by its kind
 * @trace: NULL: nothing happens
 * Return: false: it did not fit and was counted, or it is of no kind
 */
bool tdm_trace_add(struct tdm_trace *trace, const struct tdm_trace_event *event);

/** tdm_trace_count - records that fitted */
uint32_t tdm_trace_count(const struct tdm_trace *trace);

/** tdm_trace_dropped - events that did not */
uint64_t tdm_trace_dropped(const struct tdm_trace *trace);

/**
 * tdm_trace_read - copy records @first and on, in the order in which they were begun
 * @events: room for @room
 *
 * A record that is being written right now ends it: read again for the rest.
 * Return: how many were copied
 */
uint32_t tdm_trace_read(const struct tdm_trace *trace, uint32_t first,
			struct tdm_trace_event *events, uint32_t room);

/** tdm_trace_kind_name - "prefill"; "unknown" for what is none; static */
const char *tdm_trace_kind_name(uint32_t kind);
/** tdm_trace_kind_lane - enum tdm_trace_lane */
uint32_t tdm_trace_kind_lane(uint32_t kind);
/** tdm_trace_lane_name - "wire"; "unknown" for what is none; static */
const char *tdm_trace_lane_name(uint32_t lane);

#ifdef __cplusplus
}
#endif

#endif /* TANDEM_TRACE_H */
