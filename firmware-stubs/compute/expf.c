// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * v_exp() of kernels_math.h, operation for operation, for one float.
 */
#include "compute/expf.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

float fw_expf(float x)
{
	const float lo = -87.0f, hi = 88.0f;
	float n, r, p, scale;
	uint32_t bits;

	if (!(x > lo))
		return 0;
	x = x < hi ? x : hi;
	n = rintf(x * 0x1.715476p+0f);
	r = fmaf(n, -0x1.62e400p-1f, x);
	r = fmaf(n, -0x1.7f7d1cp-20f, r);
	p = 0x1.a01a02p-13f;
	p = fmaf(p, r, 0x1.6c16c2p-10f);
	p = fmaf(p, r, 0x1.111112p-7f);
	p = fmaf(p, r, 0x1.555556p-5f);
	p = fmaf(p, r, 0x1.555556p-3f);
	p = fmaf(p, r, 0.5f);
	p = fmaf(p, r, 1.0f);
	p = fmaf(p, r, 1.0f);
	bits = (uint32_t)((int32_t)n + 127) << 23;
	memcpy(&scale, &bits, sizeof(scale));
	return p * scale;
}
