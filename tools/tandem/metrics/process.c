// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Metrics of what processes show of themselves. A series is a process's own number of
 * an object: one that ends takes its series along.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <tandem/kv.h>

#include "metrics/write.h"
#include "seen/seen.h"

/* A number of a struct seen_agent or seen_engine. */
struct number {
	const char *name, *help, *type;
	size_t at; /* of a uint64_t */
};

#define AGENT(member) offsetof(struct seen_agent, member)
#define ENGINE(member) offsetof(struct seen_engine, member)

static const struct number of_agents[] = {
	{ "tandem_agent_sent_bytes_total", "Bytes of KV pages that an agent wrote to its peers.",
	  "counter", AGENT(stats.bytes_sent) },
	{ "tandem_agent_taken_bytes_total", "Bytes of KV pages that landed and were taken.",
	  "counter", AGENT(stats.bytes_taken) },
	{ "tandem_agent_sent_pages_total", "KV pages that an agent wrote to its peers.", "counter",
	  AGENT(stats.pages_sent) },
	{ "tandem_agent_resent_pages_total", "KV pages that were written once more.", "counter",
	  AGENT(stats.pages_resent) },
	{ "tandem_agent_taken_pages_total", "KV pages that landed and were taken.", "counter",
	  AGENT(stats.pages_taken) },
	{ "tandem_agent_corrupt_pages_total", "KV pages that landed with a wrong CRC.", "counter",
	  AGENT(stats.pages_corrupt) },
	{ "tandem_agent_aborted_requests_total", "Requests that either side gave up.", "counter",
	  AGENT(stats.aborted) },
	{ "tandem_agent_lost_peers_total", "Connections that ended badly.", "counter",
	  AGENT(stats.peers_lost) },
	{ "tandem_nic_operations_total", "Work requests of an agent's NIC that ended well.",
	  "counter", AGENT(done) },
	{ "tandem_nic_failed_operations_total", "Work requests that ended in an error.", "counter",
	  AGENT(failed) },
	{ "tandem_nic_moved_bytes_total", "Bytes that work requests moved.", "counter",
	  AGENT(bytes) },
	{ "tandem_nic_memory_regions", "Memory regions that are registered.", "gauge",
	  AGENT(mr_live) },
};

static const struct number of_engines[] = {
	{ "tandem_engine_requests_done_total",
	  "Requests that ended well, or that their client wanted no more of.", "counter",
	  ENGINE(done) },
	{ "tandem_engine_requests_failed_total", "Requests that failed.", "counter",
	  ENGINE(failed) },
	{ "tandem_engine_prefill_tokens_total", "Tokens of prompts that were computed.", "counter",
	  ENGINE(tokens_prefill) },
	{ "tandem_engine_decode_tokens_total", "Tokens that were generated.", "counter",
	  ENGINE(tokens_decode) },
};

#define NS 1000000000
#define MS 1000000
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static uint64_t read_at(const void *record, size_t at)
{
	uint64_t value;

	memcpy(&value, (const char *)record + at, sizeof(value));
	return value;
}

/* NAME{pid="1",KIND="0" */
static void put_name(FILE *out, const char *name, uint32_t pid, const char *kind, uint32_t number)
{
	fprintf(out, "%s{pid=\"%u\",%s=\"%u\"", name, pid, kind, number);
}

static void put_agents(FILE *out, const struct seen *seen, const struct number *n)
{
	metrics_head(out, n->name, n->help, n->type);
	SEEN_EACH(seen_agent, agent, seen->agents)
	{
		put_name(out, n->name, agent->pid, "agent", agent->number);
		metrics_label(out, ",", "program", agent->program);
		metrics_label(out, ",", "nic", agent->nic);
		fprintf(out, "} %" PRIu64 "\n", read_at(agent, n->at));
	}
}

/* A device's link is its port's. */
static void put_links(FILE *out, const struct seen *seen)
{
	static const char name[] = "tandem_nic_link_up";
	bool headed = false;

	SEEN_EACH(seen_agent, agent, seen->agents)
	{
		if (!agent->is_software)
			continue;
		if (!headed)
			metrics_head(out, name, "0: a software NIC's link is ordered to be down.",
				     "gauge");
		headed = true;
		put_name(out, name, agent->pid, "agent", agent->number);
		metrics_label(out, ",", "nic", agent->nic);
		fprintf(out, "} %d\n", !agent->link_down);
	}
}

static void put_engines(FILE *out, const struct seen *seen, const struct number *n)
{
	metrics_head(out, n->name, n->help, n->type);
	SEEN_EACH(seen_engine, engine, seen->engines)
	{
		put_name(out, n->name, engine->pid, "engine", engine->number);
		metrics_label(out, ",", "program", engine->program);
		metrics_label(out, ",", "role", engine->role);
		fprintf(out, "} %" PRIu64 "\n", read_at(engine, n->at));
	}
}

static void put_queues(FILE *out, const struct seen *seen, const char *name, const char *help,
		       bool still)
{
	metrics_head(out, name, help, "gauge");
	SEEN_EACH(seen_queue, queue, seen->queues)
	{
		fputs(name, out);
		metrics_label(out, "{", "device", queue->device);
		fprintf(out, ",context=\"%u\",queue=\"%u\"} ", queue->context, queue->queue);
		if (still)
			fprintf(out, "%" PRIu64 ".%03" PRIu64 "\n", queue->still_ns / NS,
				queue->still_ns % NS / MS);
		else
			fprintf(out, "%u\n", queue->open);
	}
}

static void put_pools(FILE *out, const struct seen *seen)
{
	static const char name[] = "tandem_kv_pages";

	metrics_head(out, name, "KV pages of a pool, by their state.", "gauge");
	SEEN_EACH(seen_pool, pool, seen->pools)
	for (uint32_t state = 0; state < TDM_KV_STATES; state++) {
		fprintf(out, "%s{pid=\"%u\"", name, pool->pid);
		metrics_label(out, ",", "pool", pool->name);
		metrics_label(out, ",", "state", tdm_kv_state_name(state));
		fprintf(out, "} %u\n", pool->states[state]);
	}
}

/* Always there: who exports as the wrong user is to be alerted, too. */
static void put_access(FILE *out, const struct seen *seen)
{
	static const char name[] = "tandem_processes";

	metrics_head(out, name,
		     "Processes that show themselves: seen, hidden (of another user), or silent "
		     "(no answer).",
		     "gauge");
	fprintf(out, "%s{access=\"seen\"} %u\n", name, seen->read);
	fprintf(out, "%s{access=\"hidden\"} %u\n", name, seen->hidden);
	fprintf(out, "%s{access=\"silent\"} %u\n", name, seen->silent);
}

void metrics_processes(FILE *out, const struct seen *seen)
{
	put_access(out, seen);
	for (size_t i = 0; seen->engines.n && i < COUNT(of_engines); i++)
		put_engines(out, seen, &of_engines[i]);
	if (seen->queues.n) {
		put_queues(out, seen, "tandem_queue_open_commands",
			   "Commands of a queue that are not complete.", false);
		put_queues(out, seen, "tandem_queue_still_seconds",
			   "Time since a queue with such commands moved.", true);
	}
	if (seen->pools.n)
		put_pools(out, seen);
	for (size_t i = 0; seen->agents.n && i < COUNT(of_agents); i++)
		put_agents(out, seen, &of_agents[i]);
	put_links(out, seen);
}
