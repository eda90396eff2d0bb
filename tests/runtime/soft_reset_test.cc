// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A soft device whose firmware is lost: every context dies for good, nobody
 * hangs, nothing is freed that the firmware may still touch, and nothing leaks.
 */
#include <atomic>
#include <thread>

#include "device_fixture.h"

extern "C" {
#include "soft/file.h"
#include "soft/ioctl.h"
#include "soft/queue.h"
}

using namespace tandem_test;

class SoftReset : public ::testing::Test
{
protected:
	void SetUp() override
	{
		struct tdm_error err = {};
		struct soft_options options;

		ASSERT_EQ(soft_options_parse(&options, "soft:cs3", &err), 0) << err.msg;
		dev_ = soft_device_create(&options, &err);
		ASSERT_NE(dev_, nullptr) << err.msg;
		file_ = soft_file_open(dev_, &err);
		ASSERT_NE(file_, nullptr) << err.msg;
		soft_device_put(dev_);
	}
	template <typename T>
	int Call(unsigned long request, T *arg)
	{
		arg->size = sizeof(*arg);
		return soft_ioctl(file_, request, arg);
	}
	uint32_t MakeQueue()
	{
		struct drm_tandem_queue_create create = {};

		create.abi = TDM_QUEUE_ABI;
		create.sq_entries = create.cq_entries = 4;
		EXPECT_EQ(Call(DRM_IOCTL_TANDEM_QUEUE_CREATE, &create), 0);
		return create.queue;
	}
	int Wait(uint32_t queue, uint64_t deadline, uint64_t seq = 1)
	{
		struct drm_tandem_queue_wait wait = {};

		wait.queue = queue;
		wait.seq = seq;
		wait.deadline_ns = deadline;
		return Call(DRM_IOCTL_TANDEM_QUEUE_WAIT, &wait);
	}

	struct soft_device *dev_ = nullptr;
	struct soft_file *file_ = nullptr;
};

TEST_F(SoftReset, ALostDeviceAnswersEioAndWakesEverybody)
{
	struct drm_tandem_bo_create create = {};
	struct drm_tandem_vm_map map = {};
	struct tdm_error err = {};
	uint32_t number = MakeQueue();
	struct soft_queue *queue = soft_queue_get(file_, number);

	create.domain = TDM_DOMAIN_DEVICE;
	create.bytes = 4096;
	ASSERT_EQ(Call(DRM_IOCTL_TANDEM_BO_CREATE, &create), 0);
	map.handle = create.handle;
	map.len = 4096;
	map.access = TDM_ACCESS_READ;
	ASSERT_EQ(Call(DRM_IOCTL_TANDEM_VM_MAP, &map), 0);

	std::atomic<int> answer{ 1 };
	uint64_t deadline = Soon();
	std::thread waiter([&] { answer = Wait(number, deadline); });
	SleepMs(5);
	soft_device_fail(dev_);
	waiter.join();
	EXPECT_EQ(answer, -EIO);
	EXPECT_LT(NowNs(), deadline);
	EXPECT_EQ(queue->status->state, static_cast<uint32_t>(TDM_QUEUE_RESET));
	EXPECT_EQ(queue->status->error, -EIO);
	soft_queue_put(queue);
	map.dva = 0;
	EXPECT_EQ(Call(DRM_IOCTL_TANDEM_VM_MAP, &map), -EIO);
	EXPECT_EQ(Call(DRM_IOCTL_TANDEM_BO_CREATE, &create), -EIO);
	EXPECT_EQ(Wait(number, 0), -EIO);
	EXPECT_EQ(soft_file_open(dev_, &err), nullptr);
	EXPECT_EQ(err.code, -EIO);
	/* The firmware still has the queue and the range: they outlive the file. */
	soft_file_close(file_);
}

TEST_F(SoftReset, ASilentFirmwareIsGivenUp)
{
	struct tdm_query_clock clock = {};
	struct tdm_telemetry telemetry = {};
	struct drm_tandem_query query = {};
	uint64_t start = NowNs();

	tdm_store_release(&dev_->fw_regs.admin_timeout_ms, uint32_t{ 20 });
	query.item = TDM_QUERY_TELEMETRY;
	query.data = Addr(&telemetry);
	query.len = sizeof(telemetry);
	/* No interrupt gets through, so no answer does. */
	pthread_mutex_lock(&dev_->events.lock);
	EXPECT_EQ(Call(DRM_IOCTL_TANDEM_QUERY, &query), -EIO);
	EXPECT_GE(NowNs(), start + 20 * kMs);
	pthread_mutex_unlock(&dev_->events.lock);
	EXPECT_TRUE(soft_device_dead(dev_));
	query.item = TDM_QUERY_CLOCK;
	query.data = Addr(&clock);
	query.len = sizeof(clock);
	EXPECT_EQ(Call(DRM_IOCTL_TANDEM_QUERY, &query), -EIO);
	soft_file_close(file_);
}

TEST_F(SoftReset, AnswersWithABadTagAreDropped)
{
	struct tdm_query_memory mem;
	struct drm_tandem_query query = {};

	for (uint32_t tag : { 0u, 1u, 0xffffu, 0x10000u, 0xffff0000u, 0xffffffffu })
		soft_admin_answer(dev_, tag, 0);
	MakeQueue();
	query.item = TDM_QUERY_MEMORY;
	query.data = Addr(&mem);
	query.len = sizeof(mem);
	EXPECT_EQ(Call(DRM_IOCTL_TANDEM_QUERY, &query), 0);
	soft_file_close(file_);
}

/* The answer of a command that was given up comes while its slot has another. */
TEST_F(SoftReset, AnswersOfAnEarlierGenerationAreDropped)
{
	struct tdm_telemetry telemetry = {};
	struct drm_tandem_query query = {};
	std::atomic<int> answer{ 1 };
	uint32_t busy = SOFT_ADMIN_ENTRIES;

	query.item = TDM_QUERY_TELEMETRY;
	query.data = Addr(&telemetry);
	query.len = sizeof(telemetry);
	pthread_mutex_lock(&dev_->events.lock);
	std::thread caller([&] { answer = Call(DRM_IOCTL_TANDEM_QUERY, &query); });
	while (busy == SOFT_ADMIN_ENTRIES) {
		SleepMs(1);
		pthread_mutex_lock(&dev_->admin.lock);
		for (uint32_t i = 0; i < SOFT_ADMIN_ENTRIES; i++)
			if (dev_->admin.slots[i].busy)
				busy = i;
		pthread_mutex_unlock(&dev_->admin.lock);
	}
	uint32_t generation = dev_->admin.slots[busy].generation;
	for (uint32_t other : { generation - 1, generation + 1, generation ^ 0x8000 })
		soft_admin_answer(dev_, busy | (other & 0xffff) << 16,
				  static_cast<uint64_t>(-EBADF));
	SleepMs(2);
	EXPECT_EQ(answer, 1);
	pthread_mutex_unlock(&dev_->events.lock);
	caller.join();
	EXPECT_EQ(answer, 0);
	soft_file_close(file_);
}

/*
 * The arm word had the first waiter's sequence while the second's was reached:
 * no event for that. Whoever moves the word on has to notice.
 */
TEST_F(SoftReset, MovingTheArmWordNoticesWhatItPassed)
{
	uint32_t number = MakeQueue();
	struct soft_queue *queue = soft_queue_get(file_, number);
	std::atomic<uint64_t> woken{ 0 };
	uint64_t deadline = Soon();
	std::thread first([&] { EXPECT_EQ(Wait(number, NowNs() + 50 * kMs, 1), 0); });
	std::thread second([&] {
		EXPECT_EQ(Wait(number, deadline, 2), 0);
		woken = NowNs();
	});

	while (tdm_load_relaxed(&queue->status->wait_seq) != 1)
		SleepMs(1);
	SleepMs(5);
	tdm_store_release(&static_cast<struct tdm_cq_hdr *>(queue->complete.ptr)->completed,
			  uint64_t{ 2 });
	first.join();
	second.join();
	EXPECT_LT(woken, deadline);
	EXPECT_EQ(queue->status->wait_seq, ~0ull);
	soft_queue_put(queue);
	soft_file_close(file_);
}

TEST_F(SoftReset, AfterLostEventsEveryWaiterLooks)
{
	uint32_t number = MakeQueue();
	struct soft_queue *queue = soft_queue_get(file_, number);
	std::atomic<int> answer{ 1 };
	uint64_t deadline = Soon();
	std::thread waiter([&] { answer = Wait(number, deadline); });

	SleepMs(5);
	EXPECT_EQ(answer, 1);
	/* A completion whose event was dropped. */
	auto *cq = static_cast<struct tdm_cq_hdr *>(queue->complete.ptr);
	tdm_store_release(&cq->completed, uint64_t{ 1 });
	tdm_store_release(&dev_->fw_regs.events_lost, uint64_t{ 1 });
	soft_events_drain(dev_);
	waiter.join();
	EXPECT_EQ(answer, 0);
	EXPECT_LT(NowNs(), deadline);
	soft_queue_put(queue);
	soft_file_close(file_);
}

TEST_F(SoftReset, AnEventRingThatCannotBeIsFatal)
{
	uint32_t tail = tdm_load_acquire(&dev_->fw_regs.event_tail);

	tdm_store_release(&dev_->fw_regs.event_tail, tail + SOFT_EVENT_ENTRIES + 1);
	soft_events_drain(dev_);
	EXPECT_TRUE(soft_device_dead(dev_));
	soft_file_close(file_);
}
