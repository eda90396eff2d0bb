// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Soft devices of running processes, with their queues, KV pools, engines and transfer
 * agents, as those processes show them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tandem/inject.h>
#include <tandem/observe.h>

#include "decode/decode.h"
#include "host/soft_name.h"
#include "seen/seen.h"

/* To say that it is there: a process that hangs must not hold up the others for long. */
#define PATIENCE_NS 1000000000
/* For each answer then: its firmware may be waited for, too. */
#define ANSWER_NS 2000000000

struct process {
	struct seen *seen;
	uint32_t pid;
	struct tdm_observe_device *devices;
	struct tdm_observe_queue *queues;
	struct tdm_observe_engine *engines;
	struct tdm_observe_pool *pools;
	struct tdm_observe_agent *agents;
	struct tdm_observe_peer *peers;
	uint32_t n, n_queues, n_engines, n_pools, n_agents, n_peers;
};

static bool is_of_model(const struct tdm_observe_device *a, const struct tdm_observe_device *b)
{
	size_t len = strcspn(a->name, ",");

	return len == strcspn(b->name, ",") && !strncmp(a->name, b->name, len);
}

/* "soft:trn2@PID", and for the second one of a process "soft:trn2@PID.NUMBER" */
static void name_of(char *name, size_t room, const struct process *p, uint32_t at)
{
	const struct tdm_observe_device *device = &p->devices[at];
	int len = (int)strcspn(device->name, ",");

	for (uint32_t i = 0; i < at; i++)
		if (is_of_model(&p->devices[i], device)) {
			snprintf(name, room, "%.*s@%u.%u", len, device->name, p->pid,
				 device->number);
			return;
		}
	snprintf(name, room, "%.*s@%u", len, device->name, p->pid);
}

static void read_inject(struct seen_device *device, uint64_t active)
{
	char text[SYS_TEXT_BYTES] = "";

	for (unsigned int kind = 1; kind < TDM_INJECT_KINDS; kind++)
		if (active & 1ULL << kind) {
			size_t used = strlen(text);

			snprintf(text + used, sizeof(text) - used, "%s%s", used ? " " : "",
				 tdm_inject_name(kind));
		}
	seen_text(&device->cells[SEEN_INJECT_ACTIVE],
		  *text ? text : tdm_inject_name(TDM_INJECT_NONE));
}

static void read_memory(struct seen_device *device, const struct tdm_query_memory *memory)
{
	seen_count(&device->cells[SEEN_MEMORY], memory->device_bytes);
	seen_count(&device->cells[SEEN_MEMORY_USED], memory->device_used);
	seen_count(&device->cells[SEEN_HOST_LIMIT], memory->host_limit);
	seen_count(&device->cells[SEEN_HOST_USED], memory->host_used);
}

static void read_telemetry(struct seen_device *device, const struct tdm_telemetry *t)
{
	seen_count(&device->cells[SEEN_BUSY], t->busy_ns);
	seen_count(&device->cells[SEEN_COMMANDS], t->commands);
	seen_count(&device->cells[SEEN_ERRORS], t->errors);
	seen_count(&device->cells[SEEN_FAULTS], t->faults);
	seen_count(&device->cells[SEEN_TOKENS_PREFILL], t->tokens_prefill);
	seen_count(&device->cells[SEEN_TOKENS_DECODE], t->tokens_decode);
	seen_count(&device->cells[SEEN_BYTES_MOVED], t->bytes_moved);
	seen_count(&device->cells[SEEN_INJECTED], t->injected);
	if (t->temperature_mc != TDM_TELEMETRY_ABSENT)
		seen_figure(&device->cells[SEEN_TEMPERATURE], (double)t->temperature_mc / 1e3);
	if (t->power_uw != TDM_TELEMETRY_ABSENT)
		seen_figure(&device->cells[SEEN_POWER], (double)t->power_uw / 1e6);
	read_inject(device, t->inject_active);
}

/* The words are those of the driver's attributes. */
static void read_health(struct seen_device *device, const struct tdm_observe_device *of)
{
	seen_text(&device->cells[SEEN_STATE], soft_state_name(of->error));
	if (of->known & TDM_OBSERVE_MEMORY)
		read_memory(device, &of->memory);
	if (of->known & TDM_OBSERVE_TELEMETRY) {
		read_telemetry(device, &of->telemetry);
		seen_count(&device->cells[SEEN_TELEMETRY_AGE], of->telemetry_age_ns);
	}
	if (of->known & TDM_OBSERVE_HEART) {
		seen_text(&device->cells[SEEN_FIRMWARE_STATE],
			  decode_firmware_state_name(of->firmware_state));
		seen_count(&device->cells[SEEN_HEARTBEAT_AGE], of->heartbeat_age_ns);
	}
}

static int add_device(const struct process *p, const struct tdm_observe_process *of, uint32_t at)
{
	const struct tdm_observe_device *from = &p->devices[at];
	struct seen_device *device;
	struct seen_client *client;
	char name[SYS_TEXT_BYTES];

	/* One of the kernel's has its row already. */
	if (from->attachment != TDM_ATTACH_SOFT)
		return 0;
	device = seen_add(&p->seen->devices, sizeof(*device));
	client = device ? seen_add(&p->seen->clients, sizeof(*client)) : NULL;
	if (!client)
		return -ENOMEM;
	name_of(name, sizeof(name), p, at);
	seen_text(&device->cells[SEEN_NAME], name);
	seen_text(&device->cells[SEEN_ATTACHMENT], "soft");
	seen_count(&device->cells[SEEN_PID], p->pid);
	seen_text(&device->cells[SEEN_PROGRAM], of->program);
	seen_identity(device, &from->identify);
	read_health(device, from);
	client->pid = p->pid;
	client->id = from->number;
	sys_printable(client->program, sizeof(client->program), of->program);
	sys_printable(client->device, sizeof(client->device), name);
	seen_count(&client->uid, of->uid);
	if (from->known & TDM_OBSERVE_MEMORY) {
		seen_count(&client->memory, from->memory.context_device);
		seen_count(&client->host_memory, from->memory.context_host);
	}
	if (from->known & TDM_OBSERVE_TELEMETRY)
		seen_count(&client->busy_ns, from->telemetry.busy_ns);
	return 0;
}

static int add_queue(const struct process *p, const struct tdm_observe_process *of,
		     const struct tdm_observe_queue *from)
{
	struct seen_queue *queue = seen_add(&p->seen->queues, sizeof(*queue));

	if (!queue)
		return -ENOMEM;
	queue->pid = p->pid;
	queue->started_ns = of->started_ns;
	sys_printable(queue->program, sizeof(queue->program), of->program);
	queue->context = from->context;
	queue->queue = from->queue;
	queue->state = from->state;
	queue->error = from->error;
	queue->open = from->tail - (uint32_t)from->completed;
	queue->entries = from->entries;
	queue->tail = from->tail;
	queue->fetched = from->fetched;
	if (from->opcode != TDM_OBSERVE_NONE)
		queue->oldest = decode_op_name(from->opcode);
	queue->completed = from->completed;
	queue->busy_ns = from->busy_ns;
	queue->still_ns = from->still_ns;
	for (uint32_t i = 0; p->devices && i < p->n; i++)
		if (p->devices[i].number == from->device)
			name_of(queue->device, sizeof(queue->device), p, i);
	return 0;
}

static int add_pool(const struct process *p, const struct tdm_observe_process *of,
		    const struct tdm_observe_pool *from)
{
	struct seen_pool *pool = seen_add(&p->seen->pools, sizeof(*pool));

	if (!pool)
		return -ENOMEM;
	pool->pid = p->pid;
	sys_printable(pool->program, sizeof(pool->program), of->program);
	sys_printable(pool->name, sizeof(pool->name), from->name);
	pool->page_bytes = from->page_bytes;
	pool->pages = from->pages;
	pool->low_water = from->low_water;
	pool->refused = from->refused;
	memcpy(pool->states, from->states, sizeof(pool->states));
	return 0;
}

static int add_engine(const struct process *p, const struct tdm_observe_process *of,
		      const struct tdm_observe_engine *from)
{
	struct seen_engine *engine = seen_add(&p->seen->engines, sizeof(*engine));

	if (!engine)
		return -ENOMEM;
	engine->pid = p->pid;
	engine->number = from->number;
	engine->started_ns = of->started_ns;
	sys_printable(engine->program, sizeof(engine->program), of->program);
	engine->role = tdm_observe_role_name(from->role);
	engine->stage = tdm_observe_stage_name(from->stage);
	engine->done = from->done;
	engine->failed = from->failed;
	engine->tokens_prefill = from->tokens_prefill;
	engine->tokens_decode = from->tokens_decode;
	return 0;
}

static int add_all(const struct process *p, const struct tdm_observe_process *of)
{
	int rc = 0;

	for (uint32_t i = 0; p->devices && !rc && i < p->n; i++)
		rc = add_device(p, of, i);
	for (uint32_t i = 0; p->queues && !rc && i < p->n_queues; i++)
		rc = add_queue(p, of, &p->queues[i]);
	for (uint32_t i = 0; p->engines && !rc && i < p->n_engines; i++)
		rc = add_engine(p, of, &p->engines[i]);
	for (uint32_t i = 0; p->pools && !rc && i < p->n_pools; i++)
		rc = add_pool(p, of, &p->pools[i]);
	for (uint32_t i = 0; p->agents && !rc && i < p->n_agents; i++)
		rc = seen_agent(p->seen, of, &p->agents[i]);
	for (uint32_t i = 0; p->peers && !rc && i < p->n_peers; i++)
		rc = seen_peer(p->seen, of, &p->peers[i]);
	return rc;
}

/* Return: 0, or -errno with @err: nothing of it is seen then */
static int read_process(struct process *p, struct tdm_observed *observed, struct tdm_error *err)
{
	int rc;

	p->devices = tdm_observed_devices(observed, &p->n, err);
	if (p->devices)
		p->queues = tdm_observed_queues(observed, &p->n_queues, err);
	if (p->queues)
		p->engines = tdm_observed_engines(observed, &p->n_engines, err);
	if (p->engines)
		p->pools = tdm_observed_pools(observed, &p->n_pools, err);
	if (p->pools)
		p->agents = tdm_observed_agents(observed, &p->n_agents, err);
	if (p->agents)
		p->peers = tdm_observed_peers(observed, &p->n_peers, err);
	rc = p->peers ? add_all(p, tdm_observed_process(observed)) : err->code;
	free(p->peers);
	free(p->agents);
	free(p->pools);
	free(p->engines);
	free(p->queues);
	free(p->devices);
	return rc;
}

static int look_at(struct seen *seen, const struct tdm_observed_entry *entry)
{
	struct process p = { .seen = seen, .pid = entry->process.pid };
	struct tdm_observed *observed;
	struct tdm_error err;
	int rc;

	if (entry->error == -EACCES || entry->error == -EPERM) {
		seen->hidden++;
		return 0;
	}
	observed = entry->error ? NULL : tdm_observed_connect(p.pid, ANSWER_NS, &err);
	rc = entry->error ? entry->error : observed ? read_process(&p, observed, &err) : err.code;
	tdm_observed_close(observed);
	seen->read += !rc;
	/* One that ended meanwhile is none. */
	if (rc && rc != -ESRCH && rc != -ENOMEM)
		seen->silent++;
	return rc == -ENOMEM ? rc : 0;
}

int seen_observed(struct seen *seen)
{
	struct tdm_observed_entry *list;
	struct tdm_error err;
	uint32_t n;
	int rc = 0;

	if (!sys_is_host())
		return 0;
	list = tdm_observed_list(&n, PATIENCE_NS, &err);
	if (!list)
		return err.code == -ENOMEM ? err.code : 0;
	/* A process with several observers comes several times. */
	for (uint32_t i = 0; i < n && !rc; i++)
		if (!i || list[i].process.pid != list[i - 1].process.pid)
			rc = look_at(seen, &list[i]);
	free(list);
	return rc;
}
