// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "lost.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include "core/lost.h"
#include "tandem_hw.h"

/* A signal handler has no argument of its own to find this by. */
static _Thread_local struct fw_device *serving;

void emu_lost_serve(struct fw_device *dev)
{
	serving = dev;
}

static bool zeroes_at(void *ptr, uint64_t len)
{
	return mmap(ptr, len, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) != MAP_FAILED;
}

/* The whole range, so that one signal and one mapping are all that it costs. */
static bool lose(void *at)
{
	const struct fw_range *range = serving ? fw_lost_range(serving, at) : NULL;
	uintptr_t page = (uintptr_t)at & ~(uintptr_t)(TDM_HW_PAGE_BYTES - 1);

	if (range)
		return zeroes_at(range->ptr, range->len);
	/* A ring of a queue that was taken back: nobody looks at it any more. */
	return zeroes_at((void *)page, TDM_HW_PAGE_BYTES);
}

static void on_bus_error(int sig, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)context;
	if (info->si_code == BUS_ADRERR && lose(info->si_addr)) {
		errno = saved;
		return;
	}
	/* Not ours: it is taken again, and ends the process. */
	signal(sig, SIG_DFL);
}

int emu_lost_install(void)
{
	struct sigaction action = { .sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO };

	return sigaction(SIGBUS, &action, NULL) ? -errno : 0;
}
