// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The transfer agent: pages reserved, pushed, announced, taken and given back, beside
 * what moves the same bytes without any of that.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <tandem/net.h>

#include "bench.h"
#include "clock.h"
#include "peer_ucx.h"
#include "pin.h"
#include "transfer_rig.h"

#define PAGE_BYTES 65536U

static double rate_of(const struct transfer *t, uint64_t start)
{
	return (double)t->pages * PAGE_BYTES / ((double)(now_ns() - start) / 1e9);
}

static double by_agent(void *ctx)
{
	struct transfer *t = ctx;
	uint64_t start = now_ns();

	transfer_move(t, t->pages);
	return rate_of(t, start);
}

static double by_memcpy(void *ctx)
{
	struct transfer *t = ctx;
	uint64_t start = now_ns();

	for (unsigned int i = 0; i < t->pages; i++)
		memcpy(t->copy + (size_t)i * PAGE_BYTES, t->from + (size_t)i * PAGE_BYTES,
		       PAGE_BYTES);
	return rate_of(t, start);
}

static double by_ucx(void *ctx)
{
	const struct transfer *t = ctx;

	return ucx_put_bytes_per_s(PAGE_BYTES, t->pages);
}

/* One page there, from its reservation to its commit. */
static double one_page(void *ctx)
{
	const unsigned int n = 200;
	uint64_t start = now_ns();

	for (unsigned int i = 0; i < n; i++)
		transfer_move(ctx, 1);
	return (double)(now_ns() - start) / n;
}

static double one_copy(void *ctx)
{
	struct transfer *t = ctx;
	const unsigned int n = 200;
	uint64_t start = now_ns();

	for (unsigned int i = 0; i < n; i++)
		memcpy(t->copy, t->from, PAGE_BYTES);
	return (double)(now_ns() - start) / n;
}

static void measure(struct bench *b, const char *net, bool apart)
{
	struct transfer t = transfer_make(net, apart, PAGE_BYTES, b->quick ? 64 : 4096);
	bool soft = !strncmp(net, "soft", 4);
	struct figure *f;

	f = bench_figure(b, apart ? "transfer_apart" : "transfer_push", UNIT_BYTES_PER_S, "memcpy",
			 "%u MiB of 64 KiB pages by agents, %s%s", t.pages / 16,
			 tdm_net_name(t.nic), apart ? ", two NICs" : "");
	bench_measure(b, f, by_agent, &t, by_memcpy, &t);
	if (soft) {
		f = bench_figure(b, apart ? "transfer_apart_ucx" : "transfer_push_ucx",
				 UNIT_BYTES_PER_S, "UCX put", "the same, UCX over shared memory");
		bench_measure(b, f, by_agent, &t, by_ucx, &t);
		if (isnan(f->peer_value))
			snprintf(f->note, sizeof(f->note), "no ucx_perftest; install ucx-utils");
		else
			snprintf(f->note, sizeof(f->note), "UCX puts one 64 KiB again and again");
	}
	f = bench_figure(b, apart ? "transfer_apart_page" : "transfer_page", UNIT_NS, "memcpy",
			 "one 64 KiB page, reserve to commit%s", apart ? ", two NICs" : "");
	bench_measure(b, f, one_page, &t, one_copy, &t);
	transfer_drop(&t);
}

void bench_transfer(struct bench *b)
{
	pin_release(&b->allowed);
	measure(b, b->net ? b->net : "soft", false);
	measure(b, b->net ? b->net : "soft", true);
	bench_transfer_small(b, b->net ? b->net : "soft");
}
