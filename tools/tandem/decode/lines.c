// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Lines of the driver's, kind by kind. Format 2 is told in driver/coredump.c and dump.h:
 * a kind, then keys and values, each line for itself. In format 1 a line belongs to the
 * context and the queue above it, and numbers that are hexadecimal do not say so.
 */
#include <errno.h>
#include <string.h>

#include "decode/decode.h"

/* Return: 0, -EBADMSG with *@wrong, or -ENOMEM */
typedef int read_line(struct decode *d, const struct decode_words *w, const char **wrong);

static int bad(const char **wrong, const char *what)
{
	*wrong = what;
	return -EBADMSG;
}

static int read_reason(struct decode *d, const struct decode_words *w, const char **wrong)
{
	(void)wrong;
	decode_rest(w->line, "reason", NULL, d->reason, sizeof(d->reason));
	if (!*d->reason && !strncmp(w->line, "reason ", 7))
		strncat(d->reason, w->line + 7, sizeof(d->reason) - 1);
	return 0;
}

static int read_time(struct decode *d, const struct decode_words *w, const char **wrong)
{
	d->has_time =
		decode_u64(w, "ns", 10, &d->time_ns) || decode_u64(w, "time_ns", 10, &d->time_ns);
	return d->has_time ? 0 : bad(wrong, "a time without a number");
}

static int read_device(struct decode *d, const struct decode_words *w, const char **wrong)
{
	const char *name = decode_word(w, "name");

	if (!name && w->n > 1)
		name = w->word[1];
	if (!name || !decode_u32(w, "class", 10, &d->class_id))
		return bad(wrong, "a device without its class");
	d->has_class = true;
	*d->device = '\0';
	strncat(d->device, name, sizeof(d->device) - 1);
	decode_rest(w->line, "model", "firmware", d->model, sizeof(d->model));
	decode_rest(w->line, "firmware", NULL, d->firmware, sizeof(d->firmware));
	return 0;
}

static int read_state(struct decode *d, const struct decode_words *w, const char **wrong)
{
	const char *state = decode_word(w, "state");

	d->has_resets = decode_u64(w, "resets", 10, &d->resets);
	if (!state || !d->has_resets)
		return bad(wrong, "a state without its resets");
	*d->state = '\0';
	strncat(d->state, state, sizeof(d->state) - 1);
	decode_rest(w->line, "reason", NULL, d->reset_reason, sizeof(d->reset_reason));
	return 0;
}

static int read_firmware(struct decode *d, const struct decode_words *w, const char **wrong)
{
	d->has_firmware = decode_u32(w, "state", 10, &d->fw_state) &&
			  decode_u64(w, "heartbeat", 10, &d->heartbeat) &&
			  decode_u32(w, "admin_timeout_ms", 10, &d->admin_timeout_ms) &&
			  decode_u32(w, "abort_latency_ms", 10, &d->abort_latency_ms);
	return d->has_firmware ? 0 : bad(wrong, "registers of the firmware that are not whole");
}

static int read_admin_ring(struct decode *d, const struct decode_words *w, const char **wrong)
{
	d->has_admin = decode_u32(w, "tail", 10, &d->admin_tail) &&
		       decode_u32(w, "head", 10, &d->admin_head);
	return d->has_admin ? 0 : bad(wrong, "an admin ring without tail and head");
}

/* Words of a command: "word0 N word1 N ...", or one after the other behind @key. */
static bool read_words(const struct decode_words *w, const char *key, uint64_t *words,
		       unsigned int n)
{
	unsigned int at = 0;

	while (at < w->n && strcmp(w->word[at], key) != 0)
		at++;
	for (unsigned int i = 0; i < n; i++) {
		char name[] = { 'w', 'o', 'r', 'd', (char)('0' + i), '\0' };

		if (at < w->n ? at + 1 + i >= w->n ||
					!decode_number(w->word[at + 1 + i], 16, &words[i])
			      : !decode_u64(w, name, 16, &words[i]))
			return false;
	}
	return true;
}

/* Format 1 has "admin tail 3 head 3" as well. */
static int read_admin(struct decode *d, const struct decode_words *w, const char **wrong)
{
	struct decode_admin read = { 0 }, *admin;

	if (w->n > 1 && !strcmp(w->word[1], "tail"))
		return read_admin_ring(d, w, wrong);
	if ((!decode_u32(w, "index", 10, &read.index) &&
	     !decode_u32(w, "admin", 10, &read.index)) ||
	    !decode_u32(w, "opcode", 10, &read.opcode) || !decode_u32(w, "tag", 16, &read.tag) ||
	    !read_words(w, "args", read.args, 5))
		return bad(wrong, "an admin command that is not whole");
	admin = decode_grow(&d->admins, sizeof(*admin));
	if (!admin)
		return -ENOMEM;
	*admin = read;
	return 0;
}

static int read_events(struct decode *d, const struct decode_words *w, const char **wrong)
{
	d->has_events = decode_u32(w, "tail", 10, &d->event_tail) &&
			decode_u32(w, "head", 10, &d->event_head) &&
			decode_u64(w, "lost", 10, &d->events_lost);
	return d->has_events ? 0 : bad(wrong, "an event ring without tail, head and lost");
}

static int read_event(struct decode *d, const struct decode_words *w, const char **wrong)
{
	struct decode_event read = { 0 }, *event;

	if ((!decode_u32(w, "index", 10, &read.index) &&
	     !decode_u32(w, "event", 10, &read.index)) ||
	    !decode_u32(w, "type", 10, &read.type) || !decode_u32(w, "id", 16, &read.id) ||
	    !decode_u64(w, "value", 16, &read.value))
		return bad(wrong, "an event that is not whole");
	event = decode_grow(&d->events, sizeof(*event));
	if (!event)
		return -ENOMEM;
	*event = read;
	return 0;
}

static int read_reset(struct decode *d, const struct decode_words *w, const char **wrong)
{
	d->has_reset = decode_u32(w, "request", 10, &d->reset_request) &&
		       decode_u32(w, "done", 10, &d->reset_done);
	return d->has_reset ? 0 : bad(wrong, "a reset without request and done");
}

static int read_inject(struct decode *d, const struct decode_words *w, const char **wrong)
{
	d->has_injected = decode_u64(w, "active", 16, &d->inject_active) &&
			  decode_u64(w, "injected", 10, &d->injected);
	return d->has_injected ? 0 : bad(wrong, "ordered faults that are not whole");
}

/* Known, and nothing in it that a verdict needs. */
static int pass_over(struct decode *d, const struct decode_words *w, const char **wrong)
{
	(void)d;
	(void)w;
	(void)wrong;
	return 0;
}

/* In format 1 a context comes up once for its queues, its faults and its mappings. */
static int read_context(struct decode *d, const struct decode_words *w, const char **wrong)
{
	struct decode_context read = { 0 }, *context;
	const char *closing = decode_word(w, "closing");

	if ((!decode_u32(w, "id", 10, &read.id) && !decode_u32(w, "context", 10, &read.id)) ||
	    !decode_u64(w, "client", 10, &read.client) || !decode_s32(w, "error", &read.error))
		return bad(wrong, "a context that is not whole");
	read.closing = closing ? !strcmp(closing, "1") : !strcmp(w->word[w->n - 1], "closing");
	read.has_pid = decode_u32(w, "pid", 10, &read.pid);
	decode_rest(w->line, "comm", NULL, read.comm, sizeof(read.comm));
	d->in_context = true;
	d->in_queue = false;
	for (d->context = 0; d->context < d->contexts.n; d->context++)
		if (d->contexts.of[d->context].id == read.id)
			return 0;
	context = decode_grow(&d->contexts, sizeof(*context));
	if (!context)
		return -ENOMEM;
	*context = read;
	return 0;
}

/* Whose a line is: as it says itself, or the context's above it. */
static bool read_owner(const struct decode *d, const struct decode_words *w, uint32_t *context)
{
	if (w->n > 1 && !strcmp(w->word[1], "context"))
		return decode_u32(w, "context", 10, context);
	if (d->in_context)
		*context = d->contexts.of[d->context].id;
	return d->in_context;
}

static bool read_entries(const struct decode_words *w, struct decode_queue *q)
{
	const char *word = decode_word(w, "entries");
	const char *slash = word ? strchr(word, '/') : NULL;
	char first[16] = "";
	uint64_t sq, cq;

	if (!slash || slash - word >= (long)sizeof(first))
		return false;
	memcpy(first, word, (size_t)(slash - word));
	if (!decode_number(first, 10, &sq) || !decode_number(slash + 1, 10, &cq) ||
	    sq > UINT32_MAX || cq > UINT32_MAX)
		return false;
	q->entries[0] = (uint32_t)sq;
	q->entries[1] = (uint32_t)cq;
	return true;
}

static bool read_ring(const struct decode_words *w, struct decode_queue *q)
{
	return decode_u32(w, "tail", 10, &q->tail) && decode_u32(w, "sq_head", 10, &q->sq_head) &&
	       decode_u32(w, "cq_head", 10, &q->cq_head) &&
	       decode_u64(w, "completed", 10, &q->completed) &&
	       decode_u64(w, "slices", 10, &q->slices) &&
	       decode_u32(w, "need_wake", 10, &q->need_wake);
}

static bool read_queue_head(const struct decode_words *w, struct decode_queue *q)
{
	bool numbers = decode_u32(w, "number", 10, &q->number) && decode_u32(w, "id", 10, &q->id) &&
		       decode_u32(w, "sq_entries", 10, &q->entries[0]);

	if (!numbers)
		numbers = decode_u32(w, "queue", 10, &q->number) &&
			  decode_u32(w, "device_queue", 10, &q->id) && read_entries(w, q);
	/* A process that shows a soft device does not tell these. */
	decode_u32(w, "cq_entries", 10, &q->entries[1]);
	q->has_limit = decode_u32(w, "limit_ms", 10, &q->limit_ms);
	return numbers && decode_u32(w, "state", 10, &q->state) &&
	       decode_s32(w, "error", &q->error);
}

static int read_queue(struct decode *d, const struct decode_words *w, const char **wrong)
{
	struct decode_queue read = { 0 }, *q;

	if (!read_owner(d, w, &read.context))
		return bad(wrong, "a queue without a context above it");
	if (!read_queue_head(w, &read))
		return bad(wrong, "a queue that is not whole");
	read.positions = decode_word(w, "sq_head") != NULL;
	if (read.positions && !read_ring(w, &read))
		return bad(wrong, "positions of a ring that are not whole");
	read.has_still = decode_u64(w, "still_ms", 10, &read.still_ms);
	read.has_opcode = decode_u32(w, "opcode", 10, &read.opcode);
	decode_u64(w, "busy_ns", 10, &read.busy_ns);
	q = decode_grow(&d->queues, sizeof(*q));
	if (!q)
		return -ENOMEM;
	*q = read;
	d->in_queue = true;
	return 0;
}

/* Lines of format 1 that go on with the queue above them. */
static int read_positions(struct decode *d, const struct decode_words *w, const char **wrong)
{
	if (!d->in_queue)
		return bad(wrong, "positions of a ring without a queue above them");
	if (!read_ring(w, &d->queues.of[d->queues.n - 1]))
		return bad(wrong, "positions of a ring that are not whole");
	d->queues.of[d->queues.n - 1].positions = true;
	return 0;
}

static int read_sequences(struct decode *d, const struct decode_words *w, const char **wrong)
{
	if (!d->in_queue)
		return bad(wrong, "sequences without a queue above them");
	if (!decode_u64(w, "busy_ns", 10, &d->queues.of[d->queues.n - 1].busy_ns))
		return bad(wrong, "sequences that are not whole");
	return 0;
}

static struct decode_queue *queue_of(struct decode *d, uint32_t context, uint32_t number)
{
	for (size_t i = 0; i < d->queues.n; i++)
		if (d->queues.of[i].context == context && d->queues.of[i].number == number)
			return &d->queues.of[i];
	return NULL;
}

static int read_command(struct decode *d, const struct decode_words *w, const char **wrong)
{
	struct decode_cmd read = { .there = true };
	uint32_t context, number, fetched = 1;
	struct decode_queue *q;

	if (!decode_u32(w, "context", 10, &context) || !decode_u32(w, "queue", 10, &number) ||
	    !decode_u32(w, "opcode", 10, &read.opcode) ||
	    !decode_u32(w, "flags", 16, &read.flags) ||
	    !decode_u64(w, "cookie", 16, &read.cookie) || !read_words(w, "words", read.words, 6))
		return bad(wrong, "a command that is not whole");
	q = queue_of(d, context, number);
	if (!q)
		return bad(wrong, "a command of a queue that is not above it");
	decode_u32(w, "fetched", 10, &fetched);
	read.fetched = fetched != 0;
	q->cmd = read;
	return 0;
}

static int read_fault(struct decode *d, const struct decode_words *w, const char **wrong)
{
	struct decode_fault read = { 0 }, *fault;

	if (!read_owner(d, w, &read.context))
		return bad(wrong, "a fault without a context above it");
	if ((!decode_u64(w, "addr", 16, &read.addr) && !decode_u64(w, "fault", 16, &read.addr)) ||
	    !decode_u32(w, "queue", 10, &read.queue) ||
	    !decode_u32(w, "opcode", 10, &read.opcode) ||
	    !decode_u32(w, "access", 10, &read.access) ||
	    !decode_u32(w, "reason", 10, &read.reason) ||
	    !decode_u64(w, "time_ns", 10, &read.time_ns))
		return bad(wrong, "a fault that is not whole");
	fault = decode_grow(&d->faults, sizeof(*fault));
	if (!fault)
		return -ENOMEM;
	*fault = read;
	return 0;
}

/* Of format 1: "map 000000010000-000000020000 rw offset 0". */
static bool read_dashed(const struct decode_words *w, struct decode_map *map)
{
	char first[24] = "";
	const char *dash;

	if (w->n < 5)
		return false;
	dash = strchr(w->word[1], '-');
	if (!dash || dash - w->word[1] >= (long)sizeof(first))
		return false;
	memcpy(first, w->word[1], (size_t)(dash - w->word[1]));
	map->write = !strcmp(w->word[2], "rw");
	map->leaving = !strcmp(w->word[w->n - 1], "leaving");
	return decode_number(first, 16, &map->start) && decode_number(dash + 1, 16, &map->end);
}

static bool read_range(const struct decode_words *w, struct decode_map *map)
{
	const char *access = decode_word(w, "access");
	uint32_t leaving = 0;

	if (!access)
		return read_dashed(w, map);
	map->write = !strcmp(access, "rw");
	if (!decode_u64(w, "start", 16, &map->start) || !decode_u64(w, "end", 16, &map->end) ||
	    !decode_u32(w, "leaving", 10, &leaving))
		return false;
	map->leaving = leaving != 0;
	return true;
}

static int read_map(struct decode *d, const struct decode_words *w, const char **wrong)
{
	struct decode_map read = { 0 }, *map;

	if (!read_owner(d, w, &read.context))
		return bad(wrong, "a mapping without a context above it");
	if (!read_range(w, &read) || !decode_u64(w, "offset", 16, &read.offset) ||
	    read.start >= read.end)
		return bad(wrong, "a mapping that is not whole");
	map = decode_grow(&d->maps, sizeof(*map));
	if (!map)
		return -ENOMEM;
	*map = read;
	return 0;
}

static const struct {
	const char *first; /* word */
	read_line *read;
} kinds[] = {
	{ "reason", read_reason },	 { "time", read_time },
	{ "time_ns", read_time },	 { "device", read_device },
	{ "driver", read_state },	 { "state", read_state },
	{ "firmware", read_firmware },	 { "admin_ring", read_admin_ring },
	{ "admin", read_admin },	 { "event_ring", read_events },
	{ "events", read_events },	 { "event", read_event },
	{ "reset", read_reset },	 { "telemetry", pass_over },
	{ "inject", read_inject },	 { "context", read_context },
	{ "queue", read_queue },	 { "tail", read_positions },
	{ "event_seq", read_sequences }, { "command", read_command },
	{ "fault", read_fault },	 { "map", read_map },
};

int decode_line(struct decode *d, const char *line, const char **wrong)
{
	struct decode_words w;

	if (!decode_split(&w, line))
		return bad(wrong, "too many words");
	if (!w.n)
		return 0;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(w.word[0], kinds[i].first))
			return kinds[i].read(d, &w, wrong);
	if (!d->unknown++)
		d->first_unknown = d->lines;
	return 0;
}
