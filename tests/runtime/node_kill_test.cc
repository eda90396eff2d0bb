// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * kill -9 at any moment, with commands in flight: another client on the same device
 * notices nothing, and what the killed one had comes back.
 */
#include <sys/eventfd.h>

#include <random>

#include "node_fixture.h"

using namespace tandem_test;

namespace
{

constexpr uint64_t kBig = 8 << 20;

/* What a client may be at when it is killed. Each says it has begun, and never ends. */
std::string Moving(const File &file, int sock)
{
	Block block(file, kBig);
	RawQueue queue(file, 16);

	WANT(!block.rc && !queue.rc());
	for (uint64_t i = 0;; i++) {
		for (uint64_t k = 0; k < 16; k++)
			queue.Submit(Fill(block.dva, kBig, i));
		if (!i)
			WANT(send_word(sock, 1));
		WANT(!queue.Wait(16 * (i + 1)));
		tdm_store_release(&queue.sq()->cq_head, static_cast<uint32_t>(16 * (i + 1)));
	}
}

std::string Parked(const File &file, int sock)
{
	Block block(file, 4096, TDM_DOMAIN_HOST);
	RawQueue queue(file), second(file);

	WANT(!block.rc && !queue.rc() && !second.rc());
	queue.Submit(WaitNonZero(block.Word(0)));
	second.Submit(WaitNonZero(block.Word(1)));
	second.Submit(Nop(1));
	WANT(send_word(sock, 1));
	WANT(!queue.Wait(1, ~0ull));
	return "the word was 0 all the time\n";
}

std::string Making(const File &file, int sock)
{
	for (bool first = true;; first = false) {
		Block block(file, 16 * 4096);
		RawQueue queue(file, 4);

		WANT(!block.rc && !queue.rc());
		queue.Submit(Fill(block.dva, block.bytes, 1));
		if (first)
			WANT(send_word(sock, 1));
		queue.Destroy();
		WANT(!VmUnmap(file, block.dva, block.bytes));
		WANT(!GemClose(file, block.handle));
	}
}

std::string Faulting(const File &file, int sock)
{
	RawQueue queue(file);

	WANT(!queue.rc());
	for (uint64_t i = 0;; i++) {
		queue.Submit(Fill(0x7000 + 8 * i, 4096, 1));
		if (!i)
			WANT(send_word(sock, 1));
		WANT(!queue.Wait(i + 1));
		tdm_store_release(&queue.sq()->cq_head, static_cast<uint32_t>(i + 1));
	}
}

std::string Sharing(const File &file, int sock)
{
	int event = eventfd(0, EFD_CLOEXEC);

	for (bool first = true;; first = false) {
		Block block(file, 4096);
		RawQueue queue(file);
		struct drm_prime_handle prime = {};

		WANT(!block.rc && !queue.rc());
		prime.handle = block.handle;
		prime.flags = DRM_CLOEXEC | DRM_RDWR;
		WANT(!file.Call(DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime));
		WANT(!QueueEventfd(file, queue.number(), event));
		tdm_store_release(&queue.sq()->event_seq, uint64_t{ 1 });
		queue.Submit(Nop(1));
		if (first)
			WANT(send_word(sock, 1));
		WANT(PollIn(event, 60000));
		close(prime.fd);
		WANT(!GemClose(file, block.handle));
	}
}

std::string Corrupting(const File &file, int sock)
{
	for (bool first = true;; first = false) {
		RawQueue queue(file);

		WANT(!queue.rc());
		queue.SetTail(1000);
		if (first)
			WANT(send_word(sock, 1));
		WANT(queue.Wait(1) == -EIO);
	}
}

} // namespace

class NodeKill : public NodeTest
{
protected:
	using Work = std::string (*)(const File &, int);

	/* One client, killed at a moment that only the machine knows. */
	void KillOne(Work work, unsigned int us)
	{
		Child child([&](int sock) {
			Node node(GetParam());

			WANT(node.fd() >= 0);
			return work(node, sock);
		});
		uint64_t begun;

		ASSERT_TRUE(receive_word(child.sock(), &begun)) << child.End();
		for (uint64_t end = NowNs() + us * 1000; NowNs() < end;)
			;
		EXPECT_TRUE(child.Kill());
	}
};
TANDEM_ON_EVERY_NODE(NodeKill);

TEST_P(NodeKill, EachKindOfWork)
{
	for (Work work : { Moving, Parked, Making, Faulting, Sharing, Corrupting }) {
		KillOne(work, 0);
		MemoryIsBack();
		Unharmed();
	}
}

TEST_P(NodeKill, ManyAtRandomMoments)
{
	const Work works[] = { Moving, Parked, Making, Faulting, Sharing, Corrupting };
	std::mt19937 random(
		static_cast<unsigned int>(::testing::UnitTest::GetInstance()->random_seed()));

	for (int i = 0; i < 40; i++) {
		KillOne(works[random() % 6], random() % 20000);
		if (i % 10 == 0)
			Unharmed();
	}
	MemoryIsBack();
}

/* Before anything is set up: in open(2), the first calls, the first mapping. */
TEST_P(NodeKill, WhileItOpens)
{
	for (unsigned int i = 0; i < 25; i++) {
		Child child([&](int sock) {
			WANT(send_word(sock, 1));
			for (;;) {
				Node node(GetParam());
				Block block(node, 4096);

				WANT(!block.rc);
			}
			return std::string();
		});
		uint64_t begun;

		ASSERT_TRUE(receive_word(child.sock(), &begun)) << child.End();
		for (uint64_t end = NowNs() + i * 200000; NowNs() < end;)
			;
		EXPECT_TRUE(child.Kill());
	}
	MemoryIsBack();
}

/* All of one context's threads at once, some of them waiting in the kernel. */
TEST_P(NodeKill, WithManyThreads)
{
	for (int i = 0; i < 5; i++) {
		Child child([&](int sock) {
			Node node(GetParam());
			std::vector<std::thread> threads;

			for (Work work : { Moving, Parked, Making, Faulting })
				threads.emplace_back([&node, work, sock] { work(node, sock); });
			for (std::thread &thread : threads)
				thread.join();
			return std::string("they ended\n");
		});
		for (int k = 0; k < 4; k++) {
			uint64_t begun;

			ASSERT_TRUE(receive_word(child.sock(), &begun)) << child.End();
		}
		EXPECT_TRUE(child.Kill());
		Unharmed();
	}
	MemoryIsBack();
}

/* More contexts than there are at once: the dead make room for the living. */
TEST_P(NodeKill, TheDeadMakeRoom)
{
	uint32_t max = tdm_device_info(dev_)->identify.max_contexts;

	for (int round = 0; round < 2; round++) {
		Child child([&](int sock) {
			std::vector<int> fds;

			for (uint32_t i = 1; i < max; i++) {
				fds.push_back(open(GetParam().c_str(), O_RDWR | O_CLOEXEC));
				WANT(fds.back() >= 0);
			}
			WANT(send_word(sock, 1));
			pause();
			return std::string();
		});
		uint64_t begun;

		ASSERT_TRUE(receive_word(child.sock(), &begun)) << child.End();
		EXPECT_TRUE(child.Kill());
	}
	Node node(GetParam());
	EXPECT_GE(node.fd(), 0);
	node.Close();
	MemoryIsBack();
}
