// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Why a device was lost. Whoever reads of it may have no more than this: the process
 * that had the device is often gone by then, and with it what could be looked at.
 */
#include "engine/lost.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <tandem/inject.h>
#include <tandem/observe.h>
#include <tandem/queue.h>

#include "device/attach.h"

/* A heart that beats does so once a second, and is looked at as often. */
#define SILENT_NS 3000000000ULL
#define S 1000000000ULL

/* The queue whose command stands, the stillest of them; without an opcode: none does. */
static struct tdm_observe_queue find_stuck(struct tdm_device *dev)
{
	struct tdm_observe_queue list[32], stuck = { .opcode = TDM_OBSERVE_NONE };
	uint32_t n = device_queues(dev, 0, list, 32);

	for (uint32_t i = 0; i < n; i++)
		if (list[i].opcode != TDM_OBSERVE_NONE &&
		    (stuck.opcode == TDM_OBSERVE_NONE || list[i].still_ns > stuck.still_ns))
			stuck = list[i];
	return stuck;
}

static void say_cause(char *out, size_t size, struct tdm_device *dev, int rc,
		      const struct tdm_observe_device *seen)
{
	struct tdm_observe_queue queue = find_stuck(dev);

	if (rc == -EIO && seen->known & TDM_OBSERVE_HEART && seen->heartbeat_age_ns > SILENT_NS)
		snprintf(out, size, "its firmware was silent for %llu s",
			 (unsigned long long)(seen->heartbeat_age_ns / S));
	else if (rc == -EIO && queue.opcode != TDM_OBSERVE_NONE)
		snprintf(out, size, "%s in its queue %u stood still too long",
			 tdm_op_name(queue.opcode), queue.queue);
	else
		snprintf(out, size, "%s", rc == -ENODEV ? "it is gone" : strerror(-rc));
}

static void say_orders(char *out, size_t size, const struct tdm_observe_device *seen)
{
	size_t used = 0;

	*out = '\0';
	for (unsigned int kind = 1; kind < TDM_INJECT_KINDS; kind++)
		if (seen->telemetry.inject_active >> kind & 1 && used < size)
			used += (size_t)snprintf(
				out + used, size - used, "%s%s",
				used ? " " : ", and a fault was ordered: ", tdm_inject_name(kind));
}

int lost_error(struct tdm_device *dev, int rc, struct tdm_error *err)
{
	struct tdm_observe_device seen = { .error = 0 };
	char cause[128], orders[128];

	device_look(dev, 0, &seen);
	say_cause(cause, sizeof(cause), dev, rc, &seen);
	say_orders(orders, sizeof(orders), &seen);
	return tdm_error_set(err, rc,
			     "device %s of process %d: it was lost: %s%s; open it again, or start "
			     "its worker again",
			     tdm_device_name(dev), (int)getpid(), cause, orders);
}
