/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What the tests of nodes share: files that several processes have. They are there
 * where TANDEM_TEST_DEVICE names a node; a soft device is one process's own.
 */
#ifndef TESTS_NODE_FIXTURE_H
#define TESTS_NODE_FIXTURE_H

#include <fcntl.h>

#include <atomic>
#include <memory>
#include <thread>

#include "device_fixture.h"
#include "support/child.h"

namespace tandem_test
{

inline std::vector<std::string> NodeNames()
{
	std::vector<std::string> names;

	for (const std::string &name : DeviceNames())
		if (name[0] == '/')
			names.push_back(name);
	return names;
}

/* A bare file of the node, open as long as this. */
class Node
{
public:
	explicit Node(const std::string &name, int flags = O_RDWR)
	{
		do {
			fd_ = open(name.c_str(), flags | O_CLOEXEC);
		} while (fd_ < 0 && errno == EINTR && alarm_storm());
	}
	explicit Node(int fd) : fd_(fd)
	{
	}
	~Node()
	{
		Close();
	}
	Node(const Node &) = delete;
	Node &operator=(const Node &) = delete;

	operator File() const
	{
		return File(fd_);
	}
	int fd() const
	{
		return fd_;
	}
	void Close()
	{
		if (fd_ >= 0)
			close(fd_);
		fd_ = -1;
	}

private:
	int fd_;
};

/*
 * A test with a client that must notice nothing of what goes on beside it: it has a
 * buffer with a pattern, and a queue.
 */
class NodeTest : public DeviceTest
{
protected:
	void SetUp() override
	{
		DeviceTest::SetUp();
		queue_ = Queue(8);
		mine_ = Buffer(kWords * sizeof(uint64_t));
		ASSERT_TRUE(queue_ && mine_);
		words_ = static_cast<uint64_t *>(tdm_buffer_ptr(mine_));
		for (uint64_t i = 0; i < kWords; i++)
			words_[i] = i % kTurn * kPattern;
		before_ = Memory();
	}
	void TearDown() override
	{
		Unharmed();
		tdm_queue_destroy(queue_);
		tdm_buffer_destroy(mine_);
		DeviceTest::TearDown();
	}

	/* The memory is as it was, to the byte, once closed contexts have been reaped. */
	void MemoryIsBack()
	{
		struct tdm_query_memory now = Memory();

		for (uint64_t end = Soon(); memcmp(&now, &before_, sizeof(now)) && NowNs() < end;) {
			SleepMs(1);
			now = Memory();
		}
		EXPECT_EQ(now.device_used, before_.device_used);
		EXPECT_EQ(now.host_used, before_.host_used);
		EXPECT_EQ(now.context_device, before_.context_device);
		EXPECT_EQ(now.context_host, before_.context_host);
	}
	/* The client still works, has its bytes, and no fault. */
	void Unharmed()
	{
		struct tdm_cmd copy =
			Copy(tdm_buffer_dva(mine_) + kWords * 4, tdm_buffer_dva(mine_), kWords * 4);
		struct tdm_fault fault;
		struct tdm_cqe cqe;

		for (uint64_t i = 0; i < kWords; i++)
			ASSERT_EQ(words_[i], i % kTurn * kPattern) << i;
		for (uint64_t i = 0; i < 10; i++) {
			copy.cookie = i;
			ASSERT_EQ(tdm_queue_run(queue_, &copy, Soon(), &cqe), 0);
			ASSERT_EQ(cqe.status, TDM_ST_OK);
			ASSERT_EQ(cqe.cookie, i);
		}
		ASSERT_EQ(tdm_device_faults(dev_, &fault, 1), 0);
	}

	static constexpr uint64_t kWords = 2048, kTurn = kWords / 2;
	static constexpr uint64_t kPattern = 0x9e3779b97f4a7c15;
	struct tdm_queue *queue_ = nullptr;
	struct tdm_buffer *mine_ = nullptr;
	uint64_t *words_ = nullptr;
	struct tdm_query_memory before_ = {};
};

} // namespace tandem_test

#define TANDEM_ON_EVERY_NODE(suite)                                                                \
	GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(suite);                                      \
	INSTANTIATE_TEST_SUITE_P(Attach, suite, ::testing::ValuesIn(tandem_test::NodeNames()),     \
				 tandem_test::DeviceTestName)

#endif /* TESTS_NODE_FIXTURE_H */
