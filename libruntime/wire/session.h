/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What is said on a connection, apart from how the bytes travel: bytes in, bytes and
 * messages out.
 */
#ifndef WIRE_SESSION_H
#define WIRE_SESSION_H

#include "wire/frame.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that wait, from @head to @tail; grows up to a bound. */
struct wire_buffer {
	uint8_t *bytes;
	uint32_t head, tail, room;
};

/* Would @len more bytes keep within @most? */
static inline bool wire_buffer_fits(const struct wire_buffer *b, uint32_t len, uint32_t most)
{
	return len <= most && b->tail - b->head <= most - len;
}

/* Return: where @len more bytes go, which fit, or NULL: out of memory */
uint8_t *wire_buffer_room(struct wire_buffer *b, uint32_t len);
void wire_buffer_free(struct wire_buffer *b);

static inline uint32_t wire_buffer_len(const struct wire_buffer *b)
{
	return b->tail - b->head;
}

/* Queued to be sent, at most. */
#define WIRE_OUT_MAX (4U << 20)
/* Before the other side has proved the key it has no more memory here than this. */
#define WIRE_IN_MIN 256U
/* What this side has to say until then; it does not depend on memory that is short. */
#define WIRE_OUT_MIN 1024U
/* And afterwards this much from the start. */
#define WIRE_BUFFER_BYTES 65536U

struct wire_session {
	const struct wire_key *key;
	enum wire_role role;
	uint16_t service;
	uint32_t lease_ms; /* of this side */
	uint32_t peer_lease_ms;
	bool heard_hello;
	bool open;
	bool ended;		/* @error says why */
	bool told;		/* by the other side */
	bool orderly;		/* the other side ended it without a reason */
	struct tdm_error error; /* without the peer's name in front */
	uint8_t hellos[2][WIRE_HELLO_BYTES];
	struct wire_stream out_stream, in_stream;
	struct wire_buffer out;	  /* to be sent */
	struct wire_buffer in;	  /* received, not looked at */
	struct wire_buffer inbox; /* messages: struct wire_header, payload */
	bool heard;		  /* something that counts since it was last cleared */
};

/* Say hello. Return: 0 or -errno */
int wire_session_start(struct wire_session *s);
void wire_session_free(struct wire_session *s);

/* Look at what was received. It may say something, and may end. */
void wire_session_take(struct wire_session *s);

/* Return: 0, -ENOBUFS, -ENOMEM */
int wire_session_say(struct wire_session *s, uint16_t type, const void *payload, uint32_t len);

/* The next message; it is valid until the next call. Return: false: none */
bool wire_session_next(struct wire_session *s, struct wire_message *message);

#ifdef __cplusplus
}
#endif

#endif /* WIRE_SESSION_H */
