// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <liburing.h>
#include <math.h>

#include "clock.h"
#include "peer.h"

static int batch(struct io_uring *ring, unsigned int n)
{
	struct io_uring_cqe *cqe;
	unsigned int head, done = 0;

	for (unsigned int i = 0; i < n; i++)
		io_uring_prep_nop(io_uring_get_sqe(ring));
	if (io_uring_submit_and_wait(ring, n) < 0)
		return -1;
	io_uring_for_each_cqe(ring, head, cqe) done++;
	io_uring_cq_advance(ring, done);
	return done == n ? 0 : -1;
}

/* ns of an operation. */
static double run(const struct peer *p, unsigned int n)
{
	struct io_uring ring;
	uint64_t start;
	unsigned int i;

	if (io_uring_queue_init(256, &ring, 0))
		return NAN;
	start = now_ns();
	for (i = 0; i + n <= p->count; i += n)
		if (batch(&ring, n))
			break;
	start = now_ns() - start;
	io_uring_queue_exit(&ring);
	return i + n <= p->count ? NAN : (double)start / i;
}

double peer_uring_rate(void *ctx)
{
	const struct peer *p = ctx;

	return 1e9 / run(p, p->batch);
}

double peer_uring_round_trip(void *ctx)
{
	return run(ctx, 1);
}
