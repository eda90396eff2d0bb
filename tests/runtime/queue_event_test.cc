// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The eventfd, for each kind of event: a completion, a layer of a long command, the
 * end of a queue by its own fault, by a call, or by its limit of time.
 */
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <thread>

#include "command_fixture.h"

using namespace tandem_test;

class QueueEvent : public DeviceTest
{
protected:
	void SetUp() override
	{
		DeviceTest::SetUp();
		block_ = std::make_unique<Block>(dev_, page_);
		ASSERT_EQ(block_->rc, 0);
		fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		ASSERT_GE(fd_, 0);
	}
	void TearDown() override
	{
		close(fd_);
		block_.reset();
		DeviceTest::TearDown();
	}
	/* What came since the last look, once there is something. */
	uint64_t Events(int fd)
	{
		uint64_t count = 0;

		EXPECT_TRUE(PollIn(fd, 20000));
		EXPECT_EQ(read(fd, &count, sizeof(count)), static_cast<ssize_t>(sizeof(count)));
		return count;
	}

	std::unique_ptr<Block> block_;
	int fd_ = -1;
};
TANDEM_ON_EVERY_DEVICE(QueueEvent);

TEST_P(QueueEvent, TheEndOfAQueueByItsOwnFault)
{
	RawQueue queue(dev_);

	ASSERT_EQ(queue.rc(), 0);
	ASSERT_EQ(QueueEventfd(dev_, queue.number(), fd_), 0);
	EXPECT_FALSE(PollIn(fd_, 5));
	queue.SetTail(100);
	EXPECT_EQ(Events(fd_), 1u);
	EXPECT_EQ(queue.state(), static_cast<uint32_t>(TDM_QUEUE_ERROR));
	EXPECT_EQ(queue.Destroy(), 0);
	EXPECT_FALSE(PollIn(fd_, 5));
}

TEST_P(QueueEvent, TheEndOfAQueueByACall)
{
	RawQueue queue(dev_);

	ASSERT_EQ(queue.rc(), 0);
	ASSERT_EQ(QueueEventfd(dev_, queue.number(), fd_), 0);
	queue.Submit(WaitNonZero(block_->Word(0)));
	EXPECT_FALSE(PollIn(fd_, 5));
	ASSERT_EQ(queue.Destroy(), 0);
	EXPECT_EQ(Events(fd_), 1u);
	EXPECT_EQ(queue.state(), static_cast<uint32_t>(TDM_QUEUE_KILLED));
}

TEST_P(QueueEvent, TheEndOfAQueueWithItsFile)
{
	struct tdm_device *other = tdm_device_reopen(dev_, &err_);

	ASSERT_NE(other, nullptr) << err_.msg;
	auto queue = std::make_unique<RawQueue>(other);
	ASSERT_EQ(queue->rc(), 0);
	ASSERT_EQ(QueueEventfd(other, queue->number(), fd_), 0);
	/* Its mappings would keep the file open; the queue is left to the close. */
	queue->Unmap();
	queue->Forget();
	tdm_device_close(other);
	EXPECT_EQ(Events(fd_), 1u);
}

/* A command that ends for its time is a completion like any other. */
TEST_P(QueueEvent, ACommandPastItsTime)
{
	struct tdm_cmd wait = WaitNonZero(block_->Word(0));
	RawQueue queue(dev_);

	ASSERT_EQ(queue.rc(), 0);
	ASSERT_EQ(QueueEventfd(dev_, queue.number(), fd_), 0);
	tdm_store_release(&queue.sq()->event_seq, uint64_t{ 1 });
	wait.wait.timeout_ns = 3 * kMs;
	queue.Submit(wait);
	EXPECT_EQ(Events(fd_), 1u);
	EXPECT_EQ(queue.cqe(0)->status, TDM_ST_TIMEOUT);
}

/* One event for each layer of a PREFILL that asks for it. */
TEST_P(QueueEvent, ALayerOfALongCommand)
{
	TinyModel model(dev_);
	TinyRun run(dev_);
	RawQueue queue(dev_);
	uint64_t events = 0;

	ASSERT_EQ(queue.rc(), 0);
	queue.Submit(model.load());
	ASSERT_EQ(queue.Wait(1), 0);
	ASSERT_EQ(queue.cqe(0)->status, TDM_ST_OK);
	run.set(0, 0, 0, { 1, 2, 3 });
	struct tdm_cmd prefill = run.prefill(static_cast<uint32_t>(queue.cqe(0)->result), 1);
	run.run()->flags = TDM_RUN_LAYER_EVENT;
	ASSERT_EQ(QueueEventfd(dev_, queue.number(), fd_), 0);
	queue.Submit(prefill);
	/* The last layer's comes before the completion, which nobody armed for. */
	for (uint64_t end = Soon(); events < TinyModel::LAYERS && NowNs() < end;)
		events += Events(fd_);
	EXPECT_EQ(events, TinyModel::LAYERS);
	while (tdm_load_acquire(&queue.cq()->completed) < 2)
		SleepMs(1);
	EXPECT_EQ(queue.cqe(1)->status, TDM_ST_OK);
	EXPECT_FALSE(PollIn(fd_, 5));
}

/* One descriptor may serve several queues, of several files; and be replaced at work. */
TEST_P(QueueEvent, OneForMany)
{
	struct tdm_device *other = tdm_device_reopen(dev_, &err_);
	int poller = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event want = {}, got = {};
	uint64_t events = 0;

	ASSERT_NE(other, nullptr) << err_.msg;
	want.events = EPOLLIN;
	ASSERT_EQ(epoll_ctl(poller, EPOLL_CTL_ADD, fd_, &want), 0);
	{
		RawQueue first(dev_), second(dev_), third(other);
		RawQueue *queues[] = { &first, &second, &third };

		for (RawQueue *queue : queues)
			ASSERT_EQ(queue->rc(), 0);
		ASSERT_EQ(QueueEventfd(dev_, first.number(), fd_), 0);
		ASSERT_EQ(QueueEventfd(dev_, second.number(), fd_), 0);
		ASSERT_EQ(QueueEventfd(other, third.number(), fd_), 0);
		for (RawQueue *queue : queues) {
			tdm_store_release(&queue->sq()->event_seq, uint64_t{ 1 });
			queue->Submit(Nop(1));
		}
		for (uint64_t end = Soon(); events < 3 && NowNs() < end;) {
			uint64_t count = 0;
			int n = epoll_wait(poller, &got, 1, 1000);

			if (n == 1 && read(fd_, &count, sizeof(count)) == sizeof(count))
				events += count;
		}
		EXPECT_EQ(events, 3u);
		/* Taken from one, it stays the others'. */
		ASSERT_EQ(QueueEventfd(dev_, first.number(), -1), 0);
		for (RawQueue *queue : queues) {
			tdm_store_release(&queue->sq()->event_seq, uint64_t{ 2 });
			queue->Submit(Nop(2));
			ASSERT_EQ(queue->Wait(2), 0);
		}
		events = 0;
		while (events < 2)
			events += Events(fd_);
		/* Whoever waited may have raised one more of each. */
		EXPECT_LE(events, 4u);
	}
	close(poller);
	tdm_device_close(other);
}

TEST_P(QueueEvent, ReplacedWhileEventsCome)
{
	RawQueue queue(dev_);
	int fds[2] = { fd_, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	std::atomic<bool> stop{ false };

	ASSERT_EQ(queue.rc(), 0);
	ASSERT_GE(fds[1], 0);
	std::thread swapper([&] {
		for (unsigned int i = 0; !stop; i++)
			ASSERT_EQ(QueueEventfd(dev_, queue.number(), i % 3 ? fds[i % 2] : -1), 0);
	});
	for (uint64_t i = 1; i <= 200; i++) {
		tdm_store_release(&queue.sq()->event_seq, i);
		queue.Submit(Nop(i));
		ASSERT_EQ(queue.Wait(i), 0);
		tdm_store_release(&queue.sq()->cq_head, static_cast<uint32_t>(i));
	}
	stop = true;
	swapper.join();
	/* None is lost when it is still the queue's. */
	ASSERT_EQ(QueueEventfd(dev_, queue.number(), fds[1]), 0);
	uint64_t count;
	while (read(fds[1], &count, sizeof(count)) > 0)
		;
	tdm_store_release(&queue.sq()->event_seq, uint64_t{ 201 });
	queue.Submit(Nop(201));
	EXPECT_TRUE(PollIn(fds[1], 20000));
	close(fds[1]);
}
