/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * An emulated device: the firmware on a port of its own, and its threads.
 */
#ifndef EMU_DEVICE_H
#define EMU_DEVICE_H

#include <tandem/error.h>

struct emu_device;
struct emu_options;

/**
 * emu_device_create - make the driver see a device; it does not run yet
 * @model: "trn2", "trn3", "cs3"; outlives it
 * @path: of the control node
 *
 * Return: NULL with @err
 */
struct emu_device *emu_device_create(const char *model, const char *path, struct tdm_error *err);

/**
 * emu_device_start - boot its firmware
 * @o: threads of compute, and its bound
 * Return: 0 or -errno with @err
 */
int emu_device_start(struct emu_device *dev, const struct emu_options *o, struct tdm_error *err);

/**
 * emu_device_watch - print the name of its node once there is one
 *
 * Returns when the device was removed, has failed (and says why), or when
 * emu_device_stop() was called.
 */
void emu_device_watch(struct emu_device *dev);

/* Any thread: its threads return, and so does emu_device_watch(). */
void emu_device_stop(struct emu_device *dev);

/* Surprise removal, for the driver. NULL is fine. */
void emu_device_destroy(struct emu_device *dev);

#endif /* EMU_DEVICE_H */
