/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef OBSERVE_STATE_H
#define OBSERVE_STATE_H

#include <stdint.h>

#include <tandem/error.h>

/* Why a process may not have answered, by what the kernel says of it. Return: -ETIMEDOUT */
int state_unanswered(uint32_t pid, struct tdm_error *err);

#endif /* OBSERVE_STATE_H */
