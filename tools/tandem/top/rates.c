// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <string.h>

#include "top/top.h"

/* Ages are told to the millisecond. */
#define SAME_S 0.002

double top_seconds(const struct seen *before, const struct seen *now)
{
	if (!before->taken_ns || now->taken_ns <= before->taken_ns)
		return 0;
	return (double)(now->taken_ns - before->taken_ns) / 1e9;
}

void top_rate(struct seen_cell *out, const struct seen_cell *was, const struct seen_cell *is,
	      double per_second)
{
	if (per_second > 0 && was->is && is->is && is->count >= was->count)
		seen_figure(out, (double)(is->count - was->count) * per_second);
}

static void limit(struct seen_cell *ratio)
{
	/* The two were not read at the very moments that the clock was. */
	if (ratio->is && ratio->figure > 1)
		ratio->figure = 1;
}

/* Seconds between what the two readings were told; 0: nothing was told anew. */
static double seconds_of(const struct seen_device *was, const struct seen_device *is, double s)
{
	const struct seen_cell *then = &was->cells[SEEN_TELEMETRY_AGE];
	const struct seen_cell *age = &is->cells[SEEN_TELEMETRY_AGE];

	if (!then->is || !age->is)
		return s;
	s += ((double)then->count - (double)age->count) / 1e9;
	return s > SAME_S ? s : 0;
}

/* Counters begin anew with another device of the name, and may with a reset. */
static bool is_same(const struct seen_device *a, const struct seen_device *b)
{
	return !strcmp(a->path, b->path) &&
	       a->cells[SEEN_RESETS].count == b->cells[SEEN_RESETS].count;
}

struct top_rates top_rates(const struct seen *before, const struct seen *now,
			   const struct seen_device *device)
{
	const struct seen_device *was = seen_find(before, device->cells[SEEN_NAME].text);
	double s = top_seconds(before, now);
	struct top_rates rates = { 0 };
	struct seen_cell faults = { 0 };

	if (!was || s <= 0 || !is_same(was, device))
		return rates;
	s = seconds_of(was, device, s);
	if (s <= 0)
		return rates;
	top_rate(&rates.cells[TOP_BUSY], &was->cells[SEEN_BUSY], &device->cells[SEEN_BUSY],
		 1e-9 / s);
	limit(&rates.cells[TOP_BUSY]);
	top_rate(&rates.cells[TOP_PREFILL], &was->cells[SEEN_TOKENS_PREFILL],
		 &device->cells[SEEN_TOKENS_PREFILL], 1 / s);
	top_rate(&rates.cells[TOP_DECODE], &was->cells[SEEN_TOKENS_DECODE],
		 &device->cells[SEEN_TOKENS_DECODE], 1 / s);
	top_rate(&rates.cells[TOP_MOVED], &was->cells[SEEN_BYTES_MOVED],
		 &device->cells[SEEN_BYTES_MOVED], 1 / s);
	top_rate(&rates.cells[TOP_ERRORS], &was->cells[SEEN_ERRORS], &device->cells[SEEN_ERRORS],
		 1);
	top_rate(&faults, &was->cells[SEEN_FAULTS], &device->cells[SEEN_FAULTS], 1);
	if (faults.is)
		seen_figure(&rates.cells[TOP_ERRORS],
			    rates.cells[TOP_ERRORS].figure + faults.figure);
	return rates;
}

struct seen_cell top_client_busy(const struct seen *before, const struct seen *now,
				 const struct seen_client *client)
{
	double s = top_seconds(before, now);
	struct seen_cell busy = { 0 };

	SEEN_EACH(seen_client, was, before->clients)
	{
		if (was->pid != client->pid || was->id != client->id ||
		    strcmp(was->device, client->device) != 0)
			continue;
		top_rate(&busy, &was->busy_ns, &client->busy_ns, s > 0 ? 1e-9 / s : 0);
		limit(&busy);
		break;
	}
	return busy;
}
