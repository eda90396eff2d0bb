// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What went wrong, from what a dump says: the driver's reason first, then who stands
 * still, then who did wrong.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "decode/decode.h"
#include "seen/seen.h"
#include "tandem_hw.h"

static const char *const names[DECODE_VERDICTS] = {
	[DECODE_FINE] = "nothing wrong",
	[DECODE_HUNG_ENGINE] = "hung engine",
	[DECODE_FIRMWARE_SILENT] = "firmware silent",
	[DECODE_ADMIN_TIMEOUT] = "admin timeout",
	[DECODE_RING_CORRUPTED] = "ring corrupted by the application",
	[DECODE_FAULTING_COMMAND] = "faulting command",
	[DECODE_FIRMWARE_ERROR] = "firmware error",
	[DECODE_REMOVED] = "removed",
	[DECODE_LINK_DOWN] = "link down",
	[DECODE_ORDERED] = "fault ordered",
	[DECODE_UNKNOWN] = "unknown",
};

static void because(struct decode_judgement *j, enum decode_verdict verdict, const char *format,
		    ...) __attribute__((format(printf, 3, 4)));

static void because(struct decode_judgement *j, enum decode_verdict verdict, const char *format,
		    ...)
{
	va_list args;

	j->verdict = verdict;
	va_start(args, format);
	vsnprintf(j->because, sizeof(j->because), format, args);
	va_end(args);
}

/* The first admin command behind the last one that has an answer, or NULL */
static const struct decode_admin *unanswered(const struct decode *d)
{
	const struct decode_admin *found = NULL;

	for (size_t i = d->admins.n; i-- && !d->admins.of[i].answered;)
		found = &d->admins.of[i];
	return found;
}

/* As the driver's watchdog sees it: fetched or not, a command waits. */
static bool is_busy(const struct decode_queue *q)
{
	uint32_t completed = (uint32_t)q->completed;

	return q->positions && (q->sq_head != completed || q->tail != completed);
}

/* A queue with a command that has not completed; the stillest one. */
static const struct decode_queue *busiest(const struct decode *d)
{
	const struct decode_queue *found = NULL;

	for (size_t i = 0; i < d->queues.n; i++) {
		const struct decode_queue *q = &d->queues.of[i];

		if (is_busy(q) && (!found || q->still_ms > found->still_ms))
			found = q;
	}
	return found;
}

static const char *who(const struct decode *d, uint32_t context, char *out, size_t size)
{
	const struct decode_context *c = decode_context_of(d, context);

	if (c && c->has_pid)
		snprintf(out, size, "context %u of process %u (%s)", context, c->pid, c->comm);
	else
		snprintf(out, size, "context %u", context);
	return out;
}

static void hung(const struct decode *d, const struct decode_queue *q, struct decode_judgement *j)
{
	char owner[96], command[32] = "a command", still[48] = "";

	if (q->cmd.there || q->has_opcode)
		snprintf(command, sizeof(command), "%s",
			 decode_op_name(q->cmd.there ? q->cmd.opcode : q->opcode));
	if (q->has_still)
		snprintf(still, sizeof(still), " for %" PRIu64 " ms", q->still_ms);
	because(j, DECODE_HUNG_ENGINE,
		"queue %u, %s, does not move%s: %s was %s and has no completion (%u "
		"open), while the firmware's heart beats",
		q->number, who(d, q->context, owner, sizeof(owner)), still, command,
		q->sq_head != (uint32_t)q->completed ? "fetched" : "submitted",
		q->tail - (uint32_t)q->completed);
}

/* ABORT is answered only between two slices of what runs, so none means that none end. */
static bool admin_timeout(const struct decode *d, struct decode_judgement *j)
{
	const struct decode_admin *admin = unanswered(d);
	const struct decode_queue *q = busiest(d);
	char what[128];

	if (d->has_admin && d->admin_head != d->admin_tail) {
		because(j, DECODE_FIRMWARE_SILENT,
			"%u admin commands were not even fetched: all of the firmware stands",
			d->admin_tail - d->admin_head);
		return true;
	}
	if (!admin)
		return false;
	if (admin->opcode == TDM_ADMIN_ABORT && q) {
		hung(d, q, j);
		return true;
	}
	because(j, DECODE_ADMIN_TIMEOUT, "%s (%s) was fetched and has no answer after %u ms",
		decode_admin_name(admin->opcode), decode_admin_text(admin, what, sizeof(what)),
		d->admin_timeout_ms);
	return true;
}

static bool corrupted(const struct decode *d, struct decode_judgement *j)
{
	char owner[96];

	for (size_t i = 0; i < d->queues.n; i++) {
		const struct decode_queue *q = &d->queues.of[i];

		who(d, q->context, owner, sizeof(owner));
		if (q->state == TDM_QUEUE_ERROR) {
			because(j, DECODE_RING_CORRUPTED,
				"queue %u, %s, was stopped: the firmware found its ring corrupted",
				q->number, owner);
			return true;
		}
		if (q->positions && q->tail - q->sq_head > q->entries[0]) {
			because(j, DECODE_RING_CORRUPTED,
				"queue %u, %s: its tail %u is %u before the firmware's head, the "
				"ring has %u entries",
				q->number, owner, q->tail, q->tail - q->sq_head, q->entries[0]);
			return true;
		}
	}
	return false;
}

static bool faulting(const struct decode *d, struct decode_judgement *j)
{
	const struct decode_fault *f = d->faults.n ? &d->faults.of[d->faults.n - 1] : NULL;
	char owner[96];

	if (!f)
		return false;
	because(j, DECODE_FAULTING_COMMAND,
		"%zu faults; the last: %s of queue %u, %s, wanted to %s 0x%" PRIx64 ": %s",
		d->faults.n, decode_op_name(f->opcode), f->queue,
		who(d, f->context, owner, sizeof(owner)), decode_access_name(f->access), f->addr,
		decode_fault_name(f->reason));
	return true;
}

/* The driver's own reason for a reset. Return: whether it decides */
static bool by_reason(const struct decode *d, const char *reason, struct decode_judgement *j)
{
	if (strstr(reason, "no heartbeat")) {
		because(j, DECODE_FIRMWARE_SILENT,
			"the driver saw no heartbeat, the last was number %" PRIu64, d->heartbeat);
		return true;
	}
	if (strstr(reason, "fatal") || strstr(reason, "event ring")) {
		because(j, DECODE_FIRMWARE_ERROR, "the driver's reason: %s", reason);
		return true;
	}
	return strstr(reason, "admin timeout") && admin_timeout(d, j);
}

/* As late as the dump says. */
static const char *state_of(const struct decode *d)
{
	return *d->state ? d->state : d->now_state;
}

static bool is_gone(const struct decode *d)
{
	return !strcmp(d->state, "gone") || !strcmp(d->now_state, "gone") || *d->now_missing;
}

static void fine(const struct decode *d, struct decode_judgement *j)
{
	bool before = *d->reset_reason && strcmp(d->reset_reason, "none") != 0;

	because(j, DECODE_FINE, "the device is %s%s%s%s", state_of(d),
		d->queues.n ? ", no queue stands" : "", before ? "; it was reset before: " : "",
		before ? d->reset_reason : "");
}

/* Queues of a device that was reset for good reason are dead. */
static const struct decode_queue *dead_queue(const struct decode *d)
{
	for (size_t i = 0; i < d->queues.n; i++)
		if (d->queues.of[i].state == TDM_QUEUE_RESET)
			return &d->queues.of[i];
	return NULL;
}

/* An order that holds explains what stands still before a watchdog has looked. */
static bool by_order(const struct decode *d, struct decode_judgement *j)
{
	const struct decode_queue *q = busiest(d);
	char heart[64] = "";

	if (d->has_now_heart)
		snprintf(heart, sizeof(heart), ", the last heartbeat was %" PRIu64 " ms ago",
			 d->now_heart_ms);
	if (strstr(d->now_injected, "stall")) {
		because(j, DECODE_FIRMWARE_SILENT, "it was ordered to stand still (stall)%s",
			heart);
		return true;
	}
	if (!strstr(d->now_injected, "hang") || !q)
		return false;
	hung(d, q, j);
	return true;
}

/* Before a watchdog has given it up. */
static bool is_silent(const struct decode *d, struct decode_judgement *j)
{
	if (!d->has_now_heart || d->now_heart_ms < SEEN_SILENT_MS)
		return false;
	because(j, DECODE_FIRMWARE_SILENT,
		"the last heartbeat was %" PRIu64 " ms ago, one a second is due", d->now_heart_ms);
	return true;
}

static bool link_is_down(const struct decode *d, struct decode_judgement *j)
{
	if (!*d->nic_down)
		return false;
	because(j, DECODE_LINK_DOWN,
		"the link of NIC %s is ordered to be down: nothing gets through it, neither way",
		d->nic_down);
	return true;
}

static bool was_reset(const struct decode *d, struct decode_judgement *j)
{
	const struct decode_queue *q = dead_queue(d);
	char owner[96];

	if (!q)
		return false;
	/* Only what stands still is reset; which of the two it was is gone by now. */
	because(j, DECODE_HUNG_ENGINE,
		"the device was reset under queue %u, %s: a command, or all of the firmware, had "
		"stood still",
		q->number, who(d, q->context, owner, sizeof(owner)));
	return true;
}

/* What is to be seen in queues and faults, whatever the driver says. */
static bool by_traces(const struct decode *d, struct decode_judgement *j)
{
	const struct decode_queue *q = busiest(d);

	if (corrupted(d, j) || by_order(d, j) || is_silent(d, j))
		return true;
	/* The driver's watchdog looks after five seconds; to wait is what a WAIT does. */
	if (q && q->has_still && q->still_ms >= 5000 &&
	    !(q->cmd.there && q->cmd.opcode == TDM_OP_WAIT)) {
		hung(d, q, j);
		return true;
	}
	return link_is_down(d, j) || faulting(d, j) || was_reset(d, j);
}

/* One that no symptom tells of. Return: whether one is ordered */
static bool ordered(const struct decode *d, struct decode_judgement *j)
{
	char faults[700], happened[48] = "", errors[64] = "";

	if (!*decode_orders_text(d, faults, sizeof(faults)))
		return false;
	if (d->has_injected)
		snprintf(happened, sizeof(happened), "; %" PRIu64 " have happened", d->injected);
	if (d->has_errors)
		snprintf(errors, sizeof(errors), "; the device counts %" PRIu64 " errors",
			 d->errors);
	because(j, DECODE_ORDERED, "the device is %s, but a fault is ordered: %s%s%s",
		*state_of(d) ? state_of(d) : "unknown", faults, happened, errors);
	return true;
}

/* Errors that a device counts may be of orders that are over. */
static void add_past_orders(const struct decode *d, struct decode_judgement *j)
{
	size_t used = strlen(j->because);

	if (!d->has_injected || !d->injected || decode_is_ordered(d))
		return;
	snprintf(j->because + used, sizeof(j->because) - used, "; %" PRIu64 " ordered %s before",
		 d->injected, d->injected == 1 ? "fault has happened" : "faults have happened");
}

static void judge(const struct decode *d, struct decode_judgement *j)
{
	const char *state = state_of(d);

	if (*d->reason && by_reason(d, d->reason, j))
		return;
	if (is_gone(d)) {
		because(j, DECODE_REMOVED, "the device is gone%s%s", *d->now_missing ? ": " : "",
			d->now_missing);
		return;
	}
	/* Why it was reset once is over where the device is ready. */
	if (strcmp(state, "ready") != 0 && by_reason(d, d->reset_reason, j))
		return;
	if (d->has_firmware && d->fw_state == TDM_FW_FAILED)
		because(j, DECODE_FIRMWARE_ERROR, "the firmware says that it has failed");
	else if (by_traces(d, j) || ordered(d, j))
		return;
	else if (*d->reason || (*state && strcmp(state, "ready") != 0))
		because(j, DECODE_UNKNOWN, "the device is %s, the driver's reason: %s",
			*state ? state : "unknown", *d->reason ? d->reason : d->reset_reason);
	else if (*state)
		fine(d, j);
	else if (d->has_nic)
		because(j, DECODE_FINE, "the link of the NIC is up");
	else
		because(j, DECODE_UNKNOWN, "the dump has no state of the device");
}

void decode_judge(const struct decode *d, struct decode_judgement *judgement)
{
	memset(judgement, 0, sizeof(*judgement));
	judge(d, judgement);
	judgement->name = names[judgement->verdict];
	add_past_orders(d, judgement);
	decode_steps(d, judgement);
}
