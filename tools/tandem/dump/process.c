// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A soft device: what the process that it lives in shows of it. Its queues are told in
 * the driver's words, so that 'tandem decode' explains them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tandem/inject.h>
#include <tandem/observe.h>

#include "decode/decode.h"
#include "dump/dump.h"
#include "dump/network.h"
#include "host/soft_name.h"

#define NS_PER_MS 1000000

/* As the driver's attribute of that name: "none", or names with spaces between. */
static void tell_injected(struct bundle *b, uint64_t active)
{
	char names[128] = "";
	int used = 0;

	for (unsigned int kind = 1; kind < TDM_INJECT_KINDS; kind++)
		if (active >> kind & 1 && used < (int)sizeof(names))
			used += snprintf(names + used, sizeof(names) - (size_t)used, "%s%s",
					 used ? " " : "", tdm_inject_name(kind));
	bundle_line(b, "inject_active %s", *names ? names : tdm_inject_name(TDM_INJECT_NONE));
}

static void tell_telemetry(struct bundle *b, const struct tdm_observe_device *dev)
{
	const struct tdm_telemetry *t = &dev->telemetry;

	bundle_line(b, "telemetry_age_ms %" PRIu64, dev->telemetry_age_ns / NS_PER_MS);
	bundle_line(b, "commands %" PRIu64, (uint64_t)t->commands);
	bundle_line(b, "errors %" PRIu64, (uint64_t)t->errors);
	bundle_line(b, "faults %" PRIu64, (uint64_t)t->faults);
	bundle_line(b, "busy_ns %" PRIu64, (uint64_t)t->busy_ns);
	bundle_line(b, "tokens_prefill %" PRIu64, (uint64_t)t->tokens_prefill);
	bundle_line(b, "tokens_decode %" PRIu64, (uint64_t)t->tokens_decode);
	bundle_line(b, "injected %" PRIu64, (uint64_t)t->injected);
	tell_injected(b, t->inject_active);
}

static void tell_device(struct bundle *b, const struct tdm_observe_device *dev)
{
	bundle_section(b, "device", dev->name);
	bundle_line(b, "state %s", soft_state_name(dev->error));
	bundle_line(b, "model %s", dev->identify.model);
	bundle_line(b, "firmware_version %s", dev->identify.firmware);
	if (dev->known & TDM_OBSERVE_HEART) {
		bundle_line(b, "firmware_state %s",
			    decode_firmware_state_name(dev->firmware_state));
		bundle_line(b, "heartbeat_age_ms %" PRIu64, dev->heartbeat_age_ns / NS_PER_MS);
	}
	if (dev->known & TDM_OBSERVE_MEMORY) {
		bundle_line(b, "memory_total %" PRIu64, (uint64_t)dev->memory.device_bytes);
		bundle_line(b, "memory_used %" PRIu64, (uint64_t)dev->memory.device_used);
	}
	if (dev->known & TDM_OBSERVE_TELEMETRY)
		tell_telemetry(b, dev);
}

static void tell_queue(struct bundle *b, const struct tdm_observe_queue *q)
{
	char opcode[32] = "";

	if (q->opcode != TDM_OBSERVE_NONE)
		snprintf(opcode, sizeof(opcode), " opcode %u", q->opcode);
	bundle_line(b,
		    "queue context %u number %u id %u state %u error %d sq_entries %u "
		    "tail %u sq_head %u cq_head %u completed %" PRIu64 " slices %" PRIu64
		    " need_wake %u busy_ns %" PRIu64 " still_ms %" PRIu64 "%s",
		    q->context, q->queue, q->id, q->state, q->error, q->entries, q->tail,
		    q->fetched, q->cq_head, q->completed, q->slices, q->asleep, q->busy_ns,
		    q->still_ns / NS_PER_MS, opcode);
}

static void tell_queues(struct bundle *b, struct tdm_observed *observed, uint32_t device)
{
	struct tdm_error err;
	uint32_t n;
	struct tdm_observe_queue *queues = tdm_observed_queues(observed, &n, &err);

	if (!queues) {
		bundle_missing(b, "queues", err.code, NULL);
		return;
	}
	bundle_section(b, "queues", "the process's observer");
	for (uint32_t i = 0; i < n; i++)
		if (queues[i].device == device)
			tell_queue(b, &queues[i]);
	free(queues);
}

static void tell_process(struct bundle *b, struct tdm_observed *observed)
{
	const struct tdm_observe_process *p = tdm_observed_process(observed);

	bundle_section(b, "process", "the process's observer");
	bundle_line(b, "pid %u uid %u program %s version %s", p->pid, p->uid, p->program,
		    p->version);
}

/* Return: 0, or -ENODEV: it is none */
static int dump_nic(struct bundle *b, const char *name)
{
	struct tdm_observed *observed;
	struct tdm_error err;
	struct soft_name at;
	char net[64];
	int rc = -ENODEV;

	if (!soft_name_parse(name, &at))
		return rc;
	observed = tdm_observed_connect(at.pid, 0, &err);
	if (observed && soft_name_find_net(observed, &at, net)) {
		tell_process(b, observed);
		dump_network(b, observed, net);
		rc = 0;
	}
	tdm_observed_close(observed);
	return rc;
}

int dump_process(struct bundle *b, const char *name, struct tdm_error *err)
{
	struct soft_name at;
	struct tdm_observe_device dev;
	struct tdm_observed *observed = soft_name_connect(name, &at, &dev, err);

	if (!observed)
		return dump_nic(b, name) ? err->code : 0;
	tell_process(b, observed);
	tell_device(b, &dev);
	tell_queues(b, observed, dev.number);
	dump_network(b, observed, NULL);
	tdm_observed_close(observed);
	return 0;
}
