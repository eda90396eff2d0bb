/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef UTIL_SIGNALS_H
#define UTIL_SIGNALS_H

#include <signal.h>

/**
 * signals_block - for the threads that the caller starts next
 *
 * The host application's signals are for its own threads. Those that a thread
 * raises itself by an access or an operation stay: blocked, they would end the
 * process past any handler that it has.
 *
 * Return: the mask to go back to, for pthread_sigmask(SIG_SETMASK)
 */
sigset_t signals_block(void);

#endif /* UTIL_SIGNALS_H */
