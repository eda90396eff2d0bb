// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Events: what they are called, where they belong, and the making of some.
 */
#include "trace/trace.h"

#include <time.h>

static const struct {
	const char *name;
	uint32_t lane;
} kinds[TDM_TRACE_KINDS] = {
	[TDM_TRACE_NONE] = { "unknown", TDM_LANE_REQUEST },
	[TDM_TRACE_REQUEST] = { "request", TDM_LANE_REQUEST },
	[TDM_TRACE_FIRST] = { "first token", TDM_LANE_REQUEST },
	[TDM_TRACE_TOKEN] = { "token", TDM_LANE_REQUEST },
	[TDM_TRACE_RETRY] = { "retry", TDM_LANE_REQUEST },
	[TDM_TRACE_LOST] = { "device lost", TDM_LANE_REQUEST },
	[TDM_TRACE_FAILED] = { "command failed", TDM_LANE_REQUEST },
	[TDM_TRACE_PEER_LOST] = { "peer lost", TDM_LANE_WIRE },
	[TDM_TRACE_SUBMIT] = { "prefill submitted", TDM_LANE_PREFILL },
	[TDM_TRACE_LAYER] = { "layer done", TDM_LANE_PREFILL },
	[TDM_TRACE_PREFILL] = { "prefill", TDM_LANE_PREFILL },
	[TDM_TRACE_DECODE] = { "decode", TDM_LANE_DECODE },
	[TDM_TRACE_SEAL] = { "export submitted", TDM_LANE_EXPORT },
	[TDM_TRACE_EXPORT] = { "export", TDM_LANE_EXPORT },
	[TDM_TRACE_IMPORT] = { "import", TDM_LANE_IMPORT },
	[TDM_TRACE_PUSHED] = { "page pushed", TDM_LANE_WIRE },
	[TDM_TRACE_WRITTEN] = { "page written", TDM_LANE_WIRE },
	[TDM_TRACE_LANDED] = { "page landed", TDM_LANE_WIRE },
	[TDM_TRACE_TAKEN] = { "page taken", TDM_LANE_WIRE },
	[TDM_TRACE_IMPORTED] = { "page imported", TDM_LANE_IMPORT },
	[TDM_TRACE_CREDITED] = { "page credited", TDM_LANE_WIRE },
	[TDM_TRACE_CORRUPT] = { "page corrupt", TDM_LANE_IMPORT },
	[TDM_TRACE_AGAIN] = { "page again", TDM_LANE_WIRE },
};

const char *tdm_trace_kind_name(uint32_t kind)
{
	return kinds[kind < TDM_TRACE_KINDS ? kind : TDM_TRACE_NONE].name;
}

uint32_t tdm_trace_kind_lane(uint32_t kind)
{
	return kinds[kind < TDM_TRACE_KINDS ? kind : TDM_TRACE_NONE].lane;
}

const char *tdm_trace_lane_name(uint32_t lane)
{
	static const char *const names[TDM_LANES] = {
		[TDM_LANE_REQUEST] = "request", [TDM_LANE_PREFILL] = "prefill",
		[TDM_LANE_EXPORT] = "export",	[TDM_LANE_WIRE] = "wire",
		[TDM_LANE_IMPORT] = "import",	[TDM_LANE_DECODE] = "decode",
	};

	return lane < TDM_LANES ? names[lane] : "unknown";
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

struct tdm_trace_event trace_event(enum tdm_trace_kind kind, uint64_t request, uint64_t at_ns)
{
	return (struct tdm_trace_event){
		.time_ns = at_ns,
		.request = request,
		.kind = (uint16_t)kind,
		.device = TDM_TRACE_NO_DEVICE,
		.layer = TDM_TRACE_NO,
		.page = TDM_TRACE_NO,
		.token = TDM_TRACE_NO,
	};
}

void trace_page_slow(struct tdm_trace *trace, enum tdm_trace_kind kind, uint64_t request,
		     uint32_t page, uint64_t bytes)
{
	struct tdm_trace_event event = trace_event(kind, request, now_ns());

	event.page = page;
	event.pages = 1;
	event.bytes = bytes;
	tdm_trace_add(trace, &event);
}

void trace_code(struct tdm_trace *trace, enum tdm_trace_kind kind, uint64_t request, int32_t code)
{
	struct tdm_trace_event event;

	if (!trace_on(trace))
		return;
	event = trace_event(kind, request, now_ns());
	event.code = code;
	tdm_trace_add(trace, &event);
}
