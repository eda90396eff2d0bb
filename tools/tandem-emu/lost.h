/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Memory that goes away while the firmware uses it.
 *
 * The driver drains the device before it takes memory back, so this happens only
 * when a bound was missed, a client died, or there is no memory for a page (its
 * client may be held to a limit). The kernel then sends SIGBUS: what was mapped
 * there becomes zeroes that belong to this process alone, the command goes on with
 * them to the end of its step, and is then failed (core/lost.h).
 */
#ifndef EMU_LOST_H
#define EMU_LOST_H

/* For the whole process. Return: 0 or -errno */
int emu_lost_install(void);

struct fw_device;

/* Whom the calling thread touches memory for, from now on. */
void emu_lost_serve(struct fw_device *dev);

#endif /* EMU_LOST_H */
