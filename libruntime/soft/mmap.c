// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "soft/mmap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "soft/bo.h"
#include "soft/device.h"
#include "soft/file.h"
#include "soft/mem.h"

/* Where DRM's offsets start, so that no offset is mistaken for a handle. */
#define FIRST_OFFSET 0x100000000ULL

uint64_t soft_span_add(struct soft_device *dev, const struct soft_span *span)
{
	struct soft_spans *s = &dev->spans;

	if (s->count == s->room) {
		uint32_t room = s->room ? s->room * 2 : 64;
		struct soft_span *spans = reallocarray(s->spans, room, sizeof(*spans));

		if (!spans)
			return 0;
		s->spans = spans;
		s->room = room;
	}
	if (!s->next)
		s->next = FIRST_OFFSET;
	/* Offsets only grow, so the end keeps the order. */
	s->spans[s->count] = *span;
	s->spans[s->count].offset = s->next;
	s->next += span->bytes;
	return s->spans[s->count++].offset;
}

static struct soft_span *span_find(struct soft_device *dev, uint64_t offset)
{
	struct soft_spans *s = &dev->spans;
	uint32_t low = 0;
	uint32_t high = s->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (s->spans[mid].offset < offset)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->count && s->spans[low].offset == offset ? &s->spans[low] : NULL;
}

void soft_span_remove(struct soft_device *dev, uint64_t offset)
{
	struct soft_spans *s = &dev->spans;
	struct soft_span *span = span_find(dev, offset);

	if (!span)
		return;
	s->count--;
	memmove(span, span + 1, (size_t)(s->spans + s->count - span) * sizeof(*span));
}

/* Checks and maps; soft_device.lock is held, so the span's descriptor stays open. */
static void *map_span(struct soft_file *file, struct soft_mapping *m, int prot, uint64_t offset)
{
	const struct soft_span *span = span_find(file->dev, offset);

	errno = EINVAL;
	if (!span)
		return NULL;
	errno = EACCES;
	if (span->file != file || (span->readonly && (prot & PROT_WRITE)))
		return NULL;
	errno = EINVAL;
	if (m->len > span->bytes)
		return NULL;
	m->ptr = soft_mem_mmap(span->fd, m->len, prot, span->start);
	m->bo = span->bo;
	if (m->ptr && m->bo)
		soft_bo_get(m->bo);
	return m->ptr;
}

void *soft_mmap(struct soft_file *file, size_t len, int prot, uint64_t offset)
{
	struct soft_device *dev = file->dev;
	struct soft_mapping *m;
	void *ptr;

	if (!len || (prot & ~(PROT_READ | PROT_WRITE))) {
		errno = EINVAL;
		return NULL;
	}
	m = malloc(sizeof(*m));
	if (!m)
		return NULL;
	m->len = len;
	pthread_mutex_lock(&dev->lock);
	ptr = map_span(file, m, prot, offset);
	if (ptr) {
		m->next = file->mappings;
		file->mappings = m;
	}
	pthread_mutex_unlock(&dev->lock);
	if (!ptr)
		free(m);
	return ptr;
}

int soft_munmap(struct soft_file *file, void *ptr, size_t len)
{
	struct soft_device *dev = file->dev;
	struct soft_mapping **link;
	struct soft_mapping *m;

	pthread_mutex_lock(&dev->lock);
	for (link = &file->mappings; *link; link = &(*link)->next)
		if ((*link)->ptr == ptr && (*link)->len == len)
			break;
	m = *link;
	if (m)
		*link = m->next;
	pthread_mutex_unlock(&dev->lock);
	if (!m)
		return -EINVAL;
	munmap(ptr, len);
	if (m->bo)
		soft_bo_put(m->bo);
	free(m);
	return 0;
}

void soft_mappings_forget(struct soft_file *file)
{
	struct soft_mapping *m;

	while ((m = file->mappings)) {
		file->mappings = m->next;
		if (m->bo)
			soft_bo_put(m->bo);
		free(m);
	}
}
