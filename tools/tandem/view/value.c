// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Values as people read them: three digits that count.
 */
#include <inttypes.h>
#include <stdio.h>

#include "view/parts.h"

struct unit {
	double scale;
	const char *name;
};

static const struct unit byte_units[] = {
	{ 1e15, "PB" }, { 1e12, "TB" }, { 1e9, "GB" }, { 1e6, "MB" }, { 1e3, "kB" }, { 1, "B" },
};

static const struct unit bit_units[] = {
	{ 1e12, "Tbit/s" }, { 1e9, "Gbit/s" }, { 1e6, "Mbit/s" }, { 1e3, "kbit/s" }, { 1, "bit/s" },
};

static const struct unit speed_units[] = {
	{ 1e12, "TB/s" }, { 1e9, "GB/s" }, { 1e6, "MB/s" }, { 1e3, "kB/s" }, { 1, "B/s" },
};

static const struct unit time_units[] = {
	{ 86400e9, "d" }, { 3600e9, "h" }, { 60e9, "min" }, { 1e9, "s" },
	{ 1e6, "ms" },	  { 1e3, "us" },   { 1, "ns" },
};

static void scaled(char room[VIEW_READABLE_BYTES], double value, const struct unit *units)
{
	while (units->scale > 1 && value < units->scale)
		units++;
	value /= units->scale;
	snprintf(room, VIEW_READABLE_BYTES, "%.*f %s", value < 10 && units->scale > 1 ? 1 : 0,
		 value, units->name);
}

const char *view_readable(const struct view_cell *cell, enum view_kind kind,
			  char room[VIEW_READABLE_BYTES])
{
	if (!cell->present)
		return "-";
	switch (kind) {
	case VIEW_TEXT:
		return cell->text;
	case VIEW_FLAG:
		return cell->flag ? "yes" : "no";
	case VIEW_COUNT:
		snprintf(room, VIEW_READABLE_BYTES, "%" PRIu64, cell->count);
		break;
	case VIEW_BYTES:
		scaled(room, (double)cell->count, byte_units);
		break;
	case VIEW_BITS:
		scaled(room, (double)cell->count, bit_units);
		break;
	case VIEW_SPEED:
		scaled(room, cell->figure, speed_units);
		break;
	case VIEW_NS:
		scaled(room, (double)cell->count, time_units);
		break;
	case VIEW_FIGURE:
		snprintf(room, VIEW_READABLE_BYTES, "%.*f",
			 cell->figure < 10 ? 2 : (cell->figure < 100 ? 1 : 0), cell->figure);
		break;
	case VIEW_RATIO:
		snprintf(room, VIEW_READABLE_BYTES, "%.1f %%", cell->figure * 100);
		break;
	}
	return room;
}
