// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "remote/job.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOB_HEAD_BYTES 44
#define SMALL_BYTES (64 + REASON_MAX + 4 * JOB_TEXT_MAX)

static void put_text(struct msg_out *m, const char *text)
{
	msg_put(m, text, (uint32_t)strlen(text) + 1);
}

/* Ended by a 0, or by the message's end. */
static bool get_text(struct msg_in *m, char *text)
{
	const uint8_t *end = memchr(m->at, '\0', m->left);
	uint32_t len = end ? (uint32_t)(end - m->at) : m->left;

	if (m->bad || len >= JOB_TEXT_MAX)
		return false;
	for (uint32_t i = 0; i < len; i++)
		text[i] = (char)(m->at[i] >= ' ' && m->at[i] < 0x7f ? m->at[i] : '?');
	text[len] = '\0';
	(void)msg_get(m, end ? len + 1 : len);
	return true;
}

static uint32_t bits(float value)
{
	uint32_t v;

	memcpy(&v, &value, sizeof(v));
	return v;
}

static float of_bits(uint32_t v)
{
	float value;

	memcpy(&value, &v, sizeof(value));
	return value;
}

int job_send_hello(struct wire_conn *conn, const struct job_hello *hello)
{
	uint8_t bytes[SMALL_BYTES];
	struct msg_out m = { .at = bytes };

	msg_put32(&m, hello->version);
	msg_put32(&m, hello->role);
	msg_put32(&m, hello->vocab);
	msg_put32(&m, hello->ctx_len);
	msg_put64(&m, hello->model);
	put_text(&m, hello->device);
	put_text(&m, hello->net);
	put_text(&m, hello->pages);
	return wire_send(conn, JOB_HELLO, bytes, m.len);
}

bool job_read_hello(const struct wire_message *msg, struct job_hello *hello)
{
	struct msg_in m = { .at = msg->payload, .left = msg->len };

	hello->version = msg_get32(&m);
	hello->role = msg_get32(&m);
	hello->vocab = msg_get32(&m);
	hello->ctx_len = msg_get32(&m);
	hello->model = msg_get64(&m);
	return get_text(&m, hello->device) && get_text(&m, hello->net) &&
	       get_text(&m, hello->pages) && !m.left;
}

int job_send_job(struct wire_conn *conn, const struct job *job)
{
	uint8_t *bytes = malloc(JOB_HEAD_BYTES + 4ULL * job->n_tokens + JOB_TEXT_MAX);
	struct msg_out m = { .at = bytes };
	int rc;

	if (!bytes)
		return -ENOMEM;
	msg_put64(&m, job->id);
	msg_put64(&m, job->seed);
	msg_put32(&m, job->flags);
	msg_put32(&m, job->max_new);
	msg_put32(&m, job->top_k);
	msg_put32(&m, bits(job->temperature));
	msg_put32(&m, bits(job->top_p));
	msg_put32(&m, job->n_prompt);
	msg_put32(&m, job->n_tokens);
	for (uint32_t i = 0; i < job->n_tokens; i++)
		msg_put32(&m, job->tokens[i]);
	msg_put(&m, job->pages, (uint32_t)strlen(job->pages));
	rc = wire_send(conn, JOB_JOB, bytes, m.len);
	free(bytes);
	return rc;
}

int job_read_job(const struct wire_message *msg, struct job *job)
{
	struct msg_in m = { .at = msg->payload, .left = msg->len };

	*job = (struct job){ .id = msg_get64(&m) };
	job->seed = msg_get64(&m);
	job->flags = msg_get32(&m);
	job->max_new = msg_get32(&m);
	job->top_k = msg_get32(&m);
	job->temperature = of_bits(msg_get32(&m));
	job->top_p = of_bits(msg_get32(&m));
	job->n_prompt = msg_get32(&m);
	job->n_tokens = msg_get32(&m);
	if (m.bad || job->n_tokens > m.left / 4 || !job->n_prompt || !job->max_new ||
	    (job->n_tokens && job->n_tokens != job->n_prompt) || job->flags & ~JOB_FUSED)
		return -EPROTO;
	if (job->n_tokens) {
		job->tokens = malloc(4ULL * job->n_tokens);
		if (!job->tokens)
			return -ENOMEM;
	}
	for (uint32_t i = 0; i < job->n_tokens; i++)
		job->tokens[i] = msg_get32(&m);
	if (get_text(&m, job->pages) && !m.left)
		return 0;
	free(job->tokens);
	job->tokens = NULL;
	return -EPROTO;
}

int job_send_id(struct wire_conn *conn, enum job_type type, uint64_t id)
{
	uint8_t bytes[8];
	struct msg_out m = { .at = bytes };

	msg_put64(&m, id);
	return wire_send(conn, (uint16_t)type, bytes, m.len);
}

int job_send_token(struct wire_conn *conn, uint64_t id, uint32_t index, uint32_t token)
{
	uint8_t bytes[16];
	struct msg_out m = { .at = bytes };

	msg_put64(&m, id);
	msg_put32(&m, index);
	msg_put32(&m, token);
	return wire_send(conn, JOB_TOKEN, bytes, m.len);
}

int job_send_done(struct wire_conn *conn, const struct job_done *done)
{
	uint8_t bytes[56];
	struct msg_out m = { .at = bytes };

	msg_put64(&m, done->id);
	msg_put64(&m, done->pages);
	msg_put64(&m, done->bytes);
	msg_put64(&m, done->transfer_ns);
	msg_put64(&m, done->hidden_ns);
	msg_put64(&m, done->prefill_ns);
	msg_put64(&m, done->decode_ns);
	return wire_send(conn, JOB_DONE, bytes, m.len);
}

bool job_read_done(const struct wire_message *msg, struct job_done *done)
{
	struct msg_in m = { .at = msg->payload, .left = msg->len };

	done->id = msg_get64(&m);
	done->pages = msg_get64(&m);
	done->bytes = msg_get64(&m);
	done->transfer_ns = msg_get64(&m);
	done->hidden_ns = msg_get64(&m);
	done->prefill_ns = msg_get64(&m);
	done->decode_ns = msg_get64(&m);
	return !m.bad && !m.left;
}

int job_send_failed(struct wire_conn *conn, uint64_t id, const struct tdm_error *why)
{
	uint8_t bytes[12 + REASON_MAX];
	struct msg_out m = { .at = bytes };

	msg_put64(&m, id);
	m.len += msg_write_reason(why, bytes + m.len);
	return wire_send(conn, JOB_FAILED, bytes, m.len);
}
