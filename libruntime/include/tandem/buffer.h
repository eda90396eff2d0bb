/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Buffers: memory that the device and the process both see.
 */
#ifndef TANDEM_BUFFER_H
#define TANDEM_BUFFER_H

#include <tandem/device.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tdm_buffer;

/**
 * tdm_buffer_create - make a buffer, map it for the process and the device
 * @dev: must outlive the buffer
 * @domain: enum tdm_domain
 * @bytes: length, rounded up to the device's page
 * @access: what the device may do, enum tdm_access or-ed
 * @err: where to say why, or NULL
 *
 * The memory reads as zero and takes no room until it is touched; its
 * capacity is charged here. Owned by the caller.
 *
 * Return: NULL on error: -ENOSPC device memory is full (the message says how
 * much was needed and how much is free), -EINVAL, -ENOMEM.
 */
struct tdm_buffer *tdm_buffer_create(struct tdm_device *dev, unsigned int domain, uint64_t bytes,
				     unsigned int access, struct tdm_error *err);

/** tdm_buffer_destroy - unmap and free; no command uses it any more. NULL is fine */
void tdm_buffer_destroy(struct tdm_buffer *buf);

/** tdm_buffer_ptr - where the process sees it */
void *tdm_buffer_ptr(const struct tdm_buffer *buf);

/** tdm_buffer_dva - where the device sees it */
uint64_t tdm_buffer_dva(const struct tdm_buffer *buf);

/**
 * tdm_buffer_export - the buffer as a file descriptor
 *
 * A dma-buf on nodes of the driver, a memfd on soft devices; offset 0 is the
 * buffer's first byte.
 * Return: the descriptor (close-on-exec), which is the caller's, or -errno
 */
int tdm_buffer_export(const struct tdm_buffer *buf);

/** tdm_buffer_bytes - its length, rounded up */
uint64_t tdm_buffer_bytes(const struct tdm_buffer *buf);

#ifdef __cplusplus
}
#endif

#endif /* TANDEM_BUFFER_H */
