// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "soft/telemetry.h"

#include <tandem/observe.h>

#include "soft/device.h"

#define LOCKS 3
#define LOOK_NS 5000000

int soft_telemetry_init(struct soft_telemetry *t)
{
	pthread_mutex_t *locks[LOCKS] = { &t->query_lock, &t->look_lock, &t->lock };

	for (unsigned int i = 0; i < LOCKS; i++) {
		int rc = pthread_mutex_init(locks[i], NULL);

		if (!rc)
			continue;
		while (i-- > 0)
			pthread_mutex_destroy(locks[i]);
		return -rc;
	}
	return 0;
}

void soft_telemetry_fini(struct soft_telemetry *t)
{
	pthread_mutex_destroy(&t->lock);
	pthread_mutex_destroy(&t->look_lock);
	pthread_mutex_destroy(&t->query_lock);
}

/* Two questions may be answered in any order: the younger one's answer stays. */
static void keep(struct soft_telemetry *t, const struct tdm_telemetry *figures, uint64_t asked_ns)
{
	pthread_mutex_lock(&t->lock);
	if (asked_ns >= t->last_ns) {
		t->last = *figures;
		t->last_ns = asked_ns;
		if (asked_ns > t->ordered_ns)
			t->ordered = 0;
	}
	pthread_mutex_unlock(&t->lock);
}

static struct tdm_admin_cmd question(struct tdm_telemetry *page)
{
	struct tdm_admin_cmd cmd = { .opcode = TDM_ADMIN_TELEMETRY };

	cmd.page.bus = (uintptr_t)page;
	cmd.page.len = sizeof(*page);
	return cmd;
}

int soft_telemetry_query(struct soft_device *dev, struct tdm_telemetry *figures)
{
	struct soft_telemetry *t = &dev->telemetry;
	struct tdm_admin_cmd cmd = question(&t->page);
	uint64_t asked_ns;
	int rc;

	pthread_mutex_lock(&t->query_lock);
	asked_ns = soft_clock_ns();
	rc = soft_admin_run(dev, &cmd);
	/* Without an answer the page is still the firmware's. */
	if (!rc) {
		*figures = t->page;
		keep(t, figures, asked_ns);
	}
	pthread_mutex_unlock(&t->query_lock);
	return rc;
}

/* An interrupt may be missing, and who looks has no time to wait for it: it is looked for. */
static bool wait(struct soft_device *dev, uint64_t deadline_ns)
{
	for (;;) {
		uint64_t now = soft_clock_ns(), next = now + LOOK_NS;

		if (soft_admin_wait(dev, dev->telemetry.slot,
				    next < deadline_ns ? next : deadline_ns))
			return true;
		if (soft_device_dead(dev) || soft_clock_ns() >= deadline_ns)
			return false;
	}
}

/* Return: false while the question has no answer */
static bool take(struct soft_device *dev, uint64_t deadline_ns)
{
	struct soft_telemetry *t = &dev->telemetry;

	if (!wait(dev, deadline_ns))
		return false;
	if (!soft_admin_take(dev, t->slot))
		keep(t, &t->asked, t->asked_ns);
	t->slot = NULL;
	return true;
}

static void ask(struct soft_device *dev, uint64_t deadline_ns)
{
	struct soft_telemetry *t = &dev->telemetry;
	struct tdm_admin_cmd cmd = question(&t->asked);

	if (t->slot && !take(dev, 0))
		return;
	t->asked_ns = soft_clock_ns();
	t->slot = soft_admin_post(dev, &cmd);
	if (t->slot)
		take(dev, deadline_ns);
}

static void read_figures(struct soft_telemetry *t, struct tdm_observe_device *seen)
{
	pthread_mutex_lock(&t->lock);
	seen->telemetry = t->last;
	seen->telemetry.inject_active |= t->ordered;
	if (t->last_ns) {
		seen->known |= TDM_OBSERVE_TELEMETRY;
		seen->telemetry_age_ns = soft_clock_ns() - t->last_ns;
	}
	pthread_mutex_unlock(&t->lock);
}

void soft_telemetry_look(struct soft_device *dev, uint64_t deadline_ns,
			 struct tdm_observe_device *seen)
{
	struct soft_telemetry *t = &dev->telemetry;

	/* Whoever has it has just asked. */
	if (!pthread_mutex_trylock(&t->look_lock)) {
		ask(dev, deadline_ns);
		pthread_mutex_unlock(&t->look_lock);
	}
	read_figures(t, seen);
	seen->firmware_state = tdm_load_acquire(&dev->fw_regs.state);
	seen->heartbeat = tdm_load_relaxed(&dev->fw_regs.heartbeat);
	seen->heartbeat_age_ns = soft_watch_age(dev);
	seen->known |= TDM_OBSERVE_HEART;
	seen->error = soft_device_error(dev);
}

void soft_telemetry_ordered(struct soft_device *dev, uint32_t kind)
{
	struct soft_telemetry *t = &dev->telemetry;

	pthread_mutex_lock(&t->lock);
	t->ordered_ns = soft_clock_ns();
	if (kind == TDM_INJECT_NONE) {
		t->ordered = 0;
		t->last.inject_active = 0;
	} else {
		t->ordered |= 1U << kind;
	}
	pthread_mutex_unlock(&t->lock);
}
