// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Compute: prefill, decode, and KV pages that leave the device and come back. What is
 * right is what the same model gives on a software device in this process.
 */
#include <string.h>

#include "selftest/model.h"

#define PROMPT 21
#define LOGITS_BYTES (MODEL_VOCAB * sizeof(uint32_t))

struct answer {
	uint32_t first;
	uint32_t second;
	uint32_t logits[MODEL_VOCAB]; /* after the second; bits of F32 */
};

static void make_prompt(uint32_t *tokens, uint64_t seed)
{
	for (unsigned int i = 0; i < PROMPT; i++)
		tokens[i] = (uint32_t)(rig_random(&seed) % MODEL_VOCAB);
}

/* Prefill by parts of @chunk tokens, then one decode. */
static struct selftest_outcome compute(struct model *m, uint32_t chunk, struct answer *answer)
{
	uint32_t tokens[PROMPT], *out = model_ptr(m, MODEL_OUT);
	struct tdm_cqe cqe;

	make_prompt(tokens, m->rig->seed);
	for (uint32_t pos = 0; pos < PROMPT; pos += chunk) {
		uint32_t n = PROMPT - pos < chunk ? PROMPT - pos : chunk;

		cqe = model_run(m, TDM_OP_PREFILL, MODEL_KV, pos, tokens + pos, n);
		if (cqe.status != TDM_ST_OK || cqe.result != n)
			return rig_failed("prefill", &cqe);
	}
	answer->first = *out;
	cqe = model_run(m, TDM_OP_DECODE, MODEL_KV, PROMPT, &answer->first, 1);
	if (cqe.status != TDM_ST_OK || cqe.result != 1)
		return rig_failed("decode", &cqe);
	answer->second = *out;
	memcpy(answer->logits, model_ptr(m, MODEL_LOGITS), LOGITS_BYTES);
	return selftest_pass();
}

typedef struct selftest_outcome (*with_model_fn)(struct model *m);

static struct selftest_outcome with_model(struct rig *rig, with_model_fn test)
{
	struct model m;
	struct selftest_outcome outcome = model_open(&m, rig), closed;

	if (outcome.result == SELFTEST_PASS)
		outcome = test(&m);
	closed = model_close(&m);
	return outcome.result == SELFTEST_PASS ? closed : outcome;
}

static struct selftest_outcome same(const struct answer *a, const struct answer *b,
				    const char *what)
{
	SELFTEST_CHECK(a->first == b->first && a->second == b->second,
		       "%s: tokens %u %u, not %u %u", what, a->first, a->second, b->first,
		       b->second);
	for (unsigned int i = 0; i < MODEL_VOCAB; i++)
		SELFTEST_CHECK(a->logits[i] == b->logits[i],
			       "%s: logit %u has the bits 0x%08x, not 0x%08x", what, i,
			       a->logits[i], b->logits[i]);
	return selftest_pass();
}

/* The same by another device's class, which is software in this process. */
static struct selftest_outcome by_reference(uint64_t seed, struct answer *answer)
{
	struct rig other = { .seed = seed };
	struct selftest_outcome outcome;
	struct tdm_error err;
	struct model m;

	other.dev = tdm_device_open("soft:cs3,threads=1,isa=scalar", &err);
	if (!other.dev)
		return selftest_say(SELFTEST_ERROR, "no reference: %.150s", err.msg);
	other.queue = tdm_queue_create(other.dev, TDM_QUEUE_MIN_ENTRIES, &err);
	if (!other.queue) {
		tdm_device_close(other.dev);
		return selftest_say(SELFTEST_ERROR, "no reference: %.150s", err.msg);
	}
	outcome = model_open(&m, &other);
	if (outcome.result == SELFTEST_PASS)
		outcome = compute(&m, PROMPT, answer);
	model_close(&m);
	tdm_queue_destroy(other.queue);
	tdm_device_close(other.dev);
	if (outcome.result == SELFTEST_FAIL)
		outcome.result = SELFTEST_ERROR;
	return outcome;
}

static struct selftest_outcome reference(struct model *m)
{
	struct answer here = { 0 }, there = { 0 };
	struct selftest_outcome outcome = by_reference(m->rig->seed, &there);

	if (outcome.result == SELFTEST_PASS)
		outcome = compute(m, PROMPT, &here);
	if (outcome.result == SELFTEST_PASS)
		outcome = same(&here, &there, "beside the reference");
	return outcome;
}

static struct selftest_outcome test_reference(struct rig *rig)
{
	return with_model(rig, reference);
}

static struct selftest_outcome chunks(struct model *m)
{
	struct answer whole = { 0 }, part = { 0 };
	struct selftest_outcome outcome = compute(m, PROMPT, &whole);

	for (uint32_t chunk = 1; chunk < PROMPT && outcome.result == SELFTEST_PASS; chunk += 3) {
		outcome = compute(m, chunk, &part);
		if (outcome.result == SELFTEST_PASS)
			outcome = same(&part, &whole, "prefill in parts");
	}
	return outcome;
}

static struct selftest_outcome test_chunks(struct rig *rig)
{
	return with_model(rig, chunks);
}

/* Out, in again elsewhere, and on from there: as if it had never left. */
static struct selftest_outcome round_trip(struct model *m)
{
	uint32_t tokens[PROMPT], first, *out = model_ptr(m, MODEL_OUT);
	struct answer whole = { 0 };
	struct selftest_outcome outcome = compute(m, PROMPT, &whole);
	struct tdm_cqe cqe;

	if (outcome.result != SELFTEST_PASS)
		return outcome;
	make_prompt(tokens, m->rig->seed);
	cqe = model_run(m, TDM_OP_PREFILL, MODEL_KV, 0, tokens, PROMPT);
	if (cqe.status != TDM_ST_OK)
		return rig_failed("prefill", &cqe);
	first = *out;
	cqe = model_move(m, TDM_OP_KV_EXPORT, MODEL_KV, MODEL_WIRE);
	if (cqe.status != TDM_ST_OK || cqe.result != MODEL_PAGES)
		return rig_failed("kv export", &cqe);
	memset(model_ptr(m, MODEL_KV), 0xff, MODEL_PAGES * MODEL_PAGE_BYTES);
	cqe = model_move(m, TDM_OP_KV_IMPORT, MODEL_KV2, MODEL_WIRE);
	if (cqe.status != TDM_ST_OK || cqe.result != MODEL_PAGES)
		return rig_failed("kv import", &cqe);
	cqe = model_run(m, TDM_OP_DECODE, MODEL_KV2, PROMPT, &first, 1);
	if (cqe.status != TDM_ST_OK)
		return rig_failed("decode on imported pages", &cqe);
	SELFTEST_CHECK(*out == whole.second, "on imported pages the token is %u, not %u", *out,
		       whole.second);
	SELFTEST_CHECK(!memcmp(model_ptr(m, MODEL_LOGITS), whole.logits, LOGITS_BYTES),
		       "on imported pages the logits are others");
	return selftest_pass();
}

static struct selftest_outcome test_round_trip(struct rig *rig)
{
	return with_model(rig, round_trip);
}

/* One bit of a page on the way: refused by its CRC, and the device's page stays. */
static struct selftest_outcome corrupt(struct model *m)
{
	const uint32_t page = MODEL_PAGES / 2;
	uint64_t at = (uint64_t)page * MODEL_PAGE_BYTES;
	struct answer whole = { 0 };
	struct selftest_outcome outcome = compute(m, PROMPT, &whole);
	uint8_t before[MODEL_PAGE_BYTES];
	struct tdm_cqe cqe;

	if (outcome.result != SELFTEST_PASS)
		return outcome;
	cqe = model_move(m, TDM_OP_KV_EXPORT, MODEL_KV, MODEL_WIRE);
	if (cqe.status != TDM_ST_OK)
		return rig_failed("kv export", &cqe);
	*(uint8_t *)model_ptr(m, MODEL_WIRE + at + 100) ^= 0x10;
	memset(model_ptr(m, MODEL_KV2), 0x5a, MODEL_PAGES * MODEL_PAGE_BYTES);
	memcpy(before, model_ptr(m, MODEL_KV2 + at), sizeof(before));
	cqe = model_move(m, TDM_OP_KV_IMPORT, MODEL_KV2, MODEL_WIRE);
	if (cqe.status != TDM_ST_BAD_CRC || cqe.result != page)
		return rig_failed("kv import of a page with a flipped bit", &cqe);
	SELFTEST_CHECK(!memcmp(before, model_ptr(m, MODEL_KV2 + at), sizeof(before)),
		       "a page that was refused was written all the same");
	return selftest_pass();
}

static struct selftest_outcome test_corrupt(struct rig *rig)
{
	return with_model(rig, corrupt);
}

const struct selftest selftest_compute[] = {
	{ "compute", "reference", "prefill and decode, bit by bit as software does it",
	  SELFTEST_QUICK, test_reference },
	{ "compute", "chunks", "a prompt in parts is the prompt", SELFTEST_FULL, test_chunks },
	{ "compute", "kv-round-trip", "KV pages leave the device, come back, and go on",
	  SELFTEST_QUICK, test_round_trip },
	{ "compute", "kv-corrupt", "a page with a flipped bit is refused by its CRC",
	  SELFTEST_QUICK, test_corrupt },
	{ 0 },
};
