// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Rates of what processes show of themselves.
 */
#include <string.h>

#include "top/top.h"

/* A second; absent where the count began anew. */
static struct seen_cell per_s(uint64_t was, uint64_t is, double s)
{
	struct seen_cell rate = { 0 };

	if (s > 0 && is >= was)
		seen_figure(&rate, (double)(is - was) / s);
	return rate;
}

struct seen_cell top_queue_busy(const struct seen *before, const struct seen *now,
				const struct seen_queue *queue)
{
	double s = top_seconds(before, now);

	SEEN_EACH(seen_queue, was, before->queues)
	if (was->pid == queue->pid && was->started_ns == queue->started_ns &&
	    was->context == queue->context && was->queue == queue->queue &&
	    !strcmp(was->device, queue->device) && was->completed <= queue->completed) {
		struct seen_cell busy = per_s(was->busy_ns, queue->busy_ns, s * 1e9);

		/* The two were not read at the very moments that the clock was. */
		if (busy.is && busy.figure > 1)
			busy.figure = 1;
		return busy;
	}
	return (struct seen_cell){ 0 };
}

struct top_engine top_engine_rates(const struct seen *before, const struct seen *now,
				   const struct seen_engine *engine)
{
	double s = top_seconds(before, now);

	SEEN_EACH(seen_engine, was, before->engines)
	if (was->pid == engine->pid && was->started_ns == engine->started_ns &&
	    was->number == engine->number && was->role == engine->role)
		return (struct top_engine){
			.prefill = per_s(was->tokens_prefill, engine->tokens_prefill, s),
			.decode = per_s(was->tokens_decode, engine->tokens_decode, s),
		};
	return (struct top_engine){ 0 };
}

static const struct seen_agent *agent_of(const struct seen *before, const struct seen_agent *agent)
{
	SEEN_EACH(seen_agent, was, before->agents)
	if (was->pid == agent->pid && was->started_ns == agent->started_ns &&
	    was->number == agent->number)
		return was;
	return NULL;
}

struct top_agent top_agent_rates(const struct seen *before, const struct seen *now,
				 const struct seen_agent *agent)
{
	const struct seen_agent *was = agent_of(before, agent);
	double s = top_seconds(before, now);
	struct top_agent rates = { 0 };

	if (!was)
		return rates;
	rates.sent = per_s(was->stats.bytes_sent, agent->stats.bytes_sent, s);
	rates.taken = per_s(was->stats.bytes_taken, agent->stats.bytes_taken, s);
	rates.pages_sent = per_s(was->stats.pages_sent, agent->stats.pages_sent, s);
	rates.pages_taken = per_s(was->stats.pages_taken, agent->stats.pages_taken, s);
	rates.bytes = per_s(was->bytes, agent->bytes, s);
	rates.operations = per_s(was->done, agent->done, s);
	rates.failed = per_s(was->failed, agent->failed, s);
	top_rate(&rates.sleeps, &was->sleeps, &agent->sleeps, s > 0 ? 1 / s : 0);
	top_rate(&rates.wakes, &was->wakes, &agent->wakes, s > 0 ? 1 / s : 0);
	return rates;
}
