// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Small pages: not bytes count, but what each page costs. Beside them the puts of the
 * same size of UCX, which are announced to nobody. Where the NIC is a real one,
 * tests/vm/bench.sh has ib_write_bw's message rate beside it.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "clock.h"
#include "peer_ucx.h"
#include "transfer_rig.h"

static double by_agent(void *ctx)
{
	struct transfer *t = ctx;
	uint64_t start = now_ns();

	transfer_move(t, t->pages);
	return t->pages / ((double)(now_ns() - start) / 1e9);
}

static double by_ucx(void *ctx)
{
	const struct transfer *t = ctx;

	return ucx_put_bytes_per_s(t->page_bytes, t->pages) / t->page_bytes;
}

static void measure(struct bench *b, const char *net, const char *name, unsigned int bytes)
{
	struct transfer t = transfer_make(net, false, bytes, b->quick ? 512 : 65536);
	bool soft = !strncmp(net, "soft", 4);
	struct figure *f;

	f = bench_figure(b, name, UNIT_PER_S, soft ? "UCX put" : NULL, "%u pages of %u B, %s",
			 t.pages, bytes, tdm_net_name(t.nic));
	bench_measure(b, f, by_agent, &t, soft ? by_ucx : NULL, &t);
	if (soft && isnan(f->peer_value))
		snprintf(f->note, sizeof(f->note), "no ucx_perftest; install ucx-utils");
	transfer_drop(&t);
}

void bench_transfer_small(struct bench *b, const char *net)
{
	measure(b, net, "transfer_pages_256", 256);
	measure(b, net, "transfer_pages_4096", 4096);
}
