// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What a process may do with the mappings of rings, doorbells and buffers: take them
 * apart, move them, lock them, advise on them. None of it gets at more than was mapped.
 */
#include <sys/syscall.h>
#include <sys/uio.h>

#include "node_fixture.h"
#include "support/process.h"

using namespace tandem_test;

/* MADV_SOFT_OFFLINE, which this C library does not name. */
static constexpr int kSoftOffline = 101;

class NodeMap : public NodeTest
{
protected:
	void SetUp() override
	{
		NodeTest::SetUp();
		node_ = std::make_unique<Node>(GetParam());
		block_ = std::make_unique<Block>(*node_, 8 * page_);
		ring_ = std::make_unique<RawQueue>(*node_);
		ASSERT_EQ(block_->rc, 0);
		ASSERT_EQ(ring_->rc(), 0);
	}
	void TearDown() override
	{
		ring_.reset();
		block_.reset();
		node_.reset();
		MemoryIsBack();
		NodeTest::TearDown();
	}

	/* The ring still works, and its device still has the block. */
	void StillWorks()
	{
		uint64_t value = ++seq_ + 100;

		ring_->Submit(Signal(block_->Word(0), value));
		ASSERT_EQ(ring_->Wait(seq_), 0);
		ASSERT_EQ(ring_->cqe(static_cast<uint32_t>(seq_ - 1))->status, TDM_ST_OK);
		tdm_store_release(&ring_->sq()->cq_head, static_cast<uint32_t>(seq_));
		EXPECT_EQ(block_->words[0], value);
	}
	char *at(uint64_t page) const
	{
		return reinterpret_cast<char *>(block_->words) + page * page_;
	}
	/* Everything a process may have mapped of a file, and whether it may write there. */
	struct Part {
		void *ptr;
		size_t len;
		bool writable;
	};
	std::vector<Part> Parts() const
	{
		return { { block_->words, block_->bytes, true },
			 { ring_->sq(), ring_->info().sq_bytes, true },
			 { const_cast<struct tdm_cq_hdr *>(ring_->cq()), ring_->info().cq_bytes,
			   false },
			 { const_cast<struct tdm_queue_status *>(ring_->status()), page_, false } };
	}

	std::unique_ptr<Node> node_;
	std::unique_ptr<Block> block_;
	std::unique_ptr<RawQueue> ring_;
	uint64_t seq_ = 0;
};
TANDEM_ON_EVERY_NODE(NodeMap);

TEST_P(NodeMap, UnmappedPieceByPiece)
{
	memset(block_->words, 0x5a, block_->bytes);
	/* A hole in the middle, then the ends; what stays, stays mapped and counted. */
	ASSERT_EQ(munmap(at(3), 2 * page_), 0);
	EXPECT_EQ(at(2)[0], 0x5a);
	EXPECT_EQ(at(5)[0], 0x5a);
	ASSERT_EQ(GemClose(*node_, block_->handle), 0);
	EXPECT_EQ(Memory().device_used, before_.device_used + 8 * page_);
	ASSERT_EQ(munmap(at(0), page_), 0);
	ASSERT_EQ(munmap(at(7), page_), 0);
	EXPECT_EQ(at(1)[0], 0x5a);
	EXPECT_EQ(at(6)[page_ - 1], 0x5a);
	EXPECT_EQ(Memory().device_used, before_.device_used + 8 * page_);
	ASSERT_EQ(munmap(at(1), 6 * page_), 0);
	EXPECT_EQ(Memory().device_used, before_.device_used);
	block_->words = nullptr;
}

TEST_P(NodeMap, ARingTakenFromUnderItsQueue)
{
	const struct drm_tandem_queue_create &info = ring_->info();
	struct tdm_error err = {};

	StillWorks();
	/* The device goes on with its own mapping, and a new one shows the same words. */
	ASSERT_EQ(munmap(ring_->sq(), page_), 0);
	void *again = mmap(ring_->sq(), page_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			   node_->fd(), static_cast<off_t>(info.sq_offset));
	ASSERT_EQ(again, ring_->sq());
	EXPECT_EQ(ring_->sq()->tail, seq_);
	StillWorks();
	void *second = File(*node_).Map(page_, PROT_READ, info.sq_offset, &err);
	ASSERT_NE(second, nullptr);
	EXPECT_EQ(static_cast<struct tdm_sq_hdr *>(second)->tail, seq_);
	EXPECT_EQ(munmap(second, page_), 0);
}

TEST_P(NodeMap, MovedButNeverGrown)
{
	for (const Part &part : Parts()) {
		EXPECT_EQ(mremap(part.ptr, part.len, part.len + page_, MREMAP_MAYMOVE), MAP_FAILED);
		EXPECT_EQ(errno, EFAULT);
		/* An old length of 0 would be a second mapping. */
		EXPECT_EQ(mremap(part.ptr, 0, part.len + page_, MREMAP_MAYMOVE), MAP_FAILED);
		EXPECT_EQ(mremap(part.ptr, 0, page_, MREMAP_MAYMOVE), MAP_FAILED);
		EXPECT_EQ(mremap(part.ptr, part.len, part.len, MREMAP_MAYMOVE | MREMAP_DONTUNMAP),
			  MAP_FAILED);
	}
	StillWorks();
	/* Page 5 elsewhere is still page 5. */
	at(5)[0] = 55;
	void *room = mmap(nullptr, page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(room, MAP_FAILED);
	auto *moved = static_cast<char *>(
		mremap(at(5), page_, page_, MREMAP_MAYMOVE | MREMAP_FIXED, room));
	ASSERT_EQ(moved, room);
	EXPECT_EQ(moved[0], 55);
	moved[1] = 56;
	ring_->Submit(Copy(block_->dva, block_->dva + 5 * page_, 8));
	ASSERT_EQ(ring_->Wait(++seq_), 0);
	tdm_store_release(&ring_->sq()->cq_head, static_cast<uint32_t>(seq_));
	EXPECT_EQ(at(0)[0], 55);
	EXPECT_EQ(at(0)[1], 56);
	/* Made smaller in place. */
	EXPECT_EQ(mremap(at(6), 2 * page_, page_, 0), at(6));
	EXPECT_EQ(munmap(moved, page_), 0);
	StillWorks();
}

TEST_P(NodeMap, RightsOnlyEverShrink)
{
	for (const Part &part : Parts()) {
		EXPECT_EQ(mprotect(part.ptr, part.len, PROT_READ | PROT_EXEC), -1);
		EXPECT_EQ(errno, EACCES);
		EXPECT_EQ(mprotect(part.ptr, part.len, PROT_READ | PROT_WRITE),
			  part.writable ? 0 : -1);
		EXPECT_EQ(mprotect(part.ptr, page_, PROT_NONE), 0);
		EXPECT_EQ(mprotect(part.ptr, page_,
				   part.writable ? PROT_READ | PROT_WRITE : PROT_READ),
			  0);
	}
	StillWorks();
	const struct drm_tandem_queue_create &info = ring_->info();
	const uint64_t sq = info.sq_offset, cq = info.cq_offset, status = info.status_offset;
	for (uint64_t offset : { block_->offset, sq, cq, status }) {
		auto off = static_cast<off_t>(offset);

		EXPECT_EQ(mmap(nullptr, page_, PROT_READ, MAP_PRIVATE, node_->fd(), off),
			  MAP_FAILED);
		EXPECT_EQ(errno, EINVAL);
		EXPECT_EQ(mmap(nullptr, page_, PROT_READ | PROT_EXEC, MAP_SHARED, node_->fd(), off),
			  MAP_FAILED);
		EXPECT_EQ(errno, EINVAL);
	}
}

/* The ways round the page table: the kernel writes for the process. */
TEST_P(NodeMap, TheKernelDoesNotWriteWhereTheProcessMayNot)
{
	int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC), pipes[2];
	uint64_t word = ~0ull, seen;

	ASSERT_GE(mem, 0);
	ASSERT_EQ(pipe2(pipes, O_CLOEXEC), 0);
	for (const Part &part : Parts()) {
		auto where = static_cast<off_t>(Addr(part.ptr)) + 64 * 6;
		auto *ptr = static_cast<char *>(part.ptr) + 64 * 6;
		struct iovec from = { &word, sizeof(word) }, to = { ptr, sizeof(word) };

		ssize_t wanted = part.writable ? static_cast<ssize_t>(sizeof(word)) : -1;
		EXPECT_EQ(pwrite(mem, &word, sizeof(word), where), wanted);
		EXPECT_EQ(process_vm_writev(getpid(), &from, 1, &to, 1, 0), wanted);
		ASSERT_EQ(write(pipes[1], &word, sizeof(word)), static_cast<ssize_t>(sizeof(word)));
		EXPECT_EQ(read(pipes[0], ptr, sizeof(word)), wanted);
		if (wanted < 0) {
			EXPECT_EQ(errno, EFAULT);
			EXPECT_EQ(read(pipes[0], &seen, sizeof(seen)),
				  static_cast<ssize_t>(sizeof(seen)));
		}
		memcpy(&seen, ptr, sizeof(seen));
		EXPECT_EQ(seen, part.writable ? word : 0);
		/* Reading is no secret. */
		EXPECT_EQ(write(pipes[1], ptr, sizeof(word)), static_cast<ssize_t>(sizeof(word)));
		EXPECT_EQ(read(pipes[0], &seen, sizeof(seen)), static_cast<ssize_t>(sizeof(seen)));
	}
	close(mem);
	close(pipes[0]);
	close(pipes[1]);
	StillWorks();
}

/* In a child, which maps anew: it dies of SIGSEGV, and of nothing else. */
TEST_P(NodeMap, AStoreWhereOnlyTheDeviceWritesIsTheApplicationsOwnEnd)
{
	const struct drm_tandem_queue_create &info = ring_->info();

	for (uint64_t offset : { uint64_t{ info.cq_offset }, uint64_t{ info.status_offset } }) {
		std::string wrong = in_child(60, [&] {
			struct tdm_error err = {};
			void *ptr = File(*node_).Map(page_, PROT_READ, offset, &err);

			WANT(ptr);
			signal(SIGSEGV, SIG_DFL);
			*static_cast<volatile uint32_t *>(ptr) = 7;
			return std::string("it could\n");
		});
		EXPECT_EQ(wrong, "it ended by signal " + std::to_string(SIGSEGV) + "\n");
	}
	EXPECT_EQ(ring_->state(), static_cast<uint32_t>(TDM_QUEUE_RUNNING));
	StillWorks();
}

/* Every advice there is, but those by which root breaks memory on purpose. */
TEST_P(NodeMap, AnyAdvice)
{
	memset(block_->words, 0x77, block_->bytes);
	for (int advice = 0; advice < 120; advice++) {
		if (advice == MADV_HWPOISON || advice == kSoftOffline)
			continue;
		for (const Part &part : Parts())
			madvise(part.ptr, part.len, advice);
		for (uint64_t i = 1; i < block_->bytes / 8; i++)
			ASSERT_EQ(block_->words[i], 0x7777777777777777u) << advice;
		ASSERT_NO_FATAL_FAILURE(StillWorks()) << advice;
	}
}

TEST_P(NodeMap, LockedSyncedAndAskedAbout)
{
	for (const Part &part : Parts()) {
		std::vector<unsigned char> there(part.len / page_ + 1);

		EXPECT_EQ(mlock(part.ptr, part.len), 0);
		EXPECT_EQ(munlock(part.ptr, part.len), 0);
		msync(part.ptr, part.len, MS_SYNC | MS_INVALIDATE);
		mincore(part.ptr, part.len, there.data());
	}
	StillWorks();
}

/* It maps anew, so it gets at no more than mmap(2) does; it may lose what was there. */
TEST_P(NodeMap, RemapFilePages)
{
	const struct drm_tandem_queue_create &info = ring_->info();
	const uint64_t status = info.status_offset, cq = info.cq_offset;

	for (uint64_t to : { uint64_t{ 0 }, uint64_t{ 1 }, cq / page_, ~uint64_t{ 0 } / page_ }) {
		struct tdm_error err = {};
		void *view = File(*node_).Map(page_, PROT_READ, status, &err);

		ASSERT_NE(view, nullptr);
		if (syscall(SYS_remap_file_pages, view, page_, 0, to, 0) == 0) {
			EXPECT_EQ(to, cq / page_);
		}
		EXPECT_EQ(mprotect(view, page_, PROT_READ | PROT_WRITE), -1);
		munmap(view, page_);
	}
	StillWorks();
}

/* Pages that are elsewhere in the kernel stay counted until they are let go of. */
TEST_P(NodeMap, PagesInAPipeAreCountedAfterTheirBuffer)
{
	int pipes[2];

	ASSERT_EQ(pipe2(pipes, O_CLOEXEC), 0);
	memset(block_->words, 0x33, block_->bytes);
	struct iovec part = { block_->words, 2 * page_ };
	ASSERT_EQ(vmsplice(pipes[1], &part, 1, 0), static_cast<ssize_t>(2 * page_));
	block_->Unmap();
	EXPECT_EQ(GemClose(*node_, block_->handle), 0);
	EXPECT_EQ(Memory().device_used, before_.device_used + 8 * page_);
	/* And nobody else has got them meanwhile. */
	Block next(*node_, 8 * page_);
	ASSERT_EQ(next.rc, 0);
	memset(next.words, 0x44, next.bytes);
	std::vector<char> seen(2 * page_);
	EXPECT_EQ(read(pipes[0], seen.data(), seen.size()), static_cast<ssize_t>(seen.size()));
	EXPECT_EQ(seen, std::vector<char>(2 * page_, 0x33));
	close(pipes[0]);
	close(pipes[1]);
}

/* Two mappings of one buffer, one of which is for reading, are the same memory. */
TEST_P(NodeMap, TwoViewsOfOneBuffer)
{
	struct tdm_error err = {};
	auto *view = static_cast<uint64_t *>(
		File(*node_).Map(8 * page_, PROT_READ, block_->offset, &err));

	ASSERT_NE(view, nullptr) << err.code;
	block_->words[700] = 7;
	EXPECT_EQ(view[700], 7u);
	StillWorks();
	EXPECT_EQ(view[0], block_->words[0]);
	EXPECT_EQ(munmap(view, 8 * page_), 0);
}
