// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Faults that are ordered: what the device is said to do when it breaks, it does. They
 * hit whoever uses the device, so they are run where that is this process alone, or on
 * demand.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include <tandem/inject.h>

#include "selftest/selftest.h"

/* A pass: it is ordered. Else why not. */
static struct selftest_outcome order(struct rig *rig, unsigned int kind, uint32_t count)
{
	const struct drm_tandem_inject fault = {
		.kind = kind,
		.count = count,
		.seed = kind == TDM_INJECT_BITFLIP ? rig->seed : 0,
	};
	int rc;

	if (tdm_device_info(rig->dev)->attachment != TDM_ATTACH_SOFT && !rig->disrupt)
		return selftest_say(SELFTEST_SKIP,
				    "it would hit other clients; allow it with --disrupt");
	rc = tdm_device_inject(rig->dev, &fault);
	if (!rc)
		return selftest_pass();
	if (rc == -EPERM || rc == -EOPNOTSUPP)
		return selftest_say(SELFTEST_SKIP, "%s is not allowed here: %s",
				    tdm_inject_name(kind), strerror(-rc));
	return selftest_say(SELFTEST_ERROR, "%s could not be ordered: %s", tdm_inject_name(kind),
			    strerror(-rc));
}

static struct selftest_outcome test_command(struct rig *rig)
{
	struct selftest_outcome outcome = order(rig, TDM_INJECT_FAIL_CMD, 1);
	struct tdm_cmd nop = rig_command(TDM_OP_NOP);
	struct tdm_cqe cqe;

	if (outcome.result != SELFTEST_PASS)
		return outcome;
	cqe = rig_run(rig, &nop);
	if (cqe.status != TDM_ST_DEVICE)
		return rig_failed("a command that was to fail", &cqe);
	cqe = rig_run(rig, &nop);
	return cqe.status == TDM_ST_OK ? selftest_pass() : rig_failed("the next one", &cqe);
}

/* The tests of memory find it, or they are worth nothing. */
static struct selftest_outcome test_bitflip(struct rig *rig)
{
	struct selftest_outcome outcome = order(rig, TDM_INJECT_BITFLIP, 1);

	if (outcome.result != SELFTEST_PASS)
		return outcome;
	outcome = selftest_memory_addresses(rig);
	if (outcome.result == SELFTEST_PASS)
		return selftest_say(SELFTEST_FAIL, "a flipped bit was not noticed");
	if (outcome.result != SELFTEST_FAIL)
		return outcome;
	return selftest_memory_addresses(rig);
}

/*
 * The driver resets a device, and who waited hears of it while that goes on: it takes a
 * moment to be over. A soft one is given up, and opened anew.
 */
static struct tdm_device *open_again(struct rig *rig, struct tdm_error *err)
{
	const struct timespec moment = { .tv_nsec = 10000000 };
	uint64_t deadline = rig_now_ns() + RIG_WAIT_NS;
	struct tdm_device *dev;

	if (tdm_device_info(rig->dev)->attachment == TDM_ATTACH_SOFT)
		return tdm_device_open(tdm_device_name(rig->dev), err);
	while (!(dev = tdm_device_reopen(rig->dev, err)) && err->code == -EIO &&
	       rig_now_ns() < deadline)
		nanosleep(&moment, NULL);
	return dev;
}

/*
 * The device stands still in a command: it is noticed, and works again. What was open is
 * lost, for good, and says so. Every context dies with it, the rig's too.
 */
static struct selftest_outcome test_hang(struct rig *rig)
{
	struct selftest_outcome outcome = order(rig, TDM_INJECT_HANG, 1);
	struct tdm_cmd nop = rig_command(TDM_OP_NOP);
	struct rig again = *rig;
	struct tdm_error err;
	struct tdm_cqe cqe;

	if (outcome.result != SELFTEST_PASS)
		return outcome;
	/* Until it is reset: bounds of some ten seconds, by the device's own word. */
	cqe = rig_run(rig, &nop);
	SELFTEST_CHECK(cqe.status == RIG_NONE && (int64_t)cqe.result == -EIO,
		       "the command that hung ended in %s, not lost with its queue",
		       cqe.status == RIG_NONE ? strerror((int)-(int64_t)cqe.result)
					      : tdm_status_name(cqe.status));
	again.dev = open_again(rig, &err);
	SELFTEST_CHECK(again.dev, "after the reset: %.150s", err.msg);
	again.queue = tdm_queue_create(again.dev, TDM_QUEUE_MIN_ENTRIES, &err);
	if (again.queue)
		cqe = rig_run(&again, &nop);
	tdm_queue_destroy(again.queue);
	tdm_device_close(again.dev);
	SELFTEST_CHECK(again.queue, "after the reset: %.150s", err.msg);
	return cqe.status == TDM_ST_OK ? selftest_pass()
				       : rig_failed("a nop after the reset", &cqe);
}

/* The hang last: nothing of the rig is left. */
const struct selftest selftest_inject[] = {
	{ "inject", "command", "a command that is made to fail, and only that", SELFTEST_FULL,
	  test_command },
	{ "inject", "bitflip", "a flipped bit of memory is found", SELFTEST_FULL, test_bitflip },
	{ "inject", "hang", "a device that stands still is noticed, and works again",
	  SELFTEST_STRESS, test_hang },
	{ 0 },
};
