/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * SIGINT and SIGTERM: the first asks for an end in order, a second one ends the
 * process at once. A signal that was ignored when the tool began stays ignored.
 */
#ifndef TANDEM_INTERRUPT_H
#define TANDEM_INTERRUPT_H

#include <stdint.h>

void interrupt_start(void);

/* Not 0 from the first signal on; for struct tdm_engine_options. */
const uint32_t *interrupt_word(void);

/* "SIGINT" or "SIGTERM", or NULL while there was none. */
const char *interrupt_name(void);

/* End by the signal that came, so that a shell sees 128 + its number. */
void interrupt_exit(void) __attribute__((noreturn));

#endif /* TANDEM_INTERRUPT_H */
