// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "soft/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "soft/bo.h"
#include "soft/queue.h"

static int number(struct soft_file *file)
{
	struct soft_device *dev = file->dev;
	int rc = -EBUSY;

	pthread_mutex_lock(&dev->table_lock);
	for (uint32_t i = 0; i < dev->identify.max_contexts; i++) {
		if (dev->files[i])
			continue;
		dev->files[i] = file;
		file->ctx = i;
		rc = 0;
		break;
	}
	pthread_mutex_unlock(&dev->table_lock);
	return rc;
}

static void unnumber(struct soft_file *file)
{
	struct soft_device *dev = file->dev;

	pthread_mutex_lock(&dev->table_lock);
	dev->files[file->ctx] = NULL;
	pthread_mutex_unlock(&dev->table_lock);
}

static int send(struct soft_file *file, uint16_t opcode)
{
	struct tdm_admin_cmd cmd = { .opcode = opcode };

	cmd.ctx.ctx = file->ctx;
	cmd.ctx.queue = opcode == TDM_ADMIN_ABORT ? ~0U : 0;
	return soft_admin_run(file->dev, &cmd);
}

static struct soft_file *file_alloc(struct soft_device *dev)
{
	struct soft_file *file = calloc(1, sizeof(*file));

	if (!file)
		return NULL;
	if (pthread_mutex_init(&file->lock, NULL)) {
		free(file);
		return NULL;
	}
	if (pthread_mutex_init(&file->faults.lock, NULL)) {
		pthread_mutex_destroy(&file->lock);
		free(file);
		return NULL;
	}
	file->dev = dev;
	return file;
}

static void file_free(struct soft_file *file)
{
	pthread_mutex_destroy(&file->faults.lock);
	pthread_mutex_destroy(&file->lock);
	free(file);
}

struct soft_file *soft_file_open(struct soft_device *dev, struct tdm_error *err)
{
	struct soft_file *file = file_alloc(dev);
	int rc;

	if (!file) {
		tdm_error_set(err, -ENOMEM, "device: no memory for a context; free some");
		return NULL;
	}
	rc = number(file);
	if (rc) {
		tdm_error_set(err, rc, "device: all of its %u contexts are open; close one",
			      dev->identify.max_contexts);
		file_free(file);
		return NULL;
	}
	rc = send(file, TDM_ADMIN_CTX_CREATE);
	if (rc) {
		tdm_error_set(err, rc, "device: it refused a context: %s; open the device anew",
			      strerror(-rc));
		unnumber(file);
		file_free(file);
		return NULL;
	}
	soft_device_get(dev);
	return file;
}

void soft_file_close(struct soft_file *file)
{
	struct soft_device *dev = file->dev;
	bool drained;

	send(file, TDM_ADMIN_ABORT);
	drained = !send(file, TDM_ADMIN_CTX_DESTROY);
	soft_queue_close_all(file, drained);
	soft_mappings_forget(file);
	soft_vm_fini(file, drained);
	soft_bo_close_all(file);
	unnumber(file);
	file_free(file);
	soft_device_put(dev);
}
