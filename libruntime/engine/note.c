// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "engine/note.h"

#include <string.h>

#include "device/call.h"
#include "engine/engine.h"

/* Readings of both clocks; what lies between the two only adds to their distance. */
#define READINGS 5

void note_begin(struct side *side, uint64_t request)
{
	if (!trace_on(side->trace))
		return;
	side->noted = request;
	for (int i = 0; i < READINGS; i++) {
		struct tdm_query_clock now;
		struct drm_tandem_query query = {
			.size = sizeof(query),
			.item = TDM_QUERY_CLOCK,
			.data = (uintptr_t)&now,
			.len = sizeof(now),
		};
		uint64_t distance;

		/* A device that does not answer ends the request at its first command. */
		if (device_call(side->dev, DRM_IOCTL_TANDEM_QUERY, &query))
			return;
		distance = now.monotonic_ns - now.device_ns;
		if (!i || (int64_t)(distance - side->clock_ns) < 0)
			side->clock_ns = distance;
	}
}

uint64_t note_now(const struct side *side)
{
	return trace_on(side->trace) ? engine_now() : 0;
}

uint64_t note_end_ns(const struct side *side, const struct tdm_cqe *cqe)
{
	uint64_t end = cqe->end_ns + side->clock_ns, now = engine_now();

	return end < now ? end : now;
}

static struct tdm_trace_event event_of(const struct side *side, enum tdm_trace_kind kind,
				       uint64_t at_ns)
{
	struct tdm_trace_event event = trace_event(kind, side->noted, at_ns);

	event.device = side->number;
	return event;
}

static struct tdm_trace_event run_of(const struct side *side, enum tdm_trace_kind kind,
				     const struct tdm_cqe *cqe)
{
	uint64_t run = 16ULL * cqe->run_16ns;
	struct tdm_trace_event event = event_of(side, kind, note_end_ns(side, cqe) - run);

	event.duration_ns = run;
	event.flags = TDM_TRACE_BY_DEVICE;
	return event;
}

void note_tokens(const struct side *side, enum tdm_trace_kind kind, uint32_t token, uint32_t tokens,
		 uint64_t at_ns)
{
	struct tdm_trace_event event;

	if (!trace_on(side->trace))
		return;
	event = event_of(side, kind, at_ns);
	event.token = token;
	event.tokens = tokens;
	tdm_trace_add(side->trace, &event);
}

uint64_t note_tokens_run(const struct side *side, enum tdm_trace_kind kind, uint32_t token,
			 uint32_t tokens, const struct tdm_cqe *cqe)
{
	struct tdm_trace_event event;

	if (!trace_on(side->trace))
		return 0;
	event = run_of(side, kind, cqe);
	event.token = token;
	event.tokens = tokens;
	tdm_trace_add(side->trace, &event);
	return event.time_ns + event.duration_ns;
}

uint64_t note_layers_begin(const struct side *side, unsigned int slot, struct note_layers *layers)
{
	uint64_t bytes = side->desc->n_layers * sizeof(uint64_t);
	uint64_t at = side->at.times + slot * bytes;

	*layers = (struct note_layers){ .last_ns = note_now(side) };
	if (!trace_on(side->trace) ||
	    !(tdm_device_info(side->dev)->identify.features & TDM_FEATURE_LAYER_TIMES))
		return 0;
	/* A layer without a time is one that it did not tell, not one of the run before. */
	memset(side_ptr(side, at), 0, bytes);
	layers->times = side_ptr(side, at);
	return side_dva(side, at);
}

/* When the device says the layer was done, as far as that can be; else when it was seen. */
static void tell_time(const struct side *side, const struct note_layers *layers,
		      struct tdm_trace_event *event, uint64_t now)
{
	uint64_t told = layers->times ? tdm_load_relaxed(&layers->times[event->layer]) : 0;
	uint64_t until = layers->end_ns ? layers->end_ns : now;
	uint64_t at = told + side->clock_ns;

	event->flags = told ? TDM_TRACE_BY_DEVICE : TDM_TRACE_SEEN;
	if (!told)
		at = now;
	else if (at > until)
		at = until;
	event->time_ns = at > layers->last_ns ? at : layers->last_ns;
}

void note_layers(const struct side *side, struct note_layers *layers, uint32_t layer, uint32_t n,
		 uint32_t token, uint32_t tokens)
{
	struct tdm_trace_event event;
	uint64_t now;

	if (!trace_on(side->trace))
		return;
	now = engine_now();
	event = event_of(side, TDM_TRACE_LAYER, now);
	event.token = token;
	event.tokens = tokens;
	for (uint32_t i = 0; i < n; i++) {
		event.layer = layer + i;
		tell_time(side, layers, &event, now);
		layers->last_ns = event.time_ns;
		tdm_trace_add(side->trace, &event);
	}
}

void note_pages(const struct side *side, enum tdm_trace_kind kind, uint32_t layer, uint32_t page,
		uint32_t pages, uint64_t at_ns)
{
	struct tdm_trace_event event;

	if (!trace_on(side->trace))
		return;
	event = event_of(side, kind, at_ns);
	event.layer = layer;
	event.page = page;
	event.pages = pages;
	tdm_trace_add(side->trace, &event);
}

void note_pages_run(const struct side *side, enum tdm_trace_kind kind, uint32_t layer,
		    uint32_t page, uint32_t pages, const struct tdm_cqe *cqe)
{
	struct tdm_trace_event event;

	if (!trace_on(side->trace))
		return;
	event = run_of(side, kind, cqe);
	event.layer = layer;
	event.page = page;
	event.pages = pages;
	tdm_trace_add(side->trace, &event);
}

void note_code(const struct side *side, enum tdm_trace_kind kind, int32_t code)
{
	struct tdm_trace_event event;

	if (!trace_on(side->trace))
		return;
	event = event_of(side, kind, engine_now());
	event.code = code;
	tdm_trace_add(side->trace, &event);
}

void note_request(struct tdm_trace *trace, uint64_t request, uint64_t start_ns, uint32_t n_prompt,
		  uint32_t n_tokens, int32_t code)
{
	struct tdm_trace_event event;

	if (!trace_on(trace))
		return;
	event = trace_event(TDM_TRACE_REQUEST, request, start_ns);
	event.duration_ns = engine_now() - start_ns;
	event.tokens = n_prompt;
	event.token = n_tokens;
	event.code = code;
	tdm_trace_add(trace, &event);
}
