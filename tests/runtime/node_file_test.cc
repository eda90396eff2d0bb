// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Files that go from process to process, through exec(2), or are closed by one while
 * another is in a call.
 */
#include <sys/socket.h>

#include "node_fixture.h"

using namespace tandem_test;

class NodeFiles : public NodeTest
{
};
TANDEM_ON_EVERY_NODE(NodeFiles);

/* Who gets a file by SCM_RIGHTS has the context, also after its sender has died. */
TEST_P(NodeFiles, PassedToAnotherProcess)
{
	uint64_t word;
	Child sender([&](int sock) {
		Node node(GetParam());
		Block block(node, page_);
		RawQueue queue(node);

		WANT(!block.rc && !queue.rc());
		queue.Submit(WaitNonZero(block.Word(0)));
		queue.Submit(Signal(block.Word(1), 42));
		WANT(send_fd(sock, node.fd()));
		for (uint64_t n : { block.offset, block.dva, uint64_t{ queue.number() } })
			WANT(send_word(sock, n));
		pause();
		return std::string();
	});
	Node node(receive_fd(sender.sock()));
	uint64_t offset, dva, queue;

	ASSERT_GE(node.fd(), 0);
	ASSERT_TRUE(receive_word(sender.sock(), &offset) && receive_word(sender.sock(), &dva) &&
		    receive_word(sender.sock(), &queue));
	EXPECT_TRUE(sender.Kill());
	struct tdm_error err = {};
	auto *words = static_cast<uint64_t *>(
		File(node).Map(page_, PROT_READ | PROT_WRITE, offset, &err));
	ASSERT_NE(words, nullptr) << err.code;
	EXPECT_EQ(QueueWait(node, static_cast<uint32_t>(queue), 1, 0), -ETIMEDOUT);
	__atomic_store_n(words, 1, __ATOMIC_RELEASE);
	EXPECT_EQ(QueueWait(node, static_cast<uint32_t>(queue), 2, Soon()), 0);
	word = __atomic_load_n(words + 1, __ATOMIC_ACQUIRE);
	EXPECT_EQ(word, 42u);
	File(node).Unmap(words, page_);
	node.Close();
	MemoryIsBack();
}

/* A file that is in a socket and nowhere else is open, until the socket is closed. */
TEST_P(NodeFiles, LostInASocket)
{
	for (int i = 0; i < 5; i++) {
		int socks[2];

		ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socks), 0);
		Node node(GetParam());
		Block block(node, 3 * page_);
		RawQueue queue(node);
		ASSERT_EQ(block.rc, 0);
		ASSERT_EQ(queue.rc(), 0);
		queue.Submit(WaitNonZero(block.Word(0)));
		ASSERT_TRUE(send_fd(socks[0], node.fd()));
		uint64_t with_ring = Memory().host_used;
		EXPECT_GT(with_ring, before_.host_used);
		block.Unmap();
		queue.Unmap();
		node.Close();
		EXPECT_EQ(Memory().device_used, before_.device_used + 3 * page_);
		EXPECT_EQ(Memory().host_used, with_ring);
		close(socks[0]);
		close(socks[1]);
		MemoryIsBack();
	}
}

/* close(2) in one thread takes nothing from under a call in another. */
TEST_P(NodeFiles, ClosedWhileACallWaits)
{
	for (int i = 0; i < 5; i++) {
		auto node = std::make_unique<Node>(GetParam());
		Block block(*node, page_);
		RawQueue queue(*node);
		std::atomic<bool> begun{ false };
		std::atomic<int> answer{ 1 };

		ASSERT_EQ(block.rc, 0);
		ASSERT_EQ(queue.rc(), 0);
		queue.Submit(WaitNonZero(block.Word(0)));
		std::thread waiter([&] {
			begun = true;
			answer = queue.Wait(1, NowNs() + 100 * kMs);
		});
		while (!begun)
			std::this_thread::yield();
		SleepMs(static_cast<unsigned int>(i) * 5);
		node->Close();
		waiter.join();
		/* Its call had begun, or the descriptor was closed already. */
		EXPECT_TRUE(answer == -ETIMEDOUT || answer == -EBADF) << answer;
	}
	MemoryIsBack();
}

/* Another process runs commands and is in the call; this one closes, and again. */
TEST_P(NodeFiles, ClosedWhileAnotherProcessWorks)
{
	Node node(GetParam());
	Block block(node, 4 << 20);
	RawQueue queue(node);

	ASSERT_EQ(block.rc, 0);
	ASSERT_EQ(queue.rc(), 0);
	Child child([&](int sock) {
		RawQueue mine(node);

		WANT(!mine.rc());
		for (uint64_t i = 1; i <= 40; i++) {
			mine.Submit(Fill(block.dva, block.bytes, i));
			if (i == 1)
				WANT(send_word(sock, 1));
			WANT(!mine.Wait(i));
			WANT(mine.cqe(static_cast<uint32_t>(i - 1))->status == TDM_ST_OK);
			tdm_store_release(&mine.sq()->cq_head, static_cast<uint32_t>(i));
		}
		return std::string();
	});
	uint64_t word;
	ASSERT_TRUE(receive_word(child.sock(), &word));
	int again = dup(node.fd());
	node.Close();
	close(again);
	EXPECT_EQ(child.End(), "");
	block.Unmap();
	queue.Unmap();
	MemoryIsBack();
}

/* What is executed has the descriptor if it was to, and so the context lives or ends. */
TEST_P(NodeFiles, ExecTakesAlongWhatItShall)
{
	for (bool keep : { false, true }) {
		int in[2];

		ASSERT_EQ(pipe2(in, O_CLOEXEC), 0);
		Child child([&](int) {
			Node node(GetParam());
			Block block(node, 5 * page_);
			RawQueue queue(node);

			WANT(!block.rc && !queue.rc());
			queue.Submit(WaitNonZero(block.Word(0)));
			WANT(fcntl(node.fd(), F_SETFD, keep ? 0 : FD_CLOEXEC) == 0);
			WANT(dup2(in[0], 0) == 0);
			/* Ends when its input does. */
			execl("/bin/cat", "cat", nullptr);
			return std::string("no /bin/cat\n");
		});
		close(in[0]);
		/* The socket is not the executed one's: its end is the exec. */
		uint64_t word;
		EXPECT_FALSE(receive_word(child.sock(), &word));
		if (keep)
			EXPECT_EQ(Memory().device_used, before_.device_used + 5 * page_);
		else
			MemoryIsBack();
		close(in[1]);
		EXPECT_EQ(child.End(), "");
		MemoryIsBack();
	}
}

/* The library's own files are not for whatever the application executes. */
TEST_P(NodeFiles, TheLibraryClosesOnExec)
{
	unsigned int ours = 0;

	for (int fd = 0; fd < 1024; fd++) {
		char path[64], link[64] = {};

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (readlink(path, link, sizeof(link) - 1) < 0 || GetParam() != link)
			continue;
		ours++;
		EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC) << fd;
	}
	EXPECT_EQ(ours, 1u);
}

/* Opened for reading: every call, but no mapping that writes. */
TEST_P(NodeFiles, OpenedForReadingOnly)
{
	Node node(GetParam(), O_RDONLY);
	struct tdm_error err = {};
	uint64_t offset, dva = 0;
	uint32_t handle;

	ASSERT_GE(node.fd(), 0);
	ASSERT_EQ(BoCreate(node, TDM_DOMAIN_DEVICE, page_, &handle), 0);
	ASSERT_EQ(VmMap(node, handle, 0, page_, &dva), 0);
	ASSERT_EQ(BoOffset(node, handle, &offset), 0);
	EXPECT_EQ(File(node).Map(page_, PROT_READ | PROT_WRITE, offset, &err), nullptr);
	EXPECT_EQ(err.code, -EACCES);
	void *ptr = File(node).Map(page_, PROT_READ, offset, &err);
	ASSERT_NE(ptr, nullptr) << err.code;
	EXPECT_EQ(mprotect(ptr, page_, PROT_READ | PROT_WRITE), -1);
	EXPECT_EQ(errno, EACCES);
	EXPECT_EQ(*static_cast<uint64_t *>(ptr), 0u);
	EXPECT_EQ(File(node).Unmap(ptr, page_), 0);
}

TEST_P(NodeFiles, OpenedForWritingOnlyOrAsAPath)
{
	struct tdm_error err = {};
	uint64_t offset;
	uint32_t handle;
	{
		Node node(GetParam(), O_WRONLY);

		ASSERT_GE(node.fd(), 0);
		ASSERT_EQ(BoCreate(node, TDM_DOMAIN_DEVICE, page_, &handle), 0);
		ASSERT_EQ(BoOffset(node, handle, &offset), 0);
		EXPECT_EQ(File(node).Map(page_, PROT_READ, offset, &err), nullptr);
		EXPECT_EQ(err.code, -EACCES);
	}
	Node path(GetParam(), O_PATH);
	ASSERT_GE(path.fd(), 0);
	EXPECT_EQ(BoCreate(path, TDM_DOMAIN_DEVICE, page_, &handle), -EBADF);
	MemoryIsBack();
}

/* What a node does not do, said at once and without harm. */
TEST_P(NodeFiles, ReadWriteSeekAndTheLike)
{
	Node node(GetParam());
	char buf[64] = {};
	struct pollfd ready = { node.fd(), POLLIN | POLLOUT, 0 };

	ASSERT_GE(node.fd(), 0);
	EXPECT_EQ(fcntl(node.fd(), F_SETFL, O_NONBLOCK), 0);
	EXPECT_LT(read(node.fd(), buf, sizeof(buf)), 0);
	EXPECT_LT(write(node.fd(), buf, sizeof(buf)), 0);
	EXPECT_LT(ftruncate(node.fd(), 0), 0);
	EXPECT_LT(posix_fallocate(node.fd(), 0, 4096) ? -1 : 0, 0);
	EXPECT_GE(poll(&ready, 1, 0), 0);
	lseek(node.fd(), 4096, SEEK_SET);
	fsync(node.fd());
	RawQueue queue(node);
	ASSERT_EQ(queue.rc(), 0);
	queue.Submit(Nop(1));
	EXPECT_EQ(queue.Wait(1), 0);
}
