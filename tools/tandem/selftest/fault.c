// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Every kind of fault: the command fails, the record says why, and the queue goes on.
 */
#include <string.h>

#include "selftest/model.h"

static const char *reason_name(unsigned int reason)
{
	static const char *const names[] = {
		[TDM_FAULT_UNMAPPED] = "unmapped", [TDM_FAULT_READONLY] = "read-only",
		[TDM_FAULT_RANGE] = "range",	   [TDM_FAULT_SPLIT] = "split",
		[TDM_FAULT_ALIGN] = "align",	   [TDM_FAULT_REVOKED] = "revoked",
	};

	return reason < sizeof(names) / sizeof(names[0]) && names[reason] ? names[reason]
									  : "unknown";
}

/* Records of earlier tests are not this one's. */
static void forget(struct rig *rig)
{
	struct tdm_fault old[16];

	while (tdm_device_faults(rig->dev, old, 16) > 0)
		;
}

static struct selftest_outcome check(struct rig *rig, const struct tdm_cmd *cmd, uint64_t addr,
				     unsigned int reason)
{
	struct tdm_cmd nop = rig_command(TDM_OP_NOP);
	struct tdm_fault fault = { 0 };
	struct tdm_cqe cqe;
	int n;

	forget(rig);
	cqe = rig_run(rig, cmd);
	if (cqe.status != TDM_ST_FAULT)
		return rig_failed("a bad address", &cqe);
	SELFTEST_CHECK(cqe.result == addr, "the completion names 0x%llx, not 0x%llx", cqe.result,
		       (unsigned long long)addr);
	n = tdm_device_faults(rig->dev, &fault, 1);
	SELFTEST_CHECK(n == 1, "no fault record");
	SELFTEST_CHECK(
		fault.addr == addr && fault.cookie == cmd->cookie && fault.opcode == cmd->opcode,
		"the record is of another access: opcode %u at 0x%llx", fault.opcode, fault.addr);
	SELFTEST_CHECK(fault.reason == reason, "the record says %s, not %s",
		       reason_name(fault.reason), reason_name(reason));
	cqe = rig_run(rig, &nop);
	return cqe.status == TDM_ST_OK ? selftest_pass() : rig_failed("a nop after it", &cqe);
}

static struct selftest_outcome fill_at(struct rig *rig, uint64_t addr, uint64_t len, uint64_t bad,
				       unsigned int reason)
{
	struct tdm_cmd cmd = rig_command(TDM_OP_FILL);

	cmd.fill.dst = addr;
	cmd.fill.len = len;
	return check(rig, &cmd, bad, reason);
}

/* An address that was mapped a moment ago. */
static struct selftest_outcome test_unmapped(struct rig *rig)
{
	struct tdm_buffer *gone = tdm_buffer_create(rig->dev, TDM_DOMAIN_HOST, 65536,
						    TDM_ACCESS_READ | TDM_ACCESS_WRITE, NULL);
	uint64_t addr = gone ? tdm_buffer_dva(gone) : 0;

	if (!gone)
		return selftest_say(SELFTEST_ERROR, "no buffer of 64 KiB could be made");
	tdm_buffer_destroy(gone);
	return fill_at(rig, addr, 64, addr, TDM_FAULT_UNMAPPED);
}

static struct selftest_outcome test_readonly(struct rig *rig)
{
	struct tdm_buffer *buf =
		tdm_buffer_create(rig->dev, TDM_DOMAIN_HOST, 4096, TDM_ACCESS_READ, NULL);
	struct selftest_outcome outcome;

	if (!buf)
		return selftest_say(SELFTEST_ERROR, "no buffer of 4 KiB could be made");
	outcome = fill_at(rig, tdm_buffer_dva(buf), 64, tdm_buffer_dva(buf), TDM_FAULT_READONLY);
	if (outcome.result == SELFTEST_PASS && *(uint64_t *)tdm_buffer_ptr(buf))
		outcome = selftest_say(SELFTEST_FAIL, "memory mapped for reading was written");
	tdm_buffer_destroy(buf);
	return outcome;
}

static struct selftest_outcome test_range(struct rig *rig)
{
	struct selftest_outcome outcome = fill_at(rig, 0x10, 64, 0x10, TDM_FAULT_RANGE);

	if (outcome.result == SELFTEST_PASS)
		outcome = fill_at(rig, TDM_DVA_END, 64, TDM_DVA_END, TDM_FAULT_RANGE);
	return outcome;
}

/* Return: 0, or -errno; @dva: in: wanted address, 0: any; out: the address */
static int map(struct rig *rig, uint32_t handle, uint64_t offset, uint64_t len, uint64_t *dva)
{
	struct drm_tandem_vm_map args = {
		.size = sizeof(args),
		.handle = handle,
		.offset = offset,
		.len = len,
		.dva = *dva,
		.access = TDM_ACCESS_READ | TDM_ACCESS_WRITE,
	};
	int rc = tdm_device_ioctl(rig->dev, DRM_IOCTL_TANDEM_VM_MAP, &args);

	*dva = args.dva;
	return rc;
}

static int unmap(struct rig *rig, uint64_t dva, uint64_t len)
{
	struct drm_tandem_vm_unmap args = { .size = sizeof(args), .dva = dva, .len = len };

	return tdm_device_ioctl(rig->dev, DRM_IOCTL_TANDEM_VM_UNMAP, &args);
}

/* Two mappings side by side. Return: 0 or -errno; @dva: of the first one */
static int map_two(struct rig *rig, uint32_t handle, uint64_t page, uint64_t *dva)
{
	uint64_t second;
	int rc;

	*dva = 0;
	rc = map(rig, handle, 0, 2 * page, dva);
	if (!rc)
		rc = unmap(rig, *dva, 2 * page);
	if (!rc)
		rc = map(rig, handle, 0, page, dva);
	second = *dva + page;
	return rc ? rc : map(rig, handle, page, page, &second);
}

/* A descriptor that begins in one mapping and ends in the next. */
static struct selftest_outcome test_split(struct rig *rig)
{
	uint64_t page = tdm_device_info(rig->dev)->identify.page_bytes, dva;
	struct drm_tandem_bo_create bo = {
		.size = sizeof(bo),
		.domain = TDM_DOMAIN_HOST,
		.bytes = 2 * page,
	};
	struct tdm_cmd cmd = rig_command(TDM_OP_PROGRAM_LOAD);
	struct drm_gem_close close = { 0 };
	struct selftest_outcome outcome;
	int rc = tdm_device_ioctl(rig->dev, DRM_IOCTL_TANDEM_BO_CREATE, &bo);

	if (rc)
		return selftest_say(SELFTEST_ERROR, "no buffer of two pages: %s", strerror(-rc));
	rc = map_two(rig, bo.handle, page, &dva);
	cmd.desc.addr = dva + page - 8;
	cmd.desc.len = sizeof(struct tdm_program);
	if (rc)
		outcome = selftest_say(SELFTEST_ERROR, "two mappings: %s", strerror(-rc));
	else
		outcome = check(rig, &cmd, dva + page, TDM_FAULT_SPLIT);
	close.handle = bo.handle;
	/* Takes both mappings along. */
	tdm_device_ioctl(rig->dev, DRM_IOCTL_GEM_CLOSE, &close);
	return outcome;
}

/* Weights that go away under a loaded program. */
static struct selftest_outcome test_revoked(struct rig *rig)
{
	const uint32_t tokens[2] = { 1, 2 };
	struct selftest_outcome outcome;
	struct tdm_fault fault = { 0 };
	struct model model, other;
	struct tdm_cqe cqe;

	outcome = model_open(&model, rig);
	if (outcome.result == SELFTEST_PASS)
		outcome = model_open(&other, rig);
	if (outcome.result != SELFTEST_PASS) {
		model_close(&model);
		return outcome;
	}
	forget(rig);
	tdm_buffer_destroy(model.mem);
	/* The descriptors and pages of the other one, the program of this one. */
	model.mem = other.mem;
	cqe = model_run(&model, TDM_OP_PREFILL, MODEL_KV, 0, tokens, 2);
	model.mem = NULL;
	model_close(&model);
	model_close(&other);
	if (cqe.status != TDM_ST_FAULT)
		return rig_failed("prefill with weights that are gone", &cqe);
	SELFTEST_CHECK(tdm_device_faults(rig->dev, &fault, 1) == 1, "no fault record");
	SELFTEST_CHECK(fault.reason == TDM_FAULT_REVOKED, "the record says %s, not revoked",
		       reason_name(fault.reason));
	return selftest_pass();
}

static struct selftest_outcome test_align(struct rig *rig)
{
	struct tdm_cmd cmd = rig_command(TDM_OP_SIGNAL);

	cmd.signal.addr = rig_dva(rig, 4);
	cmd.signal.kind = TDM_SIGNAL_SET;
	return check(rig, &cmd, rig_dva(rig, 4), TDM_FAULT_ALIGN);
}

/* Another file's memory is not there, whatever its address. */
static struct selftest_outcome test_foreign(struct rig *rig)
{
	struct tdm_device *other = tdm_device_reopen(rig->dev, NULL);
	struct selftest_outcome outcome;
	struct tdm_buffer *theirs;
	uint64_t addr;

	if (!other)
		return selftest_say(SELFTEST_SKIP, "the device has no second context to open");
	theirs = tdm_buffer_create(other, TDM_DOMAIN_HOST, RIG_BYTES * 4,
				   TDM_ACCESS_READ | TDM_ACCESS_WRITE, NULL);
	if (!theirs) {
		tdm_device_close(other);
		return selftest_say(SELFTEST_ERROR, "no buffer of 4 MiB could be made");
	}
	/* Beyond what this file has itself. */
	addr = tdm_buffer_dva(theirs) + RIG_BYTES * 3;
	if (addr >= rig_dva(rig, 0) && addr < rig_dva(rig, RIG_BYTES))
		outcome = selftest_say(SELFTEST_SKIP, "both files have memory at this address");
	else
		outcome = fill_at(rig, addr, 64, addr, TDM_FAULT_UNMAPPED);
	if (outcome.result == SELFTEST_PASS &&
	    *(uint64_t *)((char *)tdm_buffer_ptr(theirs) + RIG_BYTES * 3))
		outcome = selftest_say(SELFTEST_FAIL, "another file's memory was written");
	tdm_buffer_destroy(theirs);
	tdm_device_close(other);
	return outcome;
}

const struct selftest selftest_fault[] = {
	{ "fault", "unmapped", "an address at which nothing is", SELFTEST_QUICK, test_unmapped },
	{ "fault", "readonly", "a write where only reading is allowed", SELFTEST_QUICK,
	  test_readonly },
	{ "fault", "range", "page 0, and beyond 47 bits", SELFTEST_QUICK, test_range },
	{ "fault", "split", "a descriptor over two mappings", SELFTEST_QUICK, test_split },
	{ "fault", "revoked", "weights that are unmapped under a program", SELFTEST_QUICK,
	  test_revoked },
	{ "fault", "align", "a word at an odd address", SELFTEST_QUICK, test_align },
	{ "fault", "foreign", "an address of another client", SELFTEST_QUICK, test_foreign },
	{ 0 },
};
