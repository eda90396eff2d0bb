// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "agent/msg.h"

#include <errno.h>

#include "wire/frame.h"

uint32_t msg_entries(struct msg_in *m, uint32_t bytes)
{
	uint32_t n = m->left / bytes;

	if (m->bad || !n || n > BATCH_MAX || m->left % bytes) {
		m->bad = true;
		return 0;
	}
	return n;
}

static void put_addr(struct msg_out *m, const struct tdm_net_addr *addr)
{
	msg_put(m, addr->gid, sizeof(addr->gid));
	msg_put32(m, addr->qpn);
	msg_put32(m, addr->psn);
	msg_put32(m, addr->qkey);
	msg_put32(m, (uint32_t)addr->lid | (uint32_t)addr->mtu << 16 | (uint32_t)addr->kind << 24);
}

static struct tdm_net_addr get_addr(struct msg_in *m)
{
	struct tdm_net_addr addr = { .qpn = 0 };
	const uint8_t *gid = msg_get(m, sizeof(addr.gid));
	uint32_t rest;

	if (gid)
		memcpy(addr.gid, gid, sizeof(addr.gid));
	addr.qpn = msg_get32(m);
	addr.psn = msg_get32(m);
	addr.qkey = msg_get32(m);
	rest = msg_get32(m);
	addr.lid = (uint16_t)rest;
	addr.mtu = (uint8_t)(rest >> 16);
	addr.kind = (uint8_t)(rest >> 24);
	return addr;
}

uint32_t msg_write_hello(const struct msg_hello *hello, uint8_t *bytes)
{
	struct msg_out m = { .at = bytes };

	msg_put32(&m, hello->version);
	msg_put32(&m, hello->units);
	msg_put64(&m, hello->unit_bytes);
	msg_put64(&m, hello->room);
	put_addr(&m, &hello->addr);
	msg_put(&m, hello->layout, (uint32_t)strlen(hello->layout));
	return m.len;
}

/* One line of what may be shown: no control characters, and nothing but ASCII. */
static void get_text(struct msg_in *m, char *text, uint32_t room)
{
	uint32_t n = m->left < room ? m->left : room;
	const uint8_t *from = msg_get(m, n);

	for (uint32_t i = 0; i < n; i++)
		text[i] = (char)(from[i] >= ' ' && from[i] < 0x7f ? from[i] : '?');
	text[n] = '\0';
	m->left = 0;
}

bool msg_read_hello(struct msg_in *m, struct msg_hello *hello)
{
	hello->version = msg_get32(m);
	hello->units = msg_get32(m);
	hello->unit_bytes = msg_get64(m);
	hello->room = msg_get64(m);
	hello->addr = get_addr(m);
	if (m->bad || m->left > LAYOUT_MAX)
		return false;
	get_text(m, hello->layout, LAYOUT_MAX);
	return true;
}

void msg_put_ticket(struct msg_out *m, const struct tdm_kv_ticket *ticket)
{
	msg_put64(m, ticket->addr);
	msg_put32(m, ticket->rkey);
	msg_put32(m, ticket->pool);
	msg_put32(m, ticket->page);
	msg_put32(m, ticket->epoch);
}

struct tdm_kv_ticket msg_get_ticket(struct msg_in *m)
{
	struct tdm_kv_ticket ticket = { .addr = msg_get64(m) };

	ticket.rkey = msg_get32(m);
	ticket.pool = msg_get32(m);
	ticket.page = msg_get32(m);
	ticket.epoch = msg_get32(m);
	return ticket;
}

void msg_put_done(struct msg_out *m, const struct tdm_kv_done *done)
{
	msg_put32(m, done->ticket.pool);
	msg_put32(m, done->ticket.page);
	msg_put32(m, done->ticket.epoch);
	msg_put32(m, done->page);
	msg_put32(m, done->crc);
}

struct msg_done msg_get_done(struct msg_in *m)
{
	struct msg_done done = { .pool = msg_get32(m) };

	done.ref.page = msg_get32(m);
	done.ref.epoch = msg_get32(m);
	done.index = msg_get32(m);
	done.crc = msg_get32(m);
	return done;
}

uint32_t msg_write_reason(const struct tdm_error *why, uint8_t *bytes)
{
	struct msg_out m = { .at = bytes };
	size_t len = strlen(why->msg);

	msg_put32(&m, (uint32_t)-why->code);
	msg_put(&m, why->msg, (uint32_t)(len < REASON_MAX ? len : REASON_MAX));
	return m.len;
}

struct tdm_error msg_get_reason(struct msg_in *m)
{
	uint32_t code = msg_get32(m);
	struct tdm_error why = { .code = -EPROTO };

	if (code && code < WIRE_CODES)
		why.code = -(int)code;
	else
		m->bad = true;
	get_text(m, why.msg, REASON_MAX);
	return why;
}
