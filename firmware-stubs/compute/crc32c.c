// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "compute/compute.h"

#if __has_include(<isa-l/crc.h>)

#include <isa-l/crc.h>

#if defined(__x86_64__)
/*
 * isa-l 2.30 returns from its AVX-512 variant with the upper halves of the vector
 * registers in use. Until they are cleared every SSE instruction of this thread,
 * the caller's own too, is dozens of times slower.
 */
static void clear_upper_halves(void)
{
	if (__builtin_cpu_supports("avx"))
		__asm__ volatile("vzeroupper" ::: "memory");
}
#else
static void clear_upper_halves(void)
{
}
#endif

uint32_t fw_crc32c(uint32_t crc, const void *buf, size_t len)
{
	const unsigned char *p = buf;

	/* isa-l takes an int, works on the bare register, and does not write. */
	crc = ~crc;
	while (len) {
		int piece = len < 1 << 30 ? (int)len : 1 << 30;

		crc = crc32_iscsi((unsigned char *)(uintptr_t)p, piece, crc);
		p += piece;
		len -= (size_t)piece;
	}
	clear_upper_halves();
	return ~crc;
}

#else

#include "compute/crc32c_table.h"

uint32_t fw_crc32c(uint32_t crc, const void *buf, size_t len)
{
	return fw_crc32c_table(crc, buf, len);
}

#endif
