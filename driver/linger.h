/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Stores that nobody has any more, but whose pages somebody does: a network
 * device that they are registered with, a pipe that they were spliced into. They
 * stay charged until those let go, or closing a buffer would be a way around the
 * limits.
 */
#ifndef TDM_LINGER_H
#define TDM_LINGER_H

struct tdm_store;

/* Ends the store (tdm_store_end()), now or as soon as its pages are its own. */
void tdm_linger(struct tdm_store *store);

/* The module goes: end all there are. */
void tdm_linger_exit(void);

#endif /* TDM_LINGER_H */
