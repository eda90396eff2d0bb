/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The agents' messages, in the order of agent.h. Numbers are little endian, without
 * gaps; a message has exactly the length that its fields say.
 *
 *	HELLO	version u32, units u32, unit_bytes u64, room u64 (bytes of a landing
 *		page, 0: none), address (gid 16 bytes, qpn u32, psn u32, qkey u32,
 *		lid u16, mtu u8, kind u8), layout: the rest, UTF-8
 *	READY	(nothing): HELLO was good, and the sender of this may be written to
 *	OPEN	number u64, pages u32, id u64, meta: the rest
 *	GRANT	number u64, tickets: addr u64, rkey u32, pool u32, page u32, epoch u32
 *	DONE	number u64, pages: pool u32, page u32, epoch u32, index u32, crc u32
 *	TAKEN	number u64, pages: index u32, again u32 (1: it arrived corrupt)
 *	FINISH	number u64, meta: the rest
 *	FINISHED number u64
 *	ABORT	number u64, code u32 (an errno of Linux), reason: the rest. From the receiver
 *	ENDED	the same. From the sender: every write of it ended well
 *
 * A request's number is greater than that of any before it on the connection: what
 * is still on the way to one that is over, tickets above all, never reaches another,
 * even if the caller gives that the same id.
 *
 * HELLO and READY are a connection's first two of each side; both sides send them.
 */
#ifndef AGENT_MSG_H
#define AGENT_MSG_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <tandem/kv.h>
#include <tandem/net.h>

#define AGENT_VERSION 2
#define LAYOUT_MAX 512
#define REASON_MAX 400
/* Entries of GRANT, DONE and TAKEN, at most: a message fits on a stack. */
#define BATCH_MAX 128

enum msg_type {
	MSG_HELLO = 1,
	MSG_READY = 2,
	MSG_OPEN = 3,
	MSG_GRANT = 4,
	MSG_DONE = 5,
	MSG_TAKEN = 6,
	MSG_FINISH = 7,
	MSG_FINISHED = 8,
	MSG_ABORT = 9,
	MSG_ENDED = 10,
};

/* A message that is being read. Reading past its end gives zeroes, and @bad. */
struct msg_in {
	const uint8_t *at;
	uint32_t left;
	bool bad;
};

struct msg_out {
	uint8_t *at;
	uint32_t len;
};

struct msg_hello {
	uint32_t version;
	uint32_t units;
	uint64_t unit_bytes;
	uint64_t room;
	struct tdm_net_addr addr;
	char layout[LAYOUT_MAX + 1];
};

/* A page as DONE names it. */
struct msg_done {
	struct tdm_kv_ref ref;
	uint32_t pool;
	uint32_t index;
	uint32_t crc;
};

#define MSG_HELLO_MAX (60 + LAYOUT_MAX)
#define MSG_GRANT_BYTES 24
#define MSG_DONE_BYTES 20
#define MSG_TAKEN_BYTES 8
#define MSG_BATCH_BYTES (8 + BATCH_MAX * MSG_GRANT_BYTES)

static inline void msg_put(struct msg_out *m, const void *bytes, uint32_t len)
{
	memcpy(m->at + m->len, bytes, len);
	m->len += len;
}

static inline void msg_put32(struct msg_out *m, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		m->at[m->len++] = (uint8_t)(v >> 8 * i);
}

static inline void msg_put64(struct msg_out *m, uint64_t v)
{
	msg_put32(m, (uint32_t)v);
	msg_put32(m, (uint32_t)(v >> 32));
}

static inline const uint8_t *msg_get(struct msg_in *m, uint32_t len)
{
	const uint8_t *at = m->at;

	if (len > m->left) {
		m->bad = true;
		m->left = 0;
		return NULL;
	}
	m->at += len;
	m->left -= len;
	return at;
}

static inline uint32_t msg_get32(struct msg_in *m)
{
	const uint8_t *b = msg_get(m, 4);

	return b ? (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
			       (uint32_t)b[3] << 24
		 : 0;
}

static inline uint64_t msg_get64(struct msg_in *m)
{
	uint64_t low = msg_get32(m);

	return low | (uint64_t)msg_get32(m) << 32;
}

/* How many entries of @bytes are left; @bad when they do not come out even, or none. */
uint32_t msg_entries(struct msg_in *m, uint32_t bytes);

uint32_t msg_write_hello(const struct msg_hello *hello, uint8_t *bytes);
bool msg_read_hello(struct msg_in *m, struct msg_hello *hello);

void msg_put_ticket(struct msg_out *m, const struct tdm_kv_ticket *ticket);
struct tdm_kv_ticket msg_get_ticket(struct msg_in *m);

void msg_put_done(struct msg_out *m, const struct tdm_kv_done *done);
struct msg_done msg_get_done(struct msg_in *m);

/* Behind the number of ABORT and ENDED: @bytes has room for REASON_MAX + 4. Return: how many */
uint32_t msg_write_reason(const struct tdm_error *why, uint8_t *bytes);

/* As it was written, what may not be shown replaced. */
struct tdm_error msg_get_reason(struct msg_in *m);

#endif /* AGENT_MSG_H */
