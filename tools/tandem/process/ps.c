// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem ps: the processes that use Tandem devices, by what they show of themselves
 * and by what the kernel says of its nodes.
 */
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "host/fdinfo.h"
#include "host/soft_name.h"
#include "kv/kv.h"
#include "process/look.h"

enum column {
	COL_PID,
	COL_UID,
	COL_USER,
	COL_PROGRAM,
	COL_STAGE,
	COL_DEVICE,
	COL_SOURCE,
	COL_QUEUES,
	COL_OPEN,
	COL_MEMORY,
	COL_HOST,
	COL_PREFILL,
	COL_DECODE,
	COL_BUSY,
	COL_REQUEST,
	COLUMNS,
};

static const struct view_column columns[COLUMNS] = {
	[COL_PID] = { "pid", "PID", VIEW_COUNT },
	[COL_UID] = { "uid", NULL, VIEW_COUNT },
	[COL_USER] = { "user", "USER", VIEW_TEXT },
	[COL_PROGRAM] = { "program", "PROGRAM", VIEW_TEXT },
	[COL_STAGE] = { "stage", "STAGE", VIEW_TEXT },
	[COL_DEVICE] = { "device", "DEVICE", VIEW_TEXT },
	[COL_SOURCE] = { "source", NULL, VIEW_TEXT },
	[COL_QUEUES] = { "queues", "QUEUES", VIEW_COUNT },
	[COL_OPEN] = { "open_commands", "OPEN", VIEW_COUNT },
	[COL_MEMORY] = { "device_memory_bytes", "MEMORY", VIEW_BYTES },
	[COL_HOST] = { "host_memory_bytes", "HOST", VIEW_BYTES },
	[COL_PREFILL] = { "prefill_tokens_total", "PREFILL", VIEW_COUNT },
	[COL_DECODE] = { "decode_tokens_total", "DECODE", VIEW_COUNT },
	[COL_BUSY] = { "busy_ns_total", "BUSY", VIEW_NS },
	[COL_REQUEST] = { "request", NULL, VIEW_TEXT },
};

struct ps {
	struct look look;
	struct view_part *part;
	struct fdinfo_list kernel;
	bool *shown; /* of the kernel's: a process has shown it itself */
};

/* What one process shows. */
struct process {
	const struct tdm_observe_process *of;
	struct kv_devices devices;
	struct tdm_observe_engine *engines;
	struct tdm_observe_queue *queues;
	uint32_t n_engines;
	uint32_t n_queues;
};

static void fill_process(struct view_row *row, const struct process *p)
{
	const struct passwd *user = getpwuid(p->of->uid);

	view_count(row, COL_PID, p->of->pid);
	view_count(row, COL_UID, p->of->uid);
	if (user)
		view_text(row, COL_USER, user->pw_name);
	else
		view_textf(row, COL_USER, "%u", p->of->uid);
	view_text(row, COL_PROGRAM, p->of->program);
	view_text(row, COL_SOURCE, "process");
}

/* The process's own numbers: a device of the kernel's counts for all of its users. */
static void fill_engine(struct view_row *row, const struct process *p, uint32_t device)
{
	uint64_t prefill = 0, decode = 0;
	bool one = false;

	for (uint32_t i = 0; p->engines && i < p->n_engines; i++) {
		const struct tdm_observe_engine *e = &p->engines[i];

		if (e->prefill != device && e->decode != device)
			continue;
		one = true;
		prefill += e->prefill == device ? e->tokens_prefill : 0;
		decode += e->decode == device ? e->tokens_decode : 0;
		/* A decode worker may do all of it. */
		prefill += e->prefill == TDM_OBSERVE_NONE ? e->tokens_prefill : 0;
		view_text(row, COL_STAGE, tdm_observe_stage_name(e->stage));
		if (e->request)
			view_textf(row, COL_REQUEST, "%016" PRIx64, e->request);
	}
	if (!one)
		return;
	view_count(row, COL_PREFILL, prefill);
	view_count(row, COL_DECODE, decode);
}

static void fill_queues(struct view_row *row, const struct process *p,
			const struct tdm_observe_device *device)
{
	uint32_t open = 0;

	for (uint32_t i = 0; p->queues && i < p->n_queues; i++)
		if (p->queues[i].device == device->number)
			open += p->queues[i].tail - (uint32_t)p->queues[i].completed;
	if (device->attachment != TDM_ATTACH_SOFT)
		return;
	view_count(row, COL_QUEUES, device->queues);
	view_count(row, COL_OPEN, open);
}

/* The kernel's account of the same context, where it is one of its devices. */
static void fill_account(struct ps *ps, struct view_row *row, const struct process *p,
			 const struct tdm_observe_device *device)
{
	uint64_t busy = 0, memory = 0, host = 0;
	bool there = false;

	if (device->attachment == TDM_ATTACH_SOFT) {
		if (device->known & TDM_OBSERVE_TELEMETRY)
			view_count(row, COL_BUSY, device->telemetry.busy_ns);
		if (device->known & TDM_OBSERVE_MEMORY) {
			view_count(row, COL_MEMORY, device->memory.context_device);
			view_count(row, COL_HOST, device->memory.context_host);
		}
		return;
	}
	for (uint32_t i = 0; i < ps->kernel.n; i++) {
		const struct fdinfo *info = &ps->kernel.list[i];

		if (info->pid != p->of->pid || strcmp(info->node, device->name) != 0)
			continue;
		ps->shown[i] = true;
		there = true;
		busy += info->busy_ns;
		memory += info->device_bytes;
		host += info->host_bytes;
	}
	if (!there)
		return;
	view_count(row, COL_BUSY, busy);
	view_count(row, COL_MEMORY, memory);
	view_count(row, COL_HOST, host);
}

static void show_device(struct ps *ps, const struct process *p,
			const struct tdm_observe_device *device)
{
	struct view_row *row = view_row(ps->part);

	fill_process(row, p);
	view_text(row, COL_DEVICE, device->name);
	fill_engine(row, p, device->number);
	fill_queues(row, p, device);
	fill_account(ps, row, p, device);
	if (device->error)
		view_note(ps->look.view, "process %u: its %s is %s; tandem doctor says more",
			  p->of->pid, device->name, soft_state_name(device->error));
}

static int show_process(void *ctx, struct tdm_observed *process, struct tdm_error *err)
{
	struct process p = { .of = tdm_observed_process(process) };
	int rc = 0;

	p.devices = kv_devices_of(process, err);
	if (p.devices.list)
		p.engines = tdm_observed_engines(process, &p.n_engines, err);
	if (p.engines)
		p.queues = tdm_observed_queues(process, &p.n_queues, err);
	if (!p.queues)
		rc = err->code;
	for (uint32_t i = 0; p.devices.list && i < p.devices.n && !rc; i++)
		show_device(ctx, &p, &p.devices.list[i]);
	if (!p.devices.n && !rc)
		fill_process(view_row(((struct ps *)ctx)->part), &p);
	free(p.queues);
	free(p.engines);
	free(p.devices.list);
	return rc;
}

static void show_kernel(const struct ps *ps, const struct fdinfo *info)
{
	struct view_row *row = view_row(ps->part);

	view_count(row, COL_PID, info->pid);
	view_text(row, COL_PROGRAM, info->program);
	view_text(row, COL_DEVICE, info->node);
	view_text(row, COL_SOURCE, "kernel");
	view_count(row, COL_MEMORY, info->device_bytes);
	view_count(row, COL_HOST, info->host_bytes);
	view_count(row, COL_BUSY, info->busy_ns);
}

/* Without the driver nobody hides one of its nodes. */
static void note_hidden(const struct ps *ps)
{
	if (ps->kernel.hidden && !access("/sys/module/tandem", F_OK))
		view_note(ps->look.view,
			  "%u processes of other users may have nodes of the driver open; as root "
			  "they are listed as well",
			  ps->kernel.hidden);
}

static int show_all(struct ps *ps, struct tdm_error *err)
{
	int rc;

	ps->kernel = fdinfo_scan("/proc", err);
	if (!ps->kernel.list)
		return err->code;
	ps->shown = calloc(ps->kernel.n + 1, sizeof(*ps->shown));
	if (!ps->shown)
		return tdm_error_set(err, -ENOMEM, "processes: out of memory; free some");
	rc = look_each(&ps->look, show_process, ps, err);
	/* One that was named need not show itself to be the kernel's client. */
	for (uint32_t i = 0; i < ps->kernel.n && (!rc || rc == -ESRCH); i++) {
		if (ps->look.pid && ps->look.pid != ps->kernel.list[i].pid)
			continue;
		if (!ps->shown[i])
			show_kernel(ps, &ps->kernel.list[i]);
		rc = 0;
	}
	note_hidden(ps);
	return rc;
}

static const struct argp_option options[] = {
	LOOK_OPTION_PID("This process alone"),
	LOOK_OPTION_JSON,
	{ 0 },
};

const struct argp ps_argp = {
	.options = options,
	.parser = look_parse,
	.doc = "List the processes that use Tandem devices: those that let themselves be looked "
	       "at, and those that have a node of the driver open.\v"
	       "One line for each device of a process. Tokens and busy time are the process's "
	       "own, since its start.",
};

int command_ps(int argc, char **argv)
{
	struct ps ps = { .kernel = { 0 } };
	struct tdm_error err;
	int rc;

	if (command_parse(&ps_argp, argc, argv, &ps.look, &err))
		return command_failed(&err);
	ps.look.view = view_create("tandem.ps.v1");
	ps.part = view_list(ps.look.view, "processes", columns, COLUMNS);
	rc = view_finish(ps.look.view, ps.look.json, show_all(&ps, &err), &err);
	free(ps.shown);
	free(ps.kernel.list);
	return rc ? command_could_not(&err) : EXIT_DONE;
}
