// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Going to sleep and waking up, on both sides at once, at whatever moment short
 * random delays bring about: several queues on one device, one thread each, and
 * every way to sleep. A wake-up that is lost is found by a deadline that nothing
 * else gets near, and the words on which both sides decide are printed.
 */
#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <random>
#include <thread>

#include "device_fixture.h"

using namespace tandem_test;

namespace
{

/* Long for a lost wake-up only: the machine may be busy with other things. */
constexpr uint64_t kLost = 20000 * kMs;
constexpr uint64_t kRunFor = 800 * kMs;

enum Way { kPoll, kCall, kEventfd, kWays };
const char *const kWayNames[] = { "polling", "the wait call", "the eventfd" };

/* How often a thread went which way, to show that the test tests something. */
struct Seen {
	uint64_t rounds = 0;
	uint64_t rang = 0;  /* the device slept, or was about to */
	uint64_t armed = 0; /* the application went to sleep */
};

/* A queue made from the uapi alone, with batches, and its thread. */
class Hammer
{
public:
	Hammer(struct tdm_device *dev, uint32_t entries, unsigned int seed)
	    : queue_(dev, entries), entries_(entries), random_(seed),
	      fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC))
	{
		EXPECT_EQ(queue_.rc(), 0);
		EXPECT_GE(fd_, 0);
		EXPECT_EQ(QueueEventfd(dev, queue_.number(), fd_), 0);
	}
	Hammer(const Hammer &) = delete;
	Hammer &operator=(const Hammer &) = delete;
	~Hammer()
	{
		queue_.Destroy();
		close(fd_);
	}

	void Run(uint64_t until, const std::atomic<bool> *stop)
	{
		while (NowNs() < until && !*stop && !::testing::Test::HasFailure()) {
			Pause(8);
			Submit(1 + Below(entries_));
			Pause(4);
			Wait(static_cast<Way>(Below(kWays)));
			Reap();
			seen_.rounds++;
		}
	}
	const Seen &seen() const
	{
		return seen_;
	}

private:
	uint32_t Below(uint32_t n)
	{
		return static_cast<uint32_t>(random_() % n);
	}

	/*
	 * Nothing; a moment; any time up to a little longer than either side polls
	 * before it sleeps; until just after the device said that it will sleep; or
	 * until about then, going by how long it took the last time.
	 */
	void Pause(uint32_t kinds)
	{
		uint64_t start = NowNs();
		uint64_t until = start;

		switch (Below(kinds)) {
		case 0:
		case 1:
			return;
		case 2:
			until += Below(2000);
			break;
		case 3:
			until += Below(90000);
			break;
		case 4:
			while (!tdm_load_relaxed(&queue_.cq()->need_wake) &&
			       NowNs() < start + 200000)
				;
			drowsy_ = NowNs() - start;
			for (volatile uint32_t i = Below(400); i; i = i - 1)
				;
			return;
		default:
			until += drowsy_ + Below(3000);
			until -= std::min<uint64_t>(drowsy_, 2500);
		}
		while (NowNs() < until)
			;
	}
	void Submit(uint32_t n)
	{
		auto *cmds = reinterpret_cast<struct tdm_cmd *>(
			reinterpret_cast<char *>(queue_.sq()) + TDM_QUEUE_HDR_BYTES);

		for (uint32_t i = 0; i < n; i++, tail_++)
			cmds[tail_ & (entries_ - 1)] = Nop(tail_);
		tdm_store_release(&queue_.sq()->tail, static_cast<uint32_t>(tail_));
		tdm_full_fence();
		if (tdm_load_relaxed(&queue_.cq()->need_wake)) {
			seen_.rang++;
			EXPECT_EQ(queue_.Wake(), 0);
		}
	}
	uint64_t Completed() const
	{
		return tdm_load_acquire(&queue_.cq()->completed);
	}
	void Wait(Way way)
	{
		uint64_t limit = NowNs() + kLost;
		/* Any one of the open commands, as an event may be for any of them. */
		uint64_t target = head_ + 1 + Below(static_cast<uint32_t>(tail_ - head_));

		if (way == kCall && Completed() < target) {
			seen_.armed++;
			int rc = queue_.Wait(target, limit);

			EXPECT_EQ(rc, 0) << State(way, target);
		} else if (way == kEventfd) {
			WaitForEvent(target, limit);
		}
		/* The rest comes without being asked for. */
		while (Completed() < tail_ && NowNs() < limit)
			std::this_thread::yield();
		EXPECT_EQ(Completed(), tail_) << State(way, tail_);
	}
	void WaitForEvent(uint64_t target, uint64_t limit)
	{
		uint64_t count;

		tdm_store_relaxed(&queue_.sq()->event_seq, target);
		tdm_full_fence();
		while (Completed() < target) {
			auto left =
				static_cast<unsigned int>((limit - std::min(limit, NowNs())) / kMs);

			seen_.armed++;
			if (!PollIn(fd_, left)) {
				ADD_FAILURE() << State(kEventfd, target);
				return;
			}
			/* May be an older one's, late. */
			while (read(fd_, &count, sizeof(count)) > 0)
				;
		}
	}
	void Reap()
	{
		for (; head_ < tail_; head_++) {
			const struct tdm_cqe *cqe = queue_.cqe(static_cast<uint32_t>(head_));
			uint32_t flags = tdm_load_acquire(reinterpret_cast<const uint32_t *>(
						 &cqe->status)) >>
					 16;

			ASSERT_EQ(flags & TDM_CQE_PHASE, head_ & entries_ ? 0u : 1u) << head_;
			ASSERT_EQ(cqe->cookie, head_);
			ASSERT_EQ(cqe->status, TDM_ST_OK);
		}
		tdm_store_release(&queue_.sq()->cq_head, static_cast<uint32_t>(head_));
	}

	/* Which side sleeps on what. */
	std::string State(Way way, uint64_t target) const
	{
		const struct tdm_sq_hdr *sq = queue_.sq();
		const struct tdm_cq_hdr *cq = queue_.cq();
		auto number = [](uint64_t n) { return std::to_string(n); };
		bool device = tdm_load_relaxed(&cq->sq_head) != tdm_load_relaxed(&sq->tail);

		return std::string("after ") + kWayNames[way] + " for " + number(target) + ": " +
		       (device ? "the device sleeps on the tail"
			       : "the application sleeps on completed") +
		       "; tail " + number(sq->tail) + " sq_head " + number(cq->sq_head) +
		       " need_wake " + number(cq->need_wake) + " completed " +
		       number(cq->completed) + " cq_head " + number(sq->cq_head) + " event_seq " +
		       number(sq->event_seq) + " wait_seq " + number(queue_.status()->wait_seq) +
		       " state " + number(queue_.state());
	}

	RawQueue queue_;
	uint32_t entries_;
	std::mt19937 random_;
	int fd_;
	uint64_t drowsy_ = 0; /* until the device slept, when that was last looked at */
	uint64_t tail_ = 0;
	uint64_t head_ = 0;
	Seen seen_;
};

class QueueHammer : public DeviceTest
{
};
TANDEM_ON_EVERY_DEVICE(QueueHammer);

/* One queue: the device sleeps whenever its one application is slow. */
TEST_P(QueueHammer, OneQueue)
{
	std::atomic<bool> stop{ false };
	Hammer hammer(dev_, 4, 1);

	hammer.Run(NowNs() + kRunFor, &stop);
	EXPECT_GT(hammer.seen().rounds, 0u);
	EXPECT_GT(hammer.seen().rang, 0u);
	EXPECT_GT(hammer.seen().armed, 0u);
}

/* Several: what wakes the device for one of them keeps it awake for the others. */
TEST_P(QueueHammer, SeveralQueues)
{
	std::atomic<bool> stop{ false };
	uint64_t until = NowNs() + kRunFor;
	std::vector<std::unique_ptr<Hammer>> hammers;
	std::vector<std::thread> threads;

	for (unsigned int i = 0; i < 4; i++)
		hammers.push_back(std::make_unique<Hammer>(dev_, 2u << i, 10 + i));
	for (auto &hammer : hammers)
		threads.emplace_back([&] { hammer->Run(until, &stop); });
	for (auto &thread : threads)
		thread.join();
	for (auto &hammer : hammers)
		EXPECT_GT(hammer->seen().rounds, 0u);
}

/* The library's own way: submit, poll and wait, at every offset of the ring. */
TEST_P(QueueHammer, TheLibrarys)
{
	uint64_t until = NowNs() + kRunFor;
	std::vector<std::thread> threads;

	for (unsigned int i = 0; i < 3; i++)
		threads.emplace_back([this, i, until] {
			std::mt19937 random(20 + i);
			struct tdm_error err = {};
			struct tdm_queue *queue = tdm_queue_create(dev_, 4u << i, &err);
			uint64_t sent = 0, got = 0;

			ASSERT_NE(queue, nullptr) << err.msg;
			while (NowNs() < until && !HasFailure()) {
				struct tdm_cmd cmds[32];
				struct tdm_cqe cqes[32];
				unsigned int n = 1 + static_cast<unsigned int>(random() % 32);

				for (unsigned int k = 0; k < n; k++)
					cmds[k] = Nop(sent + k);
				int rc = tdm_queue_submit(queue, cmds, n);

				ASSERT_GE(rc, 0);
				sent += static_cast<unsigned int>(rc);
				uint64_t pause = NowNs() + random() % (random() % 4 ? 500 : 80000);

				while (NowNs() < pause)
					;
				if (sent == got)
					continue;
				if (random() % 4) {
					rc = tdm_queue_wait(queue, NowNs() + kLost);
					ASSERT_EQ(rc, 0) << "open " << tdm_queue_open(queue);
				}
				rc = tdm_queue_poll(queue, cqes,
						    static_cast<unsigned int>(random() % 33));
				ASSERT_GE(rc, 0);
				for (int k = 0; k < rc; k++)
					ASSERT_EQ(cqes[k].cookie, got++);
			}
			tdm_queue_destroy(queue);
		});
	for (auto &thread : threads)
		thread.join();
}

} // namespace
