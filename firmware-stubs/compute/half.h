/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * IEEE 754 half precision, as vcvtph2ps and vcvtps2ph do it: to nearest, ties to
 * even.
 */
#ifndef FW_HALF_H
#define FW_HALF_H

#include <stdint.h>
#include <string.h>

static inline float fw_from_half(uint16_t h)
{
	uint32_t exp = h >> 10 & 0x1f, man = h & 0x3ff, bits;
	float f;

	if (!exp) { /* man * 2^-24 is exact */
		f = (float)man * 0x1p-24f;
		return h & 0x8000 ? -f : f;
	}
	bits = (uint32_t)(h & 0x8000) << 16 | man << 13;
	bits |= exp == 31 ? 0xffU << 23 : (exp + 112) << 23;
	if (exp == 31 && man)
		bits |= 1U << 22; /* quiet */
	memcpy(&f, &bits, sizeof(f));
	return f;
}

static inline uint16_t fw_to_half(float f)
{
	uint32_t bits, sign, rest;

	memcpy(&bits, &f, sizeof(bits));
	sign = bits >> 16 & 0x8000;
	bits &= 0x7fffffff;
	if (bits > 0x7f800000) /* NaN: quiet, its top bits kept */
		return (uint16_t)(sign | 0x7e00 | (bits >> 13 & 0x3ff));
	if (bits >= 0x477ff000) /* rounds to infinity */
		return (uint16_t)(sign | 0x7c00);
	if (bits < 0x38800000) { /* subnormal: add the magic number that aligns it */
		float magic = 0.5f, abs;

		memcpy(&abs, &bits, sizeof(abs));
		abs += magic;
		memcpy(&bits, &abs, sizeof(bits));
		return (uint16_t)(sign | (bits - 0x3f000000));
	}
	rest = bits >> 13 & 1;
	bits += 0xfff + rest - (112U << 23);
	return (uint16_t)(sign | bits >> 13);
}

#endif /* FW_HALF_H */
