// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Each command that needs no program, and the two ways of a command that is none.
 */
#include <stddef.h>
#include <string.h>

#include "selftest/selftest.h"

static struct selftest_outcome run_simple(struct rig *rig, unsigned int opcode, const char *name)
{
	struct tdm_cmd cmd = rig_command(opcode);
	struct tdm_cqe cqe = rig_run(rig, &cmd);

	return cqe.status == TDM_ST_OK ? selftest_pass() : rig_failed(name, &cqe);
}

static struct selftest_outcome test_nop(struct rig *rig)
{
	return run_simple(rig, TDM_OP_NOP, "nop");
}

static struct selftest_outcome test_barrier(struct rig *rig)
{
	return run_simple(rig, TDM_OP_BARRIER, "barrier");
}

/* Overlapping, at odd addresses: every byte where it should be, none beside it. */
static struct selftest_outcome test_copy(struct rig *rig)
{
	const unsigned int lens[] = { 1, 7, 64, 4095, 4096, 100003 };
	uint8_t *at = rig_ptr(rig, 0);

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		struct tdm_cmd cmd = rig_command(TDM_OP_COPY);
		struct tdm_cqe cqe;

		for (unsigned int k = 0; k < 2 * lens[i] + 64; k++)
			at[k] = (uint8_t)(k * 7 + k / 251);
		cmd.copy.src = rig_dva(rig, 3);
		cmd.copy.dst = rig_dva(rig, 3 + lens[i] / 2 + 1);
		cmd.copy.len = lens[i];
		cqe = rig_run(rig, &cmd);
		if (cqe.status != TDM_ST_OK || cqe.result != lens[i])
			return rig_failed("copy", &cqe);
		for (unsigned int k = 0; k < 2 * lens[i] + 64; k++) {
			unsigned int first = 3 + lens[i] / 2 + 1;
			unsigned int from = k >= first && k < first + lens[i] ? k - first + 3 : k;

			SELFTEST_CHECK(at[k] == (uint8_t)(from * 7 + from / 251),
				       "copy of %u bytes: byte %u is wrong", lens[i], k);
		}
	}
	return selftest_pass();
}

static struct selftest_outcome test_fill(struct rig *rig)
{
	const uint64_t pattern = 0x8877665544332211;
	struct tdm_cmd cmd = rig_command(TDM_OP_FILL);
	uint8_t *at = rig_ptr(rig, 0);
	struct tdm_cqe cqe;

	memset(at, 0, 4096);
	cmd.fill.dst = rig_dva(rig, 5);
	cmd.fill.len = 1003;
	cmd.fill.pattern = pattern;
	cqe = rig_run(rig, &cmd);
	if (cqe.status != TDM_ST_OK || cqe.result != 1003)
		return rig_failed("fill", &cqe);
	for (unsigned int k = 0; k < 4096; k++) {
		uint8_t wanted = (uint8_t)(pattern >> (k - 5) % 8 * 8);

		SELFTEST_CHECK(at[k] == (k >= 5 && k < 1008 ? wanted : 0), "byte %u is 0x%02x", k,
			       at[k]);
	}
	return selftest_pass();
}

/* "123456789" and its CRC32C: the check value of RFC 3720's polynomial. */
static struct selftest_outcome test_crc32c(struct rig *rig)
{
	struct tdm_cmd cmd = rig_command(TDM_OP_CRC32C);
	struct tdm_cqe cqe;

	memcpy(rig_ptr(rig, 11), "123456789", 9);
	cmd.crc32c.src = rig_dva(rig, 11);
	cmd.crc32c.len = 9;
	cqe = rig_run(rig, &cmd);
	if (cqe.status != TDM_ST_OK || cqe.result != 0xe3069283)
		return rig_failed("crc32c", &cqe);
	/* In two steps. */
	cmd.crc32c.len = 4;
	cqe = rig_run(rig, &cmd);
	cmd.crc32c.src = rig_dva(rig, 15);
	cmd.crc32c.len = 5;
	cmd.crc32c.seed = cqe.result;
	cqe = rig_run(rig, &cmd);
	if (cqe.status != TDM_ST_OK || cqe.result != 0xe3069283)
		return rig_failed("crc32c in two steps", &cqe);
	return selftest_pass();
}

static struct selftest_outcome test_signal(struct rig *rig)
{
	struct tdm_cmd cmd = rig_command(TDM_OP_SIGNAL);
	uint64_t *word = rig_ptr(rig, 64);
	struct tdm_cqe cqe;

	*word = 5;
	cmd.signal.addr = rig_dva(rig, 64);
	cmd.signal.value = 37;
	cmd.signal.kind = TDM_SIGNAL_ADD;
	cqe = rig_run(rig, &cmd);
	if (cqe.status != TDM_ST_OK || cqe.result != 42)
		return rig_failed("signal add", &cqe);
	SELFTEST_CHECK(tdm_load_acquire(word) == 42, "the word is %llu, not 42",
		       (unsigned long long)*word);
	cmd.signal.kind = TDM_SIGNAL_SET;
	cqe = rig_run(rig, &cmd);
	if (cqe.status != TDM_ST_OK || cqe.result != 37)
		return rig_failed("signal set", &cqe);
	SELFTEST_CHECK(tdm_load_acquire(word) == 37, "the word is %llu, not 37",
		       (unsigned long long)*word);
	return selftest_pass();
}

static struct selftest_outcome test_wait(struct rig *rig)
{
	struct tdm_cmd cmd = rig_command(TDM_OP_WAIT);
	uint64_t *word = rig_ptr(rig, 128);
	struct tdm_cqe cqe;

	*word = 7;
	cmd.wait.addr = rig_dva(rig, 128);
	cmd.wait.value = 7;
	cmd.wait.mask = ~0ULL;
	cmd.wait.timeout_ns = RIG_WAIT_NS / 2;
	cmd.wait.kind = TDM_WAIT_EQ;
	cqe = rig_run(rig, &cmd);
	if (cqe.status != TDM_ST_OK || cqe.result != 7)
		return rig_failed("wait for what is there", &cqe);
	/* What never comes ends by its time-out. */
	cmd.wait.value = 8;
	cmd.wait.timeout_ns = 1000000;
	cqe = rig_run(rig, &cmd);
	if (cqe.status != TDM_ST_TIMEOUT)
		return rig_failed("wait for what never comes", &cqe);
	return selftest_pass();
}

static struct selftest_outcome test_unknown(struct rig *rig)
{
	struct tdm_cmd cmd = rig_command(0x7fff);
	struct tdm_cqe cqe = rig_run(rig, &cmd);

	if (cqe.status != TDM_ST_BAD_OPCODE || cqe.result != 0x7fff)
		return rig_failed("an unknown opcode", &cqe);
	cmd = rig_command(TDM_OP_NOP);
	cmd.flags = 1;
	cqe = rig_run(rig, &cmd);
	if (cqe.status != TDM_ST_INVALID || cqe.result != offsetof(struct tdm_cmd, flags))
		return rig_failed("an unknown flag", &cqe);
	return test_nop(rig);
}

const struct selftest selftest_command[] = {
	{ "command", "nop", "an empty command completes", SELFTEST_QUICK, test_nop },
	{ "command", "barrier", "a barrier completes", SELFTEST_QUICK, test_barrier },
	{ "command", "copy", "copies of odd lengths that overlap", SELFTEST_QUICK, test_copy },
	{ "command", "fill", "a pattern at an odd address", SELFTEST_QUICK, test_fill },
	{ "command", "crc32c", "the check value, at once and in steps", SELFTEST_QUICK,
	  test_crc32c },
	{ "command", "signal", "a word is set and added to", SELFTEST_QUICK, test_signal },
	{ "command", "wait", "a word that is there, and one that never comes", SELFTEST_QUICK,
	  test_wait },
	{ "command", "unknown", "unknown opcodes and flags are refused by name", SELFTEST_QUICK,
	  test_unknown },
	{ 0 },
};
