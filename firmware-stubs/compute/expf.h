/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef FW_EXPF_H
#define FW_EXPF_H

/**
 * fw_expf - exp of one float, with the bits of the kernels' v_exp()
 *
 * Within an ulp from -87 to 88. Below and for NaN it is 0, above it is exp(88),
 * so the result is always a finite number.
 */
float fw_expf(float x);

#endif /* FW_EXPF_H */
