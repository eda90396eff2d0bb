/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The software NIC without a thread ("step=1"): it works when it is told to, so that
 * a test decides what happens when, and a seed says it all.
 */
#ifndef NET_SOFT_STEP_H
#define NET_SOFT_STEP_H

#include <tandem/net.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Execute up to @n work requests. Return: how many */
uint32_t soft_step(struct tdm_net *net, uint32_t n);

#ifdef __cplusplus
}
#endif

#endif /* NET_SOFT_STEP_H */
