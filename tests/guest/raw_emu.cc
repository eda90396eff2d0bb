// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "guest/raw_emu.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/device_file.h"
#include "support/child.h"

namespace tandem_test
{

RawEmu::RawEmu() : id(), telemetry(), fd(open(TDM_EMU_NODE, O_RDWR | O_CLOEXEC))
{
	id.abi = TDM_HW_ABI;
	id.class_id = TDM_CLASS_TRN;
	strcpy(id.model, "raw");
	strcpy(id.firmware, "0");
	id.memory_bytes = 1ull << 30;
	id.max_contexts = 16;
	id.max_queues = 64;
	id.max_entries = 1024;
	id.page_bytes = 4096;
	id.emulated = 1;
	telemetry.temperature_mc = telemetry.power_uw = TDM_TELEMETRY_ABSENT;
}

RawEmu::~RawEmu()
{
	for (const auto &mapping : kept_)
		munmap(mapping.first, mapping.second);
	close(fd);
}

int RawEmu::Call(unsigned long request, void *arg) const
{
	return ioctl(fd, request, arg) ? -errno : 0;
}

int RawEmu::Create()
{
	struct tdm_emu_create create = {};

	create.size = sizeof(create);
	create.abi = TDM_EMU_ABI;
	return Call(TDM_EMU_CREATE, &create);
}

struct tdm_emu_status RawEmu::Status() const
{
	struct tdm_emu_status status = {};

	status.size = sizeof(status);
	if (Call(TDM_EMU_STATUS, &status))
		status.state = 0;
	return status;
}

void *RawEmu::Map(uint64_t offset, size_t len, int prot) const
{
	void *ptr = mmap(nullptr, len, prot, MAP_SHARED, fd, static_cast<off_t>(offset));

	return ptr == MAP_FAILED ? nullptr : ptr;
}

/* Until the end. */
void *RawEmu::Keep(uint64_t offset, size_t len, int prot)
{
	void *ptr = Map(offset, len, prot);

	if (ptr)
		kept_.emplace_back(ptr, len);
	return ptr;
}

bool RawEmu::MapRegisters()
{
	fw = static_cast<struct tdm_fw_regs *>(Keep(TDM_EMU_FW_REGS, 4096, PROT_READ | PROT_WRITE));
	drv = static_cast<struct tdm_drv_regs *>(Keep(TDM_EMU_DRV_REGS, 4096, PROT_READ));
	bells = static_cast<struct tdm_emu_bells *>(Keep(TDM_EMU_BELLS, 4096, PROT_READ));
	if (!fw || !drv || !bells || !tdm_load_acquire(&drv->enable))
		return false;
	fw->abi = TDM_HW_ABI;
	fw->state = TDM_FW_READY;
	/* Longer than any test, unless it is about that. */
	fw->admin_timeout_ms = fw->abort_latency_ms = 120000;
	ring = static_cast<struct tdm_admin_cmd *>(
		Keep(drv->admin_ring, drv->admin_entries * sizeof(*ring), PROT_READ));
	events = static_cast<struct tdm_event *>(Keep(
		drv->event_ring, drv->event_entries * sizeof(*events), PROT_READ | PROT_WRITE));
	return ring && events;
}

bool RawEmu::Boot()
{
	tdm_store_release(&fw->magic, TDM_HW_MAGIC);
	return !Raise();
}

std::string RawEmu::Up()
{
	WANT(!Create());
	WANT(MapRegisters());
	WANT(Boot());
	WANT(ServeWhile(TDM_EMU_BOOTING));
	WANT(Status().state == TDM_EMU_READY);
	return "";
}

int RawEmu::WritePage(const struct tdm_admin_page &page, const void *data, size_t bytes)
{
	void *ptr = Map(page.bus, 4096, PROT_READ | PROT_WRITE);

	if (!ptr)
		return -EFAULT;
	memcpy(ptr, data, std::min<size_t>(bytes, page.len));
	munmap(ptr, 4096);
	return 0;
}

int RawEmu::Execute(const struct tdm_admin_cmd &cmd)
{
	int rc = on_command ? on_command(cmd) : 0;

	if (rc)
		return rc;
	if (cmd.opcode == TDM_ADMIN_IDENTIFY)
		return WritePage(cmd.page, &id, sizeof(id));
	if (cmd.opcode == TDM_ADMIN_TELEMETRY)
		return WritePage(cmd.page, &telemetry, sizeof(telemetry));
	if (cmd.opcode == TDM_ADMIN_QUEUE_CREATE) {
		queue = cmd.queue;
		cq = static_cast<struct tdm_cq_hdr *>(
			Keep(queue.cq, TDM_QUEUE_HDR_BYTES, PROT_READ | PROT_WRITE));
		return cq ? 0 : -EFAULT;
	}
	return 0;
}

void RawEmu::Post(const struct tdm_event &event)
{
	events[tail++ & (drv->event_entries - 1)] = event;
	tdm_store_release(&fw->event_tail, tail);
	Raise();
}

void RawEmu::Post(uint32_t type, uint32_t about, uint64_t value)
{
	struct tdm_event event = {};

	event.type = type;
	event.id = about;
	event.value = value;
	Post(event);
}

bool RawEmu::Step()
{
	uint32_t wanted = tdm_load_acquire(&drv->reset_request);

	if (on_step)
		on_step();
	if (beats)
		tdm_store_release(&fw->heartbeat, fw->heartbeat + 1);
	if (answers_resets && wanted != fw->reset_count) {
		head = tdm_load_acquire(&drv->admin_tail);
		tdm_store_release(&fw->reset_count, wanted);
		Raise();
	}
	if (head == tdm_load_acquire(&drv->admin_tail))
		return false;
	struct tdm_admin_cmd cmd = ring[head++ & (drv->admin_entries - 1)];
	tdm_store_release(&fw->admin_head, head);
	int rc = Execute(cmd);
	if (rc != kSilent)
		Post(TDM_EV_ADMIN, cmd.tag, Errno(rc));
	return true;
}

bool RawEmu::ServeUntil(const std::function<bool()> &done)
{
	for (uint64_t end = NowNs() + 30000 * kMs; NowNs() < end;) {
		if (done())
			return true;
		if (!Step())
			usleep(200);
	}
	return false;
}

bool RawEmu::ServeWhile(uint32_t state)
{
	return ServeUntil([this, state] { return Status().state != state; });
}

void RawEmu::ServeFor(unsigned int ms)
{
	uint64_t end = NowNs() + ms * kMs;

	ServeUntil([end] { return NowNs() >= end; });
}

void RawEmu::Serve()
{
	for (;;)
		if (!Step())
			usleep(200);
}

} // namespace tandem_test
