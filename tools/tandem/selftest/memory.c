// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Memory: every bit both ways, every address its own, and no more of it than there is.
 */
#include <errno.h>
#include <string.h>

#include "selftest/selftest.h"

#define BLOCK (256U << 10)

/* The device fills device memory and copies it out; what comes is looked at here. */
static struct selftest_outcome check_pattern(struct rig *rig, const struct tdm_buffer *device,
					     uint64_t pattern)
{
	struct tdm_cmd fill = rig_command(TDM_OP_FILL), copy = rig_command(TDM_OP_COPY);
	const uint64_t *seen = rig_ptr(rig, 0);
	struct tdm_cqe cqe;

	fill.fill.dst = tdm_buffer_dva(device);
	fill.fill.len = BLOCK;
	fill.fill.pattern = pattern;
	cqe = rig_run(rig, &fill);
	if (cqe.status != TDM_ST_OK)
		return rig_failed("fill", &cqe);
	memset(rig_ptr(rig, 0), 0xa5, BLOCK);
	copy.copy.dst = rig_dva(rig, 0);
	copy.copy.src = tdm_buffer_dva(device);
	copy.copy.len = BLOCK;
	cqe = rig_run(rig, &copy);
	if (cqe.status != TDM_ST_OK)
		return rig_failed("copy", &cqe);
	for (size_t i = 0; i < BLOCK / sizeof(*seen); i++)
		SELFTEST_CHECK(seen[i] == pattern,
			       "offset 0x%zx: bits 0x%llx are wrong (wrote 0x%llx, read 0x%llx)",
			       i * sizeof(*seen), (unsigned long long)(seen[i] ^ pattern),
			       (unsigned long long)pattern, (unsigned long long)seen[i]);
	return selftest_pass();
}

static struct selftest_outcome
with_block(struct rig *rig, struct selftest_outcome (*test)(struct rig *, struct tdm_buffer *))
{
	struct selftest_outcome outcome;
	struct tdm_error err;
	struct tdm_buffer *device = tdm_buffer_create(rig->dev, TDM_DOMAIN_DEVICE, BLOCK,
						      TDM_ACCESS_READ | TDM_ACCESS_WRITE, &err);

	if (!device)
		return selftest_say(SELFTEST_ERROR, "%.180s", err.msg);
	outcome = test(rig, device);
	tdm_buffer_destroy(device);
	return outcome;
}

static struct selftest_outcome walking(struct rig *rig, struct tdm_buffer *device)
{
	struct selftest_outcome outcome = check_pattern(rig, device, 0);

	if (outcome.result == SELFTEST_PASS)
		outcome = check_pattern(rig, device, ~0ULL);
	for (unsigned int bit = 0; bit < 64 && outcome.result == SELFTEST_PASS; bit++) {
		outcome = check_pattern(rig, device, 1ULL << bit);
		if (outcome.result == SELFTEST_PASS)
			outcome = check_pattern(rig, device, ~(1ULL << bit));
	}
	return outcome;
}

static struct selftest_outcome test_patterns(struct rig *rig)
{
	return with_block(rig, walking);
}

/* Each word holds its own address: two that are one would show. */
static struct selftest_outcome addresses(struct rig *rig, struct tdm_buffer *device)
{
	struct tdm_cmd copy = rig_command(TDM_OP_COPY);
	uint64_t *words = rig_ptr(rig, 0);
	struct tdm_cqe cqe;

	for (size_t i = 0; i < BLOCK / sizeof(*words); i++)
		words[i] = tdm_buffer_dva(device) + i * sizeof(*words);
	copy.copy.src = rig_dva(rig, 0);
	copy.copy.dst = tdm_buffer_dva(device);
	copy.copy.len = BLOCK;
	cqe = rig_run(rig, &copy);
	if (cqe.status != TDM_ST_OK || cqe.result != BLOCK)
		return rig_failed("copy in", &cqe);
	memset(words, 0, BLOCK);
	copy.copy.src = tdm_buffer_dva(device);
	copy.copy.dst = rig_dva(rig, 0);
	cqe = rig_run(rig, &copy);
	if (cqe.status != TDM_ST_OK || cqe.result != BLOCK)
		return rig_failed("copy out", &cqe);
	for (size_t i = 0; i < BLOCK / sizeof(*words); i++)
		SELFTEST_CHECK(words[i] == tdm_buffer_dva(device) + i * sizeof(*words),
			       "address 0x%llx holds what was written to 0x%llx",
			       (unsigned long long)(tdm_buffer_dva(device) + i * sizeof(*words)),
			       (unsigned long long)words[i]);
	return selftest_pass();
}

struct selftest_outcome selftest_memory_addresses(struct rig *rig)
{
	return with_block(rig, addresses);
}

static struct selftest_outcome test_mapping(struct rig *rig)
{
	struct tdm_cmd copy = rig_command(TDM_OP_COPY);
	struct tdm_error err;
	struct tdm_buffer *device = tdm_buffer_create(rig->dev, TDM_DOMAIN_DEVICE, BLOCK,
						      TDM_ACCESS_READ | TDM_ACCESS_WRITE, &err);
	struct tdm_cqe cqe;
	bool same;

	if (!device)
		return selftest_say(SELFTEST_ERROR, "%.180s", err.msg);
	memset(tdm_buffer_ptr(device), 0x3c, BLOCK);
	copy.copy.src = tdm_buffer_dva(device);
	copy.copy.dst = rig_dva(rig, 0);
	copy.copy.len = BLOCK;
	cqe = rig_run(rig, &copy);
	same = !memcmp(rig_ptr(rig, 0), tdm_buffer_ptr(device), BLOCK);
	tdm_buffer_destroy(device);
	if (cqe.status != TDM_ST_OK)
		return rig_failed("copy", &cqe);
	SELFTEST_CHECK(same, "the device does not see what the process wrote");
	return selftest_pass();
}

/* More than there is must be refused, and cost nothing. */
static struct selftest_outcome test_capacity(struct rig *rig)
{
	struct tdm_query_memory before, after;
	struct tdm_error err;
	struct tdm_buffer *buf;
	int rc = tdm_device_memory(rig->dev, &before);

	if (rc)
		return selftest_say(SELFTEST_ERROR, "memory is not told: %s", strerror(-rc));
	buf = tdm_buffer_create(rig->dev, TDM_DOMAIN_DEVICE,
				before.device_bytes +
					tdm_device_info(rig->dev)->identify.page_bytes,
				TDM_ACCESS_READ, &err);
	tdm_buffer_destroy(buf);
	SELFTEST_CHECK(!buf, "a buffer larger than the device's memory was made");
	SELFTEST_CHECK(err.code == -ENOSPC, "a buffer that is too large: %.140s", err.msg);
	rc = tdm_device_memory(rig->dev, &after);
	if (rc)
		return selftest_say(SELFTEST_ERROR, "memory is not told: %s", strerror(-rc));
	SELFTEST_CHECK(after.context_device == before.context_device,
		       "%llu bytes are charged for a buffer that was refused",
		       after.context_device - before.context_device);
	return selftest_pass();
}

const struct selftest selftest_memory[] = {
	{ "memory", "patterns", "each bit of device memory set and cleared alone", SELFTEST_FULL,
	  test_patterns },
	{ "memory", "addresses", "each word of device memory holds its own address", SELFTEST_QUICK,
	  selftest_memory_addresses },
	{ "memory", "mapping", "the process's mapping is the device's memory", SELFTEST_QUICK,
	  test_mapping },
	{ "memory", "capacity", "more memory than there is gets refused", SELFTEST_QUICK,
	  test_capacity },
	{ 0 },
};
