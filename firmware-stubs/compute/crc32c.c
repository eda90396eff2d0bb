// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <isa-l/crc.h>

#include "compute/compute.h"

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
	return ~crc;
}
