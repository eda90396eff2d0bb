/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The bytes of a control connection, version 1. Numbers are little endian.
 *
 *	frame	len u32 (of the payload), type u16, flags u16 (0), seq u64, payload,
 *		and after the proofs: the first 16 bytes of HMAC-SHA256 over header and
 *		payload, by the sender's direction key
 *	HELLO	magic u32, version u16, service u16, lease_ms u32, role u32 (0: it
 *		connected, 1: it listens), nonce 32 bytes
 *	PROOF	HMAC-SHA256(key, "tandem proof 0" or "1" for the role | HELLO of the
 *		one that connected | HELLO of the one that listens)
 *	REFUSE	code u32, its version u32
 *	PING	nothing
 *	END	code u32 (an errno of Linux, 0: none), reason: UTF-8
 *
 * Each side says HELLO, then PROOF; direction keys are as PROOF with "tandem key 0"
 * or "1". The nonces are of both sides, so a recorded connection is of no use; the
 * roles differ, so a side's own words are not, either. seq counts each direction's
 * frames from 0.
 */
#ifndef WIRE_FRAME_H
#define WIRE_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/conn.h"
#include "wire/key.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WIRE_MAGIC 0x4d444e54U /* "TNDM" */
#define WIRE_VERSION 1
#define WIRE_HEADER_BYTES 16U
#define WIRE_TAG_BYTES 16U
#define WIRE_HELLO_BYTES 48U
#define WIRE_PROOF_BYTES 32U
#define WIRE_REFUSE_BYTES 8U
#define WIRE_REASON_MAX 400U
#define WIRE_CODES 4096U /* as the kernel has them */
#define WIRE_FRAME_MAX (WIRE_HEADER_BYTES + WIRE_MESSAGE_MAX + WIRE_TAG_BYTES)

/* Types that are not the service's. */
enum wire_type {
	WIRE_HELLO = 0xff01,
	WIRE_PROOF = 0xff02,
	WIRE_REFUSE = 0xff03,
	WIRE_PING = 0xff04,
	WIRE_END = 0xff05,
	WIRE_TYPE_MAX = 0xfeff, /* a service's largest */
};

enum wire_refusal {
	WIRE_REFUSE_KEY = 1,
	WIRE_REFUSE_VERSION = 2,
	WIRE_REFUSE_SERVICE = 3,
	WIRE_REFUSE_MALFORMED = 4,
};

enum wire_role { WIRE_ROLE_CONNECTS = 0, WIRE_ROLE_LISTENS = 1 };

struct wire_header {
	uint32_t len;
	uint16_t type;
	uint16_t flags;
	uint64_t seq;
};

struct wire_hello {
	uint32_t magic;
	uint16_t version;
	uint16_t service;
	uint32_t lease_ms;
	uint32_t role;
	uint8_t nonce[32];
};

/* A direction's key, and the number of its next frame. */
struct wire_stream {
	uint8_t key[32];
	uint64_t seq;
};

void wire_put32(uint8_t *at, uint32_t value);
uint32_t wire_get32(const uint8_t *at);

void wire_header_write(const struct wire_header *header, uint8_t *bytes);
struct wire_header wire_header_read(const uint8_t *bytes);
void wire_hello_write(const struct wire_hello *hello, uint8_t *bytes);
struct wire_hello wire_hello_read(const uint8_t *bytes);

/* @hellos: of the one that connected, then of the one that listens */
void wire_proof(const struct wire_key *key, enum wire_role role,
		const uint8_t hellos[2][WIRE_HELLO_BYTES], uint8_t *proof);
void wire_stream_key(const struct wire_key *key, enum wire_role role,
		     const uint8_t hellos[2][WIRE_HELLO_BYTES], uint8_t *stream_key);

/* @frame: header and payload of @len bytes in all; @tag: WIRE_TAG_BYTES */
void wire_tag(const struct wire_stream *stream, const uint8_t *frame, uint32_t len, uint8_t *tag);

/* In a time that does not tell where they differ. */
bool wire_equal(const uint8_t *a, const uint8_t *b, uint32_t len);

#ifdef __cplusplus
}
#endif

#endif /* WIRE_FRAME_H */
