/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * How the admin thread stops the compute thread at a slice boundary.
 *
 * @lock guards paused, away and their condition; @wanted is the flag that
 * compute looks at between slices without the lock.
 */
#ifndef FW_PAUSE_H
#define FW_PAUSE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/* How often an admin thread that waits for compute looks up. */
#define FW_PAUSE_TICK_MS 200

struct fw_pause {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	atomic_bool wanted;
	bool away; /* compute is between fw_pause_leave() and fw_pause_enter() */
};

int fw_pause_init(struct fw_pause *pause);
void fw_pause_fini(struct fw_pause *pause);

/*
 * Admin: returns when compute touches nothing; then fw_resume(). A slice of
 * compute may be long: meanwhile @tick is called every FW_PAUSE_TICK_MS.
 */
void fw_pause(struct fw_pause *pause, void (*tick)(void *arg), void *arg);
void fw_resume(struct fw_pause *pause);

/*
 * Compute: leave before sleeping or returning, enter before touching anything
 * again, and yield between slices.
 */
void fw_pause_leave(struct fw_pause *pause);
void fw_pause_enter(struct fw_pause *pause);

static inline void fw_pause_yield(struct fw_pause *pause)
{
	if (__builtin_expect(atomic_load_explicit(&pause->wanted, memory_order_acquire), 0)) {
		fw_pause_leave(pause);
		fw_pause_enter(pause);
	}
}

#endif /* FW_PAUSE_H */
