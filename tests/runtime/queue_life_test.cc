// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Queues that end: destroyed while they are busy or waited for, corrupted, closed
 * with their file. And nobody else is disturbed.
 */
#include <dirent.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "device_fixture.h"

using namespace tandem_test;

class QueueLife : public DeviceTest
{
protected:
	/* A queue of another context that must go on working. */
	void StillFine(struct tdm_queue *queue)
	{
		struct tdm_cqe cqe;

		for (uint64_t i = 0; i < 50; i++) {
			struct tdm_cmd nop = Nop(i);

			ASSERT_EQ(tdm_queue_run(queue, &nop, Soon(), &cqe), 0);
			ASSERT_EQ(cqe.cookie, i);
		}
	}
	void UntilState(const RawQueue &queue, uint32_t state)
	{
		for (uint64_t until = Soon(); queue.state() != state && NowNs() < until;)
			SleepMs(1);
		ASSERT_EQ(queue.state(), state);
	}
};
TANDEM_ON_EVERY_DEVICE(QueueLife);

TEST_P(QueueLife, DestroyWhileACommandRuns)
{
	struct tdm_buffer *buf = Buffer(page_);
	auto *word = static_cast<uint64_t *>(tdm_buffer_ptr(buf));
	RawQueue queue(dev_);
	std::atomic<int> answer{ 1 };

	ASSERT_EQ(queue.rc(), 0);
	queue.Submit(WaitNonZero(tdm_buffer_dva(buf)));
	queue.Submit(Signal(tdm_buffer_dva(buf) + 8, 1));
	std::thread waiter([&] { answer = queue.Wait(1); });
	/* Once it is armed the waiter is in the call, and has found the queue. */
	for (uint64_t until = Soon();
	     tdm_load_acquire(&queue.status()->wait_seq) != 1 && NowNs() < until;)
		SleepMs(1);
	EXPECT_EQ(answer, 1);
	EXPECT_EQ(queue.Destroy(), 0);
	waiter.join();
	EXPECT_EQ(answer, -EIO);
	/* The mappings stay, and tell. */
	EXPECT_EQ(queue.state(), static_cast<uint32_t>(TDM_QUEUE_KILLED));
	EXPECT_EQ(queue.status()->error, -EIO);
	EXPECT_EQ(queue.cq()->completed, 0u);
	__atomic_store_n(word, 1, __ATOMIC_RELEASE);
	SleepMs(3);
	EXPECT_EQ(word[1], 0u);
	EXPECT_EQ(queue.Wait(0, 0), -ENOENT);
	EXPECT_EQ(QueueDestroy(dev_, queue.number()), -ENOENT);
	tdm_buffer_destroy(buf);
}

TEST_P(QueueLife, DestroyWhileBytesMove)
{
	struct tdm_buffer *buf = Buffer(16u << 20);

	for (int i = 0; i < 5; i++) {
		struct tdm_queue *queue = Queue(32);
		std::vector<struct tdm_cmd> cmds(32, Fill(tdm_buffer_dva(buf), 16u << 20, 1));

		ASSERT_EQ(tdm_queue_submit(queue, cmds.data(), 32), 32);
		SleepMs(static_cast<unsigned int>(i));
		tdm_queue_destroy(queue);
		memset(tdm_buffer_ptr(buf), 0, page_);
		SleepMs(1);
		EXPECT_EQ(*static_cast<uint64_t *>(tdm_buffer_ptr(buf)), 0u);
	}
	tdm_buffer_destroy(buf);
}

TEST_P(QueueLife, CloseWhileEverythingIsBusy)
{
	struct tdm_device *other = tdm_device_reopen(dev_, &err_);
	struct tdm_cmd cmds[2];

	ASSERT_NE(other, nullptr) << err_.msg;
	struct tdm_queue *mine = Queue(4);
	for (int i = 0; i < 5; i++) {
		uint64_t dva = 0;
		uint32_t handle;

		ASSERT_EQ(BoCreate(other, TDM_DOMAIN_DEVICE, 16u << 20, &handle), 0);
		ASSERT_EQ(VmMap(other, handle, 0, 16u << 20, &dva), 0);
		struct tdm_queue *parked = tdm_queue_create(other, 4, &err_);
		struct tdm_queue *moving = tdm_queue_create(other, 4, &err_);
		ASSERT_TRUE(parked && moving) << err_.msg;
		cmds[0] = WaitNonZero(dva);
		cmds[1] = Fill(dva + 4096, (16u << 20) - 4096, 1);
		ASSERT_EQ(tdm_queue_submit(parked, &cmds[0], 1), 1);
		ASSERT_EQ(tdm_queue_submit(moving, &cmds[1], 1), 1);
		tdm_queue_destroy(parked);
		if (i & 1)
			tdm_queue_destroy(moving);
		StillFine(mine);
		if (!(i & 1))
			tdm_queue_destroy(moving);
	}
	tdm_device_close(other);
	StillFine(mine);
	EXPECT_EQ(Memory().device_used, 0u);
	tdm_queue_destroy(mine);
}

TEST_P(QueueLife, CloseTakesWhatWasForgotten)
{
	struct tdm_device *other = tdm_device_reopen(dev_, &err_);
	struct drm_tandem_queue_create create = {};
	uint64_t dva = 0;
	uint32_t handle;

	ASSERT_NE(other, nullptr) << err_.msg;
	ASSERT_EQ(BoCreate(other, TDM_DOMAIN_HOST, 4 * page_, &handle), 0);
	ASSERT_EQ(VmMap(other, handle, 0, page_, &dva), 0);
	for (int i = 0; i < 3; i++) {
		create = {};
		create.size = sizeof(create);
		create.abi = TDM_QUEUE_ABI;
		create.sq_entries = create.cq_entries = 4;
		ASSERT_EQ(File(other).Call(DRM_IOCTL_TANDEM_QUEUE_CREATE, &create), 0);
	}
	EXPECT_GT(Memory().host_used, 4 * page_);
	tdm_device_close(other);
	EXPECT_EQ(Memory().host_used, 0u);
}

TEST_P(QueueLife, AnImpossibleTailStopsThatQueueAlone)
{
	struct tdm_device *other = tdm_device_reopen(dev_, &err_);

	ASSERT_NE(other, nullptr) << err_.msg;
	struct tdm_queue *theirs = tdm_queue_create(other, 4, &err_);
	struct tdm_queue *mine = Queue(4);
	for (uint32_t tail : { 9u, 100u, 0x80000000u, 0xffffffffu }) {
		RawQueue queue(dev_, 8);

		ASSERT_EQ(queue.rc(), 0);
		std::atomic<int> answer{ 1 };
		std::thread waiter([&] { answer = queue.Wait(1); });
		queue.SetTail(tail);
		UntilState(queue, TDM_QUEUE_ERROR);
		waiter.join();
		EXPECT_EQ(answer, -EIO);
		EXPECT_LT(queue.status()->error, 0);
		EXPECT_EQ(queue.cq()->completed, 0u);
		/* For good: a tail that can be again changes nothing. */
		queue.SetTail(1);
		EXPECT_EQ(queue.Wait(1, NowNs() + 5 * kMs), -EIO);
		StillFine(mine);
		StillFine(theirs);
		EXPECT_EQ(queue.Destroy(), 0);
	}
	tdm_queue_destroy(mine);
	tdm_queue_destroy(theirs);
	tdm_device_close(other);
}

TEST_P(QueueLife, AnImpossibleCqHeadStopsThatQueueAlone)
{
	struct tdm_queue *mine = Queue(4);

	for (uint32_t head : { 9u, 0x80000000u, 0xfffffff0u }) {
		RawQueue queue(dev_, 8);

		ASSERT_EQ(queue.rc(), 0);
		tdm_store_release(&queue.sq()->cq_head, head);
		/* It is looked at when the ring seems full, if not before. */
		for (uint64_t i = 0; i < 9 && queue.state() == TDM_QUEUE_RUNNING; i++) {
			queue.Submit(Nop(i));
			queue.Wait(i + 1, NowNs() + 20 * kMs);
		}
		UntilState(queue, TDM_QUEUE_ERROR);
		EXPECT_LE(queue.cq()->completed, 8u);
		StillFine(mine);
	}
	tdm_queue_destroy(mine);
}

TEST_P(QueueLife, TheLibraryReportsWhatIsLost)
{
	struct tdm_buffer *buf = Buffer(page_);
	struct tdm_queue *queue = Queue(8);
	struct tdm_cmd cmds[] = { Nop(1), Nop(2), WaitNonZero(tdm_buffer_dva(buf)), Nop(3) };
	struct tdm_cqe cqes[8];

	ASSERT_EQ(tdm_queue_submit(queue, cmds, 4), 4);
	ASSERT_EQ(QueueWait(dev_, tdm_queue_number(queue), 2, Soon()), 0);
	ASSERT_EQ(QueueDestroy(dev_, tdm_queue_number(queue)), 0);
	/* What completed before counts; then nothing more comes. */
	EXPECT_EQ(tdm_queue_wait(queue, Soon()), 0);
	EXPECT_EQ(tdm_queue_poll(queue, cqes, 8), 2);
	EXPECT_EQ(tdm_queue_open(queue), 2u);
	EXPECT_EQ(tdm_queue_poll(queue, cqes, 8), -EIO);
	EXPECT_LT(tdm_queue_wait(queue, Soon()), 0);
	EXPECT_EQ(tdm_queue_submit(queue, cmds, 1), -EIO);
	tdm_queue_destroy(queue);
	tdm_buffer_destroy(buf);
}

TEST_P(QueueLife, WhatTheDeviceWritesIsReadOnly)
{
	RawQueue queue(dev_);
	const struct drm_tandem_queue_create &info = queue.info();
	auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));

	ASSERT_EQ(queue.rc(), 0);
	for (auto [offset, len] : { std::pair<uint64_t, size_t>{ info.cq_offset, info.cq_bytes },
				    std::pair<uint64_t, size_t>{ info.status_offset, page } }) {
		EXPECT_EQ(tdm_device_mmap(dev_, len, PROT_READ | PROT_WRITE, offset, &err_),
			  nullptr);
		EXPECT_EQ(err_.code, -EACCES);
		void *ptr = tdm_device_mmap(dev_, len, PROT_READ, offset, &err_);
		ASSERT_NE(ptr, nullptr) << err_.msg;
		/* Nor can it be made writable afterwards. */
		EXPECT_EQ(mprotect(ptr, len, PROT_READ | PROT_WRITE), -1);
		EXPECT_EQ(tdm_device_munmap(dev_, ptr, len), 0);
	}
}

TEST_P(QueueLife, NumbersRunOutAndComeBack)
{
	uint32_t max = tdm_device_info(dev_)->identify.max_queues;
	std::vector<struct tdm_queue *> queues;
	struct tdm_queue *queue;

	while (queues.size() <= max && (queue = tdm_queue_create(dev_, 2, &err_)))
		queues.push_back(queue);
	EXPECT_EQ(err_.code, -ENOSPC);
	EXPECT_GE(queues.size(), 1u);
	EXPECT_LT(queues.size(), max);
	/* One context's limit leaves some to the next. */
	struct tdm_device *other = tdm_device_reopen(dev_, &err_);
	ASSERT_NE(other, nullptr);
	queue = tdm_queue_create(other, 2, &err_);
	EXPECT_NE(queue, nullptr) << err_.msg;
	tdm_queue_destroy(queue);
	tdm_device_close(other);
	for (struct tdm_queue *q : queues)
		tdm_queue_destroy(q);
	queue = Queue(2);
	EXPECT_NE(queue, nullptr);
	tdm_queue_destroy(queue);
}

static unsigned int OpenDescriptors()
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static unsigned int Mappings()
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned int n = 0;
	char line[512];

	while (maps && fgets(line, sizeof(line), maps))
		n += strstr(line, "memfd:tandem") || strstr(line, "/dev/accel") ||
		     strstr(line, "/dev/dri");
	if (maps)
		fclose(maps);
	return n;
}

/* Every order of taking down a buffer, two queues and the mappings of one. */
TEST_P(QueueLife, EveryOrderOfDestroyingLeaksNothing)
{
	unsigned int fds = OpenDescriptors();
	std::string order = "0123";
	struct tdm_cqe cqe;

	ASSERT_EQ(Mappings(), 0u);
	do {
		struct tdm_buffer *buf = Buffer(page_);
		struct tdm_queue *first = Queue(4), *second = Queue(4);
		auto *raw = new RawQueue(dev_);
		struct tdm_cmd wait = WaitNonZero(tdm_buffer_dva(buf));
		struct tdm_cmd nop = Nop(1);

		ASSERT_EQ(tdm_queue_submit(first, &wait, 1), 1);
		ASSERT_EQ(tdm_queue_run(second, &nop, Soon(), &cqe), 0);
		raw->Submit(wait);
		for (char what : order) {
			if (what == '0')
				tdm_buffer_destroy(buf);
			else if (what == '1')
				tdm_queue_destroy(first);
			else if (what == '2')
				tdm_queue_destroy(second);
			else
				delete raw;
		}
		ASSERT_EQ(OpenDescriptors(), fds);
		ASSERT_EQ(Mappings(), 0u);
		ASSERT_EQ(Memory().host_used + Memory().device_used, 0u);
	} while (std::next_permutation(order.begin(), order.end()));
}
