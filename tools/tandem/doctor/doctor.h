/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What 'tandem doctor' looks at. A check is one function; it says what it found once
 * for each thing that it looked at, at least once.
 *
 * A failure is what stops something that is set up here; what is only missing, or
 * slow, is a warning: devices in software need neither driver nor NIC. A check that
 * cannot tell says why, as skip, and never guesses.
 */
#ifndef TANDEM_DOCTOR_H
#define TANDEM_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct doctor;

enum doctor_result {
	DOCTOR_OK,
	DOCTOR_WARN,
	DOCTOR_FAIL,
	DOCTOR_SKIP,
	DOCTOR_RESULTS,
};

/**
 * struct doctor_check
 * @name: NULL ends a table
 * @why: it matters, one sentence
 */
struct doctor_check {
	const char *name;
	const char *why;
	void (*run)(struct doctor *doctor);
};

struct doctor_area {
	const char *name;
	const struct doctor_check *checks;
};

extern const struct doctor_check doctor_kernel[], doctor_driver[], doctor_devices[], doctor_rdma[],
	doctor_memory[], doctor_host[];

/**
 * doctor_say - what a check found
 * @of: the one of several things that it is about, or NULL
 */
void doctor_say(struct doctor *doctor, enum doctor_result result, const char *of,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

/** doctor_cure - the command that mends what was said last */
void doctor_cure(struct doctor *doctor, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** doctor_release - of the running kernel, "" where /proc does not say */
const char *doctor_release(const struct doctor *doctor);

/* Of the module: is it loaded. */
bool doctor_loaded(void);

/**
 * doctor_module_path - where a module of the running kernel lies
 * @file: "tandem.ko", with or without what compression appends
 * @path: set to it, from "/" on
 */
bool doctor_module_path(const struct doctor *doctor, const char *file, char *path, size_t size);

/**
 * doctor_limit - a limit of this process
 * @name: as /proc/self/limits has it, "Max open files"
 * @soft, @hard: set; UINT64_MAX is no limit
 */
bool doctor_limit(const char *name, uint64_t *soft, uint64_t *hard);

#endif /* TANDEM_DOCTOR_H */
