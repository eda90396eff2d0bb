/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TANDEM_DOCTOR_SOFT_H
#define TANDEM_DOCTOR_SOFT_H

#include "doctor/doctor.h"

/* Soft devices of the processes that can be looked at. */
void doctor_soft(struct doctor *doctor);

#endif /* TANDEM_DOCTOR_SOFT_H */
