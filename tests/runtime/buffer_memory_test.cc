// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Buffers: what they read as, what they cost, how they are mapped and shared.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device_fixture.h"

using namespace tandem_test;

class BufferMemory : public DeviceTest
{
protected:
	int Export(uint32_t handle, uint32_t flags, int *fd)
	{
		struct drm_prime_handle prime = {};

		prime.handle = handle;
		prime.flags = flags;
		int rc = File(dev_).Call(DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime);
		*fd = prime.fd;
		return rc;
	}
	int Import(struct tdm_device *dev, int fd, uint32_t *handle)
	{
		struct drm_prime_handle prime = {};

		prime.fd = fd;
		int rc = File(dev).Call(DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime);
		*handle = prime.handle;
		return rc;
	}
	char *Map(struct tdm_device *dev, uint32_t handle, size_t len,
		  int prot = PROT_READ | PROT_WRITE)
	{
		uint64_t offset = 0;

		if (BoOffset(dev, handle, &offset))
			return nullptr;
		return static_cast<char *>(tdm_device_mmap(dev, len, prot, offset, &err_));
	}
};
TANDEM_ON_EVERY_DEVICE(BufferMemory);

TEST_P(BufferMemory, StartsAsZeroAndRoundsUp)
{
	struct tdm_buffer *buf = Buffer(10 * page_ + 1);
	auto *p = static_cast<const char *>(tdm_buffer_ptr(buf));

	ASSERT_EQ(tdm_buffer_bytes(buf), 11 * page_);
	for (uint64_t i = 0; i < tdm_buffer_bytes(buf); i++)
		ASSERT_EQ(p[i], 0) << i;
	EXPECT_GE(tdm_buffer_dva(buf), TDM_DVA_MIN);
	EXPECT_LT(tdm_buffer_dva(buf), TDM_DVA_END);
	tdm_buffer_destroy(buf);
}

TEST_P(BufferMemory, ReusedMemoryIsZeroAgain)
{
	for (int i = 0; i < 20; i++) {
		struct tdm_buffer *buf = Buffer(4 * page_);
		auto *p = static_cast<char *>(tdm_buffer_ptr(buf));

		for (uint64_t k = 0; k < 4 * page_; k++)
			ASSERT_EQ(p[k], 0);
		memset(p, 0x5a, 4 * page_);
		tdm_buffer_destroy(buf);
	}
}

TEST_P(BufferMemory, DeviceAndProcessSeeTheSame)
{
	struct tdm_buffer *buf = Buffer(2 * page_);
	struct tdm_queue *queue = Queue(4);
	auto *p = static_cast<char *>(tdm_buffer_ptr(buf));
	struct tdm_cqe cqe;

	for (uint64_t i = 0; i < page_; i++)
		p[i] = static_cast<char>(i * 7);
	struct tdm_cmd copy = Copy(tdm_buffer_dva(buf) + page_, tdm_buffer_dva(buf), page_);
	ASSERT_EQ(tdm_queue_run(queue, &copy, Soon(), &cqe), 0);
	EXPECT_EQ(cqe.status, TDM_ST_OK);
	EXPECT_EQ(cqe.result, page_);
	EXPECT_EQ(memcmp(p, p + page_, page_), 0);
	tdm_queue_destroy(queue);
	tdm_buffer_destroy(buf);
}

TEST_P(BufferMemory, CapacityIsChargedAtCreateToTheByte)
{
	uint64_t capacity = Memory().device_bytes;
	uint64_t most = capacity / page_ * page_;
	uint32_t all, one;

	ASSERT_EQ(BoCreate(dev_, TDM_DOMAIN_DEVICE, most - page_, &all), 0);
	ASSERT_EQ(BoCreate(dev_, TDM_DOMAIN_DEVICE, page_, &one), 0);
	EXPECT_EQ(Memory().device_used, most);
	uint32_t more;
	EXPECT_EQ(BoCreate(dev_, TDM_DOMAIN_DEVICE, page_, &more), -ENOSPC);
	EXPECT_EQ(Memory().device_used, most);
	EXPECT_EQ(GemClose(dev_, one), 0);
	EXPECT_EQ(BoCreate(dev_, TDM_DOMAIN_DEVICE, page_, &one), 0);
	EXPECT_EQ(BoCreate(dev_, TDM_DOMAIN_HOST, page_, &more), 0);
	EXPECT_EQ(Memory().context_host, page_);
}

TEST_P(BufferMemory, ABufferTooLargeSaysHowMuchIsFree)
{
	uint64_t capacity = Memory().device_bytes;

	EXPECT_EQ(tdm_buffer_create(dev_, TDM_DOMAIN_DEVICE, capacity + page_, TDM_ACCESS_READ,
				    &err_),
		  nullptr);
	EXPECT_EQ(err_.code, -ENOSPC);
	EXPECT_NE(strstr(err_.msg, "needed"), nullptr) << err_.msg;
	EXPECT_NE(strstr(err_.msg, "free"), nullptr) << err_.msg;
	EXPECT_EQ(Memory().device_used, 0u);
	EXPECT_EQ(tdm_buffer_create(dev_, TDM_DOMAIN_DEVICE, 0, TDM_ACCESS_READ, &err_), nullptr);
	EXPECT_EQ(err_.code, -EINVAL);
	EXPECT_EQ(tdm_buffer_create(dev_, TDM_DOMAIN_DEVICE, ~0ull, TDM_ACCESS_READ, &err_),
		  nullptr);
	EXPECT_EQ(tdm_buffer_create(dev_, 7, page_, TDM_ACCESS_READ, &err_), nullptr);
	EXPECT_EQ(err_.code, -EINVAL);
	EXPECT_EQ(tdm_buffer_create(dev_, TDM_DOMAIN_DEVICE, page_, 0, &err_), nullptr);
	EXPECT_EQ(err_.code, -EINVAL);
	EXPECT_EQ(Memory().device_used, 0u);
}

/* Resident pages of this process, from /proc (proc(5), statm). */
static uint64_t ResidentBytes()
{
	unsigned long size = 0, resident = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f) {
		if (fscanf(f, "%lu %lu", &size, &resident) != 2)
			resident = 0;
		fclose(f);
	}
	return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

TEST_P(BufferMemory, CapacityCostsNothingUntilTouched)
{
	uint64_t bytes = Memory().device_bytes / page_ * page_;
	uint64_t before = ResidentBytes();
	struct tdm_buffer *buf = Buffer(bytes);
	auto *p = static_cast<char *>(tdm_buffer_ptr(buf));
	struct tdm_queue *queue = Queue(4);
	struct tdm_cmd fill = Fill(tdm_buffer_dva(buf) + bytes - 8, 8, 0x1122334455667788ull);
	struct tdm_cqe cqe;

	ASSERT_EQ(tdm_queue_run(queue, &fill, Soon(), &cqe), 0);
	EXPECT_EQ(cqe.status, TDM_ST_OK);
	EXPECT_EQ(p[bytes - 8], static_cast<char>(0x88));
	EXPECT_EQ(p[0], 0);
	EXPECT_LT(ResidentBytes(), before + (64u << 20));
	tdm_queue_destroy(queue);
	tdm_buffer_destroy(buf);
}

TEST_P(BufferMemory, MmapIsChecked)
{
	struct tdm_device *other = tdm_device_reopen(dev_, &err_);
	uint32_t handle;
	uint64_t offset;

	ASSERT_NE(other, nullptr);
	ASSERT_EQ(BoCreate(dev_, TDM_DOMAIN_DEVICE, 4 * page_, &handle), 0);
	ASSERT_EQ(BoOffset(dev_, handle, &offset), 0);
	EXPECT_EQ(offset % page_, 0u);

	struct {
		struct tdm_device *dev;
		size_t len;
		int prot;
		uint64_t offset;
		int error;
	} bad[] = {
		{ dev_, 0, PROT_READ, offset, -EINVAL },
		{ dev_, 5 * page_, PROT_READ, offset, -EINVAL },
		{ dev_, SIZE_MAX, PROT_READ, offset, -EINVAL },
		{ dev_, page_, PROT_READ, offset + page_, -EINVAL },
		{ dev_, page_, PROT_READ, offset + 1, -EINVAL },
		{ dev_, page_, PROT_READ, offset + 4 * page_, -EINVAL },
		{ dev_, page_, PROT_READ, 0, -EINVAL },
		{ dev_, page_, PROT_READ, handle, -EINVAL },
		{ dev_, page_, PROT_READ, ~0ull, -EINVAL },
		{ other, page_, PROT_READ, offset, -EACCES },
	};
	for (auto &b : bad) {
		EXPECT_EQ(tdm_device_mmap(b.dev, b.len, b.prot, b.offset, &err_), nullptr);
		EXPECT_EQ(err_.code, b.error) << b.len << " at " << b.offset - offset;
	}
	void *part = tdm_device_mmap(dev_, 2 * page_, PROT_READ, offset, &err_);
	ASSERT_NE(part, nullptr) << err_.msg;
	EXPECT_EQ(tdm_device_munmap(dev_, part, 2 * page_), 0);
	EXPECT_EQ(GemClose(dev_, handle), 0);
	EXPECT_EQ(tdm_device_mmap(dev_, page_, PROT_READ, offset, &err_), nullptr);
	EXPECT_EQ(err_.code, -EINVAL);
	tdm_device_close(other);
}

TEST_P(BufferMemory, MappingOutlivesItsHandle)
{
	uint32_t handle;
	char *p;

	ASSERT_EQ(BoCreate(dev_, TDM_DOMAIN_DEVICE, page_, &handle), 0);
	p = Map(dev_, handle, page_);
	ASSERT_NE(p, nullptr) << err_.msg;
	p[3] = 42;
	EXPECT_EQ(GemClose(dev_, handle), 0);
	EXPECT_EQ(GemClose(dev_, handle), -ENOENT);
	EXPECT_EQ(p[3], 42);
	/* It has its pages, so it is charged for them. */
	EXPECT_EQ(Memory().device_used, page_);
	EXPECT_EQ(tdm_device_munmap(dev_, p, page_), 0);
	EXPECT_EQ(Memory().device_used, 0u);
}

TEST_P(BufferMemory, SharedByDescriptor)
{
	struct tdm_device *other = tdm_device_reopen(dev_, &err_);
	uint32_t handle, again, theirs;
	int fd;

	ASSERT_NE(other, nullptr);
	ASSERT_EQ(BoCreate(dev_, TDM_DOMAIN_DEVICE, page_, &handle), 0);
	EXPECT_EQ(Export(handle, 0x1, &fd), -EINVAL);
	EXPECT_EQ(Export(99, DRM_RDWR, &fd), -ENOENT);
	ASSERT_EQ(Export(handle, DRM_CLOEXEC | DRM_RDWR, &fd), 0);
	EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	ASSERT_EQ(Import(dev_, fd, &again), 0);
	EXPECT_EQ(again, handle);
	ASSERT_EQ(Import(other, fd, &theirs), 0);
	close(fd);

	char *mine = Map(dev_, handle, page_);
	char *his = Map(other, theirs, page_);
	ASSERT_NE(mine, nullptr) << err_.msg;
	ASSERT_NE(his, nullptr) << err_.msg;
	mine[5] = 55;
	EXPECT_EQ(his[5], 55);
	EXPECT_EQ(Memory().device_used, page_);
	EXPECT_EQ(tdm_device_munmap(dev_, mine, page_), 0);
	EXPECT_EQ(GemClose(dev_, handle), 0);
	/* Charged to its maker as long as anybody has it. */
	EXPECT_EQ(Memory().context_device, page_);
	EXPECT_EQ(his[5], 55);
	EXPECT_EQ(tdm_device_munmap(other, his, page_), 0);
	EXPECT_EQ(GemClose(other, theirs), 0);
	EXPECT_EQ(Memory().device_used, 0u);
	tdm_device_close(other);
}

TEST_P(BufferMemory, ExportIsTheSameMemory)
{
	struct tdm_buffer *buf = Buffer(2 * page_);
	auto *here = static_cast<char *>(tdm_buffer_ptr(buf));
	int fd = tdm_buffer_export(buf);

	ASSERT_GE(fd, 0);
	EXPECT_NE(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	auto *there = static_cast<char *>(
		mmap(nullptr, 2 * page_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	ASSERT_NE(there, MAP_FAILED);
	here[page_] = 42;
	EXPECT_EQ(there[page_], 42);
	there[1] = 43;
	EXPECT_EQ(here[1], 43);
	/* The descriptor keeps it. */
	tdm_buffer_destroy(buf);
	EXPECT_EQ(there[page_], 42);
	munmap(there, 2 * page_);
	close(fd);
}

TEST_P(BufferMemory, MakerMayCloseBeforeItsSharer)
{
	struct tdm_device *other = tdm_device_reopen(dev_, &err_);
	uint32_t handle, theirs;
	int fd;

	ASSERT_NE(other, nullptr);
	ASSERT_EQ(BoCreate(dev_, TDM_DOMAIN_DEVICE, page_, &handle), 0);
	ASSERT_EQ(Export(handle, DRM_CLOEXEC | DRM_RDWR, &fd), 0);
	ASSERT_EQ(Import(other, fd, &theirs), 0);
	close(fd);
	tdm_device_close(dev_);
	dev_ = other;
	EXPECT_EQ(Memory().device_used, page_);
	EXPECT_EQ(Memory().context_device, 0u);
	EXPECT_EQ(GemClose(other, theirs), 0);
	EXPECT_EQ(Memory().device_used, 0u);
}

TEST_P(BufferMemory, ForeignDescriptorsAreRefused)
{
	FILE *file = tmpfile();
	uint32_t handle;

	ASSERT_NE(file, nullptr);
	int fds[] = { memfd_create("other", MFD_CLOEXEC), dup(fileno(file)),
		      open("/dev/null", O_RDWR) };

	for (int fd : fds) {
		ASSERT_GE(fd, 0);
		EXPECT_EQ(Import(dev_, fd, &handle), -EOPNOTSUPP);
		close(fd);
	}
	fclose(file);
	EXPECT_EQ(Import(dev_, -1, &handle), -EBADF);
	EXPECT_EQ(Import(dev_, 19999, &handle), -EBADF);
}

TEST_P(BufferMemory, HandlesAreReusedAndGemCloseIsStrict)
{
	uint32_t handle, next;
	struct drm_gem_close close = {};

	ASSERT_EQ(BoCreate(dev_, TDM_DOMAIN_DEVICE, page_, &handle), 0);
	EXPECT_NE(handle, 0u);
	EXPECT_EQ(GemClose(dev_, 0), -ENOENT);
	EXPECT_EQ(GemClose(dev_, handle + 1), -ENOENT);
	close.handle = handle;
	close.pad = 1;
	EXPECT_EQ(File(dev_).Call(DRM_IOCTL_GEM_CLOSE, &close), -EINVAL);
	EXPECT_EQ(GemClose(dev_, handle), 0);
	ASSERT_EQ(BoCreate(dev_, TDM_DOMAIN_DEVICE, page_, &next), 0);
	EXPECT_EQ(next, handle);
}
