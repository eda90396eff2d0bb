// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "wire/frame.h"

#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <string.h>

void wire_put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

uint32_t wire_get32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

void wire_header_write(const struct wire_header *h, uint8_t *bytes)
{
	wire_put32(bytes, h->len);
	wire_put32(bytes + 4, (uint32_t)h->type | (uint32_t)h->flags << 16);
	wire_put32(bytes + 8, (uint32_t)h->seq);
	wire_put32(bytes + 12, (uint32_t)(h->seq >> 32));
}

struct wire_header wire_header_read(const uint8_t *bytes)
{
	return (struct wire_header){
		.len = wire_get32(bytes),
		.type = (uint16_t)wire_get32(bytes + 4),
		.flags = (uint16_t)(wire_get32(bytes + 4) >> 16),
		.seq = wire_get32(bytes + 8) | (uint64_t)wire_get32(bytes + 12) << 32,
	};
}

void wire_hello_write(const struct wire_hello *hello, uint8_t *bytes)
{
	wire_put32(bytes, hello->magic);
	wire_put32(bytes + 4, (uint32_t)hello->version | (uint32_t)hello->service << 16);
	wire_put32(bytes + 8, hello->lease_ms);
	wire_put32(bytes + 12, hello->role);
	memcpy(bytes + 16, hello->nonce, sizeof(hello->nonce));
}

struct wire_hello wire_hello_read(const uint8_t *bytes)
{
	struct wire_hello hello = {
		.magic = wire_get32(bytes),
		.version = (uint16_t)wire_get32(bytes + 4),
		.service = (uint16_t)(wire_get32(bytes + 4) >> 16),
		.lease_ms = wire_get32(bytes + 8),
		.role = wire_get32(bytes + 12),
	};

	memcpy(hello.nonce, bytes + 16, sizeof(hello.nonce));
	return hello;
}

static void derive(const struct wire_key *key, const char *label,
		   const uint8_t hellos[2][WIRE_HELLO_BYTES], uint8_t *out)
{
	struct hmac_sha256_ctx ctx;

	hmac_sha256_set_key(&ctx, sizeof(key->bytes), key->bytes);
	hmac_sha256_update(&ctx, strlen(label), (const uint8_t *)label);
	hmac_sha256_update(&ctx, WIRE_HELLO_BYTES, hellos[0]);
	hmac_sha256_update(&ctx, WIRE_HELLO_BYTES, hellos[1]);
	hmac_sha256_digest(&ctx, WIRE_PROOF_BYTES, out);
}

void wire_proof(const struct wire_key *key, enum wire_role role,
		const uint8_t hellos[2][WIRE_HELLO_BYTES], uint8_t *proof)
{
	derive(key, role == WIRE_ROLE_CONNECTS ? "tandem proof 0" : "tandem proof 1", hellos,
	       proof);
}

void wire_stream_key(const struct wire_key *key, enum wire_role role,
		     const uint8_t hellos[2][WIRE_HELLO_BYTES], uint8_t *stream_key)
{
	derive(key, role == WIRE_ROLE_CONNECTS ? "tandem key 0" : "tandem key 1", hellos,
	       stream_key);
}

void wire_tag(const struct wire_stream *stream, const uint8_t *frame, uint32_t len, uint8_t *tag)
{
	struct hmac_sha256_ctx ctx;

	hmac_sha256_set_key(&ctx, sizeof(stream->key), stream->key);
	hmac_sha256_update(&ctx, len, frame);
	hmac_sha256_digest(&ctx, WIRE_TAG_BYTES, tag);
}

bool wire_equal(const uint8_t *a, const uint8_t *b, uint32_t len)
{
	return memeql_sec(a, b, len);
}
