// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Two processes on one device: one that knows every number of the other, and gets
 * nothing of it with any.
 */
#include "node_fixture.h"

using namespace tandem_test;

class NodeApart : public NodeTest
{
protected:
	void SetUp() override
	{
		NodeTest::SetUp();
		victim_ = std::make_unique<Node>(GetParam());
		block_ = std::make_unique<Block>(*victim_, 16 * page_);
		ring_ = std::make_unique<RawQueue>(*victim_);
		ASSERT_EQ(block_->rc, 0);
		ASSERT_EQ(ring_->rc(), 0);
		for (uint64_t i = 0; i < 16 * page_ / 8; i++)
			block_->words[i] = kSecret;
		block_->words[page_ / 8] = 0;
		ring_->Submit(WaitNonZero(block_->dva + page_));
	}
	void TearDown() override
	{
		/* The victim: all of its bytes, its command that waits, and not one fault. */
		EXPECT_EQ(ring_->Wait(1, 0), -ETIMEDOUT);
		for (uint64_t i = 0; i < 16 * page_ / 8; i++)
			ASSERT_EQ(block_->words[i], i == page_ / 8 ? 0 : kSecret) << i;
		struct drm_tandem_fault_read read = {};
		struct tdm_fault fault;
		read.size = sizeof(read);
		read.count = 1;
		read.faults = Addr(&fault);
		EXPECT_EQ(File(*victim_).Call(DRM_IOCTL_TANDEM_FAULT_READ, &read), 0);
		EXPECT_EQ(read.count, 0u);
		block_->Release(page_ / 8);
		EXPECT_EQ(ring_->Wait(1), 0);
		ring_.reset();
		block_.reset();
		victim_.reset();
		NodeTest::TearDown();
	}
	/* In a process of its own, with a file of its own. */
	std::string Attacker(const std::function<std::string(const File &)> &fn)
	{
		Child child([&](int) {
			Node node(GetParam());

			WANT(node.fd() >= 0);
			return fn(node);
		});
		return child.End();
	}

	static constexpr uint64_t kSecret = 0x5ec4e7f00dfeed00;
	std::unique_ptr<Node> victim_;
	std::unique_ptr<Block> block_;
	std::unique_ptr<RawQueue> ring_;
};
TANDEM_ON_EVERY_NODE(NodeApart);

TEST_P(NodeApart, HandlesAndQueueNumbersAreOnesOwn)
{
	EXPECT_EQ(Attacker([&](const File &file) {
			  struct tdm_error err = {};
			  uint64_t offset, dva = 0;

			  for (uint32_t n = 0; n < 200; n++) {
				  struct drm_tandem_queue_wake wake = {};
				  struct drm_prime_handle prime = {};

				  wake.size = sizeof(wake);
				  wake.queue = n;
				  prime.handle = n;
				  prime.flags = DRM_RDWR;
				  WANT(BoOffset(file, n, &offset) == -ENOENT);
				  WANT(VmMap(file, n, 0, page_, &dva) == -ENOENT);
				  WANT(GemClose(file, n) == -ENOENT);
				  WANT(file.Call(DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime) == -ENOENT);
				  WANT(QueueWait(file, n, 0, 0) == -ENOENT);
				  WANT(QueueDestroy(file, n) == -ENOENT);
				  WANT(QueueEventfd(file, n, -1) == -ENOENT);
				  WANT(file.Call(DRM_IOCTL_TANDEM_QUEUE_WAKE, &wake) == -ENOENT);
			  }
			  /* Numbers of the same value, when it has some, are its own things. */
			  Block mine(file, page_);
			  RawQueue queue(file);
			  WANT(!mine.rc && !queue.rc());
			  WANT(mine.words[0] == 0);
			  mine.words[0] = 1;
			  WANT(QueueDestroy(file, queue.number()) == 0);
			  WANT(GemClose(file, mine.handle) == 0);
			  WANT(!file.Map(page_, PROT_READ, mine.offset + (1ull << 40), &err));
			  return std::string();
		  }),
		  "");
}

TEST_P(NodeApart, OffsetsOfMmapAreOnesOwn)
{
	const struct drm_tandem_queue_create &info = ring_->info();
	const uint64_t sq = info.sq_offset, cq = info.cq_offset, status = info.status_offset;

	EXPECT_EQ(Attacker([&](const File &file) {
			  for (uint64_t offset : { block_->offset, block_->offset + page_, sq, cq,
						   status, uint64_t{ 0 } })
				  for (int prot : { PROT_READ, PROT_READ | PROT_WRITE }) {
					  struct tdm_error err = {};

					  WANT(!file.Map(page_, prot, offset, &err));
					  WANT(err.code == -EACCES || err.code == -EINVAL);
				  }
			  /* Nor any other near them. */
			  uint64_t first = std::min(block_->offset, sq);
			  for (uint64_t i = 0; i < 2048; i++) {
				  struct tdm_error err = {};

				  WANT(!file.Map(page_, PROT_READ, first - 1024 * page_ + i * page_,
						 &err));
			  }
			  return std::string();
		  }),
		  "");
}

TEST_P(NodeApart, DeviceAddressesAreOnesOwn)
{
	EXPECT_EQ(Attacker([&](const File &file) {
			  RawQueue queue(file, 64);
			  uint64_t seq = 0;

			  WANT(!queue.rc());
			  for (uint64_t i = 0; i < 16; i++) {
				  uint64_t at = block_->dva + i * page_;
				  const struct tdm_cmd cmds[] = { Fill(at, page_, 0), Signal(at, 1),
								  Copy(at + 64, at, 64),
								  WaitNonZero(at) };

				  for (const struct tdm_cmd &cmd : cmds) {
					  queue.Submit(cmd);
					  WANT(!queue.Wait(++seq));
					  WANT(queue.cqe(static_cast<uint32_t>(seq - 1))->status ==
					       TDM_ST_FAULT);
					  tdm_store_release(&queue.sq()->cq_head,
							    static_cast<uint32_t>(seq));
				  }
			  }
			  /* The same address is something else here. */
			  Block mine(file, page_);
			  uint64_t dva = block_->dva;
			  WANT(!mine.rc);
			  WANT(dva == mine.dva || VmMap(file, mine.handle, 0, page_, &dva) == 0);
			  queue.Submit(Fill(block_->dva, page_, ~0ull));
			  WANT(!queue.Wait(++seq));
			  WANT(queue.cqe(static_cast<uint32_t>(seq - 1))->status == TDM_ST_OK);
			  WANT(mine.words[0] == ~0ull);
			  return std::string();
		  }),
		  "");
}

/* A buffer that was freed is zero for whoever gets its pages next. */
TEST_P(NodeApart, MemoryComesWithoutItsPast)
{
	for (uint32_t domain : { TDM_DOMAIN_HOST, TDM_DOMAIN_DEVICE }) {
		{
			Node node(GetParam());
			Block block(node, 64 * page_, domain);

			ASSERT_EQ(block.rc, 0);
			memset(block.words, 0xa5, block.bytes);
		}
		EXPECT_EQ(Attacker([&](const File &file) {
				  Block mine(file, 64 * page_, domain);

				  WANT(!mine.rc);
				  for (uint64_t i = 0; i < mine.bytes / 8; i++)
					  WANT(mine.words[i] == 0);
				  return std::string();
			  }),
			  "");
	}
}

/* DRM's global names would let anybody open a buffer: there are none. */
TEST_P(NodeApart, ThereAreNoGlobalNames)
{
	EXPECT_EQ(Attacker([&](const File &file) {
			  Block mine(file, page_);
			  struct drm_gem_flink flink = {};
			  struct drm_gem_open open = {};
			  uint64_t any[8] = {};

			  WANT(!mine.rc);
			  flink.handle = mine.handle;
			  WANT(file.Call(DRM_IOCTL_GEM_FLINK, &flink) == -ENOTTY);
			  open.name = 1;
			  WANT(file.Call(DRM_IOCTL_GEM_OPEN, &open) == -ENOTTY);
			  WANT(file.Call(DRM_IOCTL_SET_MASTER, any) == -ENOTTY);
			  WANT(file.Call(DRM_IOCTL_GET_MAGIC, any) == -ENOTTY);
			  return std::string();
		  }),
		  "");
}
