// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "wire/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Messages that wait to be read here: then nothing more is received. */
#define INBOX_MAX (4U << 20)

uint8_t *wire_buffer_room(struct wire_buffer *b, uint32_t len)
{
	uint32_t used = wire_buffer_len(b), room = b->room ? b->room : WIRE_IN_MIN;
	uint8_t *bytes;

	if (b->head && b->room - b->tail < len) {
		memmove(b->bytes, b->bytes + b->head, used);
		b->tail = used;
		b->head = 0;
	}
	if (b->room - b->tail >= len)
		return b->bytes + b->tail;
	while (room < used + len)
		room *= 2;
	bytes = realloc(b->bytes, room);
	if (!bytes)
		return NULL;
	b->bytes = bytes;
	b->room = room;
	return b->bytes + b->tail;
}

void wire_buffer_free(struct wire_buffer *b)
{
	free(b->bytes);
	*b = (struct wire_buffer){ .head = 0 };
}

void wire_session_free(struct wire_session *s)
{
	wire_buffer_free(&s->out);
	wire_buffer_free(&s->in);
	wire_buffer_free(&s->inbox);
	explicit_bzero(s, sizeof(*s));
}

static void end(struct wire_session *s, int code, const char *text)
{
	if (s->ended)
		return;
	s->ended = true;
	/* errors.sh: the cure is in text */
	tdm_error_set(&s->error, code, "%s", text);
}

int wire_session_say(struct wire_session *s, uint16_t type, const void *payload, uint32_t len)
{
	uint32_t tag = s->open ? WIRE_TAG_BYTES : 0;
	struct wire_header header = { .len = len, .type = type, .seq = s->out_stream.seq };
	uint32_t whole = WIRE_HEADER_BYTES + len + tag;
	uint8_t *at;

	if (!wire_buffer_fits(&s->out, whole, WIRE_OUT_MAX))
		return -ENOBUFS;
	at = wire_buffer_room(&s->out, whole);
	if (!at)
		return -ENOMEM;
	wire_header_write(&header, at);
	if (len)
		memcpy(at + WIRE_HEADER_BYTES, payload, len);
	if (tag)
		wire_tag(&s->out_stream, at, WIRE_HEADER_BYTES + len, at + WIRE_HEADER_BYTES + len);
	s->out.tail += whole;
	s->out_stream.seq++;
	return 0;
}

int wire_session_start(struct wire_session *s)
{
	struct wire_hello hello = {
		.magic = WIRE_MAGIC,
		.version = WIRE_VERSION,
		.service = s->service,
		.lease_ms = s->lease_ms,
		.role = s->role,
	};

	if (!wire_buffer_room(&s->out, WIRE_OUT_MIN) || !wire_buffer_room(&s->in, WIRE_IN_MIN))
		return -ENOMEM;
	if (getrandom(hello.nonce, sizeof(hello.nonce), 0) != (ssize_t)sizeof(hello.nonce))
		return -EIO;
	wire_hello_write(&hello, s->hellos[s->role]);
	return wire_session_say(s, WIRE_HELLO, s->hellos[s->role], WIRE_HELLO_BYTES);
}

static void refuse(struct wire_session *s, enum wire_refusal code, const char *text)
{
	uint8_t bytes[WIRE_REFUSE_BYTES];

	wire_put32(bytes, code);
	wire_put32(bytes + 4, WIRE_VERSION);
	(void)wire_session_say(s, WIRE_REFUSE, bytes, sizeof(bytes));
	end(s, code == WIRE_REFUSE_KEY ? -EACCES : -EPROTO, text);
}

static void malformed(struct wire_session *s)
{
	if (!s->open)
		refuse(s, WIRE_REFUSE_MALFORMED, "what it says is malformed; look what runs there");
	else
		end(s, -EPROTO, "what arrived is not what it sent; look who is in between");
}

static void take_hello(struct wire_session *s, const uint8_t *bytes, uint32_t len)
{
	struct wire_hello hello;
	uint8_t proof[WIRE_PROOF_BYTES];
	char text[160];

	if (len != WIRE_HELLO_BYTES || s->heard_hello) {
		malformed(s);
		return;
	}
	hello = wire_hello_read(bytes);
	if (hello.magic != WIRE_MAGIC || hello.role != !s->role) {
		malformed(s);
	} else if (hello.version != WIRE_VERSION) {
		snprintf(text, sizeof(text),
			 "it speaks version %u of the control protocol, this side version %u; "
			 "update the older one",
			 hello.version, WIRE_VERSION);
		refuse(s, WIRE_REFUSE_VERSION, text);
	} else if (hello.service != s->service) {
		refuse(s, WIRE_REFUSE_SERVICE,
		       "it is there for something else; give the other one of its two addresses");
	} else {
		s->heard_hello = true;
		s->peer_lease_ms = hello.lease_ms;
		memcpy(s->hellos[!s->role], bytes, WIRE_HELLO_BYTES);
		wire_proof(s->key, s->role, (const uint8_t(*)[WIRE_HELLO_BYTES])s->hellos, proof);
		(void)wire_session_say(s, WIRE_PROOF, proof, sizeof(proof));
	}
}

static void take_proof(struct wire_session *s, const uint8_t *bytes, uint32_t len)
{
	const uint8_t(*hellos)[WIRE_HELLO_BYTES] = (const uint8_t(*)[WIRE_HELLO_BYTES])s->hellos;
	enum wire_role other =
		s->role == WIRE_ROLE_CONNECTS ? WIRE_ROLE_LISTENS : WIRE_ROLE_CONNECTS;
	uint8_t proof[WIRE_PROOF_BYTES];

	if (len != WIRE_PROOF_BYTES || !s->heard_hello) {
		malformed(s);
		return;
	}
	wire_proof(s->key, other, hellos, proof);
	if (!wire_equal(proof, bytes, WIRE_PROOF_BYTES)) {
		refuse(s, WIRE_REFUSE_KEY,
		       "its shared key is another one; give both sides the same key file");
		return;
	}
	wire_stream_key(s->key, s->role, hellos, s->out_stream.key);
	wire_stream_key(s->key, other, hellos, s->in_stream.key);
	s->open = true;
	if (!wire_buffer_room(&s->in, WIRE_BUFFER_BYTES) ||
	    !wire_buffer_room(&s->out, WIRE_BUFFER_BYTES) ||
	    !wire_buffer_room(&s->inbox, WIRE_BUFFER_BYTES))
		end(s, -ENOMEM, "this side is out of memory; free some");
}

static void take_refusal(struct wire_session *s, const uint8_t *bytes, uint32_t len)
{
	char text[160];

	if (len != WIRE_REFUSE_BYTES) {
		malformed(s);
		return;
	}
	s->told = true;
	switch (wire_get32(bytes)) {
	case WIRE_REFUSE_KEY:
		end(s, -EACCES, "its shared key is another one; give both sides the same key file");
		break;
	case WIRE_REFUSE_VERSION:
		snprintf(text, sizeof(text),
			 "it speaks version %u of the control protocol, this side version %u; "
			 "update the older one",
			 wire_get32(bytes + 4), WIRE_VERSION);
		end(s, -EPROTO, text);
		break;
	case WIRE_REFUSE_SERVICE:
		end(s, -EPROTO,
		    "it is there for something else; give the other one of its two addresses");
		break;
	default:
		end(s, -EPROTO, "it refuses what this side says; look what runs there");
	}
}

/* What a person may read: no control characters, and nothing but ASCII. */
static void take_end(struct wire_session *s, const uint8_t *bytes, uint32_t len)
{
	char text[WIRE_REASON_MAX + 1];
	uint32_t n, code = len < 4 ? 0 : wire_get32(bytes);

	if (len < 4 || code >= WIRE_CODES) {
		malformed(s);
		return;
	}
	bytes += 4;
	n = len - 4 < WIRE_REASON_MAX ? len - 4 : WIRE_REASON_MAX;

	for (uint32_t i = 0; i < n; i++)
		text[i] = (char)(bytes[i] >= ' ' && bytes[i] < 0x7f ? bytes[i] : '?');
	text[n] = '\0';
	s->orderly = !n;
	s->told = true;
	end(s, code ? -(int)code : -ECONNRESET,
	    n ? text : "it has ended the connection; connect again");
}

static void take_message(struct wire_session *s, const struct wire_header *h,
			 const uint8_t *payload)
{
	uint32_t bytes = (uint32_t)sizeof(*h) + h->len;
	uint8_t *at = wire_buffer_room(&s->inbox, bytes);

	if (!at) {
		end(s, -ENOMEM, "this side is out of memory; free some");
		return;
	}
	memcpy(at, h, sizeof(*h));
	if (h->len)
		memcpy(at + sizeof(*h), payload, h->len);
	s->inbox.tail += bytes;
}

static void take_frame(struct wire_session *s, const struct wire_header *h, const uint8_t *payload)
{
	switch (h->type) {
	case WIRE_HELLO:
		take_hello(s, payload, h->len);
		break;
	case WIRE_PROOF:
		take_proof(s, payload, h->len);
		break;
	case WIRE_REFUSE:
		take_refusal(s, payload, h->len);
		break;
	case WIRE_PING:
		break;
	case WIRE_END:
		take_end(s, payload, h->len);
		break;
	default:
		take_message(s, h, payload);
	}
}

/* May a frame of this header be? Its bytes are not trusted: they may be anybody's. */
static bool may_be(const struct wire_session *s, const struct wire_header *h)
{
	bool greeting = h->type == WIRE_HELLO || h->type == WIRE_PROOF || h->type == WIRE_REFUSE;

	if (h->flags || h->seq != s->in_stream.seq || !h->type)
		return false;
	if (!s->open)
		return greeting && h->len <= WIRE_HELLO_BYTES;
	if (h->type > WIRE_TYPE_MAX && h->type != WIRE_PING && h->type != WIRE_END)
		return false;
	return h->len <= WIRE_MESSAGE_MAX;
}

/* Return: false when there is no whole frame */
static bool take_one(struct wire_session *s)
{
	const uint8_t *at = s->in.bytes + s->in.head;
	uint32_t have = wire_buffer_len(&s->in), whole;
	struct wire_header h;

	if (have < WIRE_HEADER_BYTES)
		return false;
	h = wire_header_read(at);
	if (!may_be(s, &h)) {
		/* Its proof did not reach it yet, or it refuses ours: plain words, then. */
		malformed(s);
		return false;
	}
	whole = WIRE_HEADER_BYTES + h.len;
	if (have < whole + (s->open ? WIRE_TAG_BYTES : 0))
		return false;
	if (s->open) {
		uint8_t tag[WIRE_TAG_BYTES];

		wire_tag(&s->in_stream, at, whole, tag);
		if (!wire_equal(tag, at + whole, WIRE_TAG_BYTES)) {
			malformed(s);
			return false;
		}
		s->in.head += WIRE_TAG_BYTES;
	}
	s->in.head += whole;
	s->in_stream.seq++;
	s->heard = true;
	take_frame(s, &h, at + WIRE_HEADER_BYTES);
	return true;
}

void wire_session_take(struct wire_session *s)
{
	while (!s->ended && wire_buffer_len(&s->inbox) <= INBOX_MAX && take_one(s))
		;
}

bool wire_session_next(struct wire_session *s, struct wire_message *message)
{
	struct wire_header h;

	if (!wire_buffer_len(&s->inbox))
		return false;
	memcpy(&h, s->inbox.bytes + s->inbox.head, sizeof(h));
	*message = (struct wire_message){
		.type = h.type,
		.len = h.len,
		.payload = s->inbox.bytes + s->inbox.head + sizeof(h),
	};
	s->inbox.head += (uint32_t)sizeof(h) + h.len;
	return true;
}
