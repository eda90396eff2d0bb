// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "soft/queue.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "soft/bo.h"
#include "soft/device.h"
#include "soft/file.h"

static void queue_free(struct soft_queue *q)
{
	soft_mem_fini(&q->submit);
	soft_mem_fini(&q->complete);
	if (q->eventfd >= 0)
		close(q->eventfd);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

struct soft_queue *soft_queue_get(struct soft_file *file, uint32_t number)
{
	struct soft_queue *q;

	pthread_mutex_lock(&file->dev->table_lock);
	q = soft_table_get(&file->queues, number);
	if (q)
		__atomic_add_fetch(&q->refs, 1, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&file->dev->table_lock);
	return q;
}

void soft_queue_put(struct soft_queue *q)
{
	if (!__atomic_sub_fetch(&q->refs, 1, __ATOMIC_ACQ_REL))
		queue_free(q);
}

static uint64_t round_up(uint64_t bytes, uint64_t page)
{
	return (bytes + page - 1) / page * page;
}

static int queue_memory(struct soft_queue *q, const struct drm_tandem_queue_create *create)
{
	uint64_t page = q->dev->system_page;
	uint64_t sq = TDM_QUEUE_HDR_BYTES + create->sq_entries * sizeof(struct tdm_cmd);
	uint64_t cq = TDM_QUEUE_HDR_BYTES + create->cq_entries * sizeof(struct tdm_cqe);
	int rc;

	q->complete_bytes = round_up(cq, page);
	rc = soft_mem_create(&q->submit, round_up(sq, page));
	if (!rc)
		rc = soft_mem_create(&q->complete, q->complete_bytes + page);
	if (!rc)
		rc = soft_mem_map(&q->submit);
	if (!rc)
		rc = soft_mem_map(&q->complete);
	/* After the device's mapping: the application's can then never write. */
	if (!rc)
		rc = soft_mem_write_protect(&q->complete);
	if (rc)
		return rc;
	q->cq = q->complete.ptr;
	q->status = (void *)((char *)q->complete.ptr + q->complete_bytes);
	q->status->state = TDM_QUEUE_RUNNING;
	q->status->wait_seq = ~0ULL;
	return 0;
}

static struct soft_queue *queue_alloc(struct soft_file *file,
				      const struct drm_tandem_queue_create *create)
{
	struct soft_queue *q = aligned_alloc(64, sizeof(*q));
	int rc;

	if (!q)
		return NULL;
	*q = (struct soft_queue){ .file = file, .dev = file->dev, .refs = 1, .eventfd = -1 };
	q->sq_entries = create->sq_entries;
	q->submit.fd = -1;
	q->complete.fd = -1;
	rc = pthread_mutex_init(&q->lock, NULL);
	if (rc) {
		free(q);
		errno = rc;
		return NULL;
	}
	rc = queue_memory(q, create);
	if (rc) {
		queue_free(q);
		errno = -rc;
		return NULL;
	}
	return q;
}

/* The three areas, as mmap knows them. soft_device.lock is held. */
static bool add_spans(struct soft_queue *q)
{
	const struct soft_span spans[3] = {
		{ .bytes = q->submit.bytes, .fd = q->submit.fd },
		{ .bytes = q->complete_bytes, .fd = q->complete.fd, .readonly = true },
		{ .bytes = q->dev->system_page,
		  .fd = q->complete.fd,
		  .start = q->complete_bytes,
		  .readonly = true },
	};

	for (int i = 0; i < 3; i++) {
		struct soft_span span = spans[i];

		span.file = q->file;
		q->offsets[i] = soft_span_add(q->dev, &span);
		if (!q->offsets[i])
			return false;
	}
	return true;
}

/* Charges the areas and makes them mappable. Return: 0 or -errno. */
static int publish(struct soft_queue *q)
{
	struct soft_device *dev = q->dev;
	uint64_t bytes = q->submit.bytes + q->complete.bytes;
	int rc = 0;

	pthread_mutex_lock(&dev->lock);
	if (!soft_charge(dev, q->file, TDM_DOMAIN_HOST, bytes)) {
		rc = -ENOSPC;
	} else {
		q->charged = bytes;
		if (!add_spans(q))
			rc = -ENOMEM;
	}
	pthread_mutex_unlock(&dev->lock);
	return rc;
}

static uint32_t free_id(const struct soft_device *dev)
{
	uint32_t max = dev->identify.max_queues;

	for (uint32_t i = 0; i < max; i++)
		if (!dev->queues[(dev->next_queue + i) % max])
			return (dev->next_queue + i) % max;
	return max;
}

/* Gives it its two numbers. Return: 0 or -errno. */
static int number(struct soft_queue *q)
{
	struct soft_device *dev = q->dev;
	uint32_t max = dev->identify.max_queues;
	uint32_t limit = max < SOFT_QUEUES_SHARE ? 1 : max / SOFT_QUEUES_SHARE;
	int rc = -ENOSPC;

	pthread_mutex_lock(&dev->table_lock);
	q->id = q->file->queues.count < limit ? free_id(dev) : max;
	if (q->id < max) {
		q->number = soft_table_add(&q->file->queues, q);
		rc = q->number ? 0 : -ENOMEM;
	}
	if (!rc) {
		dev->queues[q->id] = q;
		dev->next_queue = (q->id + 1) % max;
	}
	pthread_mutex_unlock(&dev->table_lock);
	return rc;
}

/* Undoes number() and publish(), whatever of them was done. */
static void withdraw(struct soft_queue *q)
{
	struct soft_device *dev = q->dev;

	pthread_mutex_lock(&dev->table_lock);
	if (q->number) {
		soft_table_take(&q->file->queues, q->number);
		dev->queues[q->id] = NULL;
	}
	pthread_mutex_unlock(&dev->table_lock);

	pthread_mutex_lock(&dev->lock);
	for (int i = 0; i < 3; i++)
		soft_span_remove(dev, q->offsets[i]);
	soft_uncharge(dev, q->file, TDM_DOMAIN_HOST, q->charged);
	pthread_mutex_unlock(&dev->lock);
}

/* The firmware may still write to it: it stays until that is stopped. */
static void to_limbo(struct soft_queue *q)
{
	pthread_mutex_lock(&q->dev->lock);
	q->next = q->dev->limbo;
	q->dev->limbo = q;
	pthread_mutex_unlock(&q->dev->lock);
}

void soft_queue_free_limbo(struct soft_device *dev)
{
	struct soft_queue *q;

	while ((q = dev->limbo)) {
		dev->limbo = q->next;
		soft_queue_put(q);
	}
}

static uint8_t order(uint32_t entries)
{
	return (uint8_t)__builtin_ctz(entries);
}

static int send_create(struct soft_queue *q, const struct drm_tandem_queue_create *create)
{
	struct tdm_admin_cmd cmd = { .opcode = TDM_ADMIN_QUEUE_CREATE };

	cmd.queue.ctx = q->file->ctx;
	cmd.queue.queue = q->id;
	cmd.queue.sq = (uintptr_t)q->submit.ptr;
	cmd.queue.cq = (uintptr_t)q->complete.ptr;
	cmd.queue.status = (uintptr_t)q->status;
	cmd.queue.sq_order = order(create->sq_entries);
	cmd.queue.cq_order = order(create->cq_entries);
	cmd.queue.wake = TDM_WAKE_CALL;
	cmd.queue.time_limit_ms = create->time_limit_ms;
	cmd.queue.number = q->number;
	return soft_admin_run(q->dev, &cmd);
}

static int check_create(const struct soft_device *dev, const struct drm_tandem_queue_create *create)
{
	uint32_t max = dev->identify.max_entries;
	uint32_t sq = create->sq_entries;
	uint32_t cq = create->cq_entries;

	if (create->abi != TDM_QUEUE_ABI)
		return -EOPNOTSUPP;
	if (create->flags || sq < TDM_QUEUE_MIN_ENTRIES || sq > max || (sq & (sq - 1)) || cq < sq ||
	    cq > max || (cq & (cq - 1)))
		return -EINVAL;
	return 0;
}

static int create_locked(struct soft_file *file, struct drm_tandem_queue_create *create)
{
	struct soft_queue *q = queue_alloc(file, create);
	int rc;

	if (!q)
		return -errno;
	rc = publish(q);
	if (!rc)
		rc = number(q);
	if (!rc)
		rc = send_create(q, create);
	if (rc) {
		withdraw(q);
		if (soft_device_dead(q->dev))
			to_limbo(q);
		else
			soft_queue_put(q);
		return rc;
	}
	create->queue = q->number;
	create->wake = TDM_WAKE_CALL;
	create->sq_offset = q->offsets[0];
	create->sq_bytes = q->submit.bytes;
	create->cq_offset = q->offsets[1];
	create->cq_bytes = q->complete_bytes;
	create->status_offset = q->offsets[2];
	create->doorbell_offset = 0;
	return 0;
}

int soft_queue_create(struct soft_file *file, void *arg)
{
	int rc = check_create(file->dev, arg);

	if (rc)
		return rc;
	pthread_mutex_lock(&file->lock);
	rc = create_locked(file, arg);
	pthread_mutex_unlock(&file->lock);
	return rc;
}

static int destroy_locked(struct soft_file *file, struct soft_queue *q)
{
	struct tdm_admin_cmd abort = { .opcode = TDM_ADMIN_ABORT };
	struct tdm_admin_cmd cmd = { .opcode = TDM_ADMIN_QUEUE_DESTROY };
	int rc;

	abort.ctx.ctx = file->ctx;
	abort.ctx.queue = q->id;
	rc = soft_admin_run(q->dev, &abort);
	if (rc)
		return rc;
	cmd.queue.ctx = file->ctx;
	cmd.queue.queue = q->id;
	rc = soft_admin_run(q->dev, &cmd);
	if (rc)
		return rc;
	/* Only now nothing completes any more, which is what the state says. */
	soft_queue_stop(q, TDM_QUEUE_KILLED, -EIO);
	withdraw(q);
	soft_queue_put(q);
	return 0;
}

int soft_queue_destroy(struct soft_file *file, void *arg)
{
	const struct drm_tandem_queue_destroy *destroy = arg;
	struct soft_queue *q;
	int rc = -ENOENT;

	pthread_mutex_lock(&file->lock);
	q = soft_queue_get(file, destroy->queue);
	if (q) {
		rc = destroy_locked(file, q);
		/* The reference of soft_queue_get(), which the analyzer does not count. */
		soft_queue_put(q); /* NOLINT(clang-analyzer-unix.Malloc) */
	}
	pthread_mutex_unlock(&file->lock);
	return rc;
}

void soft_queue_close_all(struct soft_file *file, bool drained)
{
	for (uint32_t i = 1; i <= file->queues.room; i++) {
		struct soft_queue *q = soft_table_get(&file->queues, i);

		if (!q)
			continue;
		soft_queue_stop(q, TDM_QUEUE_KILLED, -EIO);
		withdraw(q);
		if (drained)
			soft_queue_put(q);
		else
			to_limbo(q);
	}
	soft_table_fini(&file->queues);
}
