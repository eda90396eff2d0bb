// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The compute thread: a slice of every queue in turn; when nothing moves, spin
 * for a while, then sleep until rung.
 */
#include "core/device.h"
#include "core/queue.h"

/* How long it spins: about what sleeping and being woken costs. */
#define SPIN_NS 50000
/*
 * At first without a pause, which on x86 is as long as a command's way from core
 * to core: who submits one command after the other is back sooner than this.
 */
#define EAGER_NS 3000
/* Looks at the tails between two readings of the clock. */
#define LOOKS 64

static bool run_once(struct fw_device *dev)
{
	bool moved = false;

	for (unsigned int i = 0; i < dev->n_active; i++) {
		moved |= fw_queue_slice(dev->active[i]);
		fw_pause_yield(&dev->pause);
	}
	return moved;
}

static void set_need_wake(struct fw_device *dev)
{
	for (unsigned int i = 0; i < dev->n_active; i++) {
		struct fw_queue *q = dev->active[i];

		if (q->wake == TDM_WAKE_NONE || q->asleep)
			continue;
		q->asleep = true;
		tdm_store_relaxed(&q->cq->need_wake, 1);
	}
}

static void clear_need_wake(struct fw_device *dev)
{
	for (unsigned int i = 0; i < dev->n_active; i++) {
		struct fw_queue *q = dev->active[i];

		if (!q->asleep)
			continue;
		q->asleep = false;
		tdm_store_relaxed(&q->cq->need_wake, 0);
	}
}

/* Until when compute may sleep: the earliest look at a parked command. */
static uint64_t deadline(struct fw_device *dev)
{
	uint64_t first = ~0ULL;

	for (unsigned int i = 0; i < dev->n_active; i++) {
		const struct fw_queue *q = dev->active[i];

		if (q->busy && !q->stopped && q->exec.deadline_ns < first)
			first = q->exec.deadline_ns;
	}
	return first;
}

static bool any_work(struct fw_device *dev)
{
	for (unsigned int i = 0; i < dev->n_active; i++)
		if (fw_queue_has_work(dev->active[i]))
			return true;
	return false;
}

/* A queue that polls has nobody to ring for it: then compute never sleeps. */
static bool may_sleep(const struct fw_device *dev)
{
	for (unsigned int i = 0; i < dev->n_active; i++)
		if (dev->active[i]->wake == TDM_WAKE_NONE && !dev->active[i]->stopped)
			return false;
	return true;
}

static void sleep_until_rung(struct fw_device *dev)
{
	struct fw_port *port = dev->port;
	uint32_t seen = port->ops->bell(port, FW_BELL_COMPUTE);
	uint64_t until;

	set_need_wake(dev);
	/* Dekker: the flag is out before the tails are looked at once more. */
	tdm_full_fence();
	if (!any_work(dev) && !atomic_load_explicit(&dev->stop, memory_order_acquire)) {
		until = deadline(dev);
		fw_pause_leave(&dev->pause);
		port->ops->sleep(port, FW_BELL_COMPUTE, seen, until);
		fw_pause_enter(&dev->pause);
	}
	clear_need_wake(dev);
}

static inline void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ __volatile__("yield");
#endif
}

struct idle {
	uint64_t since;	    /* clock at the first reading */
	unsigned int looks; /* since something moved */
	bool eager;
};

static const struct idle not_idle = { .eager = true };

/* One more look found nothing. Return: true when it is time to sleep. */
static bool is_tired(struct fw_device *dev, struct idle *idle)
{
	uint64_t now;

	if (!idle->eager)
		relax();
	if (++idle->looks % LOOKS)
		return false;
	now = fw_now(dev);
	if (!idle->since)
		idle->since = now;
	idle->eager = now - idle->since < EAGER_NS;
	return now - idle->since >= SPIN_NS && may_sleep(dev);
}

void fw_device_compute(struct fw_device *dev)
{
	struct idle idle = not_idle;

	fw_pause_enter(&dev->pause);
	while (!atomic_load_explicit(&dev->stop, memory_order_acquire)) {
		fw_pause_yield(&dev->pause);
		if (run_once(dev)) {
			idle = not_idle;
			continue;
		}
		if (is_tired(dev, &idle)) {
			sleep_until_rung(dev);
			idle = not_idle;
		}
	}
	fw_pause_leave(&dev->pause);
}
