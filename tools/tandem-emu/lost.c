// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "lost.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include "tandem_hw.h"

/* A signal handler has no argument of its own to find this by. */
static atomic_ulong lost;

static void on_bus_error(int sig, siginfo_t *info, void *context)
{
	uintptr_t page = (uintptr_t)info->si_addr & ~(uintptr_t)(TDM_HW_PAGE_BYTES - 1);
	int saved = errno;

	(void)context;
	if (info->si_code == BUS_ADRERR &&
	    mmap((void *)page, TDM_HW_PAGE_BYTES, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED) {
		atomic_fetch_add_explicit(&lost, 1, memory_order_relaxed);
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

unsigned long emu_lost_count(void)
{
	return atomic_load_explicit(&lost, memory_order_relaxed);
}
