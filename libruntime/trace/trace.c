// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The recorder: an array and the number of its next record.
 */
#include "trace/trace.h"

#include <stdlib.h>
#include <string.h>

#define DEVICES_MAX 32
#define NAME_BYTES 64

_Static_assert(sizeof(struct tdm_trace_event) == 64, "a record is a cache line");

struct name {
	char text[NAME_BYTES];
	uint32_t there; /* stored last, with release */
};

struct tdm_trace {
	uint64_t next; /* every writer draws from it; beyond @room: dropped */
	char own_line[56];
	struct tdm_trace_event *events; /* a record is there once its kind is */
	uint32_t room;
	uint32_t nr_names;
	struct name names[DEVICES_MAX];
};

struct tdm_trace *tdm_trace_create(uint32_t events)
{
	size_t bytes = events * sizeof(struct tdm_trace_event);
	struct tdm_trace *trace = events ? calloc(1, sizeof(*trace)) : NULL;

	if (!trace)
		return NULL;
	trace->events = aligned_alloc(sizeof(struct tdm_trace_event), bytes);
	if (!trace->events) {
		free(trace);
		return NULL;
	}
	/* The pages are there before they are written to in a hurry. */
	memset(trace->events, 0, bytes);
	trace->room = events;
	return trace;
}

void tdm_trace_destroy(struct tdm_trace *trace)
{
	if (!trace)
		return;
	free(trace->events);
	free(trace);
}

uint16_t tdm_trace_device(struct tdm_trace *trace, const char *name)
{
	uint32_t number;

	if (!trace)
		return TDM_TRACE_NO_DEVICE;
	number = __atomic_load_n(&trace->nr_names, __ATOMIC_RELAXED);
	do {
		if (number == DEVICES_MAX)
			return TDM_TRACE_NO_DEVICE;
	} while (!__atomic_compare_exchange_n(&trace->nr_names, &number, number + 1, true,
					      __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	strncpy(trace->names[number].text, name, NAME_BYTES - 1);
	__atomic_store_n(&trace->names[number].there, 1, __ATOMIC_RELEASE);
	return (uint16_t)number;
}

const char *tdm_trace_device_name(const struct tdm_trace *trace, uint16_t device)
{
	if (device >= DEVICES_MAX ||
	    !__atomic_load_n(&trace->names[device].there, __ATOMIC_ACQUIRE))
		return NULL;
	return trace->names[device].text;
}

bool tdm_trace_add(struct tdm_trace *trace, const struct tdm_trace_event *event)
{
	struct tdm_trace_event *to;
	uint64_t at;

	if (!trace)
		return true;
	if (event->kind == TDM_TRACE_NONE || event->kind >= TDM_TRACE_KINDS)
		return false;
	at = __atomic_fetch_add(&trace->next, 1, __ATOMIC_RELAXED);
	if (at >= trace->room)
		return false;
	to = &trace->events[at];
	to->time_ns = event->time_ns;
	to->duration_ns = event->duration_ns;
	to->request = event->request;
	to->bytes = event->bytes;
	to->lane = (uint16_t)tdm_trace_kind_lane(event->kind);
	to->flags = event->flags;
	to->device = event->device;
	to->layer = event->layer;
	to->page = event->page;
	to->pages = event->pages;
	to->token = event->token;
	to->tokens = event->tokens;
	to->code = event->code;
	__atomic_store_n(&to->kind, event->kind, __ATOMIC_RELEASE);
	return true;
}

uint32_t tdm_trace_count(const struct tdm_trace *trace)
{
	uint64_t next = __atomic_load_n(&trace->next, __ATOMIC_RELAXED);

	return next < trace->room ? (uint32_t)next : trace->room;
}

uint64_t tdm_trace_dropped(const struct tdm_trace *trace)
{
	uint64_t next = __atomic_load_n(&trace->next, __ATOMIC_RELAXED);

	return next < trace->room ? 0 : next - trace->room;
}

uint32_t tdm_trace_read(const struct tdm_trace *trace, uint32_t first,
			struct tdm_trace_event *events, uint32_t room)
{
	uint32_t n = 0, count = tdm_trace_count(trace);

	while (n < room && first < count && first + n < count) {
		const struct tdm_trace_event *from = &trace->events[first + n];

		if (!__atomic_load_n(&from->kind, __ATOMIC_ACQUIRE))
			break;
		events[n++] = *from;
	}
	return n;
}
