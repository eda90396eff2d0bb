// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Rings to their limit, and the ways in which a device says that it is done.
 */
#include <stdlib.h>
#include <string.h>

#include "selftest/selftest.h"

/* Submit and take @total NOPs; every cookie once, in order. */
static struct selftest_outcome pump(struct tdm_queue *queue, unsigned int total)
{
	const uint64_t deadline = rig_now_ns() + RIG_WAIT_NS;
	unsigned int sent = 0, done = 0;

	while (done < total) {
		struct tdm_cmd cmd = rig_command(TDM_OP_NOP);
		struct tdm_cqe cqes[16];
		int n = 1;

		while (sent < total && n == 1) {
			cmd.cookie = sent;
			n = tdm_queue_submit(queue, &cmd, 1);
			SELFTEST_CHECK(n >= 0, "submit: %s", strerror(-n));
			sent += (unsigned int)n;
		}
		n = tdm_queue_wait(queue, deadline);
		SELFTEST_CHECK(!n, "after %u of %u commands: %s", done, total, strerror(-n));
		n = tdm_queue_poll(queue, cqes, 16);
		for (int i = 0; i < n; i++, done++)
			SELFTEST_CHECK(cqes[i].cookie == done && cqes[i].status == TDM_ST_OK,
				       "completion %u is command %llu's, %s", done, cqes[i].cookie,
				       tdm_status_name(cqes[i].status));
	}
	return selftest_pass();
}

/* Many times around a ring that is full most of the time. */
static struct selftest_outcome around(struct rig *rig, unsigned int entries, unsigned int total)
{
	struct tdm_error err;
	struct tdm_queue *queue = tdm_queue_create(rig->dev, entries, &err);
	struct selftest_outcome outcome;

	if (!queue)
		return selftest_say(SELFTEST_FAIL, "a ring of %u entries: %.140s", entries,
				    err.msg);
	outcome = pump(queue, total);
	tdm_queue_destroy(queue);
	return outcome;
}

static struct selftest_outcome test_smallest(struct rig *rig)
{
	return around(rig, TDM_QUEUE_MIN_ENTRIES, 1000);
}

static struct selftest_outcome test_largest(struct rig *rig)
{
	unsigned int entries = tdm_device_info(rig->dev)->identify.max_entries;

	return around(rig, entries, 3 * entries + 1);
}

/* Too large, and no power of two, are refused. */
static struct selftest_outcome test_limits(struct rig *rig)
{
	unsigned int entries = tdm_device_info(rig->dev)->identify.max_entries;
	const unsigned int bad[] = { 0, 3, entries + 1, entries * 2 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct tdm_queue *queue = tdm_queue_create(rig->dev, bad[i], NULL);

		tdm_queue_destroy(queue);
		SELFTEST_CHECK(!queue, "a ring of %u entries was made", bad[i]);
	}
	return selftest_pass();
}

/* As many queues as one client gets, each of which works; one too many is refused. */
static struct selftest_outcome test_many(struct rig *rig)
{
	unsigned int max = tdm_device_info(rig->dev)->identify.max_queues, n = 0;
	struct tdm_queue **queues = calloc(max, sizeof(struct tdm_queue *));
	struct selftest_outcome outcome = selftest_pass();

	if (!queues)
		return selftest_say(SELFTEST_ERROR, "no memory for %u queues", max);
	while (n < max && (queues[n] = tdm_queue_create(rig->dev, TDM_QUEUE_MIN_ENTRIES, NULL)))
		n++;
	if (n < 2)
		outcome = selftest_say(SELFTEST_FAIL, "only %u more queues could be made", n);
	for (unsigned int i = 0; i < n && outcome.result == SELFTEST_PASS; i++)
		outcome = pump(queues[i], 3);
	while (n)
		tdm_queue_destroy(queues[--n]);
	free(queues);
	return outcome;
}

/* The interrupt: a sleeper in the kernel is woken by a completion, not by its deadline. */
static struct selftest_outcome test_interrupt(struct rig *rig)
{
	struct tdm_cmd wait = rig_command(TDM_OP_WAIT);
	struct tdm_cqe cqe;
	int rc;

	/* Long enough for tdm_queue_wait() to go to sleep. */
	*(uint64_t *)rig_ptr(rig, 0) = 0;
	wait.wait.addr = rig_dva(rig, 0);
	wait.wait.value = 1;
	wait.wait.mask = ~0ULL;
	wait.wait.kind = TDM_WAIT_EQ;
	wait.wait.timeout_ns = 50000000;
	rc = tdm_queue_submit(rig->queue, &wait, 1);
	SELFTEST_CHECK(rc == 1, "submit: %s", strerror(-rc));
	rc = tdm_queue_wait(rig->queue, rig_now_ns() + RIG_WAIT_NS);
	SELFTEST_CHECK(!rc, "nobody woke the waiter: %s", strerror(-rc));
	rc = tdm_queue_poll(rig->queue, &cqe, 1);
	SELFTEST_CHECK(rc == 1 && cqe.status == TDM_ST_TIMEOUT, "the command ended in %s",
		       rc == 1 ? tdm_status_name(cqe.status) : "nothing");
	return selftest_pass();
}

/* Creating and destroying leaves nothing behind. */
static struct selftest_outcome test_turnover(struct rig *rig)
{
	for (unsigned int i = 0; i < 100; i++) {
		struct selftest_outcome outcome = around(rig, TDM_QUEUE_MIN_ENTRIES, 1);

		if (outcome.result != SELFTEST_PASS)
			return outcome;
	}
	return selftest_pass();
}

/* One that is destroyed with a command in it takes nobody else along. */
static struct selftest_outcome test_abort(struct rig *rig)
{
	struct tdm_queue *queue = tdm_queue_create(rig->dev, TDM_QUEUE_MIN_ENTRIES, NULL);
	struct tdm_cmd wait = rig_command(TDM_OP_WAIT), nop = rig_command(TDM_OP_NOP);
	struct tdm_cqe cqe;
	int rc;

	if (!queue)
		return selftest_say(SELFTEST_ERROR, "no queue could be made");
	*(uint64_t *)rig_ptr(rig, 0) = 0;
	wait.wait.addr = rig_dva(rig, 0);
	wait.wait.value = 1;
	wait.wait.mask = ~0ULL;
	wait.wait.kind = TDM_WAIT_EQ;
	wait.wait.timeout_ns = 10 * RIG_WAIT_NS;
	rc = tdm_queue_submit(queue, &wait, 1);
	tdm_queue_destroy(queue);
	SELFTEST_CHECK(rc == 1, "submit: %s", strerror(-rc));
	cqe = rig_run(rig, &nop);
	return cqe.status == TDM_ST_OK ? selftest_pass() : rig_failed("a nop after it", &cqe);
}

const struct selftest selftest_queue[] = {
	{ "queue", "smallest", "1000 commands around the smallest ring", SELFTEST_QUICK,
	  test_smallest },
	{ "queue", "largest", "the largest ring, three times around", SELFTEST_FULL, test_largest },
	{ "queue", "limits", "rings of bad sizes are refused", SELFTEST_QUICK, test_limits },
	{ "queue", "many", "as many queues as one client gets", SELFTEST_FULL, test_many },
	{ "queue", "interrupt", "a sleeping waiter is woken", SELFTEST_QUICK, test_interrupt },
	{ "queue", "turnover", "100 queues, one after the other", SELFTEST_FULL, test_turnover },
	{ "queue", "abort", "a queue is destroyed while a command runs", SELFTEST_QUICK,
	  test_abort },
	{ 0 },
};
