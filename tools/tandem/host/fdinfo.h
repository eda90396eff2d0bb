/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Who has the driver's nodes open, by what the kernel says of every descriptor
 * (/proc/PID/fdinfo/N, in the words of drm-usage-stats).
 */
#ifndef TANDEM_FDINFO_H
#define TANDEM_FDINFO_H

#include <stdbool.h>
#include <stdint.h>

#include <tandem/error.h>

/**
 * struct fdinfo - an open node: one context of a device
 * @pid: of the process
 * @program: its name
 * @node: "/dev/accel/accel0"
 * @client: the driver's number of the context
 * @busy_ns: time in which its commands ran
 * @device_bytes, @host_bytes: memory charged to it
 * @has_...: whether the driver says so; 0 where it does not
 */
struct fdinfo {
	uint32_t pid;
	char program[32];
	char node[64];
	uint64_t client;
	uint64_t busy_ns;
	uint64_t device_bytes;
	uint64_t host_bytes;
	bool has_busy, has_device, has_host;
};

struct fdinfo_list {
	struct fdinfo *list; /* to free(); NULL on error */
	uint32_t n;
	uint32_t hidden; /* processes whose descriptors may not be seen */
};

/**
 * fdinfo_scan - all of them, by process; a context that a process has twice comes once
 * @proc: "/proc"
 */
struct fdinfo_list fdinfo_scan(const char *proc, struct tdm_error *err);

/* One descriptor's text. Return: true when it is the tandem driver's */
bool fdinfo_parse(const char *text, struct fdinfo *info);

#endif /* TANDEM_FDINFO_H */
