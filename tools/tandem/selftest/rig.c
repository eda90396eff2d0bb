// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "selftest/selftest.h"

struct selftest_outcome selftest_pass(void)
{
	return (struct selftest_outcome){ .result = SELFTEST_PASS };
}

struct selftest_outcome selftest_say(enum selftest_result result, const char *format, ...)
{
	struct selftest_outcome outcome = { .result = result };
	va_list args;

	va_start(args, format);
	vsnprintf(outcome.reason, sizeof(outcome.reason), format, args);
	va_end(args);
	return outcome;
}

uint64_t rig_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* splitmix64: every seed is a good one. */
uint64_t rig_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

struct tdm_cmd rig_command(unsigned int opcode)
{
	return (struct tdm_cmd){
		.opcode = (__u16)opcode,
		.cookie = 0x7e57000000000000 | opcode,
	};
}

struct tdm_cqe rig_run(struct rig *rig, const struct tdm_cmd *cmd)
{
	struct tdm_cqe cqe = { 0 };
	int rc = tdm_queue_run(rig->queue, cmd, rig_now_ns() + RIG_WAIT_NS, &cqe);

	if (!rc && cqe.cookie == cmd->cookie)
		return cqe;
	/* Another command's completion is as good as none. */
	cqe.status = RIG_NONE;
	cqe.result = (__u64)(int64_t)(rc ? rc : -EPROTO);
	return cqe;
}

struct selftest_outcome rig_failed(const char *what, const struct tdm_cqe *cqe)
{
	if (cqe->status == RIG_NONE)
		return selftest_say(SELFTEST_FAIL, "%s: no completion of its own: %s", what,
				    strerror((int)-(int64_t)cqe->result));
	return selftest_say(SELFTEST_FAIL, "%s ended in %s, result 0x%llx", what,
			    tdm_status_name(cqe->status), cqe->result);
}
