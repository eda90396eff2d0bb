// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "top/draw.h"

static struct top_slot *slot_of(struct top_state *state, const char *name)
{
	SEEN_EACH(top_slot, slot, state->slots)
	if (!strcmp(slot->device.cells[SEEN_NAME].text, name))
		return slot;
	return seen_add(&state->slots, sizeof(struct top_slot));
}

static double figure(const struct seen_cell *cell)
{
	return cell->is ? cell->figure : -1;
}

static double count(const struct top_slot *slot, enum seen_field field)
{
	const struct seen_cell *cell = &slot->device.cells[field];

	return cell->is ? (double)cell->count : -1;
}

/* What one sorts by: the largest comes first. */
static double weight(const struct top_slot *slot, enum top_sort sort)
{
	switch (sort) {
	case TOP_BY_BUSY:
		return figure(&slot->rates.cells[TOP_BUSY]);
	case TOP_BY_MEMORY:
		return count(slot, SEEN_MEMORY_USED);
	case TOP_BY_ERRORS:
		return count(slot, SEEN_ERRORS) + count(slot, SEEN_FAULTS);
	default:
		return 0;
	}
}

static int compare(const void *a, const void *b, void *sort)
{
	const struct top_slot *x = a, *y = b;
	double left = weight(x, *(enum top_sort *)sort), right = weight(y, *(enum top_sort *)sort);

	if (left != right)
		return left > right ? -1 : 1;
	return strverscmp(x->device.cells[SEEN_NAME].text, y->device.cells[SEEN_NAME].text);
}

static void empty(struct top_slot *slot)
{
	struct seen_cell name = slot->device.cells[SEEN_NAME];

	memset(&slot->device, 0, sizeof(slot->device));
	memset(&slot->rates, 0, sizeof(slot->rates));
	slot->device.cells[SEEN_NAME] = name;
	seen_text(&slot->device.cells[SEEN_STATE], "gone");
}

static void note(struct top_slot *slot)
{
	if (slot->gone)
		empty(slot);
	for (unsigned int i = 0; i < TOP_RATES; i++)
		slot->history[i][slot->readings % TOP_HISTORY] = figure(&slot->rates.cells[i]);
	slot->readings++;
}

/* Processes come and go, and their devices with them. */
static void forget(struct top_state *state)
{
	unsigned int n = 0;

	SEEN_EACH(top_slot, slot, state->slots)
	if (!slot->of_process || slot->gone <= TOP_GONE)
		((struct top_slot *)state->slots.list)[n++] = *slot;
	state->slots.n = n;
}

int top_update(struct top_state *state)
{
	struct top_slot *slot;

	SEEN_EACH(top_slot, each, state->slots)
	each->gone++;
	SEEN_EACH(seen_device, device, state->now.devices)
	{
		slot = slot_of(state, device->cells[SEEN_NAME].text);
		if (!slot)
			return -ENOMEM;
		slot->device = *device;
		slot->rates = top_rates(&state->before, &state->now, device);
		slot->of_process = device->cells[SEEN_PID].is;
		slot->gone = 0;
	}
	forget(state);
	SEEN_EACH(top_slot, each, state->slots)
	note(each);
	if (state->slots.n)
		qsort_r(state->slots.list, state->slots.n, sizeof(*slot), compare, &state->sort);
	if (state->selected >= state->slots.n)
		state->selected = state->slots.n ? state->slots.n - 1 : 0;
	return 0;
}
