// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Waiting: the wait call, its deadline, several waiters, the eventfd, and the
 * way to sleep and back (Dekker) on both sides.
 */
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include <atomic>
#include <thread>

#include "device_fixture.h"

using namespace tandem_test;

class QueueWaiting : public DeviceTest
{
protected:
	void SetUp() override
	{
		DeviceTest::SetUp();
		buf_ = Buffer(page_);
		ASSERT_NE(buf_, nullptr);
		word_ = static_cast<uint64_t *>(tdm_buffer_ptr(buf_));
	}
	void TearDown() override
	{
		tdm_buffer_destroy(buf_);
		DeviceTest::TearDown();
	}
	/* Ends a WaitNonZero() on word @i. */
	void Release(unsigned int i)
	{
		__atomic_store_n(word_ + i, 1, __ATOMIC_RELEASE);
	}
	uint64_t Word(unsigned int i) const
	{
		return tdm_buffer_dva(buf_) + i * sizeof(uint64_t);
	}

	struct tdm_buffer *buf_ = nullptr;
	uint64_t *word_ = nullptr;
};
TANDEM_ON_EVERY_DEVICE(QueueWaiting);

TEST_P(QueueWaiting, DeadlinesHold)
{
	RawQueue queue(dev_);
	uint64_t start = NowNs();

	ASSERT_EQ(queue.rc(), 0);
	EXPECT_EQ(queue.Wait(0, 0), 0);
	EXPECT_EQ(queue.Wait(1, 0), -ETIMEDOUT);
	EXPECT_EQ(queue.Wait(1, 1), -ETIMEDOUT);
	EXPECT_EQ(queue.Wait(1, start + 20 * kMs), -ETIMEDOUT);
	EXPECT_GE(NowNs(), start + 20 * kMs);
	queue.Submit(Nop(1));
	EXPECT_EQ(queue.Wait(1), 0);
	EXPECT_EQ(queue.Wait(1, 0), 0);
	EXPECT_EQ(queue.Wait(2, 0), -ETIMEDOUT);
}

TEST_P(QueueWaiting, TheLibrarysWaitHasItsDeadlineToo)
{
	struct tdm_queue *queue = Queue(4);
	struct tdm_cmd wait = WaitNonZero(Word(0));
	struct tdm_cqe cqe;
	uint64_t start = NowNs();

	EXPECT_EQ(tdm_queue_run(queue, &wait, start + 20 * kMs, &cqe), -ETIMEDOUT);
	EXPECT_GE(NowNs(), start + 20 * kMs);
	EXPECT_EQ(tdm_queue_wait(queue, 0), -ETIMEDOUT);
	Release(0);
	EXPECT_EQ(tdm_queue_wait(queue, ~0ull), 0);
	EXPECT_EQ(tdm_queue_poll(queue, &cqe, 1), 1);
	tdm_queue_destroy(queue);
}

TEST_P(QueueWaiting, EachWaiterWaitsForItsOwn)
{
	RawQueue queue(dev_);
	std::atomic<unsigned int> done{ 0 };
	std::vector<std::thread> threads;

	ASSERT_EQ(queue.rc(), 0);
	/* In no order, and two for the same. */
	for (uint64_t seq : { 3, 1, 4, 2, 3 })
		threads.emplace_back([&, seq] {
			EXPECT_EQ(queue.Wait(seq), 0);
			EXPECT_GE(tdm_load_acquire(&queue.cq()->completed), seq);
			done++;
		});
	for (unsigned int i = 0; i < 4; i++)
		queue.Submit(WaitNonZero(Word(i)));
	const unsigned int expected[] = { 0, 1, 2, 4, 5 };
	for (unsigned int i = 0; i <= 4; i++) {
		for (uint64_t until = Soon(); done < expected[i] && NowNs() < until;)
			SleepMs(1);
		SleepMs(5);
		EXPECT_EQ(done, expected[i]);
		if (i < 4)
			Release(i);
	}
	for (std::thread &thread : threads)
		thread.join();
}

TEST_P(QueueWaiting, EventfdCountsEvents)
{
	RawQueue queue(dev_);
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	uint64_t value = 0;

	ASSERT_EQ(queue.rc(), 0);
	ASSERT_EQ(QueueEventfd(dev_, queue.number(), fd), 0);
	/* Not armed: silent. */
	queue.Submit(Nop(1));
	ASSERT_EQ(queue.Wait(1), 0);
	/* The wait itself may have armed it; from here on nobody waits. */
	SleepMs(5);
	EXPECT_TRUE(read(fd, &value, sizeof(value)) < 0 || value == 1);
	queue.Submit(Nop(2));
	while (tdm_load_acquire(&queue.cq()->completed) < 2)
		SleepMs(1);
	EXPECT_FALSE(PollIn(fd, 5));
	/* Armed for the second of two. */
	tdm_store_release(&queue.sq()->event_seq, uint64_t{ 4 });
	queue.Submit(Nop(3));
	EXPECT_FALSE(PollIn(fd, 5));
	queue.Submit(Nop(4));
	EXPECT_TRUE(PollIn(fd, 20000));
	ASSERT_EQ(read(fd, &value, sizeof(value)), static_cast<ssize_t>(sizeof(value)));
	EXPECT_EQ(value, 1u);
	/* Taken back. */
	ASSERT_EQ(QueueEventfd(dev_, queue.number(), -1), 0);
	tdm_store_release(&queue.sq()->event_seq, uint64_t{ 5 });
	queue.Submit(Nop(5));
	ASSERT_EQ(queue.Wait(5), 0);
	EXPECT_FALSE(PollIn(fd, 5));
	close(fd);
}

TEST_P(QueueWaiting, EventfdIsHeldAfterItsOwnerClosedIt)
{
	RawQueue queue(dev_);
	int fd = eventfd(0, EFD_CLOEXEC);
	int other = dup(fd);

	ASSERT_EQ(queue.rc(), 0);
	ASSERT_EQ(QueueEventfd(dev_, queue.number(), fd), 0);
	close(fd);
	tdm_store_release(&queue.sq()->event_seq, uint64_t{ 1 });
	queue.Submit(Nop(1));
	EXPECT_TRUE(PollIn(other, 20000));
	close(other);
}

TEST_P(QueueWaiting, AFullEventfdBlocksNobody)
{
	RawQueue queue(dev_);
	int fd = eventfd(0, EFD_CLOEXEC);
	uint64_t full = ~0ull - 1;

	ASSERT_EQ(queue.rc(), 0);
	ASSERT_EQ(write(fd, &full, sizeof(full)), static_cast<ssize_t>(sizeof(full)));
	ASSERT_EQ(QueueEventfd(dev_, queue.number(), fd), 0);
	for (uint64_t i = 1; i <= 3; i++) {
		tdm_store_release(&queue.sq()->event_seq, i);
		queue.Submit(Nop(i));
		EXPECT_EQ(queue.Wait(i), 0);
	}
	close(fd);
}

TEST_P(QueueWaiting, OnlyEventfdsAreEventfds)
{
	RawQueue queue(dev_);
	int fds[2];

	ASSERT_EQ(queue.rc(), 0);
	ASSERT_EQ(pipe(fds), 0);
	EXPECT_EQ(QueueEventfd(dev_, queue.number(), fds[1]), -EINVAL);
	close(fds[0]);
	close(fds[1]);
	EXPECT_EQ(QueueEventfd(dev_, queue.number(), fds[1]), -EBADF);
	EXPECT_EQ(QueueEventfd(dev_, queue.number(), -2), -EINVAL);
}

static void OnSignal(int)
{
}

TEST_P(QueueWaiting, ASignalInterruptsTheCallAndNotTheLibrary)
{
	RawQueue raw(dev_);
	struct tdm_queue *queue = Queue(4);
	struct tdm_cmd wait = WaitNonZero(Word(0));
	struct sigaction action = {}, old;
	std::atomic<bool> stop{ false };
	pthread_t self = pthread_self();
	struct tdm_cqe cqe;

	ASSERT_EQ(raw.rc(), 0);
	action.sa_handler = OnSignal;
	sigaction(SIGUSR1, &action, &old);
	std::thread storm([&] {
		while (!stop) {
			pthread_kill(self, SIGUSR1);
			SleepMs(1);
		}
	});
	struct drm_tandem_queue_wait call = {};
	call.size = sizeof(call);
	call.queue = raw.number();
	call.seq = 1;
	call.deadline_ns = Soon();
	EXPECT_EQ(tdm_device_ioctl(dev_, DRM_IOCTL_TANDEM_QUEUE_WAIT, &call), -EINTR);
	ASSERT_EQ(tdm_queue_submit(queue, &wait, 1), 1);
	EXPECT_EQ(tdm_queue_wait(queue, NowNs() + 50 * kMs), -ETIMEDOUT);
	Release(0);
	EXPECT_EQ(tdm_queue_wait(queue, Soon()), 0);
	stop = true;
	storm.join();
	EXPECT_EQ(tdm_queue_poll(queue, &cqe, 1), 1);
	sigaction(SIGUSR1, &old, nullptr);
	tdm_queue_destroy(queue);
}

/*
 * Both sides go to sleep as often as they can, at every distance from one
 * another that the pauses make: a lost wake-up is a wait that never ends.
 */
TEST_P(QueueWaiting, NoWakeUpIsLost)
{
	std::vector<std::thread> threads;
	uint64_t end = NowNs() + 1000 * kMs;

	for (uint64_t t = 0; t < 2; t++)
		threads.emplace_back([&, t] {
			RawQueue queue(dev_);
			uint64_t noise = 88172645463325252u + t;

			ASSERT_EQ(queue.rc(), 0);
			for (uint64_t seq = 1; NowNs() < end; seq++) {
				queue.Submit(Nop(seq));
				ASSERT_EQ(queue.Wait(seq), 0) << "command " << seq;
				tdm_store_release(&queue.sq()->cq_head, static_cast<uint32_t>(seq));
				noise ^= noise << 13;
				noise ^= noise >> 7;
				noise ^= noise << 17;
				for (uint64_t until = NowNs() + noise % 120000; NowNs() < until;)
					;
			}
		});
	for (std::thread &thread : threads)
		thread.join();
}
