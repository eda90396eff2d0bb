/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Devices. One struct tdm_device is one open file: a context with an address
 * space, buffers, queues and programs of its own.
 *
 * Thread safety: all calls on one device may come from any thread at once,
 * tdm_device_close() excepted, which must be the last.
 */
#ifndef TANDEM_DEVICE_H
#define TANDEM_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include <tandem/error.h>

#include "tandem_accel.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tdm_device;

/**
 * tdm_device_open - open a device by name
 * @name: a node of the kernel's driver, "/dev/accel/accel0" (on Linux 6.1
 *	  "/dev/dri/renderD128"), or
 *	  "soft:trn2", "soft:trn3" or "soft:cs3": a new device of that model in
 *	  this process, gone with its last file. Options may follow, for tests:
 *	  ",memory=64M" device memory in place of the model's (K, M, G and T are
 *	  powers of 1024), ",threads=1" compute threads, its own included,
 *	  ",isa=scalar" (avx2, avx512) one instruction set in place of the best,
 *	  ",bound=500ms" how long the device may stand still before it is reset
 * @err: where to say why, or NULL
 *
 * A forked child has no soft devices: its calls on them return -ENODEV, their
 * mappings are not there.
 *
 * Return: NULL on error: -ENODEV an unknown name (the message lists the known
 * ones) or a node of another driver, -EACCES, -EINVAL a bad option, -ENOTSUP not
 * of this processor, -ENOMEM, -EAGAIN when no thread could be started.
 */
struct tdm_device *tdm_device_open(const char *name, struct tdm_error *err);

/**
 * tdm_device_reopen - open the same device once more
 *
 * The new file is a context of its own; nothing is shared but the device's
 * memory and time.
 *
 * Return: NULL on error: -EBUSY all contexts of the device are open, -ENOMEM,
 * -EIO the device is lost.
 */
struct tdm_device *tdm_device_reopen(struct tdm_device *dev, struct tdm_error *err);

/**
 * tdm_device_close - close the file
 *
 * Commands that run are stopped first. Mappings stay valid until they are
 * unmapped with tdm_device_munmap(), which may come after the close only for
 * attachments with a kernel; buffers and queues of this library must be
 * destroyed before.
 */
void tdm_device_close(struct tdm_device *dev);

/** tdm_device_name - the name it was opened by; lives as long as @dev */
const char *tdm_device_name(const struct tdm_device *dev);

/** tdm_device_info - what the device is; lives as long as @dev */
const struct tdm_query_device *tdm_device_info(const struct tdm_device *dev);

/**
 * tdm_device_ioctl - one call of tandem_accel.h, as ioctl(2) on the node
 *
 * Return: 0 or a negative errno. EINTR is returned, not retried; the calls that
 * other functions of this library make for themselves are made again.
 */
int tdm_device_ioctl(struct tdm_device *dev, unsigned long request, void *arg);

/**
 * tdm_device_mmap - as mmap(2) with MAP_SHARED on the node
 * @prot: PROT_READ, PROT_WRITE
 * @offset: from TDM_BO_MMAP or QUEUE_CREATE
 *
 * Return: NULL on error, with errno's negative in @err.
 */
void *tdm_device_mmap(struct tdm_device *dev, size_t len, int prot, uint64_t offset,
		      struct tdm_error *err);
int tdm_device_munmap(struct tdm_device *dev, void *ptr, size_t len);

/** tdm_device_memory - usage of the device's memory. Return: 0 or -errno */
int tdm_device_memory(struct tdm_device *dev, struct tdm_query_memory *mem);

/**
 * tdm_device_faults - take fault records of this context, oldest first
 * Return: how many were written to @faults, or -errno
 */
int tdm_device_faults(struct tdm_device *dev, struct tdm_fault *faults, unsigned int room);

/**
 * struct tdm_device_entry - one line of a listing
 * @name: for tdm_device_open()
 * @attachment: enum tdm_attachment
 * @identify: what the device says of itself
 */
struct tdm_device_entry {
	char name[64];
	uint32_t attachment;
	struct tdm_identify identify;
};

/**
 * tdm_device_list - the devices that can be opened
 * @list: room for @room entries, or NULL to count
 * Return: how many there are, whatever @room was
 */
int tdm_device_list(struct tdm_device_entry *list, unsigned int room);

/** tdm_device_models - the soft devices among them alone; opens no node */
int tdm_device_models(struct tdm_device_entry *list, unsigned int room);

#ifdef __cplusplus
}
#endif

#endif /* TANDEM_DEVICE_H */
