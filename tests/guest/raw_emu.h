/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A firmware by hand, for what no firmware does: the process that has it is the device,
 * and each step of it is the test's. It runs no command.
 */
#ifndef TESTS_GUEST_RAW_EMU_H
#define TESTS_GUEST_RAW_EMU_H

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tandem_emu.h"

namespace tandem_test
{

class RawEmu
{
public:
	RawEmu();
	~RawEmu();
	RawEmu(const RawEmu &) = delete;
	RawEmu &operator=(const RawEmu &) = delete;

	/* The calls, 0 or -errno. */
	int Call(unsigned long request, void *arg) const;
	int Create();
	int Raise() const
	{
		return Call(TDM_EMU_RAISE, nullptr);
	}
	struct tdm_emu_status Status() const;
	/* For the caller to unmap: a mapping keeps the file. Return: nullptr with errno */
	void *Map(uint64_t offset, size_t len, int prot) const;

	/*
	 * Life. Boot() maps everything, and says that the firmware is there; what the
	 * registers say by then may be changed before it.
	 */
	bool MapRegisters();
	bool Boot();
	/* Create(), MapRegisters(), Boot(); then serves until there is a node. */
	std::string Up();

	/*
	 * Answers one reset and one admin command, if there are any, and beats. Return:
	 * whether there was a command
	 */
	bool Step();
	/* Steps until @done, or half a minute. Return: whether it was */
	bool ServeUntil(const std::function<bool()> &done);
	bool ServeWhile(uint32_t state);
	void ServeFor(unsigned int ms);
	/* For ever: a child that is killed. */
	[[noreturn]] void Serve();

	void Post(const struct tdm_event &event);
	void Post(uint32_t type, uint32_t id, uint64_t value);
	static uint64_t Errno(int value)
	{
		return static_cast<uint64_t>(static_cast<int64_t>(value));
	}

	/* Answers of its own; unset: 0 to everything. kSilent: none */
	static constexpr int kSilent = 1 << 30;
	std::function<int(const struct tdm_admin_cmd &)> on_command;
	std::function<void()> on_step; /* before each */
	bool answers_resets = true;
	bool beats = true;
	struct tdm_identify id;
	struct tdm_telemetry telemetry;

	/* As mapped; of the last queue that was made. */
	struct tdm_fw_regs *fw = nullptr;
	const struct tdm_drv_regs *drv = nullptr;
	const struct tdm_emu_bells *bells = nullptr;
	const struct tdm_admin_cmd *ring = nullptr;
	struct tdm_event *events = nullptr;
	struct tdm_admin_queue queue = {};
	struct tdm_cq_hdr *cq = nullptr;
	uint32_t head = 0, tail = 0;
	int fd;

private:
	void *Keep(uint64_t offset, size_t len, int prot);
	int Execute(const struct tdm_admin_cmd &cmd);
	int WritePage(const struct tdm_admin_page &page, const void *data, size_t bytes);

	std::vector<std::pair<void *, size_t>> kept_;
};

} // namespace tandem_test

#endif /* TESTS_GUEST_RAW_EMU_H */
