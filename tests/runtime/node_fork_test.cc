// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * fork(2): a child has its parent's files, and none of its mappings; a context lives
 * until its last descriptor is closed, whoever has it.
 */
#include <sys/wait.h>

#include <csetjmp>
#include <csignal>

#include "node_fixture.h"
#include "support/process.h"

using namespace tandem_test;

class NodeFork : public NodeTest
{
};
TANDEM_ON_EVERY_NODE(NodeFork);

static sigjmp_buf landing;

static void on_fault(int)
{
	siglongjmp(landing, 1);
}

/* Whether the word can be read; only in a process that has one thread. */
static bool IsMapped(const volatile void *word)
{
	struct sigaction action = {}, old;
	volatile bool there = false; /* longjmp(3) keeps only these */

	action.sa_handler = on_fault;
	sigaction(SIGSEGV, &action, &old);
	if (!sigsetjmp(landing, 1)) {
		(void)*static_cast<const volatile uint32_t *>(word);
		there = true;
	}
	sigaction(SIGSEGV, &old, nullptr);
	return there;
}

TEST_P(NodeFork, AChildInheritsNoMapping)
{
	RawQueue queue(dev_);

	ASSERT_EQ(queue.rc(), 0);
	EXPECT_EQ(in_child(60,
			   [&] {
				   WANT(!IsMapped(words_));
				   WANT(!IsMapped(queue.sq()));
				   WANT(!IsMapped(queue.cq()));
				   WANT(!IsMapped(queue.status()));
				   return std::string();
			   }),
		  "");
	queue.Submit(Nop(1));
	EXPECT_EQ(queue.Wait(1), 0);
}

TEST_P(NodeFork, AChildHasTheFileAndMapsAnew)
{
	Node node(GetParam());
	Block block(node, page_);
	RawQueue queue(node);

	ASSERT_EQ(block.rc, 0);
	ASSERT_EQ(queue.rc(), 0);
	EXPECT_EQ(in_child(60,
			   [&] {
				   struct tdm_error err = {};
				   uint32_t other;
				   void *sq = File(node).Map(queue.info().sq_bytes, PROT_READ,
							     queue.info().sq_offset, &err);

				   /* Its parent's context, handles and numbers are its own. */
				   WANT(sq);
				   WANT(!block.Remap());
				   block.words[1] = 77;
				   WANT(BoCreate(node, TDM_DOMAIN_DEVICE, page_, &other) == 0);
				   WANT(QueueWait(node, queue.number(), 0, 0) == 0);
				   RawQueue mine(node);
				   WANT(!mine.rc());
				   mine.Submit(Signal(block.Word(0), 5));
				   WANT(mine.Wait(1) == 0);
				   WANT(mine.cqe(0)->status == TDM_ST_OK);
				   return std::string();
			   }),
		  "");
	EXPECT_EQ(block.words[0], 5u);
	EXPECT_EQ(block.words[1], 77u);
	/* What the child made is the context's, and so still there. */
	EXPECT_EQ(Memory().device_used, before_.device_used + 2 * page_);
	queue.Submit(Nop(1));
	EXPECT_EQ(queue.Wait(1), 0);
	queue.Destroy();
	block.Unmap();
	node.Close();
}

/* The child's descriptor keeps the context; only then it goes. */
TEST_P(NodeFork, AChildGoesOnWhenItsParentHasEnded)
{
	int out[2];

	ASSERT_EQ(pipe2(out, O_CLOEXEC), 0);
	Child parent([&](int) {
		Node node(GetParam());
		Block block(node, page_);
		RawQueue queue(node);

		WANT(!block.rc && !queue.rc());
		queue.Submit(WaitNonZero(block.Word(0)));
		queue.Submit(Signal(block.Word(1), 99));
		pid_t parent = getpid();
		if (fork())
			_exit(0); /* with its commands in flight */
		alarm(60);
		while (getppid() == parent)
			SleepMs(1);
		bool good = !block.Remap() && block.words[1] == 0;

		block.Release(0);
		good = good && QueueWait(node, queue.number(), 2, Soon()) == 0 &&
		       block.words[1] == 99;
		char answer = good ? 'y' : 'n';
		_exit(write(out[1], &answer, 1) != 1);
		return std::string();
	});
	close(out[1]);
	EXPECT_EQ(parent.End(), "");
	char answer = 0;
	EXPECT_TRUE(PollIn(out[0], 60000));
	EXPECT_EQ(read(out[0], &answer, 1), 1);
	EXPECT_EQ(answer, 'y');
	close(out[0]);
	MemoryIsBack();
}

TEST_P(NodeFork, ClosingInAChildEndsNothing)
{
	Node node(GetParam());
	Block block(node, page_);
	RawQueue queue(node);

	ASSERT_EQ(block.rc, 0);
	ASSERT_EQ(queue.rc(), 0);
	queue.Submit(WaitNonZero(block.Word(0)));
	for (int i = 0; i < 10; i++)
		EXPECT_EQ(in_child(60,
				   [&] {
					   node.Close();
					   return std::string();
				   }),
			  "");
	EXPECT_EQ(queue.Wait(1, 0), -ETIMEDOUT);
	EXPECT_EQ(queue.state(), static_cast<uint32_t>(TDM_QUEUE_RUNNING));
	block.Release(0);
	EXPECT_EQ(queue.Wait(1), 0);
}

/* A child waits in the call while its parent destroys what it waits for. */
TEST_P(NodeFork, AChildsWaitEndsWithItsQueue)
{
	Node node(GetParam());
	RawQueue queue(node);

	ASSERT_EQ(queue.rc(), 0);
	Child child([&](int sock) {
		WANT(send_word(sock, 1));
		WANT(QueueWait(node, queue.number(), 1, Soon()) == -EIO);
		return std::string();
	});
	uint64_t word;
	ASSERT_TRUE(receive_word(child.sock(), &word));
	SleepMs(20);
	EXPECT_EQ(queue.Destroy(), 0);
	EXPECT_EQ(child.End(), "");
}

/* MADV_DOFORK is the application's to say; the pages are counted for the child as well. */
TEST_P(NodeFork, AMappingThatIsAllowedToBeInheritedKeepsItsPages)
{
	Node node(GetParam());
	Block block(node, 4 * page_);

	ASSERT_EQ(block.rc, 0);
	block.words[0] = 1234;
	ASSERT_EQ(madvise(block.words, block.bytes, MADV_DOFORK), 0);
	Child child([&](int sock) {
		uint64_t word;

		WANT(block.words[0] == 1234);
		block.words[512] = 4321;
		WANT(send_word(sock, 1));
		WANT(receive_word(sock, &word));
		/* Handle and file are gone; this is not. */
		node.Close();
		WANT(send_word(sock, 2));
		WANT(receive_word(sock, &word));
		WANT(block.words[0] == 1234 && block.words[512] == 4321);
		block.words[1024] = 5;
		return std::string();
	});
	uint64_t word;
	ASSERT_TRUE(receive_word(child.sock(), &word));
	EXPECT_EQ(block.words[512], 4321u);
	block.Unmap();
	EXPECT_EQ(GemClose(node, block.handle), 0);
	node.Close();
	ASSERT_TRUE(send_word(child.sock(), 1));
	ASSERT_TRUE(receive_word(child.sock(), &word));
	EXPECT_EQ(Memory().device_used, before_.device_used + 4 * page_);
	ASSERT_TRUE(send_word(child.sock(), 2));
	EXPECT_EQ(child.End(), "");
	MemoryIsBack();
}
