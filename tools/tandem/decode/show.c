// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A dump as tables, in the order in which one asks: what is wrong and what to do, then
 * what says so: what it is of, who was at work, what went wrong there, what was said last.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "decode/decode.h"
#include "tandem_hw.h"
#include "view/view.h"

enum {
	ABOUT_KIND,
	ABOUT_FORMAT,
	ABOUT_DEVICE,
	ABOUT_CLASS,
	ABOUT_MODEL,
	ABOUT_FIRMWARE,
	ABOUT_REASON,
	ABOUT_TIME,
	ABOUT_STATE,
	ABOUT_RESETS,
	ABOUT_FW_STATE,
	ABOUT_HEARTBEAT,
	ABOUT_UNFETCHED,
	ABOUT_LOST,
	ABOUT_INJECTED,
	ABOUT_NOW,
	ABOUT_NOW_INJECTED,
	ABOUT_NOW_HEART,
	ABOUT
};

static const struct view_column about_columns[ABOUT] = {
	[ABOUT_KIND] = { "kind", "kind", VIEW_TEXT },
	[ABOUT_FORMAT] = { "format", NULL, VIEW_COUNT },
	[ABOUT_DEVICE] = { "device", "device", VIEW_TEXT },
	[ABOUT_CLASS] = { "class", "class", VIEW_TEXT },
	[ABOUT_MODEL] = { "model", "model", VIEW_TEXT },
	[ABOUT_FIRMWARE] = { "firmware", "firmware", VIEW_TEXT },
	[ABOUT_REASON] = { "reason", "reason", VIEW_TEXT },
	[ABOUT_TIME] = { "since_boot_ns", "after the host's boot", VIEW_NS },
	[ABOUT_STATE] = { "state", "state", VIEW_TEXT },
	[ABOUT_RESETS] = { "resets", "resets before", VIEW_COUNT },
	[ABOUT_FW_STATE] = { "firmware_state", "firmware says", VIEW_TEXT },
	[ABOUT_HEARTBEAT] = { "heartbeats", "heartbeats", VIEW_COUNT },
	[ABOUT_UNFETCHED] = { "admin_unfetched", "admin commands not fetched", VIEW_COUNT },
	[ABOUT_LOST] = { "events_lost", "events lost", VIEW_COUNT },
	[ABOUT_INJECTED] = { "injected", "ordered faults that happened", VIEW_COUNT },
	[ABOUT_NOW] = { "state_now", "state when the bundle was made", VIEW_TEXT },
	[ABOUT_NOW_INJECTED] = { "inject_active", "ordered faults", VIEW_TEXT },
	[ABOUT_NOW_HEART] = { "heartbeat_age_ns", "last heartbeat before that", VIEW_NS },
};

static uint64_t ms_to_ns(uint64_t ms)
{
	return ms < UINT64_MAX / 1000000 ? ms * 1000000 : UINT64_MAX;
}

/* NULL for what is not told, which is absent then. */
static const char *told(const char *text)
{
	return *text ? text : NULL;
}

/*
 * The record of a dump, while it is filled and until it is printed: what is not told has
 * no heading, so a table leaves it out; JSON has it, null.
 */
struct about {
	struct view_column columns[ABOUT];
	struct view_row *row;
};

static void about_text(struct about *about, unsigned int column, const char *text)
{
	if (!*text)
		return;
	about->columns[column].heading = about_columns[column].heading;
	view_text(about->row, column, text);
}

static void about_count(struct about *about, unsigned int column, bool has, uint64_t value)
{
	if (!has)
		return;
	about->columns[column].heading = about_columns[column].heading;
	view_count(about->row, column, value);
}

static void about_then(struct about *about, const struct decode *d)
{
	about_text(about, ABOUT_REASON, *d->reason ? d->reason : d->reset_reason);
	about_count(about, ABOUT_TIME, d->has_time, d->time_ns);
	about_text(about, ABOUT_STATE, d->state);
	about_count(about, ABOUT_RESETS, d->has_resets, d->resets);
	if (d->has_firmware)
		about_text(about, ABOUT_FW_STATE, decode_firmware_state_name(d->fw_state));
	about_count(about, ABOUT_HEARTBEAT, d->has_firmware, d->heartbeat);
	about_count(about, ABOUT_UNFETCHED, d->has_admin, d->admin_tail - d->admin_head);
	about_count(about, ABOUT_LOST, d->has_events, d->events_lost);
}

static void show_about(struct view *view, const struct decode *d, struct about *about)
{
	memcpy(about->columns, about_columns, sizeof(about_columns));
	for (unsigned int i = 0; i < ABOUT; i++)
		about->columns[i].heading = NULL;
	about->row = view_record(view, "dump", about->columns, ABOUT);
	about_text(about, ABOUT_KIND,
		   !d->bundle ? "coredump" : (d->format ? "bundle with a coredump" : "bundle"));
	about_count(about, ABOUT_FORMAT, d->format != 0, d->format);
	about_text(about, ABOUT_DEVICE, *d->device ? d->device : d->name);
	if (d->has_class)
		about_text(about, ABOUT_CLASS, decode_class_name(d->class_id));
	about_text(about, ABOUT_MODEL, d->model);
	about_text(about, ABOUT_FIRMWARE, d->firmware);
	about_then(about, d);
	about_count(about, ABOUT_INJECTED, d->has_injected, d->injected);
	about_text(about, ABOUT_NOW, *d->now_missing ? d->now_missing : d->now_state);
	about_text(about, ABOUT_NOW_INJECTED, d->now_injected);
	about_count(about, ABOUT_NOW_HEART, d->has_now_heart, ms_to_ns(d->now_heart_ms));
}

enum {
	Q_CONTEXT,
	Q_PID,
	Q_COMM,
	Q_QUEUE,
	Q_STATE,
	Q_ERROR,
	Q_OPEN,
	Q_WAITING,
	Q_COMPLETED,
	Q_STILL,
	Q_LIMIT,
	Q_TAIL,
	Q_SQ_HEAD,
	Q_CQ_HEAD,
	Q_SLICES,
	Q_BUSY,
	QUEUES
};

static const struct view_column queue_columns[QUEUES] = {
	[Q_CONTEXT] = { "context", "CONTEXT", VIEW_COUNT },
	[Q_PID] = { "pid", "PID", VIEW_COUNT },
	[Q_COMM] = { "comm", "COMMAND", VIEW_TEXT },
	[Q_QUEUE] = { "queue", "QUEUE", VIEW_COUNT },
	[Q_STATE] = { "state", "STATE", VIEW_TEXT },
	[Q_ERROR] = { "error", "ERROR", VIEW_TEXT },
	[Q_OPEN] = { "fetched_open", "OPEN", VIEW_COUNT },
	[Q_WAITING] = { "waiting", "WAITING", VIEW_COUNT },
	[Q_COMPLETED] = { "completed", "COMPLETED", VIEW_COUNT },
	[Q_STILL] = { "still_ns", "STILL", VIEW_NS },
	[Q_LIMIT] = { "limit_ms", NULL, VIEW_COUNT },
	[Q_TAIL] = { "tail", "TAIL", VIEW_COUNT },
	[Q_SQ_HEAD] = { "sq_head", "FETCHED", VIEW_COUNT },
	[Q_CQ_HEAD] = { "cq_head", "TAKEN", VIEW_COUNT },
	[Q_SLICES] = { "slices", NULL, VIEW_COUNT },
	[Q_BUSY] = { "busy_ns", NULL, VIEW_NS },
};

static void show_queue(struct view_part *part, const struct decode *d, const struct decode_queue *q)
{
	const struct decode_context *c = decode_context_of(d, q->context);
	struct view_row *row = view_row(part);

	view_count(row, Q_CONTEXT, q->context);
	if (c && c->has_pid) {
		view_count(row, Q_PID, c->pid);
		view_text(row, Q_COMM, told(c->comm));
	}
	view_count(row, Q_QUEUE, q->number);
	view_text(row, Q_STATE, decode_queue_state_name(q->state));
	view_mark(row, Q_STATE, q->state == TDM_QUEUE_RUNNING ? VIEW_PLAIN : VIEW_BAD);
	if (q->error)
		view_text(row, Q_ERROR, strerror(q->error < 0 ? -q->error : q->error));
	if (q->has_limit)
		view_count(row, Q_LIMIT, q->limit_ms);
	view_count(row, Q_BUSY, q->busy_ns);
	if (q->has_still)
		view_count(row, Q_STILL, ms_to_ns(q->still_ms));
	if (!q->positions)
		return;
	view_count(row, Q_OPEN, q->sq_head - (uint32_t)q->completed);
	view_count(row, Q_WAITING, q->tail - q->sq_head);
	view_count(row, Q_COMPLETED, q->completed);
	view_count(row, Q_TAIL, q->tail);
	view_count(row, Q_SQ_HEAD, q->sq_head);
	view_count(row, Q_CQ_HEAD, q->cq_head);
	view_count(row, Q_SLICES, q->slices);
}

enum { C_CONTEXT, C_QUEUE, C_COMMAND, C_FETCHED, C_COOKIE, C_MEMBERS, COMMANDS };

static const struct view_column command_columns[COMMANDS] = {
	[C_CONTEXT] = { "context", "CONTEXT", VIEW_COUNT },
	[C_QUEUE] = { "queue", "QUEUE", VIEW_COUNT },
	[C_COMMAND] = { "command", "COMMAND", VIEW_TEXT },
	[C_FETCHED] = { "fetched", "FETCHED", VIEW_FLAG },
	[C_COOKIE] = { "cookie", "COOKIE", VIEW_TEXT },
	[C_MEMBERS] = { "members", "MEMBERS", VIEW_TEXT },
};

static void show_command(struct view_part *part, const struct decode_queue *q)
{
	struct view_row *row = view_row(part);
	char text[256];

	view_count(row, C_CONTEXT, q->context);
	view_count(row, C_QUEUE, q->number);
	view_text(row, C_COMMAND, decode_op_name(q->cmd.opcode));
	view_flag(row, C_FETCHED, q->cmd.fetched);
	view_textf(row, C_COOKIE, "0x%" PRIx64, q->cmd.cookie);
	view_text(row, C_MEMBERS, told(decode_cmd_text(&q->cmd, text, sizeof(text))));
}

enum { S_CONTEXT, S_QUEUE, S_COMMAND, S_ACCESS, S_MAPPED, S_FOUND, SPANS };

static const struct view_column span_columns[SPANS] = {
	[S_CONTEXT] = { "context", "CONTEXT", VIEW_COUNT },
	[S_QUEUE] = { "queue", "QUEUE", VIEW_COUNT },
	[S_COMMAND] = { "command", "COMMAND", VIEW_TEXT },
	[S_ACCESS] = { "access", "ACCESS", VIEW_TEXT },
	[S_MAPPED] = { "mapped", "MAPPED", VIEW_FLAG },
	[S_FOUND] = { "found", "FOUND", VIEW_TEXT },
};

/* A row for each address that a command names: whether its context has it. */
static void show_spans(struct view_part *part, const struct decode *d, const struct decode_queue *q)
{
	struct decode_span spans[DECODE_SPANS];
	unsigned int n = decode_cmd_spans(&q->cmd, spans);

	for (unsigned int i = 0; i < n; i++) {
		struct view_row *row = view_row(part);
		char text[256];
		bool mapped = decode_span_text(d, q->context, &spans[i], text, sizeof(text));

		view_count(row, S_CONTEXT, q->context);
		view_count(row, S_QUEUE, q->number);
		view_text(row, S_COMMAND, decode_op_name(q->cmd.opcode));
		view_text(row, S_ACCESS, spans[i].write ? "write" : "read");
		if (decode_has_maps(d))
			view_flag(row, S_MAPPED, mapped);
		view_mark(row, S_MAPPED, mapped ? VIEW_PLAIN : VIEW_BAD);
		view_text(row, S_FOUND, text);
	}
}

enum { F_CONTEXT, F_QUEUE, F_COMMAND, F_ACCESS, F_ADDR, F_WHY, F_MAPPED, F_TIME, FAULTS };

static const struct view_column fault_columns[FAULTS] = {
	[F_CONTEXT] = { "context", "CONTEXT", VIEW_COUNT },
	[F_QUEUE] = { "queue", "QUEUE", VIEW_COUNT },
	[F_COMMAND] = { "command", "COMMAND", VIEW_TEXT },
	[F_ACCESS] = { "access", "ACCESS", VIEW_TEXT },
	[F_ADDR] = { "address", "ADDRESS", VIEW_TEXT },
	[F_WHY] = { "why", "WHY", VIEW_TEXT },
	[F_MAPPED] = { "now", "WHEN DUMPED", VIEW_TEXT },
	[F_TIME] = { "device_time_ns", NULL, VIEW_NS },
};

static void show_fault(struct view_part *part, const struct decode *d, const struct decode_fault *f)
{
	const struct decode_span span = { "it", f->addr, 1, f->access & TDM_ACCESS_WRITE };
	struct view_row *row = view_row(part);
	char text[256];

	view_count(row, F_CONTEXT, f->context);
	view_count(row, F_QUEUE, f->queue);
	view_text(row, F_COMMAND, decode_op_name(f->opcode));
	view_text(row, F_ACCESS, decode_access_name(f->access));
	view_textf(row, F_ADDR, "0x%" PRIx64, f->addr);
	view_text(row, F_WHY, decode_fault_name(f->reason));
	decode_span_text(d, f->context, &span, text, sizeof(text));
	view_text(row, F_MAPPED, text);
	view_count(row, F_TIME, f->time_ns);
}

enum { M_CONTEXT, M_START, M_END, M_ACCESS, M_LEAVING, MAPS };

static const struct view_column map_columns[MAPS] = {
	[M_CONTEXT] = { "context", "CONTEXT", VIEW_COUNT },
	[M_START] = { "start", "START", VIEW_TEXT },
	[M_END] = { "end", "END", VIEW_TEXT },
	[M_ACCESS] = { "access", "ACCESS", VIEW_TEXT },
	[M_LEAVING] = { "leaving", "LEAVING", VIEW_FLAG },
};

static void show_map(struct view_part *part, const struct decode_map *map)
{
	struct view_row *row = view_row(part);

	view_count(row, M_CONTEXT, map->context);
	view_textf(row, M_START, "0x%" PRIx64, map->start);
	view_textf(row, M_END, "0x%" PRIx64, map->end);
	view_text(row, M_ACCESS, map->write ? "rw" : "r");
	view_flag(row, M_LEAVING, map->leaving);
}

enum { A_INDEX, A_COMMAND, A_ABOUT, A_ANSWER, A_TAG, ADMINS };

static const struct view_column admin_columns[ADMINS] = {
	[A_INDEX] = { "index", "INDEX", VIEW_COUNT },
	[A_COMMAND] = { "command", "COMMAND", VIEW_TEXT },
	[A_ABOUT] = { "about", "ABOUT", VIEW_TEXT },
	[A_ANSWER] = { "answer", "ANSWER", VIEW_TEXT },
	[A_TAG] = { "tag", NULL, VIEW_TEXT },
};

static void show_admin(struct view_part *part, const struct decode_admin *admin)
{
	struct view_row *row = view_row(part);
	char text[128];

	view_count(row, A_INDEX, admin->index);
	view_text(row, A_COMMAND, decode_admin_name(admin->opcode));
	view_text(row, A_ABOUT, decode_admin_text(admin, text, sizeof(text)));
	view_textf(row, A_TAG, "0x%x", admin->tag);
	if (!admin->answered)
		return;
	if (admin->answer < 0 && admin->answer > -4096)
		view_text(row, A_ANSWER, strerror((int)-admin->answer));
	else
		view_textf(row, A_ANSWER, "%" PRId64, admin->answer);
}

enum { E_INDEX, E_TYPE, E_ID, E_VALUE, EVENTS };

static const struct view_column event_columns[EVENTS] = {
	[E_INDEX] = { "index", "INDEX", VIEW_COUNT },
	[E_TYPE] = { "type", "TYPE", VIEW_TEXT },
	[E_ID] = { "id", "ID", VIEW_TEXT },
	[E_VALUE] = { "value", "VALUE", VIEW_TEXT },
};

static void show_event(struct view_part *part, const struct decode_event *event)
{
	struct view_row *row = view_row(part);

	view_count(row, E_INDEX, event->index);
	view_text(row, E_TYPE, decode_event_name(event->type));
	view_textf(row, E_ID, "0x%x", event->id);
	view_textf(row, E_VALUE, "0x%" PRIx64, event->value);
}

enum { V_NAME, V_BECAUSE, VERDICT };

static const struct view_column verdict_columns[VERDICT] = {
	[V_NAME] = { "name", "verdict", VIEW_TEXT },
	[V_BECAUSE] = { "because", "because", VIEW_TEXT },
};

static const struct view_column next_columns[] = { { "step", "STEP", VIEW_TEXT } };

static void show_verdict(struct view *view, const struct decode *d)
{
	struct decode_judgement judgement;
	struct view_part *steps;
	struct view_row *row = view_record(view, "verdict", verdict_columns, VERDICT);

	decode_judge(d, &judgement);
	view_text(row, V_NAME, judgement.name);
	view_mark(row, V_NAME, judgement.verdict == DECODE_FINE ? VIEW_GOOD : VIEW_BAD);
	view_text(row, V_BECAUSE, judgement.because);
	steps = view_list(view, "next", next_columns, 1);
	view_optional(steps);
	for (unsigned int i = 0; i < judgement.steps; i++)
		view_text(view_row(steps), 0, judgement.next[i]);
}

static void show_notes(struct view *view, const struct decode *d)
{
	char orders[DECODE_TEXT];

	if (d->cut)
		view_note(view, "The dump is cut in line %u: what is behind it is not known.",
			  d->lines);
	if (d->unknown)
		view_note(view,
			  "%u lines are of kinds that this tool does not know, the first is line "
			  "%u: the driver is newer.",
			  d->unknown, d->first_unknown);
	if (*decode_orders(d, orders, sizeof(orders)))
		view_note(view, "A fault was ordered (%s): what is seen here may be nothing else.",
			  orders);
	else if (d->has_injected && d->inject_active)
		view_note(view, "A fault was ordered (tandem inject): what is seen here may be "
				"nothing else.");
	if (!*d->nic_down && (d->peers_lost || d->net_failed))
		view_note(view,
			  "agents: %" PRIu64 " peers were lost, %" PRIu64
			  " operations failed: look at the other ends (tandem top --once lists "
			  "the peers).",
			  d->peers_lost, d->net_failed);
}

/* Those of a kind, if there are any: a table of nothing tells nothing. */
static struct view_part *list_of(struct view *view, bool json, size_t n, const char *key,
				 const struct view_column *columns, unsigned int n_columns)
{
	return n || json ? view_list(view, key, columns, n_columns) : NULL;
}

static void show_all(struct view *view, const struct decode *d, bool json)
{
	struct view_part *part = list_of(view, json, d->queues.n, "queues", queue_columns, QUEUES);
	size_t commands = 0;

	for (size_t i = 0; i < d->queues.n; i++) {
		show_queue(part, d, &d->queues.of[i]);
		commands += d->queues.of[i].cmd.there;
	}
	part = list_of(view, json, commands, "commands", command_columns, COMMANDS);
	for (size_t i = 0; i < d->queues.n; i++)
		if (d->queues.of[i].cmd.there)
			show_command(part, &d->queues.of[i]);
	part = list_of(view, json, commands, "memory", span_columns, SPANS);
	view_title(part, "memory of these commands");
	for (size_t i = 0; i < d->queues.n; i++)
		if (d->queues.of[i].cmd.there)
			show_spans(part, d, &d->queues.of[i]);
	part = list_of(view, json, d->faults.n, "faults", fault_columns, FAULTS);
	for (size_t i = 0; i < d->faults.n; i++)
		show_fault(part, d, &d->faults.of[i]);
	part = list_of(view, json, d->maps.n, "mappings", map_columns, MAPS);
	for (size_t i = 0; i < d->maps.n; i++)
		show_map(part, &d->maps.of[i]);
	part = list_of(view, json, d->admins.n, "admin", admin_columns, ADMINS);
	view_title(part, "last admin commands");
	for (size_t i = 0; i < d->admins.n; i++)
		show_admin(part, &d->admins.of[i]);
	part = list_of(view, json, d->events.n, "events", event_columns, EVENTS);
	view_title(part, "last events");
	for (size_t i = 0; i < d->events.n; i++)
		show_event(part, &d->events.of[i]);
}

int decode_show(const struct decode *d, bool json, struct tdm_error *err)
{
	struct view *view = view_create("tandem.decode.v1");
	struct about about;
	int rc;

	show_verdict(view, d);
	show_about(view, d, &about);
	show_all(view, d, json);
	show_notes(view, d);
	rc = view_print(view, json ? VIEW_JSON : VIEW_TABLE, err);
	view_destroy(view);
	return rc;
}
