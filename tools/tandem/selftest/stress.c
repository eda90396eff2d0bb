// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Random work by several queues at once, from a seed, for a number of commands: what a
 * device that fails under load fails in.
 */
#include <pthread.h>
#include <string.h>

#include "selftest/selftest.h"

#define THREADS 4
#define ROUNDS 20000
#define SPAN (RIG_BYTES / THREADS)

struct worker {
	struct rig *rig;
	unsigned int index;
	uint64_t seed;
	struct selftest_outcome outcome;
	pthread_t thread;
};

/* Fill or copy within the worker's own part, then the CRC of it, which is known. */
static struct selftest_outcome round_of(struct worker *w, struct tdm_queue *queue)
{
	uint64_t base = (uint64_t)w->index * SPAN, len = 64 + rig_random(&w->seed) % 4000;
	uint64_t pattern = rig_random(&w->seed);
	struct tdm_cmd cmds[3] = { rig_command(TDM_OP_FILL), rig_command(TDM_OP_COPY),
				   rig_command(TDM_OP_CRC32C) };
	struct rig own = *w->rig;
	uint64_t crc[2];

	own.queue = queue;
	len = len / 8 * 8;
	cmds[0].fill.dst = rig_dva(&own, base);
	cmds[0].fill.len = len;
	cmds[0].fill.pattern = pattern;
	cmds[1].copy.dst = rig_dva(&own, base + SPAN / 2);
	cmds[1].copy.src = rig_dva(&own, base);
	cmds[1].copy.len = len;
	cmds[2].crc32c.len = len;
	for (int i = 0; i < 4; i++) {
		struct tdm_cmd *cmd = &cmds[i < 2 ? i : 2];
		struct tdm_cqe cqe;

		cmd->cookie = rig_random(&w->seed);
		if (i >= 2)
			cmd->crc32c.src = rig_dva(&own, base + (i == 3 ? SPAN / 2 : 0));
		cqe = rig_run(&own, cmd);
		if (cqe.status != TDM_ST_OK)
			return rig_failed("a command under load", &cqe);
		if (i >= 2)
			crc[i - 2] = cqe.result;
	}
	SELFTEST_CHECK(crc[0] == crc[1], "queue %u: a copy of %llu bytes is another", w->index,
		       (unsigned long long)len);
	SELFTEST_CHECK(*(uint64_t *)rig_ptr(&own, base + SPAN / 2 + len - 8) == pattern,
		       "queue %u: the last word is not the pattern", w->index);
	return selftest_pass();
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct tdm_error err;
	struct tdm_queue *queue = tdm_queue_create(w->rig->dev, TDM_QUEUE_MIN_ENTRIES, &err);

	if (!queue) {
		w->outcome = selftest_say(SELFTEST_FAIL, "%.180s", err.msg);
		return NULL;
	}
	for (unsigned int i = 0; i < ROUNDS / THREADS && w->outcome.result == SELFTEST_PASS; i++)
		w->outcome = round_of(w, queue);
	tdm_queue_destroy(queue);
	return NULL;
}

static struct selftest_outcome test_load(struct rig *rig)
{
	struct selftest_outcome outcome = selftest_pass();
	struct worker workers[THREADS];
	unsigned int n = 0;

	for (; n < THREADS; n++) {
		workers[n] = (struct worker){ .rig = rig, .index = n, .seed = rig->seed + n };
		if (pthread_create(&workers[n].thread, NULL, work, &workers[n])) {
			outcome = selftest_say(SELFTEST_ERROR, "no thread could be started");
			break;
		}
	}
	for (unsigned int i = 0; i < n; i++) {
		pthread_join(workers[i].thread, NULL);
		if (workers[i].outcome.result != SELFTEST_PASS)
			outcome = workers[i].outcome;
	}
	return outcome;
}

const struct selftest selftest_stress[] = {
	{ "stress", "load", "four queues at once, 20,000 rounds of checked work", SELFTEST_STRESS,
	  test_load },
	{ 0 },
};
