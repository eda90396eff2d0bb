// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "soft/admin.h"

#include <errno.h>
#include <stdlib.h>

#include "soft/device.h"

#define SLOT_MASK 0xffffU
#define GENERATION_SHIFT 16
#define MAX_ERRNO 4095
#define POLL_NS 1000000000ULL

int soft_admin_init(struct soft_admin *admin)
{
	int rc;

	admin->ring = aligned_alloc(TDM_HW_PAGE_BYTES, SOFT_ADMIN_ENTRIES * sizeof(*admin->ring));
	if (!admin->ring)
		return -ENOMEM;
	rc = pthread_mutex_init(&admin->lock, NULL);
	if (rc)
		free(admin->ring);
	return -rc;
}

void soft_admin_fini(struct soft_admin *admin)
{
	pthread_mutex_destroy(&admin->lock);
	free(admin->ring);
}

struct soft_admin_slot *soft_admin_post(struct soft_device *dev, struct tdm_admin_cmd *cmd)
{
	struct soft_admin *admin = &dev->admin;
	struct soft_admin_slot *slot = NULL;

	if (soft_device_dead(dev))
		return NULL;
	pthread_mutex_lock(&admin->lock);
	for (uint32_t i = 0; i < SOFT_ADMIN_ENTRIES; i++) {
		if (admin->slots[i].busy)
			continue;
		slot = &admin->slots[i];
		slot->generation++;
		slot->busy = true;
		slot->left = false;
		__atomic_store_n(&slot->done, false, __ATOMIC_RELAXED);
		cmd->tag = i | (uint32_t)slot->generation << GENERATION_SHIFT;
		admin->ring[admin->tail & (SOFT_ADMIN_ENTRIES - 1)] = *cmd;
		admin->tail++;
		tdm_store_release(&dev->drv_regs.admin_tail, admin->tail);
		break;
	}
	pthread_mutex_unlock(&admin->lock);
	if (slot)
		soft_port_ring(&dev->port, FW_BELL_ADMIN);
	return slot;
}

/* As above, and waits for a slot. */
static struct soft_admin_slot *post_wait(struct soft_device *dev, struct tdm_admin_cmd *cmd,
					 uint64_t deadline)
{
	struct soft_admin *admin = &dev->admin;

	while (!soft_device_dead(dev)) {
		uint32_t seen = soft_bell_read(&admin->freed);
		struct soft_admin_slot *slot = soft_admin_post(dev, cmd);

		if (slot)
			return slot;
		if (soft_bell_sleep(&admin->freed, seen, deadline) == -ETIMEDOUT)
			break;
	}
	return NULL;
}

bool soft_admin_wait(struct soft_device *dev, struct soft_admin_slot *slot, uint64_t deadline)
{
	for (;;) {
		uint32_t seen = soft_bell_read(&slot->answered);
		uint64_t until = soft_clock_ns() + POLL_NS;
		int rc;

		if (__atomic_load_n(&slot->done, __ATOMIC_ACQUIRE))
			return true;
		if (soft_device_dead(dev))
			return false;
		rc = soft_bell_sleep(&slot->answered, seen, until < deadline ? until : deadline);
		/* An interrupt that is missing costs a while, not the device. */
		if (rc == -ETIMEDOUT)
			soft_events_poll(dev);
		if (rc == -ETIMEDOUT && soft_clock_ns() >= deadline)
			return __atomic_load_n(&slot->done, __ATOMIC_ACQUIRE);
	}
}

int soft_admin_take(struct soft_device *dev, struct soft_admin_slot *slot)
{
	int value;

	pthread_mutex_lock(&dev->admin.lock);
	value = slot->value;
	slot->busy = false;
	pthread_mutex_unlock(&dev->admin.lock);
	soft_bell_ring(&dev->admin.freed);
	return value;
}

int soft_admin_run(struct soft_device *dev, struct tdm_admin_cmd *cmd)
{
	uint64_t bound = tdm_load_relaxed(&dev->fw_regs.admin_timeout_ms) * 1000000ULL;
	uint64_t deadline = soft_clock_ns() + bound;
	struct soft_admin_slot *slot = post_wait(dev, cmd, deadline);

	if (!slot || !soft_admin_wait(dev, slot, deadline)) {
		/* The slot stays taken: its answer may still come. */
		soft_device_fail(dev);
		return soft_device_error(dev);
	}
	return soft_admin_take(dev, slot);
}

int soft_admin_try(struct soft_device *dev, struct tdm_admin_cmd *cmd, uint64_t deadline)
{
	struct soft_admin_slot *slot = post_wait(dev, cmd, deadline);
	bool done;

	if (!slot)
		return soft_device_dead(dev) ? soft_device_error(dev) : -ETIMEDOUT;
	if (soft_admin_wait(dev, slot, deadline))
		return soft_admin_take(dev, slot);
	pthread_mutex_lock(&dev->admin.lock);
	done = slot->done;
	slot->left = !done;
	pthread_mutex_unlock(&dev->admin.lock);
	if (done)
		return soft_admin_take(dev, slot);
	return soft_device_dead(dev) ? soft_device_error(dev) : -ETIMEDOUT;
}

void soft_admin_answer(struct soft_device *dev, uint32_t tag, uint64_t value)
{
	uint32_t index = tag & SLOT_MASK;
	struct soft_admin_slot *slot;
	int64_t answer = (int64_t)value;

	if (index >= SOFT_ADMIN_ENTRIES)
		return;
	slot = &dev->admin.slots[index];
	pthread_mutex_lock(&dev->admin.lock);
	if (slot->busy && !slot->done && slot->generation == tag >> GENERATION_SHIFT) {
		slot->value = answer > 0 || answer < -MAX_ERRNO ? -EIO : (int)answer;
		__atomic_store_n(&slot->done, true, __ATOMIC_RELEASE);
		slot->busy = !slot->left;
		soft_bell_ring(slot->left ? &dev->admin.freed : &slot->answered);
	}
	pthread_mutex_unlock(&dev->admin.lock);
}

void soft_admin_fail(struct soft_device *dev)
{
	for (unsigned int i = 0; i < SOFT_ADMIN_ENTRIES; i++)
		soft_bell_ring(&dev->admin.slots[i].answered);
	soft_bell_ring(&dev->admin.freed);
}
