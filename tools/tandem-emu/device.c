// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "device.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/firmware.h"

#include "lost.h"
#include "node.h"
#include "options.h"
#include "pool.h"
#include "port.h"

struct emu_device {
	const char *model;
	struct emu_node node;
	struct emu_port port;
	struct emu_pool pool;
	struct fw_device *fw;
	pthread_t admin;
	pthread_t compute;
	unsigned int started; /* of these two, in this order */
	atomic_bool stop;
};

static void *run_admin(void *arg)
{
	fw_device_admin(arg);
	return NULL;
}

static void *run_compute(void *arg)
{
	emu_lost_serve(arg);
	fw_device_compute(arg);
	return NULL;
}

struct emu_device *emu_device_create(const char *model, const char *path, struct tdm_error *err)
{
	struct emu_device *dev = calloc(1, sizeof(*dev));

	if (!dev) {
		tdm_error_set(err, -ENOMEM, "device '%s': no memory for it; free some", model);
		return NULL;
	}
	dev->model = model;
	if (emu_node_open(&dev->node, path, err)) {
		free(dev);
		return NULL;
	}
	emu_port_init(&dev->port, &dev->node);
	return dev;
}

static int start_threads(struct emu_device *dev)
{
	int rc = pthread_create(&dev->admin, NULL, run_admin, dev->fw);

	if (rc)
		return -rc;
	dev->started = 1;
	rc = pthread_create(&dev->compute, NULL, run_compute, dev->fw);
	if (rc)
		return -rc;
	dev->started = 2;
	return 0;
}

int emu_device_start(struct emu_device *dev, const struct emu_options *o, struct tdm_error *err)
{
	int rc = emu_pool_init(&dev->pool, o->threads);

	if (!rc) {
		dev->fw = fw_device_create(fw_profile_find(dev->model), &dev->port.port,
					   &dev->pool.fw);
		dev->pool.dev = dev->fw;
		if (dev->fw)
			fw_device_set_bound(dev->fw, o->bound_ms);
		rc = dev->fw ? start_threads(dev) : -ENOMEM;
	}
	if (rc)
		return tdm_error_set(err, rc,
				     "device '%s': its firmware cannot be started: %s; free memory "
				     "or raise the limit on threads (ulimit -u)",
				     dev->model, strerror(-rc));
	return 0;
}

/* Return: false when there is nothing more to wait for */
static bool report(const struct emu_device *dev, const struct tdm_emu_status *status,
		   bool was_ready)
{
	switch (status->state) {
	case TDM_EMU_READY:
		printf("%s at /dev/%.32s\n", dev->model, status->node);
		fflush(stdout);
		return true;
	case TDM_EMU_RESETTING:
		printf("%s is being reset\n", dev->model);
		fflush(stdout);
		return true;
	case TDM_EMU_FAILED:
		/* This process stood still: the driver waits for the answer that comes now. */
		if (was_ready && status->error == -ETIMEDOUT) {
			fprintf(stderr,
				"tandem-emu: device '%s': it did not answer a reset in time; its "
				"clients are lost, and it comes back by itself\n",
				dev->model);
			return true;
		}
		fprintf(stderr,
			"tandem-emu: device '%s': the driver gave it up: %s; look at the kernel's "
			"log\n",
			dev->model, strerror(-status->error));
		return false;
	case TDM_EMU_GONE:
		return false;
	default:
		return true;
	}
}

void emu_device_watch(struct emu_device *dev)
{
	uint32_t last = TDM_EMU_BOOTING;
	bool was_ready = false;

	while (!atomic_load(&dev->stop)) {
		uint32_t seen = tdm_load_acquire(&dev->node.bells->bell[TDM_EMU_BELL_STATUS].count);
		struct tdm_emu_status status;

		if (emu_node_status(&dev->node, &status)) {
			fprintf(stderr,
				"tandem-emu: device '%s': the driver removed it; start it again\n",
				dev->model);
			return;
		}
		if (status.state != last && !report(dev, &status, was_ready))
			return;
		last = status.state;
		was_ready |= last == TDM_EMU_READY;
		/* One that was stopped rings its own bell behind the look above. */
		if (!atomic_load(&dev->stop))
			(void)emu_node_wait(&dev->node, TDM_EMU_BELL_STATUS, seen, ~0ULL);
	}
}

void emu_device_stop(struct emu_device *dev)
{
	atomic_store(&dev->stop, true);
	if (dev->fw)
		fw_device_stop(dev->fw);
	for (int bell = 0; bell < TDM_EMU_N_BELLS; bell++)
		emu_node_ring(&dev->node, (enum tdm_emu_bell)bell);
}

void emu_device_destroy(struct emu_device *dev)
{
	if (!dev)
		return;
	emu_device_stop(dev);
	if (dev->started > 0)
		pthread_join(dev->admin, NULL);
	if (dev->started > 1)
		pthread_join(dev->compute, NULL);
	fw_device_destroy(dev->fw);
	emu_pool_fini(&dev->pool);
	emu_node_close(&dev->node);
	free(dev);
}
