// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The input is what a client does with a device, TANDEM_TEST_DEVICE's or a soft one.
 * Beside it a client that does as it should goes on being served.
 */
#include <stdio.h>
#include <stdlib.h>

#include <tandem/inject.h>
#include <tandem/queue.h>

#include "support/ioctl_sequence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct good {
	struct tdm_device *dev;
	struct tdm_queue *queue;
};

static void die(const char *what)
{
	fprintf(stderr, "ioctl: %s\n", what);
	abort();
}

static struct good good_open(const char *name)
{
	struct tdm_error err = { 0 };
	struct good good = { .dev = tdm_device_open(name, &err) };

	if (good.dev)
		good.queue = tdm_queue_create(good.dev, 4, &err);
	if (!good.queue)
		die(err.msg);
	return good;
}

static void good_is_served(const struct good *good)
{
	const struct drm_tandem_inject none = { .kind = TDM_INJECT_NONE };
	struct tdm_cmd nop = { .opcode = TDM_OP_NOP, .cookie = 7 };
	struct tdm_fault fault;
	struct tdm_cqe cqe;

	/* What was ordered of the device hits all of its clients, by its own contract. */
	if (tdm_device_inject(good->dev, &none))
		die("the device takes no order any more");
	if (tdm_queue_run(good->queue, &nop, ~0ULL, &cqe) || cqe.status || cqe.cookie != 7)
		die("another client is not served");
	if (tdm_device_faults(good->dev, &fault, 1))
		die("another client has a fault");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct good clients[2]; /* a device of each class, or one node */
	const char *name = getenv("TANDEM_TEST_DEVICE");
	unsigned int which = !name && size && (data[0] & 1);
	struct ioctl_tally tally = { 0 };

	if (!clients[which].dev)
		clients[which] = good_open(name	   ? name
					   : which ? "soft:cs3,threads=1"
						   : "soft:trn2,threads=1");
	ioctl_sequence_run(clients[which].dev, data + !!size, size - !!size, &tally);
	if (tally.wrong[0])
		die(tally.wrong);
	good_is_served(&clients[which]);
	return 0;
}
