/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * tandem selftest: what a test is, and what it has to work with.
 *
 * Invariants:
 * - A test leaves the device as it found it: what it makes it destroys, whatever its
 *   end. A test that finds the queue lost says so, and the rig makes a new one.
 * - Results come from what the device did, compared with what was computed here. One
 *   that cannot be told is SELFTEST_ERROR or SELFTEST_SKIP with the reason, never a pass.
 * - No test waits longer than RIG_WAIT_NS for one command.
 */
#ifndef TANDEM_SELFTEST_H
#define TANDEM_SELFTEST_H

#include <stdbool.h>
#include <stdint.h>

#include <tandem/buffer.h>
#include <tandem/queue.h>

/* Emulated devices in an emulated machine take seconds for what takes hardware none. */
#define RIG_WAIT_NS 60000000000ULL
#define RIG_BYTES (1UL << 20)

enum selftest_level {
	SELFTEST_QUICK = 0,
	SELFTEST_FULL = 1,
	SELFTEST_STRESS = 2,
};

enum selftest_result {
	SELFTEST_PASS = 0,
	SELFTEST_WARN,
	SELFTEST_FAIL,
	SELFTEST_ERROR, /* could not tell */
	SELFTEST_SKIP,
	SELFTEST_RESULTS,
};

struct selftest_outcome {
	enum selftest_result result;
	char reason[192];
};

/* What a test works with; a file of its own on the device. */
struct rig {
	struct tdm_device *dev;
	struct tdm_queue *queue; /* 64 entries, with nothing open */
	struct tdm_buffer *mem;	 /* RIG_BYTES of host memory, read and written by the device */
	const char *net;	 /* NIC for the loopback, or NULL */
	enum selftest_level level;
	bool disrupt; /* tests that hit other clients of the device are fine */
	uint64_t seed;
};

struct selftest {
	const char *area;
	const char *name;
	const char *what; /* one line */
	enum selftest_level level;
	struct selftest_outcome (*run)(struct rig *rig);
};

/* Areas, each an array up to one without a name. */
extern const struct selftest selftest_memory[], selftest_command[], selftest_fault[],
	selftest_queue[], selftest_compute[], selftest_net[], selftest_stress[], selftest_inject[];

/* The test of that name, for another one that breaks what it looks at. */
struct selftest_outcome selftest_memory_addresses(struct rig *rig);

struct selftest_outcome selftest_pass(void);
struct selftest_outcome selftest_say(enum selftest_result result, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Ends a test that has nothing to give back: "what is wrong", with figures. */
#define SELFTEST_CHECK(condition, ...)                                                             \
	do {                                                                                       \
		if (!(condition))                                                                  \
			return selftest_say(SELFTEST_FAIL, __VA_ARGS__);                           \
	} while (0)

/* A command of the rig with a cookie of its own. */
struct tdm_cmd rig_command(unsigned int opcode);

/**
 * rig_run - one command to its end
 * Return: its completion; where there was none status is RIG_NONE and result a
 * negative errno
 */
#define RIG_NONE 0xffff
struct tdm_cqe rig_run(struct rig *rig, const struct tdm_cmd *cmd);

/* What went wrong with @cqe, in words: "copy ended in fault, result 0x..." */
struct selftest_outcome rig_failed(const char *what, const struct tdm_cqe *cqe);

/* CLOCK_MONOTONIC */
uint64_t rig_now_ns(void);

/* The next number of a sequence that @state seeds. */
uint64_t rig_random(uint64_t *state);

static inline void *rig_ptr(const struct rig *rig, uint64_t off)
{
	return (char *)tdm_buffer_ptr(rig->mem) + off;
}

static inline uint64_t rig_dva(const struct rig *rig, uint64_t off)
{
	return tdm_buffer_dva(rig->mem) + off;
}

#endif /* TANDEM_SELFTEST_H */
