/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Recording, for the library's own files: without a trace it is one branch, and what
 * an event would say is not looked up.
 */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include <tandem/trace.h>

/* Before anything is done for an event. */
static inline bool trace_on(const struct tdm_trace *trace)
{
	return __builtin_expect(trace != NULL, 0);
}

/* An event of no device, layer, page or token, to be filled in. */
struct tdm_trace_event trace_event(enum tdm_trace_kind kind, uint64_t request, uint64_t at_ns);

/* What happens to a page, now. */
void trace_page_slow(struct tdm_trace *trace, enum tdm_trace_kind kind, uint64_t request,
		     uint32_t page, uint64_t bytes);

static inline void trace_page(struct tdm_trace *trace, enum tdm_trace_kind kind, uint64_t request,
			      uint32_t page, uint64_t bytes)
{
	if (trace_on(trace))
		trace_page_slow(trace, kind, request, page, bytes);
}

/* Something went wrong, now. */
void trace_code(struct tdm_trace *trace, enum tdm_trace_kind kind, uint64_t request, int32_t code);

#endif /* TRACE_TRACE_H */
