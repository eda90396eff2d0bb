// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What a device does without a model: commands, copies, checksums.
 */
#include <errno.h>
#include <string.h>

#include "bench/bench.h"

#define BATCH 64
#define BATCHES 16

static int failed(const struct bench *b, const char *what, int rc, const struct tdm_cqe *cqe,
		  struct tdm_error *err)
{
	if (rc)
		return tdm_error_set(err, rc, "%s: %s: %s; 'tandem selftest' says more",
				     b->opts->on.device, what, strerror(-rc));
	return tdm_error_set(err, -EIO, "%s: %s ended in %s; 'tandem selftest' says more",
			     b->opts->on.device, what, tdm_status_name(cqe->status));
}

/* @samples runs of one command, each alone. Return: 0 or -errno */
static int time_command(struct bench *b, const char *name, const struct tdm_cmd *cmd,
			enum bench_kind kind, uint64_t work, uint32_t samples,
			struct tdm_error *err)
{
	uint32_t n = 0;

	if (!bench_wanted(b, name))
		return 0;
	for (uint32_t i = 0; i < samples + samples / 10 && !bench_stopped(b); i++) {
		uint64_t start = bench_now_ns();
		struct tdm_cqe cqe;
		int rc = tdm_queue_run(b->queue, cmd, start + BENCH_WAIT_NS, &cqe);

		if (rc || cqe.status != TDM_ST_OK)
			return failed(b, name, rc, &cqe, err);
		/* The first ones warm up what is cold. */
		if (i >= samples / 10)
			b->times[n++] = bench_now_ns() - start;
	}
	bench_figure(b, name, kind, n, work);
	return 0;
}

/* NOPs in batches, with the ring never empty: one sample is BATCHES of them. */
static int pump(struct bench *b, unsigned int total, struct tdm_error *err)
{
	struct tdm_cmd cmds[BATCH] = { 0 };
	struct tdm_cqe cqes[BATCH];
	unsigned int sent = 0, done = 0;

	while (done < total) {
		unsigned int left = total - sent;
		int n = left ? tdm_queue_submit(b->queue, cmds, left < BATCH ? left : BATCH) : 0;

		if (n < 0)
			return failed(b, "rate", n, NULL, err);
		sent += (unsigned int)n;
		n = tdm_queue_poll(b->queue, cqes, BATCH);
		if (n < 0)
			return failed(b, "rate", n, NULL, err);
		if (!n && (n = tdm_queue_wait(b->queue, bench_now_ns() + BENCH_WAIT_NS)))
			return failed(b, "rate", n, NULL, err);
		done += (unsigned int)n;
	}
	return 0;
}

static int time_rate(struct bench *b, uint32_t samples, struct tdm_error *err)
{
	uint32_t n = 0;

	if (!bench_wanted(b, "rate"))
		return 0;
	for (; n < samples && !bench_stopped(b); n++) {
		uint64_t start = bench_now_ns();
		int rc = pump(b, BATCH * BATCHES, err);

		if (rc)
			return rc;
		b->times[n] = bench_now_ns() - start;
	}
	bench_figure(b, "rate", BENCH_RATE, n, (uint64_t)BATCH * BATCHES);
	return 0;
}

static int time_memory(struct bench *b, uint64_t len, const char *copy_name, const char *crc_name,
		       struct tdm_error *err)
{
	struct tdm_cmd copy = { .opcode = TDM_OP_COPY }, crc = { .opcode = TDM_OP_CRC32C };
	/* As much in all for long ones as for short ones, nearly. */
	uint32_t samples = b->opts->samples / (len > 65536 ? 20 : 2) + 1;
	int rc;

	copy.copy.src = tdm_buffer_dva(b->mem);
	copy.copy.dst = tdm_buffer_dva(b->mem) + BENCH_MEM_BYTES / 2;
	copy.copy.len = len;
	crc.crc32c.src = copy.copy.src;
	crc.crc32c.len = len;
	rc = time_command(b, copy_name, &copy, BENCH_BYTES, len, samples, err);
	return rc ? rc : time_command(b, crc_name, &crc, BENCH_BYTES, len, samples, err);
}

int bench_device(struct bench *b, struct tdm_error *err)
{
	struct tdm_cmd nop = { .opcode = TDM_OP_NOP };
	int rc = time_command(b, "latency", &nop, BENCH_LATENCY, 1, b->opts->samples, err);

	if (!rc)
		rc = time_rate(b, b->opts->samples / 10 + 1, err);
	if (!b->mem) {
		view_note(b->view, "copy and crc32c: no device memory for %llu MiB",
			  BENCH_MEM_BYTES >> 20);
		return rc;
	}
	/* Pages come when they are touched: not while the clock runs. */
	memset(tdm_buffer_ptr(b->mem), 1, BENCH_MEM_BYTES);
	if (!rc)
		rc = time_memory(b, 4096, "copy-4KiB", "crc32c-4KiB", err);
	if (!rc)
		rc = time_memory(b, 65536, "copy-64KiB", "crc32c-64KiB", err);
	if (!rc)
		rc = time_memory(b, 8U << 20, "copy-8MiB", "crc32c-8MiB", err);
	return rc;
}
