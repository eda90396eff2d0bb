// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "pin.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static cpu_set_t allowed(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof(set), &set);
	return set;
}

void pin_choose(cpu_set_t *start, int *near, int *far)
{
	cpu_set_t set = allowed();

	*start = set;
	*near = *far = -1;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET((size_t)cpu, &set))
			continue;
		if (*near < 0)
			*near = cpu;
		*far = cpu;
		if (*far != *near)
			return;
	}
}

void pin_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

void pin_release(const cpu_set_t *start)
{
	sched_setaffinity(0, sizeof(*start), start);
}

static int is_only(pid_t tid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	return !sched_getaffinity(tid, sizeof(set), &set) && CPU_COUNT(&set) == 1 &&
	       CPU_ISSET((size_t)cpu, &set);
}

int pin_check(int near, int far)
{
	DIR *tasks = near == far ? NULL : opendir("/proc/self/task");
	struct dirent *entry;
	int good = 1;

	if (!tasks)
		return 0;
	while ((entry = readdir(tasks))) {
		pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (tid)
			good &= is_only(tid, tid == getpid() ? near : far);
	}
	closedir(tasks);
	return good;
}

int pin_count(void)
{
	cpu_set_t set = allowed();

	return CPU_COUNT(&set);
}
