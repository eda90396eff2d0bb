/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef FW_CRC32C_TABLE_H
#define FW_CRC32C_TABLE_H

#include <stddef.h>
#include <stdint.h>

/** fw_crc32c_table - fw_crc32c() without any library; some hundred MB/s */
uint32_t fw_crc32c_table(uint32_t crc, const void *buf, size_t len);

#endif /* FW_CRC32C_TABLE_H */
