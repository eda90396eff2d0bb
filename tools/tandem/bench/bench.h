/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * tandem bench: figures of one device, each from many samples.
 *
 * Every sample is a time that was measured here, by CLOCK_MONOTONIC, with the work that
 * was done in it; percentiles are samples themselves (nearest rank), nothing is
 * interpolated. A figure without samples is absent, with a note why.
 */
#ifndef TANDEM_BENCH_H
#define TANDEM_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include <tandem/buffer.h>
#include <tandem/queue.h>

#include "device_options.h"
#include "view/view.h"

/* How a figure's samples become what is printed. */
enum bench_kind {
	BENCH_LATENCY, /* nanoseconds of one operation */
	BENCH_RATE,    /* operations a second: work / time */
	BENCH_BYTES,   /* bytes a second */
	BENCH_TOKENS,  /* tokens a second */
	BENCH_KINDS,
};

struct bench_options {
	struct device_options on;
	const char *peer; /* decode device of the KV transfer */
	const char *model;
	const char *only; /* pattern of names */
	uint32_t samples;
	const uint32_t *stop;
};

struct bench {
	const struct bench_options *opts;
	struct tdm_device *dev;
	struct tdm_queue *queue; /* nothing open between figures */
	struct tdm_buffer *mem;	 /* BENCH_BYTES of device memory, or NULL */
	struct view *view;
	struct view_part *parts[BENCH_KINDS];
	uint64_t *times; /* room for opts->samples */
};

#define BENCH_MEM_BYTES (32ULL << 20)
#define BENCH_WAIT_NS 120000000000ULL

bool bench_wanted(const struct bench *b, const char *name);
bool bench_stopped(const struct bench *b);
uint64_t bench_now_ns(void);

/**
 * bench_figure - a row: b->times[@n] become percentiles
 * @work: operations, bytes or tokens of one sample
 *
 * Sorts the samples.
 */
void bench_figure(struct bench *b, const char *name, enum bench_kind kind, uint32_t n,
		  uint64_t work);

/* One table a kind, in b->view. */
void bench_parts(struct bench *b);

/* The figures; 0, or -errno with @err when the device failed. */
int bench_device(struct bench *b, struct tdm_error *err);
int bench_model(struct bench *b, struct tdm_error *err);

#endif /* TANDEM_BENCH_H */
