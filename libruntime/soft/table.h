/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Small numbers for pointers, lowest free one first, from 1: what an
 * application holds in place of an object. The caller locks.
 */
#ifndef SOFT_TABLE_H
#define SOFT_TABLE_H

#include <stdint.h>

struct soft_table {
	void **slots; /* [room], by number - 1 */
	uint32_t room;
	uint32_t count;
};

void soft_table_fini(struct soft_table *table);

/* Return: the number, or 0 without memory. */
uint32_t soft_table_add(struct soft_table *table, void *object);

/* Return: NULL when the number is not in use. */
void *soft_table_get(const struct soft_table *table, uint32_t number);

/* As soft_table_get(), and the number is free again. */
void *soft_table_take(struct soft_table *table, uint32_t number);

#endif /* SOFT_TABLE_H */
