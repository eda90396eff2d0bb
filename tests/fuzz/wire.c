// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The input is what a peer says on a control connection. An even first byte: a
 * stranger's bytes, as they come. An odd one: a peer that has the key; what follows
 * are its messages, [type u8][len u8][bytes], in frames with good tags, and what is
 * left behind them as bytes without.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "remote/job.h"
#include "wire/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static struct wire_session begin(const struct wire_key *key, enum wire_role role)
{
	struct wire_session s = {
		.key = key,
		.role = role,
		.service = WIRE_SERVICE_JOBS,
		.lease_ms = 5000,
	};

	must(!wire_session_start(&s));
	return s;
}

/* As a socket does. Return: false when there is no room for it */
static bool hand_over(struct wire_session *to, const uint8_t *bytes, uint32_t len)
{
	uint32_t most = to->open ? WIRE_FRAME_MAX + 65536 : WIRE_IN_MIN;
	uint8_t *at;

	if (!wire_buffer_fits(&to->in, len, most))
		return false;
	at = wire_buffer_room(&to->in, len);
	must(at);
	if (len)
		memcpy(at, bytes, len);
	to->in.tail += len;
	wire_session_take(to);
	/* A stranger gets no more memory than that. */
	must(to->open || to->in.room <= 2 * WIRE_IN_MIN);
	return true;
}

static void carry(struct wire_session *from, struct wire_session *to)
{
	must(hand_over(to, from->out.bytes + from->out.head, wire_buffer_len(&from->out)));
	from->out.head = from->out.tail;
}

/* Whoever the message is for, whatever it says. */
static void read_all_ways(const struct wire_message *msg)
{
	struct msg_in m = { .at = msg->payload, .left = msg->len };
	struct msg_hello greeting;
	struct job_hello hello;
	struct job_done done;
	struct job job;

	(void)job_read_hello(msg, &hello);
	(void)job_read_done(msg, &done);
	if (!job_read_job(msg, &job)) {
		must(!job.n_tokens || job.tokens[job.n_tokens - 1] <= UINT32_MAX);
		free(job.tokens);
	}
	if (msg_read_hello(&m, &greeting))
		must(strlen(greeting.layout) <= LAYOUT_MAX);
	m = (struct msg_in){ .at = msg->payload, .left = msg->len };
	must(strlen(msg_get_reason(&m).msg) <= REASON_MAX);
	m = (struct msg_in){ .at = msg->payload, .left = msg->len };
	for (uint32_t n = msg_entries(&m, MSG_DONE_BYTES); n; n--)
		(void)msg_get_done(&m);
	must(!m.left || m.bad);
}

static void speak(struct wire_session *peer, struct wire_session *here, const uint8_t *data,
		  size_t size)
{
	struct wire_message msg;

	while (size >= 2 && size - 2 >= data[1] && !here->ended) {
		must(!wire_session_say(peer, data[0], data + 2, data[1]));
		carry(peer, here);
		/* No service has a message of kind 0. */
		must(data[0] || here->ended);
		size -= 2U + data[1];
		data += 2 + data[1];
		while (wire_session_next(here, &msg))
			read_all_ways(&msg);
	}
	if (!here->ended && size)
		(void)hand_over(here, data, (uint32_t)size);
	/* Without a tag nothing is a message. */
	must(!wire_session_next(here, &msg));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct wire_key key = { .bytes = "a key that nobody keeps" };
	struct wire_session here = begin(&key, WIRE_ROLE_LISTENS);
	struct wire_session peer = begin(&key, WIRE_ROLE_CONNECTS);

	if (size && size < 65536 && data[0] % 2) {
		for (int i = 0; i < 2; i++) {
			carry(&peer, &here);
			carry(&here, &peer);
		}
		must(here.open && peer.open);
		speak(&peer, &here, data + 1, size - 1);
	} else if (size) {
		for (size_t at = 1; at < size && !here.ended;) {
			uint32_t n = (uint32_t)(size - at < 64 ? size - at : 64);

			if (!hand_over(&here, data + at, n))
				break;
			at += n;
		}
		must(!here.open);
	}
	wire_session_free(&here);
	wire_session_free(&peer);
	return 0;
}
