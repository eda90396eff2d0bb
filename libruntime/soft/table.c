// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "soft/table.h"

#include <stdlib.h>

void soft_table_fini(struct soft_table *table)
{
	free(table->slots);
	*table = (struct soft_table){ 0 };
}

uint32_t soft_table_add(struct soft_table *table, void *object)
{
	uint32_t number = 0;

	if (table->count < table->room)
		while (table->slots[number])
			number++;
	else {
		uint32_t room = table->room ? table->room * 2 : 16;
		void **slots = reallocarray(table->slots, room, sizeof(*slots));

		if (!slots)
			return 0;
		for (uint32_t i = table->room; i < room; i++)
			slots[i] = NULL;
		number = table->room;
		table->slots = slots;
		table->room = room;
	}
	table->slots[number] = object;
	table->count++;
	return number + 1;
}

void *soft_table_get(const struct soft_table *table, uint32_t number)
{
	return number && number <= table->room ? table->slots[number - 1] : NULL;
}

void *soft_table_take(struct soft_table *table, uint32_t number)
{
	void *object = soft_table_get(table, number);

	if (object) {
		table->slots[number - 1] = NULL;
		table->count--;
	}
	return object;
}
