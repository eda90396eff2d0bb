/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Memory that goes away while the firmware uses it.
 *
 * The driver drains the device before it takes memory back, so this happens only
 * when a bound was missed, a client died, or there is no memory for a page. The
 * kernel then sends SIGBUS: the page becomes one of zeroes that belongs to this
 * process alone, the command goes on with that, and nobody sees what it computes.
 */
#ifndef EMU_LOST_H
#define EMU_LOST_H

/* For the whole process. Return: 0 or -errno */
int emu_lost_install(void);

/* How often that has happened so far. */
unsigned long emu_lost_count(void);

#endif /* EMU_LOST_H */
