// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "soft/watch.h"

#include "soft/device.h"
#include "soft/queue.h"
#include "util/signals.h"

#define NS_PER_MS 1000000ULL
/* A heart that beats does so at least once in this time. */
#define BEAT_NS 1000000000ULL
#define PERIOD_NS 1000000000ULL
#define STUCK_NS 5000000000ULL

static uint64_t bound_ns(const struct soft_device *dev)
{
	return tdm_load_relaxed(&dev->fw_regs.admin_timeout_ms) * NS_PER_MS;
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/*
 * A command that hangs in its first slice was fetched, but nobody has said so yet:
 * the application's tail is looked at, too. It may be wrong, and costs a question.
 */
static bool is_stuck(struct soft_queue *q, uint64_t now, uint64_t limit)
{
	const struct tdm_sq_hdr *sq = q->submit.ptr;
	uint32_t completed = (uint32_t)tdm_load_relaxed(&q->cq->completed);
	uint64_t slices = tdm_load_relaxed(&q->cq->slices);
	bool busy = tdm_load_relaxed(&q->cq->sq_head) != completed ||
		    tdm_load_relaxed(&sq->tail) != completed;

	if (busy && slices == q->seen_slices && q->moved_ns)
		return now - q->moved_ns > limit;
	q->seen_slices = slices;
	q->moved_ns = now;
	return false;
}

static bool any_is_stuck(struct soft_device *dev, uint64_t now)
{
	uint64_t limit = min_u64(STUCK_NS, bound_ns(dev));
	bool stuck = false;

	pthread_mutex_lock(&dev->table_lock);
	for (uint32_t i = 0; i < dev->identify.max_queues; i++)
		if (dev->queues[i])
			stuck |= is_stuck(dev->queues[i], now, limit);
	pthread_mutex_unlock(&dev->table_lock);
	return stuck && now - dev->watch.probed_ns > limit;
}

/*
 * It may wait for a word of memory, which is fine, or hang. So ask for something that
 * can be answered only between two slices: to abort a context that cannot be. No
 * answer in time is the end of the device.
 */
static void probe(struct soft_device *dev)
{
	struct tdm_admin_cmd cmd = { .opcode = TDM_ADMIN_ABORT };

	cmd.ctx.ctx = dev->identify.max_contexts;
	cmd.ctx.queue = ~0U;
	soft_admin_run(dev, &cmd);
	dev->watch.probed_ns = soft_clock_ns();
}

static void look(struct soft_device *dev)
{
	struct soft_watch *watch = &dev->watch;
	uint64_t beat = tdm_load_relaxed(&dev->fw_regs.heartbeat);
	uint64_t now = soft_clock_ns();

	soft_events_poll(dev);
	if (beat != watch->heartbeat) {
		__atomic_store_n(&watch->beat_ns, now, __ATOMIC_RELAXED);
		__atomic_store_n(&watch->heartbeat, beat, __ATOMIC_RELEASE);
	} else if (now - watch->beat_ns > bound_ns(dev) + BEAT_NS) {
		soft_device_fail(dev);
	}
	if (!soft_device_error(dev) && any_is_stuck(dev, now))
		probe(dev);
}

uint64_t soft_watch_age(const struct soft_device *dev)
{
	const struct soft_watch *watch = &dev->watch;
	uint64_t seen = __atomic_load_n(&watch->heartbeat, __ATOMIC_ACQUIRE);
	uint64_t at = __atomic_load_n(&watch->beat_ns, __ATOMIC_RELAXED);
	uint64_t now = soft_clock_ns();

	/* It has beaten since the watchdog looked. */
	if (tdm_load_relaxed(&dev->fw_regs.heartbeat) != seen)
		return 0;
	return now > at ? now - at : 0;
}

static void *watch_thread(void *arg)
{
	struct soft_device *dev = arg;
	struct soft_watch *watch = &dev->watch;

	__atomic_store_n(&watch->beat_ns, soft_clock_ns(), __ATOMIC_RELAXED);
	while (!__atomic_load_n(&watch->stop, __ATOMIC_ACQUIRE) && !soft_device_error(dev)) {
		uint32_t seen = soft_bell_read(&watch->bell);
		uint64_t until = soft_clock_ns() + min_u64(PERIOD_NS, bound_ns(dev) / 2);

		if (!__atomic_load_n(&watch->stop, __ATOMIC_ACQUIRE))
			soft_bell_sleep(&watch->bell, seen, until);
		if (soft_clock_ns() >= until)
			look(dev);
	}
	return NULL;
}

int soft_watch_start(struct soft_device *dev)
{
	sigset_t old = signals_block();
	int rc = pthread_create(&dev->watch.thread, NULL, watch_thread, dev);

	if (!rc)
		pthread_setname_np(dev->watch.thread, "tdm-watch");
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -rc;
}

void soft_watch_stop(struct soft_device *dev)
{
	__atomic_store_n(&dev->watch.stop, true, __ATOMIC_RELEASE);
	soft_bell_ring(&dev->watch.bell);
	pthread_join(dev->watch.thread, NULL);
}
