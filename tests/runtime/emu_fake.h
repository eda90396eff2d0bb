/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A firmware that lies: a process that is an emulated device and does what the test
 * orders, which is not what tandem_hw.h and tandem_emu.h say. It runs no command.
 */
#ifndef TESTS_EMU_FAKE_H
#define TESTS_EMU_FAKE_H

#include <fcntl.h>
#include <setjmp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

#include "support/child.h"
#include "tandem_emu.h"

namespace tandem_test
{

/* What the fake shall do; shared by both processes. */
struct Orders {
	std::atomic<int> answer;    /* to MAP, instead of 0 */
	std::atomic<bool> stale;    /* each answer first under the tag of the command before */
	std::atomic<bool> silent;   /* MAP is not answered at all */
	std::atomic<uint32_t> maps; /* seen so far */
	std::atomic<int> ask;	    /* enum Ask; 0 again when done */
	std::atomic<int> result;
};

enum Ask { kNothing, kRead, kWrite, kFatal, kMapDriverRegs, kRaiseInChild, kOpenItself, kComplete };

class Fake
{
public:
	Fake(Orders *orders, int sock) : orders_(orders), sock_(sock)
	{
	}

	/* Return: what is wrong, when the test has gone. */
	std::string Run()
	{
		struct tdm_emu_create create = {};

		create.size = sizeof(create);
		create.abi = TDM_EMU_ABI;
		WANT((fd_ = open(TDM_EMU_NODE, O_RDWR | O_CLOEXEC)) >= 0);
		WANT(!ioctl(fd_, TDM_EMU_CREATE, &create));
		WANT((fw_ = Map<struct tdm_fw_regs>(TDM_EMU_FW_REGS, 4096)));
		WANT((drv_ = Map<const struct tdm_drv_regs>(TDM_EMU_DRV_REGS, 4096, PROT_READ)));
		fw_->abi = TDM_HW_ABI;
		/* Longer than any test: what ends a wait is not this. */
		fw_->admin_timeout_ms = fw_->abort_latency_ms = 120000;
		tdm_store_release(&fw_->state, TDM_FW_READY);
		tdm_store_release(&fw_->magic, TDM_HW_MAGIC);
		ioctl(fd_, TDM_EMU_RAISE);
		while (!tdm_load_acquire(&drv_->enable))
			usleep(1000);
		ring_ = Map<const struct tdm_admin_cmd>(
			drv_->admin_ring, drv_->admin_entries * sizeof(*ring_), PROT_READ);
		events_ = Map<struct tdm_event>(drv_->event_ring,
						drv_->event_entries * sizeof(*events_));
		WANT(ring_ && events_);
		for (;;) {
			tdm_store_release(&fw_->heartbeat, fw_->heartbeat + 1);
			Reset();
			Serve();
			Announce();
			Obey();
			usleep(500);
		}
	}

private:
	template <typename T>
	T *Map(uint64_t bus, size_t len, int prot = PROT_READ | PROT_WRITE)
	{
		void *ptr = mmap(nullptr, len, prot, MAP_SHARED, fd_, static_cast<off_t>(bus));

		return ptr == MAP_FAILED ? nullptr : static_cast<T *>(ptr);
	}
	void Post(uint32_t type, uint32_t id, uint64_t value)
	{
		struct tdm_event event = {};

		event.type = type;
		event.id = id;
		event.value = value;
		events_[tail_++ & (drv_->event_entries - 1)] = event;
		tdm_store_release(&fw_->event_tail, tail_);
		ioctl(fd_, TDM_EMU_RAISE);
	}
	void WritePage(const struct tdm_admin_page &page)
	{
		void *ptr = Map<void>(page.bus, page.len);
		struct tdm_identify id = {};

		if (!ptr)
			return;
		memset(ptr, 0xff, page.len); /* telemetry: everything is absent */
		id.abi = TDM_HW_ABI;
		id.class_id = TDM_CLASS_TRN;
		strcpy(id.model, "fake");
		strcpy(id.firmware, "0");
		id.memory_bytes = 1ull << 30;
		id.max_contexts = id.max_queues = id.max_entries = 64;
		id.page_bytes = 4096;
		id.emulated = 1;
		if (page.len == sizeof(id))
			memcpy(ptr, &id, sizeof(id));
		munmap(ptr, page.len);
	}
	void Serve()
	{
		while (head_ != tdm_load_acquire(&drv_->admin_tail)) {
			struct tdm_admin_cmd cmd = ring_[head_++ & (drv_->admin_entries - 1)];
			bool map = cmd.opcode == TDM_ADMIN_MAP;

			tdm_store_release(&fw_->admin_head, head_);
			if (cmd.opcode == TDM_ADMIN_IDENTIFY || cmd.opcode == TDM_ADMIN_TELEMETRY)
				WritePage(cmd.page);
			if (map) {
				/* Kept for ever, and to be written whatever was allowed. */
				kept_ = Map<volatile char>(cmd.map.bus, cmd.map.len);
				orders_->maps++;
				if (orders_->silent)
					continue;
			}
			if (cmd.opcode == TDM_ADMIN_QUEUE_CREATE)
				cq_ = Map<struct tdm_cq_hdr>(cmd.queue.cq, 4096);
			if (orders_->stale)
				Post(TDM_EV_ADMIN, cmd.tag - (1u << 16), Errno(-EXDEV));
			Post(TDM_EV_ADMIN, cmd.tag, Errno(map ? orders_->answer.load() : 0));
		}
	}
	static uint64_t Errno(int value)
	{
		return static_cast<uint64_t>(static_cast<int64_t>(value));
	}
	void Reset()
	{
		uint32_t wanted = tdm_load_acquire(&drv_->reset_request);

		if (wanted == fw_->reset_count)
			return;
		head_ = tdm_load_acquire(&drv_->admin_tail);
		tdm_store_release(&fw_->reset_count, wanted);
		ioctl(fd_, TDM_EMU_RAISE);
	}
	/* The node's name to the test, once there is one. */
	void Announce()
	{
		struct tdm_emu_status status = {};

		status.size = sizeof(status);
		if (!node_.empty() || ioctl(fd_, TDM_EMU_STATUS, &status) ||
		    status.state != TDM_EMU_READY)
			return;
		node_ = std::string("/dev/") + status.node;
		if (write(sock_, node_.c_str(), node_.size() + 1) < 0)
			_exit(1);
	}

	static sigjmp_buf &Landing()
	{
		static sigjmp_buf landing;

		return landing;
	}
	static void OnBus(int)
	{
		siglongjmp(Landing(), 1);
	}
	/* Return: 0, or -EFAULT for SIGBUS */
	int Touch(bool write)
	{
		struct sigaction action = {};

		action.sa_handler = OnBus;
		sigaction(SIGBUS, &action, nullptr);
		if (sigsetjmp(Landing(), 1))
			return -EFAULT;
		if (write)
			*kept_ = 1;
		else
			(void)*kept_;
		return 0;
	}
	int RaiseInChild()
	{
		pid_t pid = fork();
		int status;

		if (!pid)
			_exit(ioctl(fd_, TDM_EMU_RAISE) ? errno : 0);
		waitpid(pid, &status, 0);
		return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
	}
	int OpenItself()
	{
		int fd = open(node_.c_str(), O_RDWR | O_CLOEXEC);

		return fd < 0 ? -errno : 0;
	}
	/* Five commands are done, and nobody is told. */
	int Complete()
	{
		tdm_store_release(&cq_->completed, 5);
		return 0;
	}
	int MapDriverRegs()
	{
		return Map<void>(TDM_EMU_DRV_REGS, 4096) ? 0 : -errno;
	}
	void Obey()
	{
		int ask = orders_->ask;

		if (!ask)
			return;
		if (ask == kFatal)
			Post(TDM_EV_FATAL, 0, 1);
		orders_->result = ask == kRead		  ? Touch(false)
				  : ask == kWrite	  ? Touch(true)
				  : ask == kMapDriverRegs ? MapDriverRegs()
				  : ask == kRaiseInChild  ? RaiseInChild()
				  : ask == kComplete	  ? Complete()
				  : ask == kOpenItself	  ? OpenItself()
							  : 0;
		orders_->ask = kNothing;
	}

	Orders *orders_;
	int sock_;
	int fd_ = -1;
	struct tdm_fw_regs *fw_ = nullptr;
	const struct tdm_drv_regs *drv_ = nullptr;
	const struct tdm_admin_cmd *ring_ = nullptr;
	struct tdm_event *events_ = nullptr;
	struct tdm_cq_hdr *cq_ = nullptr; /* of the queue made last */
	volatile char *kept_ = nullptr;	  /* what MAP named last */
	uint32_t head_ = 0, tail_ = 0;
	std::string node_;
};

} // namespace tandem_test

#endif /* TESTS_EMU_FAKE_H */
