/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What the records of a trace tell: layers with a start and an end, and the way of
 * every page. JSON, SVG and the table are made of this.
 */
#ifndef TANDEM_TRACE_STORY_H
#define TANDEM_TRACE_STORY_H

#include <tandem/engine.h>
#include <tandem/trace.h>

/* What a run was; texts may be NULL. */
struct story_about {
	const char *model;
	const char *prefill_device;
	const char *decode_device;
	const char *net;
	const struct tdm_result *result; /* NULL: not of a run of this process */
	enum tdm_mode mode;
	uint32_t n_prompt;
};

/**
 * struct story_layer - a layer of the tokens of one PREFILL
 * @by_device: its end is the device's time; else when the runtime saw that it was done
 * @seen_ns: that moment
 * @start_ns, @end_ns: from the end of the layer before, or the command's start, to that
 *		       moment, or the command's end if that was before
 * @together: layers that were seen in one look; where one ended and the next began is not
 *	      known then, and they share the time. 1 if @by_device
 */
struct story_layer {
	uint64_t request;
	uint64_t start_ns;
	uint64_t end_ns;
	uint64_t seen_ns;
	uint32_t layer;
	uint32_t token;
	uint32_t tokens;
	uint32_t together;
	uint16_t device;
	bool by_device;
};

enum story_stage {
	STAGE_ASKED,	/* KV_EXPORT submitted */
	STAGE_SEALED,	/* KV_EXPORT ended */
	STAGE_PUSHED,	/* given to the agent */
	STAGE_POSTED,	/* first write posted */
	STAGE_WRITTEN,	/* last write completed */
	STAGE_LANDED,	/* announced to the receiver */
	STAGE_TAKEN,	/* with its consumer */
	STAGE_IMPORTED, /* KV_IMPORT ended */
	STAGE_CREDITED, /* the sender knows */
	STAGES,
};

/* At each stage: its time, 0 where this trace does not know it; of the last try. */
struct story_page {
	uint64_t request;
	uint64_t bytes;
	uint64_t at[STAGES];
	uint64_t import_ns; /* start of its KV_IMPORT */
	uint32_t page;
	uint32_t layer; /* TDM_TRACE_NO: not known */
	uint32_t again; /* how often it was sent once more */
	uint16_t importer;
};

struct story {
	const struct tdm_trace *trace; /* for the names of devices */
	struct story_about about;
	struct tdm_trace_event *events; /* by time */
	uint32_t n;
	uint64_t dropped;
	struct story_layer *layers; /* in the order in which they were seen */
	uint32_t n_layers;
	struct story_page *pages; /* by request and number */
	uint32_t n_pages;
	uint32_t depth; /* layers that there are, as far as the trace tells */
};

/**
 * story_tell - read a trace that nobody writes into any more
 * Return: 0 or -ENOMEM; story_forget() is due either way
 */
int story_tell(struct story *story, const struct tdm_trace *trace, const struct story_about *about);
void story_forget(struct story *story);

/* "sealed"; static */
const char *story_stage_name(enum story_stage stage);

/* The time in which a page was on its way, as far as this trace knows it. */
uint64_t story_flight_start(const struct story_page *page);
uint64_t story_flight_end(const struct story_page *page);

/* The layer's computation that a page came of, or NULL. */
const struct story_layer *story_source(const struct story *story, const struct story_page *page);

/* By whose clock layers end: "device", "runtime" or "both"; static. NULL: there are none */
const char *story_layer_clock(const struct story *story);

/* A stretch of time. */
struct story_span {
	uint64_t start_ns;
	uint64_t end_ns;
};

/*
 * story_union - time that is in any of them; sorts them
 * @until_ns: what is behind that does not count
 */
uint64_t story_union(struct story_span *spans, uint32_t n, uint64_t until_ns);

/* When the last PREFILL ended, 0: never. */
uint64_t story_computed(const struct story *story);

#endif /* TANDEM_TRACE_STORY_H */
