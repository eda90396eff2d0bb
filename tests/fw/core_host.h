/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A host for the firmware, made of tandem_hw.h and core/port.h alone: registers,
 * an admin ring, an event ring, two bells and two threads. It keeps no rule by
 * itself: the tests break them one by one.
 */
#ifndef TESTS_CORE_HOST_H
#define TESTS_CORE_HOST_H

#include <gtest/gtest.h>
#include <time.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

extern "C" {
#include "core/firmware.h"
#include "core/vm.h"
}

namespace core_test
{

/* Far enough that only a hang gets there. */
constexpr uint64_t kHang = 20000000000ull;

inline uint64_t NowNs()
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return static_cast<uint64_t>(ts.tv_sec) * 1000000000u + static_cast<uint64_t>(ts.tv_nsec);
}

inline uint64_t Bus(const void *ptr)
{
	return reinterpret_cast<uintptr_t>(ptr);
}

/* Waits for @done. Return: false when it hung. */
template <typename F>
bool Until(F done)
{
	for (uint64_t limit = NowNs() + kHang; !done();) {
		if (NowNs() > limit)
			return false;
		std::this_thread::sleep_for(std::chrono::microseconds(50));
	}
	return true;
}

/* Page-aligned memory that reads as zero. */
class Memory
{
public:
	explicit Memory(size_t bytes)
	    : ptr_(aligned_alloc(4096, (bytes + 4095) / 4096 * 4096), &free)
	{
		memset(ptr_.get(), 0, bytes);
	}
	template <typename T>
	T *as(size_t offset = 0) const
	{
		return reinterpret_cast<T *>(static_cast<char *>(ptr_.get()) + offset);
	}
	uint64_t bus() const
	{
		return Bus(ptr_.get());
	}

private:
	std::unique_ptr<void, decltype(&free)> ptr_;
};

/* The port and the driver's side of the rings. */
class Host : private fw_port
{
public:
	explicit Host(uint32_t admin_entries = 16, uint32_t event_entries = 64)
	    : fw_port(), admin_(admin_entries * sizeof(struct tdm_admin_cmd)),
	      events_(event_entries * sizeof(struct tdm_event))
	{
		static const struct fw_port_ops ops = {
			BusMap, BusUnmap,  RangeMap, RangeAgain, BusUnmap, Interrupt,
			Bell,	RingOther, Sleep,    Clock,	 Crash,
		};

		this->ops = &ops;
		fw_port::fw = &fw_;
		fw_port::drv = &drv_;
		drv_.admin_entries = admin_entries;
		drv_.event_entries = event_entries;
		drv_.admin_ring = admin_.bus();
		drv_.event_ring = events_.bus();
		dev_ = fw_device_create(fw_profile_find("cs3"), this, nullptr);
		threads_.emplace_back([this] { fw_device_admin(dev_); });
		threads_.emplace_back([this] {
			computes_ = true;
			fw_device_compute(dev_);
		});
	}
	Host(const Host &) = delete;
	Host &operator=(const Host &) = delete;
	~Host()
	{
		fw_device_stop(dev_);
		Ring(FW_BELL_ADMIN);
		Ring(FW_BELL_COMPUTE);
		for (auto &thread : threads_)
			thread.join();
		fw_device_destroy(dev_);
		/* Whatever was mapped was unmapped, the rings included. */
		EXPECT_EQ(mapped_, 0);
	}

	void Enable()
	{
		ASSERT_TRUE(Until([this] { return tdm_load_acquire(&fw_.magic) == TDM_HW_MAGIC; }));
		tdm_store_release(&drv_.enable, 1);
		Ring(FW_BELL_ADMIN);
	}

	/* Memory that lives as long as the firmware does: it may be mapped until the end. */
	Memory &Alloc(size_t bytes)
	{
		kept_memory_.push_back(std::make_unique<Memory>(bytes));
		return *kept_memory_.back();
	}

	/* What a doorbell is. */
	void Ring(enum fw_bell bell)
	{
		std::lock_guard<std::mutex> hold(lock_);

		bells_[bell]++;
		rung_.notify_all();
	}

	/* Publishes a command without waiting. Return: its tag */
	uint32_t Post(struct tdm_admin_cmd cmd)
	{
		cmd.tag = ++tag_;
		admin_.as<struct tdm_admin_cmd>()[drv_.admin_tail & (drv_.admin_entries - 1)] = cmd;
		tdm_store_release(&drv_.admin_tail, drv_.admin_tail + 1);
		Ring(FW_BELL_ADMIN);
		return tag_;
	}

	/* The next event in the ring. Return: false when there is none */
	bool Take(struct tdm_event *event)
	{
		uint32_t tail = tdm_load_acquire(&fw_.event_tail);

		if (tail == drv_.event_head)
			return false;
		*event = events_.as<struct tdm_event>()[drv_.event_head & (drv_.event_entries - 1)];
		tdm_store_release(&drv_.event_head, drv_.event_head + 1);
		return true;
	}

	/* The next event of that type; others are kept for later. */
	struct tdm_event Wait(uint32_t type)
	{
		struct tdm_event found = {};

		EXPECT_TRUE(Until([&] {
			struct tdm_event event;

			while (Take(&event))
				kept_.push_back(event);
			for (auto it = kept_.begin(); it != kept_.end(); ++it)
				if (it->type == type) {
					found = *it;
					kept_.erase(it);
					return true;
				}
			return false;
		})) << "no event of type "
		    << type;
		return found;
	}

	/* A command and its answer. */
	int Admin(const struct tdm_admin_cmd &cmd)
	{
		uint32_t tag = Post(cmd);
		struct tdm_event event = Wait(TDM_EV_ADMIN);

		EXPECT_EQ(event.id, tag);
		return static_cast<int>(static_cast<int64_t>(event.value));
	}
	int Context(uint16_t opcode, uint32_t ctx, uint32_t queue = 0)
	{
		struct tdm_admin_cmd cmd = {};

		cmd.opcode = opcode;
		cmd.ctx.ctx = ctx;
		cmd.ctx.queue = queue;
		return Admin(cmd);
	}
	int Map(uint16_t opcode, uint64_t dva, uint64_t len, uint64_t bus,
		uint32_t access = TDM_ACCESS_READ | TDM_ACCESS_WRITE, uint32_t ctx = 1)
	{
		struct tdm_admin_cmd cmd = {};

		cmd.opcode = opcode;
		cmd.map.ctx = ctx;
		cmd.map.access = access;
		cmd.map.dva = dva;
		cmd.map.len = len;
		cmd.map.bus = bus;
		return Admin(cmd);
	}

	/* The registers, to be read and broken. */
	struct tdm_fw_regs fw_ = {};
	struct tdm_drv_regs drv_ = {};
	std::atomic<int> mapped_{ 0 };
	std::atomic<uint64_t> interrupts_{ 0 };
	std::atomic<int> crashes_{ 0 };
	/* Compute's thread; by default memory that goes away is not expected. */
	std::function<void(const struct fw_range *)> again_ = [](const struct fw_range *range) {
		ADD_FAILURE() << "lost " << std::hex << range->dva;
	};
	struct fw_device *device() const
	{
		return dev_;
	}

	/* Called in the midst of the firmware; set before it is enabled. */
	void OnInterrupt(std::function<void()> look)
	{
		std::lock_guard<std::mutex> hold(lock_);

		on_interrupt_ = std::move(look);
	}

	/* Called with every time that compute reads, before it has it. */
	void OnClock(std::function<void(uint64_t)> look)
	{
		std::lock_guard<std::mutex> hold(lock_);

		on_clock_ = std::move(look);
	}

	/* Compute stands still at its next look at the clock, until told to go on. */
	std::atomic<bool> hold_{ false };
	std::atomic<bool> held_{ false };

private:
	std::function<void()> on_interrupt()
	{
		std::lock_guard<std::mutex> hold(lock_);

		return on_interrupt_;
	}
	std::function<void(uint64_t)> on_clock()
	{
		std::lock_guard<std::mutex> hold(lock_);

		return on_clock_;
	}
	static Host *Self(struct fw_port *port)
	{
		return static_cast<Host *>(port);
	}
	static void *BusMap(struct fw_port *port, uint64_t bus, uint64_t, unsigned int)
	{
		if (bus)
			Self(port)->mapped_++;
		return reinterpret_cast<void *>(bus);
	}
	static void *RangeMap(struct fw_port *port, const struct tdm_admin_map *map)
	{
		return BusMap(port, map->n_extents ? 0 : map->bus, map->len, 0);
	}
	static void RangeAgain(struct fw_port *port, const struct fw_range *range)
	{
		Self(port)->again_(range);
	}
	static void BusUnmap(struct fw_port *port, void *, uint64_t)
	{
		Self(port)->mapped_--;
	}
	static void Interrupt(struct fw_port *port)
	{
		Self(port)->interrupts_++;
		std::function<void()> look = Self(port)->on_interrupt();

		if (look)
			look();
	}
	static uint32_t Bell(struct fw_port *port, enum fw_bell bell)
	{
		std::lock_guard<std::mutex> hold(Self(port)->lock_);

		return Self(port)->bells_[bell];
	}
	static void RingOther(struct fw_port *port, enum fw_bell bell)
	{
		Self(port)->Ring(bell);
	}
	static void Sleep(struct fw_port *port, enum fw_bell bell, uint32_t seen, uint64_t deadline)
	{
		Host *host = Self(port);
		std::unique_lock<std::mutex> hold(host->lock_);
		auto rung = [&] { return host->bells_[bell] != seen; };

		if (deadline == ~0ull)
			host->rung_.wait(hold, rung);
		else
			host->rung_.wait_until(hold,
					       std::chrono::steady_clock::time_point(
						       std::chrono::nanoseconds(deadline)),
					       rung);
	}
	static uint64_t Clock(struct fw_port *port)
	{
		while (computes_ && Self(port)->hold_) {
			Self(port)->held_ = true;
			std::this_thread::yield();
		}
		uint64_t now = NowNs();
		std::function<void(uint64_t)> look;

		if (computes_)
			look = Self(port)->on_clock();
		if (look)
			look(now);
		return now;
	}

	static void Crash(struct fw_port *port)
	{
		Self(port)->crashes_++;
	}

	static inline thread_local bool computes_ = false;

	Memory admin_;
	Memory events_;
	std::vector<std::unique_ptr<Memory>> kept_memory_;
	std::mutex lock_;
	std::condition_variable rung_;
	/* lock_ guards these: the firmware runs from the start. */
	std::function<void()> on_interrupt_;
	std::function<void(uint64_t)> on_clock_;
	uint32_t bells_[FW_BELLS] = {};
	uint32_t tag_ = 0x70000;
	std::deque<struct tdm_event> kept_;
	struct fw_device *dev_ = nullptr;
	std::vector<std::thread> threads_;
};

/* The three areas of a queue, and the application's side of them. */
class Queue
{
public:
	explicit Queue(Host *host, uint32_t id, uint8_t order = 3, uint8_t wake = TDM_WAKE_CALL)
	    : host_(host), entries_(1u << order),
	      sq_(host->Alloc(TDM_QUEUE_HDR_BYTES + entries_ * sizeof(struct tdm_cmd))),
	      cq_(host->Alloc(TDM_QUEUE_HDR_BYTES + entries_ * sizeof(struct tdm_cqe))),
	      status_(host->Alloc(4096))
	{
		status()->state = TDM_QUEUE_RUNNING;
		status()->wait_seq = ~0ull;
		cmd_.opcode = TDM_ADMIN_QUEUE_CREATE;
		cmd_.queue.ctx = 1;
		cmd_.queue.queue = id;
		cmd_.queue.sq = sq_.bus();
		cmd_.queue.cq = cq_.bus();
		cmd_.queue.status = status_.bus();
		cmd_.queue.sq_order = cmd_.queue.cq_order = order;
		cmd_.queue.wake = wake;
	}
	struct tdm_admin_cmd &cmd()
	{
		return cmd_;
	}
	int Create()
	{
		return host_->Admin(cmd_);
	}
	int Destroy()
	{
		struct tdm_admin_cmd destroy = cmd_;

		destroy.opcode = TDM_ADMIN_QUEUE_DESTROY;
		return host_->Admin(destroy);
	}
	struct tdm_sq_hdr *sq() const
	{
		return sq_.as<struct tdm_sq_hdr>();
	}
	struct tdm_cq_hdr *cq() const
	{
		return cq_.as<struct tdm_cq_hdr>();
	}
	struct tdm_queue_status *status() const
	{
		return status_.as<struct tdm_queue_status>();
	}
	const struct tdm_cqe &cqe(uint32_t index) const
	{
		return cq_.as<struct tdm_cqe>(TDM_QUEUE_HDR_BYTES)[index & (entries_ - 1)];
	}

	/* Writes commands and the tail, and rings nothing. */
	void Publish(struct tdm_cmd cmd, uint32_t n = 1)
	{
		auto *cmds = sq_.as<struct tdm_cmd>(TDM_QUEUE_HDR_BYTES);

		for (; n; n--) {
			cmd.cookie = tail_;
			cmds[tail_++ & (entries_ - 1)] = cmd;
		}
		tdm_store_release(&sq()->tail, tail_);
	}
	void Submit(const struct tdm_cmd &cmd, uint32_t n = 1)
	{
		Publish(cmd, n);
		host_->Ring(FW_BELL_COMPUTE);
	}
	uint64_t Completed() const
	{
		return tdm_load_acquire(&cq()->completed);
	}
	bool WaitCompleted(uint64_t n) const
	{
		return Until([&] { return Completed() >= n; });
	}
	void Consume(uint32_t n)
	{
		tdm_store_release(&sq()->cq_head, sq()->cq_head + n);
		host_->Ring(FW_BELL_COMPUTE);
	}

private:
	Host *host_;
	uint32_t entries_;
	Memory &sq_;
	Memory &cq_;
	Memory &status_;
	struct tdm_admin_cmd cmd_ = {};
	uint32_t tail_ = 0;
};

inline struct tdm_cmd Nop()
{
	struct tdm_cmd cmd = {};

	return cmd;
}

inline struct tdm_cmd Fill(uint64_t dst, uint64_t len)
{
	struct tdm_cmd cmd = {};

	cmd.opcode = TDM_OP_FILL;
	cmd.fill.dst = dst;
	cmd.fill.len = len;
	cmd.fill.pattern = 0x0102030405060708;
	return cmd;
}

} // namespace core_test

#endif /* TESTS_CORE_HOST_H */
