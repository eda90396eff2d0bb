/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * How a device is reached: one table of functions for each attachment.
 */
#ifndef DEVICE_ATTACH_H
#define DEVICE_ATTACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tandem/device.h>

struct tdm_attach_ops;
struct tdm_observe_device;
struct tdm_observe_queue;

/* An open file; the attachment embeds it. */
struct tdm_attach_file {
	const struct tdm_attach_ops *ops;
};

/**
 * struct tdm_attach_ops - an attachment
 * @prefix: names that start with it are this attachment's
 * @entry: the devices that can be opened, by number; false behind the last
 * @open: Return: NULL with @err
 * @reopen: another context of the same device. Return: NULL with @err
 * @close: stops what runs
 * @ioctl: Return: 0 or -errno
 * @mmap: Return: NULL with errno
 * @munmap: Return: 0 or -errno
 * @queues: NULL where nobody can tell; @list may be NULL. Return: how many queues of
 *	    the device from @first on, up to @room
 * @look: NULL as above. How the device does, for who may not wait for its firmware
 *	  beyond a deadline: @seen from its error on, but for queues and identity
 * @order: NULL as above. A fault, likewise: -ETIMEDOUT, and the order waits
 *
 * As for struct tdm_device, every call but @close may come from any thread.
 */
struct tdm_attach_ops {
	const char *prefix;
	bool (*entry)(unsigned int index, struct tdm_device_entry *entry);
	struct tdm_attach_file *(*open)(const char *name, struct tdm_error *err);
	struct tdm_attach_file *(*reopen)(struct tdm_attach_file *file, struct tdm_error *err);
	void (*close)(struct tdm_attach_file *file);
	int (*ioctl)(struct tdm_attach_file *file, unsigned long request, void *arg);
	void *(*mmap)(struct tdm_attach_file *file, size_t len, int prot, uint64_t offset);
	int (*munmap)(struct tdm_attach_file *file, void *ptr, size_t len);
	uint32_t (*queues)(struct tdm_attach_file *file, uint32_t first,
			   struct tdm_observe_queue *list, uint32_t room);
	void (*look)(struct tdm_attach_file *file, uint64_t deadline_ns,
		     struct tdm_observe_device *seen);
	int (*order)(struct tdm_attach_file *file, const struct drm_tandem_inject *fault,
		     uint64_t deadline_ns);
};

/* The attachments. */
const struct tdm_attach_ops *attach_soft(void);
const struct tdm_attach_ops *attach_drm(void);

/* By number, NULL from the end on. */
const struct tdm_attach_ops *attach_at(unsigned int index);

/* The one that @name belongs to, or NULL. */
const struct tdm_attach_ops *attach_find(const char *name);

/* Writes "soft:trn2, soft:trn3, ..." to @text; what does not fit is left out. */
void attach_names(char *text, size_t room);

/* As the attachment's; 0 without. */
uint32_t device_queues(struct tdm_device *dev, uint32_t first, struct tdm_observe_queue *list,
		       uint32_t room);

/*
 * How the device does, without waiting for its firmware beyond @deadline_ns. Nothing of
 * one of the kernel: its calls may wait, and who looks has sysfs and fdinfo.
 */
void device_look(struct tdm_device *dev, uint64_t deadline_ns, struct tdm_observe_device *seen);

/* Return: 0 or -errno, -EOPNOTSUPP: not of this attachment */
int device_order(struct tdm_device *dev, const struct drm_tandem_inject *fault,
		 uint64_t deadline_ns);

/* -ENODEV, with the names that there are. */
int device_unknown(const char *name, struct tdm_error *err);

#endif /* DEVICE_ATTACH_H */
