/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The messages between clients and workers. Numbers are little endian, floats by
 * their bits; a message has exactly the length that its fields say.
 *
 *	worker		HELLO	version u32, role u32, vocab u32, ctx_len u32, model u64,
 *				then three texts, each ended by a 0: device, NIC, address
 *				for pages ("" for none)
 *	client		JOB	id u64, seed u64, flags u32, max_new u32, top_k u32,
 *				temperature f32, top_p f32, n_prompt u32, n_tokens u32,
 *				tokens u32 each, address of the decode worker's pages:
 *				the rest
 *	decode		READY	id u64: its pages are reserved; prefill may begin
 *	worker		TOKEN	id u64, index u32, token u32
 *	worker		DONE	id u64, pages u64, bytes u64, transfer_ns u64, hidden_ns
 *				u64, prefill_ns u64, decode_ns u64
 *	worker		FAILED	id u64, code u32 (an errno of Linux), reason: the rest
 *	client		CANCEL	id u64
 */
#ifndef REMOTE_JOB_H
#define REMOTE_JOB_H

#include <tandem/remote.h>

#include "agent/msg.h"
#include "wire/conn.h"

#define JOB_VERSION 1
#define JOB_TEXT_MAX 96
#define JOB_FUSED 1U
/* Tokens of a prompt: the message must hold them. */
#define JOB_TOKENS_MAX (1U << 17)

enum job_type {
	JOB_HELLO = 1,
	JOB_JOB = 2,
	JOB_READY = 3,
	JOB_TOKEN = 4,
	JOB_DONE = 5,
	JOB_FAILED = 6,
	JOB_CANCEL = 7,
};

struct job_hello {
	uint32_t version;
	uint32_t role;
	uint32_t vocab;
	uint32_t ctx_len;
	uint64_t model;
	char device[JOB_TEXT_MAX];
	char net[JOB_TEXT_MAX];
	char pages[JOB_TEXT_MAX];
};

struct job {
	uint64_t id;
	uint64_t seed;
	uint32_t flags;
	uint32_t max_new;
	uint32_t top_k;
	float temperature;
	float top_p;
	uint32_t n_prompt;
	uint32_t n_tokens; /* of them in the message: all, or none */
	uint32_t *tokens;  /* malloc()ed, or NULL */
	char pages[JOB_TEXT_MAX];
};

struct job_done {
	uint64_t id;
	uint64_t pages;
	uint64_t bytes;
	uint64_t transfer_ns;
	uint64_t hidden_ns;
	uint64_t prefill_ns;
	uint64_t decode_ns;
};

/* All of them: 0 or what wire_send() says, -ENOMEM */
int job_send_hello(struct wire_conn *conn, const struct job_hello *hello);
int job_send_job(struct wire_conn *conn, const struct job *job);
int job_send_id(struct wire_conn *conn, enum job_type type, uint64_t id);
int job_send_token(struct wire_conn *conn, uint64_t id, uint32_t index, uint32_t token);
int job_send_done(struct wire_conn *conn, const struct job_done *done);
int job_send_failed(struct wire_conn *conn, uint64_t id, const struct tdm_error *why);

/* Return: false for a malformed one. The strings are shown: they hold nothing but ASCII. */
bool job_read_hello(const struct wire_message *msg, struct job_hello *hello);
/* Return: 0, -EPROTO or -ENOMEM */
int job_read_job(const struct wire_message *msg, struct job *job);
bool job_read_done(const struct wire_message *msg, struct job_done *done);

/* The same for the same file: of its tensors' names, shapes and first bytes. */
uint64_t job_model(const struct tdm_model *model);

#endif /* REMOTE_JOB_H */
