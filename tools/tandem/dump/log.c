// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What is not of one device: when and where, and the kernel's log.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "dump/dump.h"
#include "dump/log.h"
#include "host/sysfile.h"

static uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void dump_about(struct bundle *b, const char *name)
{
	char release[128];

	bundle_section(b, "about", "tandem dump");
	bundle_line(b, "name %s", name);
	bundle_line(b, "made_realtime_ns %" PRIu64, clock_ns(CLOCK_REALTIME));
	bundle_line(b, "made_monotonic_ns %" PRIu64, clock_ns(CLOCK_MONOTONIC));
	bundle_line(b, "tandem %s", TANDEM_VERSION);
	sys_text(release, sizeof(release), "/proc/sys/kernel/osrelease");
	bundle_line(b, "kernel %s", release);
	bundle_line(b, "uid %u", getuid());
}

static bool concerns_us(const char *text)
{
	static const char *const words[] = { "tandem",	   "accel",	    "rdma_rxe",
					     "infiniband", "Out of memory", "hung_task" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(text, words[i]))
			return true;
	return false;
}

/* "6,1234,5678901,-;TEXT": level, number, microseconds. */
static void take_line(struct bundle *b, const char *line)
{
	const char *text = strchr(line, ';');
	unsigned long long level, us;
	char *end;

	/* Lines that begin with a space are details of the one above. */
	if (!text || *line == ' ' || !concerns_us(text))
		return;
	level = strtoull(line, &end, 10);
	strtoull(*end == ',' ? end + 1 : end, &end, 10);
	us = strtoull(*end == ',' ? end + 1 : end, &end, 10);
	if (*end == ',' || *end == ';')
		bundle_line(b, "%llu.%06llu level %llu %s", us / 1000000, us % 1000000, level & 7,
			    text + 1);
}

static void take_record(struct bundle *b, char *record)
{
	char *save = NULL;

	for (char *line = strtok_r(record, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		take_line(b, line);
}

void dump_log(struct bundle *b)
{
	int fd = sys_open(O_RDONLY | O_NONBLOCK, "/dev/kmsg");
	char record[8193];
	ssize_t n = 1;

	if (fd < 0) {
		bundle_missing(b, "log", fd, "as root: sudo tandem dump");
		return;
	}
	bundle_section(b, "log", "/dev/kmsg");
	while (n) {
		n = read(fd, record, sizeof(record) - 1);
		if (n > 0) {
			record[n] = '\0';
			take_record(b, record);
		} else if (n < 0 && errno != EPIPE && errno != EINTR) {
			/* EPIPE: records were overwritten meanwhile; EAGAIN: that was all. */
			if (errno != EAGAIN)
				bundle_line(b, "the rest cannot be read: %s", strerror(errno));
			break;
		}
	}
	close(fd);
}
