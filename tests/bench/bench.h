/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A figure is a measurement beside its peer or limit, which is measured in the
 * same run, by turns with it: what disturbs one disturbs the other. Medians.
 */
#ifndef BENCH_H
#define BENCH_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tandem/device.h>
#include <tandem/error.h>

/* What a number is; names the keys of the JSON. */
enum unit {
	UNIT_NS,
	UNIT_PER_S,
	UNIT_BYTES_PER_S,
	UNIT_TOKENS_PER_S,
	UNIT_MS,
	UNIT_CALLS,
	UNIT_BYTES,
	UNIT_SWITCHES,
};

/**
 * struct figure - one line of the result
 * @name: its key
 * @what: what was measured, with the device or model
 * @peer: what stands beside it, or NULL
 * @unit: of both
 * @value, @peer_value: medians; NAN: not measured
 * @best, @peer_best: of all runs: what noise touched least; NAN: not timed
 * @ratio: median of the single runs' ratios, value over peer
 * @note: why a number is absent, or what limits it; "" for none
 */
struct figure {
	const char *name;
	char what[64];
	const char *peer;
	enum unit unit;
	double value;
	double peer_value;
	double best;
	double peer_best;
	double ratio;
	char note[160];
};

#define MAX_FIGURES 96
#define MAX_RUNS 99

/**
 * struct bench - a run of the program
 * @runs: of each measurement
 * @quick: small sizes, to see that everything works; the numbers mean little
 * @near, @far: processors of the caller and of the other side; the same one
 *		where there is only one
 * @allowed: processors of this process when it started
 * @pinned: did the caller and the device's threads run on these two and nowhere
 *	    else? -1: not looked at
 * @model: the repo's model
 * @net: network device for the agents' transfers, or NULL
 * @load: what else ran on the machine when this began: load average of a minute
 */
struct bench {
	unsigned int runs;
	bool quick;
	int near;
	int far;
	cpu_set_t allowed;
	int pinned;
	const char *model;
	const char *net;
	double load;
	struct figure figures[MAX_FIGURES];
	unsigned int n_figures;
};

/* One measurement; NAN when it could not be made. */
typedef double measure_fn(void *ctx);

/* A new figure, all numbers absent. @what: printf's format */
struct figure *bench_figure(struct bench *b, const char *name, enum unit unit, const char *peer,
			    const char *what, ...) __attribute__((format(printf, 5, 6)));

/* Fills @f: @peer and @ours by turns, after one of each that does not count. */
void bench_measure(struct bench *b, struct figure *f, measure_fn *ours, void *ours_ctx,
		   measure_fn *peer, void *peer_ctx);

/**
 * struct series - what the runs of one figure gave; NAN: not measured
 *
 * For those where one run gives several figures: bench_add() after each run,
 * bench_fill() at the end.
 */
struct series {
	double values[MAX_RUNS];
	double peers[MAX_RUNS];
	unsigned int n;
};

void bench_add(struct series *s, double value, double peer);
void bench_fill(struct figure *f, const struct series *s);

/* Opens a device whose threads are on the far processor; exits when it fails. */
struct tdm_device *bench_open(struct bench *b, const char *name);

/* Says why and exits with 1. */
void bench_fail(const char *what, const struct tdm_error *err) __attribute__((noreturn));

void bench_nop(struct bench *b);
void bench_calls(struct bench *b);
void bench_pages(struct bench *b);
void bench_page_path(struct bench *b);
void bench_transfer(struct bench *b);
void bench_transfer_small(struct bench *b, const char *net);
void bench_hidden(struct bench *b);
void bench_tokens(struct bench *b);
void bench_load(struct bench *b);
void bench_trace(struct bench *b);
void bench_watched(struct bench *b);

#endif /* BENCH_H */
