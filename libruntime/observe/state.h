/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef OBSERVE_STATE_H
#define OBSERVE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include <tandem/error.h>

/* It is not stopped, nor at its end: it may yet answer. */
bool state_goes_on(uint32_t pid);

/* Why a process may not have answered, by what the kernel says of it. Return: -ETIMEDOUT */
int state_unanswered(uint32_t pid, struct tdm_error *err);

#endif /* OBSERVE_STATE_H */
