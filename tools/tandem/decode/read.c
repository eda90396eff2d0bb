// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A dump from its first line to its last one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"

#define LINE_MAX_BYTES 1000
#define DUMP_FIRST "tandem-coredump "
#define BUNDLE_FIRST "tandem-bundle "

/* What a section of a bundle is to us. */
enum section {
	SECTION_OTHER,
	SECTION_COREDUMP,
	SECTION_LIVE, /* the same lines, from debugfs */
	SECTION_DEVICE,
	SECTION_AGENTS,
	SECTION_ABOUT,
};

struct reader {
	struct decode *d;
	const char *name;
	struct tdm_error *err;
	enum section section;
};

static int damaged(const struct reader *r, const char *wrong)
{
	return tdm_error_set(r->err, -EBADMSG, "%s: line %u: %s; take the dump again", r->name,
			     r->d->lines, wrong);
}

static int no_dump(const struct reader *r)
{
	return tdm_error_set(r->err, -EBADMSG,
			     "%s: it is no dump: line 1 is not '" DUMP_FIRST "N' or '" BUNDLE_FIRST
			     "N'; give a coredump of the driver or a file "
			     "of tandem dump",
			     r->name);
}

static int check_format(const struct reader *r, const char *number, uint32_t known,
			uint32_t *format)
{
	uint64_t value;

	if (!decode_number(number, 10, &value) || !value)
		return no_dump(r);
	if (value > known)
		return tdm_error_set(r->err, -EBADMSG,
				     "%s: line %u: format %s, this knows up to %u; take a newer "
				     "tandem",
				     r->name, r->d->lines, number, known);
	*format = (uint32_t)value;
	return 0;
}

static int driver_line(const struct reader *r, const char *line)
{
	const char *wrong = NULL;
	int rc;

	if (!strncmp(line, DUMP_FIRST, strlen(DUMP_FIRST)))
		return r->d->format ? damaged(r, "a second beginning")
				    : check_format(r, line + strlen(DUMP_FIRST), DECODE_FORMAT,
						   &r->d->format);
	rc = decode_line(r->d, line, &wrong);
	if (rc == -EBADMSG)
		return damaged(r, wrong);
	if (rc)
		return tdm_error_set(r->err, rc, "%s: out of memory; free some", r->name);
	return 0;
}

/* Return: whether it is a line "@key NUMBER"; then *@value is that */
static bool number_line(const char *line, const char *key, uint64_t *value)
{
	size_t len = strlen(key);

	return !strncmp(line, key, len) && line[len] == ' ' &&
	       decode_number(line + len + 1, 10, value);
}

/* What the device's attributes say, where no coredump has said it. */
static void device_line(struct decode *d, const char *line)
{
	const struct {
		const char *name;
		char *out;
		size_t size;
	} texts[] = {
		{ "state ", d->now_state, sizeof(d->now_state) },
		{ "inject_active ", d->now_injected, sizeof(d->now_injected) },
		{ "model ", d->model, sizeof(d->model) },
		{ "firmware_version ", d->firmware, sizeof(d->firmware) },
		{ "reset_reason ", d->reset_reason, sizeof(d->reset_reason) },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t len = strlen(texts[i].name);

		if (strncmp(line, texts[i].name, len) != 0 || *texts[i].out)
			continue;
		*texts[i].out = '\0';
		strncat(texts[i].out, line + len, texts[i].size - 1);
	}
	d->has_now_heart |= number_line(line, "heartbeat_age_ms", &d->now_heart_ms);
	d->has_injected |= number_line(line, "injected", &d->injected);
	d->has_errors |= number_line(line, "errors", &d->errors);
}

/* "name accel0" */
static void about_line(struct decode *d, const char *line)
{
	size_t len = strlen(line);

	/* A part of a name names something else. */
	if (strncmp(line, "name ", 5) != 0 || len - 5 >= sizeof(d->name))
		return;
	memcpy(d->name, line + 5, len - 5 + 1);
}

static uint64_t saturated(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* What is counted of all agents: of a line without that count, nothing. */
static void agent_counts(struct decode *d, const char *line)
{
	struct decode_words w;
	uint64_t count;

	if (!decode_split(&w, line) || !w.n)
		return;
	if (!strcmp(w.word[0], "agent") && decode_u64(&w, "failed", 10, &count))
		d->net_failed = saturated(d->net_failed, count);
	if (!strcmp(w.word[0], "transfers") && decode_u64(&w, "peers_lost", 10, &count))
		d->peers_lost = saturated(d->peers_lost, count);
}

/* "agent number 0 net soft:rc link up ... failed 0 ...", "transfers agent 0 peers_lost 0 ..." */
static void agent_line(struct decode *d, const char *line)
{
	char net[64], link[8];

	agent_counts(d, line);
	if (sscanf(line, "agent number %*u net %63s link %7s", net, link) != 2)
		return;
	d->has_nic = true;
	if (!strcmp(link, "down") && !*d->nic_down)
		memcpy(d->nic_down, net, sizeof(net));
}

static enum section section_of(const struct decode *d, const char *name)
{
	static const char *const live[] = { "registers", "rings",  "contexts",
					    "queues",	 "faults", "maps" };

	if (!strcmp(name, "coredump"))
		return SECTION_COREDUMP;
	if (!strcmp(name, "device"))
		return SECTION_DEVICE;
	if (!strcmp(name, "agents"))
		return SECTION_AGENTS;
	if (!strcmp(name, "about"))
		return SECTION_ABOUT;
	for (size_t i = 0; i < sizeof(live) / sizeof(live[0]); i++)
		/* The coredump is of when it happened: it says more. */
		if (!strcmp(name, live[i]))
			return d->format ? SECTION_OTHER : SECTION_LIVE;
	return SECTION_OTHER;
}

/* "section NAME [WHERE]", "missing NAME WHY" */
static int bundle_head(struct reader *r, const char *line)
{
	char name[32];

	if (sscanf(line, "section %31s", name) == 1) {
		r->section = section_of(r->d, name);
		r->d->in_context = false;
		r->d->in_queue = false;
		return 0;
	}
	r->section = SECTION_OTHER;
	if (sscanf(line, "missing %31s", name) != 1)
		return damaged(r, "neither a section nor a line of one");
	if (!strcmp(name, "device")) {
		const char *why = strstr(line, "device") + strlen("device");

		snprintf(r->d->now_missing, sizeof(r->d->now_missing), "%.127s",
			 why + (*why == ' '));
	}
	return 0;
}

static int bundle_line(struct reader *r, const char *line)
{
	if (*line != ' ')
		return bundle_head(r, line);
	switch (r->section) {
	case SECTION_COREDUMP:
	case SECTION_LIVE:
		return driver_line(r, line + 1);
	case SECTION_DEVICE:
		device_line(r->d, line + 1);
		return 0;
	case SECTION_AGENTS:
		agent_line(r->d, line + 1);
		return 0;
	case SECTION_ABOUT:
		about_line(r->d, line + 1);
		return 0;
	default:
		return 0;
	}
}

static int first_line(const struct reader *r, const char *line)
{
	if (!strncmp(line, BUNDLE_FIRST, strlen(BUNDLE_FIRST)))
		return check_format(r, line + strlen(BUNDLE_FIRST), DECODE_BUNDLE_FORMAT,
				    &r->d->bundle);
	if (strncmp(line, DUMP_FIRST, strlen(DUMP_FIRST)) != 0)
		return no_dump(r);
	return driver_line(r, line);
}

static int take_line(struct reader *r, const char *at, size_t len)
{
	char line[LINE_MAX_BYTES + 1];

	r->d->lines++;
	if (len > LINE_MAX_BYTES)
		return r->d->lines == 1 ? no_dump(r) : damaged(r, "too long a line");
	for (size_t i = 0; i < len; i++)
		if ((at[i] < ' ' && at[i] != '\t') || at[i] > '~')
			return r->d->lines == 1 ? no_dump(r) : damaged(r, "bytes that are no text");
	memcpy(line, at, len);
	line[len] = '\0';
	for (char *tab = line; (tab = strchr(tab, '\t'));)
		*tab = ' ';
	if (r->d->lines == 1)
		return first_line(r, line);
	return r->d->bundle ? bundle_line(r, line) : driver_line(r, line);
}

/* Which admin commands were answered: an answer has the tag of its command. */
static void match_answers(struct decode *d)
{
	for (size_t i = 0; i < d->events.n; i++) {
		const struct decode_event *event = &d->events.of[i];

		if (event->type != 1) /* TDM_EV_ADMIN */
			continue;
		for (size_t k = 0; k < d->admins.n; k++)
			if (d->admins.of[k].tag == event->id) {
				d->admins.of[k].answered = true;
				d->admins.of[k].answer = (int64_t)event->value;
			}
	}
}

/*
 * The driver cuts a dump that is too long for its room, anywhere: a last line without
 * its end may mean nothing, and the rest still does.
 */
static int take_last(struct reader *r, const char *at, size_t len)
{
	if (!r->d->lines)
		return take_line(r, at, len);
	r->d->cut = true;
	/* What is wrong with it is not told. */
	r->err = NULL;
	take_line(r, at, len);
	return 0;
}

int decode_read(struct decode *d, const char *text, size_t len, const char *name,
		struct tdm_error *err)
{
	struct reader r = { .d = d, .name = name, .err = err };
	const char *end = text + len;
	int rc = 0;

	memset(d, 0, sizeof(*d));
	if (!len)
		return tdm_error_set(err, -EBADMSG, "%s: it is empty; take the dump again", name);
	if (len > DECODE_MAX_BYTES)
		return tdm_error_set(err, -EBADMSG,
				     "%s: it is longer than %u bytes, so it is no dump; give one",
				     name, DECODE_MAX_BYTES);
	while (!rc && text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));

		if (!stop) {
			rc = take_last(&r, text, (size_t)(end - text));
			break;
		}
		rc = take_line(&r, text, (size_t)(stop - text));
		text = stop + 1;
	}
	if (!rc)
		match_answers(d);
	return rc;
}

void decode_free(struct decode *d)
{
	free(d->contexts.of);
	free(d->queues.of);
	free(d->faults.of);
	free(d->maps.of);
	free(d->admins.of);
	free(d->events.of);
}

const struct decode_context *decode_context_of(const struct decode *d, uint32_t id)
{
	for (size_t i = 0; i < d->contexts.n; i++)
		if (d->contexts.of[i].id == id)
			return &d->contexts.of[i];
	return NULL;
}
