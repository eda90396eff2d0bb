// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Queues of the kernel's devices, from the driver's folder in debugfs, which is root's.
 * The driver reads memory that it has and asks no firmware.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "seen/seen.h"

/* Some hundred queues; of more the first ones. */
#define TEXT_BYTES (256 << 10)

struct device {
	struct seen *seen;
	const char *name;
	char folder[SYS_PATH_BYTES];
	struct seen_queue *last; /* whose command may come next */
};

/* It goes by the device's name, on older kernels by the node's number. */
static bool find_folder(struct device *d, const struct seen_device *device)
{
	bool accel = !strncmp(d->name, "accel", 5);
	const char *kind = accel ? "accel" : "dri", *slash = strrchr(device->path, '/');
	const char *number = d->name + strcspn(d->name, "0123456789");

	if (slash) {
		snprintf(d->folder, sizeof(d->folder), "/sys/kernel/debug/%s/%.120s/tandem", kind,
			 slash + 1);
		if (sys_exists("%s/queues", d->folder))
			return true;
	}
	snprintf(d->folder, sizeof(d->folder), "/sys/kernel/debug/%s/%s/tandem", kind, number);
	return sys_exists("%s/queues", d->folder);
}

/* "queue context 3 number 1 id 7 state 0 ..." */
static int add_queue(struct device *d, const struct decode_words *w)
{
	struct seen_queue queue = { 0 };
	uint64_t completed;

	if (!decode_u32(w, "context", 10, &queue.context) ||
	    !decode_u32(w, "number", 10, &queue.queue) ||
	    !decode_u32(w, "state", 10, &queue.state) || !decode_s32(w, "error", &queue.error) ||
	    !decode_u32(w, "sq_entries", 10, &queue.entries) ||
	    !decode_u32(w, "tail", 10, &queue.tail) ||
	    !decode_u32(w, "sq_head", 10, &queue.fetched) ||
	    !decode_u64(w, "completed", 10, &completed) ||
	    !decode_u64(w, "busy_ns", 10, &queue.busy_ns))
		return 0;
	if (decode_u64(w, "still_ms", 10, &queue.still_ns))
		queue.still_ns *= 1000000;
	queue.completed = completed;
	queue.open = queue.tail - (uint32_t)completed;
	sys_printable(queue.device, sizeof(queue.device), d->name);
	d->last = seen_add(&d->seen->queues, sizeof(queue));
	if (!d->last)
		return -ENOMEM;
	*d->last = queue;
	return 0;
}

/* "command context 3 queue 1 ... opcode 19 ...", below a queue that has one open */
static void add_command(const struct device *d, const struct decode_words *w)
{
	uint32_t context, queue, opcode;

	if (d->last && decode_u32(w, "context", 10, &context) && context == d->last->context &&
	    decode_u32(w, "queue", 10, &queue) && queue == d->last->queue &&
	    decode_u32(w, "opcode", 10, &opcode))
		d->last->oldest = decode_op_name(opcode);
}

/* "context id 3 client 9 error 0 closing 0 pid 4321 comm llm" */
static void add_owner(const struct device *d, const struct decode_words *w, const char *line)
{
	uint32_t context, pid;
	char program[64];
	uint64_t client;

	if (!decode_u32(w, "id", 10, &context) || !decode_u32(w, "pid", 10, &pid) ||
	    !decode_u64(w, "client", 10, &client))
		return;
	decode_rest(line, "comm", NULL, program, sizeof(program));
	SEEN_EACH(seen_queue, queue, d->seen->queues)
	if (queue->context == context && !strcmp(queue->device, d->name)) {
		queue->pid = pid;
		/* Numbers of contexts are given away anew, those of clients are not. */
		queue->started_ns = client;
		sys_printable(queue->program, sizeof(queue->program), program);
	}
}

static int take_line(struct device *d, const char *line)
{
	struct decode_words w;

	if (!decode_split(&w, line) || !w.n)
		return 0;
	if (!strcmp(w.word[0], "queue"))
		return add_queue(d, &w);
	if (!strcmp(w.word[0], "command"))
		add_command(d, &w);
	else if (!strcmp(w.word[0], "context"))
		add_owner(d, &w, line);
	return 0;
}

/* Whole lines of a file. Return: 0 or -ENOMEM */
static int take_file(struct device *d, char *text, const char *file)
{
	int rc = 0, len = sys_whole(text, TEXT_BYTES, "%s/%s", d->folder, file);

	for (char *line = text, *end; len > 0 && !rc && (end = strchr(line, '\n'));
	     line = end + 1) {
		*end = '\0';
		rc = take_line(d, line);
	}
	return rc;
}

int seen_queues(struct seen *seen)
{
	char *text = malloc(TEXT_BYTES);
	int rc = text ? 0 : -ENOMEM;

	SEEN_EACH(seen_device, device, seen->devices)
	{
		struct device d = { .seen = seen, .name = device->cells[SEEN_NAME].text };

		/* Those of a process it shows itself. */
		if (rc || device->cells[SEEN_PID].is || !find_folder(&d, device))
			continue;
		rc = take_file(&d, text, "queues");
		if (!rc)
			rc = take_file(&d, text, "contexts");
	}
	free(text);
	return rc;
}
