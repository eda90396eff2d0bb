// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "compute/rope.h"

#include <math.h>

/* pi / 2 in two parts, so that the reduction loses nothing (Cody and Waite). */
#define PIO2_HI 0x1.921fb54442d18p+0
#define PIO2_LO 0x1.1a62633145c07p-54
#define TWO_OVER_PI 0x1.45f306dc9c883p-1

/* Taylor on |r| <= pi / 4: the first term left out is below 2^-52 of the sum. */
static double sin_small(double r)
{
	double z = r * r;
	double p = 0x1.5d93a5acfd57cp-33; /* 1/13! */

	p = fma(p, z, -0x1.ae64567f544e4p-26);
	p = fma(p, z, 0x1.71de3a556c734p-19);
	p = fma(p, z, -0x1.a01a01a01a01ap-13);
	p = fma(p, z, 0x1.1111111111111p-7);
	p = fma(p, z, -0x1.5555555555555p-3);
	return fma(p * z, r, r);
}

static double cos_small(double r)
{
	double z = r * r;
	double p = -0x1.93974a8c07c9dp-37; /* -1/14! */

	p = fma(p, z, 0x1.1eed8eff8d898p-29);
	p = fma(p, z, -0x1.27e4fb7789f5cp-22);
	p = fma(p, z, 0x1.a01a01a01a01ap-16);
	p = fma(p, z, -0x1.6c16c16c16c17p-10);
	p = fma(p, z, 0x1.5555555555555p-5);
	p = fma(p, z, -0.5);
	return fma(p, z, 1.0);
}

static void turn_of(double angle, float mscale, float *out)
{
	double quarter = rint(angle * TWO_OVER_PI);
	double r = fma(-quarter, PIO2_LO, fma(-quarter, PIO2_HI, angle));
	double s = sin_small(r), c = cos_small(r);

	/* Positions and frequencies are bounded, so the quarter fits. */
	switch ((int64_t)quarter & 3) {
	case 0:
		out[0] = (float)c, out[1] = (float)s;
		break;
	case 1:
		out[0] = (float)-s, out[1] = (float)c;
		break;
	case 2:
		out[0] = (float)-c, out[1] = (float)-s;
		break;
	default:
		out[0] = (float)s, out[1] = (float)-c;
		break;
	}
	out[0] *= mscale;
	out[1] *= mscale;
}

/* Angles beyond this are not positions of a model: memory was changed under us. */
#define MAX_ANGLE 1e15

void fw_rope_table(const struct fw_llama *m, const struct fw_row *rows, uint32_t n, float *table)
{
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t pair = 0; pair < m->rope_dims / 2; pair++, table += 2) {
			double angle = (double)rows[i].pos * (double)m->inv_freq[pair];

			turn_of(fabs(angle) < MAX_ANGLE ? angle : 0, m->rope_mscale, table);
		}
	}
}

void fw_rope_turn(const struct fw_llama *m, const float *table, float *head)
{
	for (uint32_t d = 0; d < m->rope_dims; d += 2) {
		float a = head[d], b = head[d + 1];

		head[d] = a * table[d] - b * table[d + 1];
		head[d + 1] = a * table[d + 1] + b * table[d];
	}
}
