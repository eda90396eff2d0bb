// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What a command costs: NOP through a queue of a soft device.
 */
#include <math.h>
#include <stdio.h>

#include <tandem/queue.h>

#include "clock.h"
#include "peer.h"
#include "pin.h"

#define ENTRIES 256
#define MAX_BATCH 128

struct nop {
	struct tdm_queue *queue;
	unsigned int count;
	unsigned int batch;
};

static void check(int rc)
{
	if (rc < 0)
		bench_fail("the queue was lost under NOP; try again", NULL);
}

/* Submits one, polls until it is done; ns. */
static double round_trip(void *ctx)
{
	const struct nop *n = ctx;
	struct tdm_cmd cmd = { .opcode = TDM_OP_NOP };
	struct tdm_cqe cqe;
	uint64_t start = now_ns();

	for (unsigned int i = 0; i < n->count; i++) {
		int rc = tdm_queue_submit(n->queue, &cmd, 1);

		for (check(rc); (rc = tdm_queue_poll(n->queue, &cqe, 1)) == 0;)
			relax();
		check(rc);
	}
	return (double)(now_ns() - start) / n->count;
}

/* Keeps the ring full, takes and gives a batch at a time; commands a second. */
static double rate(void *ctx)
{
	const struct nop *n = ctx;
	struct tdm_cmd cmds[MAX_BATCH] = { 0 };
	struct tdm_cqe cqes[MAX_BATCH];
	unsigned int sent = 0, done = 0;
	uint64_t start;

	for (unsigned int i = 0; i < MAX_BATCH; i++)
		cmds[i].opcode = TDM_OP_NOP;
	start = now_ns();
	while (done < n->count) {
		unsigned int left = n->count - sent;
		int rc;

		if (left) {
			rc = tdm_queue_submit(n->queue, cmds, left < n->batch ? left : n->batch);
			check(rc);
			sent += (unsigned int)rc;
		}
		rc = tdm_queue_poll(n->queue, cqes, n->batch);
		check(rc);
		done += (unsigned int)rc;
		if (!rc)
			relax();
	}
	return n->count / ((double)(now_ns() - start) / 1e9);
}

static void note_one_cpu(const struct bench *b, struct figure *f)
{
	if (b->near == b->far)
		snprintf(f->note, sizeof(f->note), "one processor only: nothing to compare with");
}

static void note_no_uring(struct figure *f)
{
	if (isnan(f->peer_value))
		snprintf(f->note, sizeof(f->note), "io_uring is not allowed here");
}

static void batches(struct bench *b, struct nop *n, struct peer *p)
{
	static const unsigned int sizes[] = { 1, 8, 32, MAX_BATCH };
	struct figure *f;

	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		n->batch = p->batch = sizes[i];
		f = bench_figure(b, "nop_rate", UNIT_PER_S, "bare ring", "NOP in batches of %u",
				 sizes[i]);
		bench_measure(b, f, rate, n, peer_ring, p);
		note_one_cpu(b, f);
	}
	n->batch = p->batch = 32;
	p->count /= 8;
	f = bench_figure(b, "nop_rate_uring", UNIT_PER_S, "io_uring NOP", "NOP in batches of 32");
	bench_measure(b, f, rate, n, peer_uring_rate, p);
	note_no_uring(f);
}

void bench_nop(struct bench *b)
{
	struct tdm_device *dev = bench_open(b, "soft:cs3,threads=1");
	struct nop n = { .count = b->quick ? 2000 : 200000, .batch = 1 };
	struct peer p = { .b = b, .count = n.count, .batch = 1 };
	struct tdm_error err = { 0 };
	struct figure *f;

	n.queue = tdm_queue_create(dev, ENTRIES, &err);
	if (!n.queue)
		bench_fail("NOP", &err);
	b->pinned = pin_check(b->near, b->far);
	f = bench_figure(b, "nop_round_trip", UNIT_NS, "cache line", "NOP, submit to completion");
	bench_measure(b, f, round_trip, &n, peer_cache_line, &p);
	note_one_cpu(b, f);
	f = bench_figure(b, "nop_round_trip_uring", UNIT_NS, "io_uring NOP",
			 "NOP, submit to completion");
	bench_measure(b, f, round_trip, &n, peer_uring_round_trip, &p);
	note_no_uring(f);
	n.count = p.count = b->quick ? 20000 : 1000000;
	batches(b, &n, &p);
	tdm_queue_destroy(n.queue);
	tdm_device_close(dev);
}
