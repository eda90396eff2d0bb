/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What the tests of devices share. They run on every attachment: the name of
 * the device is TANDEM_TEST_DEVICE's, or else each soft class in turn.
 */
#ifndef TESTS_DEVICE_FIXTURE_H
#define TESTS_DEVICE_FIXTURE_H

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <tandem/buffer.h>
#include <tandem/device.h>
#include <tandem/queue.h>

#include "device_file.h"

namespace tandem_test
{

inline std::vector<std::string> DeviceNames()
{
	const char *name = getenv("TANDEM_TEST_DEVICE");

	if (name)
		return { name };
	return { "soft:trn2", "soft:cs3" };
}

inline std::string DeviceTestName(const ::testing::TestParamInfo<std::string> &info)
{
	std::string name = info.param;

	for (char &c : name)
		if (!isalnum(static_cast<unsigned char>(c)))
			c = '_';
	return name;
}

/* Far enough that only a lost wake-up or a hang gets there. */
inline uint64_t Soon()
{
	return NowNs() + 20000 * kMs;
}

/* The whole of it, whatever signals come. */
inline void SleepMs(unsigned int ms)
{
	uint64_t end = NowNs() + ms * kMs;
	struct timespec ts;

	ts.tv_sec = static_cast<time_t>(end / 1000000000u);
	ts.tv_nsec = static_cast<long>(end % 1000000000u);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, nullptr) == EINTR)
		;
}

inline uint64_t Addr(const void *ptr)
{
	return reinterpret_cast<uintptr_t>(ptr);
}

/* Commands. */
inline struct tdm_cmd Nop(uint64_t cookie)
{
	struct tdm_cmd cmd = {};

	cmd.opcode = TDM_OP_NOP;
	cmd.cookie = cookie;
	return cmd;
}

inline struct tdm_cmd Fill(uint64_t dst, uint64_t len, uint64_t pattern)
{
	struct tdm_cmd cmd = {};

	cmd.opcode = TDM_OP_FILL;
	cmd.fill.dst = dst;
	cmd.fill.len = len;
	cmd.fill.pattern = pattern;
	return cmd;
}

inline struct tdm_cmd Copy(uint64_t dst, uint64_t src, uint64_t len)
{
	struct tdm_cmd cmd = {};

	cmd.opcode = TDM_OP_COPY;
	cmd.copy.dst = dst;
	cmd.copy.src = src;
	cmd.copy.len = len;
	return cmd;
}

inline struct tdm_cmd Signal(uint64_t addr, uint64_t value)
{
	struct tdm_cmd cmd = {};

	cmd.opcode = TDM_OP_SIGNAL;
	cmd.signal.addr = addr;
	cmd.signal.value = value;
	return cmd;
}

/* Parks the queue until the word is not zero. */
inline struct tdm_cmd WaitNonZero(uint64_t addr)
{
	struct tdm_cmd cmd = {};

	cmd.opcode = TDM_OP_WAIT;
	cmd.wait.addr = addr;
	cmd.wait.mask = ~0ull;
	cmd.wait.timeout_ns = 3600000 * kMs;
	cmd.wait.kind = TDM_WAIT_NE;
	return cmd;
}

/* The calls, as the application makes them. */
inline int BoCreate(const File &file, uint32_t domain, uint64_t bytes, uint32_t *handle)
{
	struct drm_tandem_bo_create create = {};

	create.size = sizeof(create);
	create.domain = domain;
	create.bytes = bytes;
	int rc = file.Call(DRM_IOCTL_TANDEM_BO_CREATE, &create);
	*handle = create.handle;
	return rc;
}

inline int GemClose(const File &file, uint32_t handle)
{
	struct drm_gem_close close = {};

	close.handle = handle;
	return file.Call(DRM_IOCTL_GEM_CLOSE, &close);
}

inline int BoOffset(const File &file, uint32_t handle, uint64_t *offset)
{
	struct drm_tandem_bo_mmap map = {};

	map.size = sizeof(map);
	map.handle = handle;
	int rc = file.Call(DRM_IOCTL_TANDEM_BO_MMAP, &map);
	*offset = map.offset;
	return rc;
}

inline int VmMap(const File &file, uint32_t handle, uint64_t offset, uint64_t len, uint64_t *dva,
		 uint32_t access = TDM_ACCESS_READ | TDM_ACCESS_WRITE)
{
	struct drm_tandem_vm_map map = {};

	map.size = sizeof(map);
	map.handle = handle;
	map.offset = offset;
	map.len = len;
	map.dva = *dva;
	map.access = access;
	int rc = file.Call(DRM_IOCTL_TANDEM_VM_MAP, &map);
	*dva = map.dva;
	return rc;
}

inline int VmUnmap(const File &file, uint64_t dva, uint64_t len)
{
	struct drm_tandem_vm_unmap unmap = {};

	unmap.size = sizeof(unmap);
	unmap.dva = dva;
	unmap.len = len;
	return file.Call(DRM_IOCTL_TANDEM_VM_UNMAP, &unmap);
}

inline int QueueWait(const File &file, uint32_t queue, uint64_t seq, uint64_t deadline)
{
	struct drm_tandem_queue_wait wait = {};

	wait.size = sizeof(wait);
	wait.queue = queue;
	wait.seq = seq;
	wait.deadline_ns = deadline;
	return file.Call(DRM_IOCTL_TANDEM_QUEUE_WAIT, &wait);
}

inline int QueueDestroy(const File &file, uint32_t queue)
{
	struct drm_tandem_queue_destroy destroy = {};

	destroy.size = sizeof(destroy);
	destroy.queue = queue;
	return file.Call(DRM_IOCTL_TANDEM_QUEUE_DESTROY, &destroy);
}

inline int QueueEventfd(const File &file, uint32_t queue, int fd)
{
	struct drm_tandem_queue_eventfd set = {};

	set.size = sizeof(set);
	set.queue = queue;
	set.fd = fd;
	return file.Call(DRM_IOCTL_TANDEM_QUEUE_EVENTFD, &set);
}

/* A buffer by hand: mapped on both sides; it goes with its file. */
struct Block {
	Block(const File &file, uint64_t len, uint32_t domain = TDM_DOMAIN_DEVICE)
	    : bytes(len), owner(file)
	{
		rc = BoCreate(file, domain, bytes, &handle);
		if (!rc)
			rc = VmMap(file, handle, 0, bytes, &dva);
		if (!rc)
			rc = BoOffset(file, handle, &offset);
		if (!rc)
			rc = Remap();
	}
	~Block()
	{
		Unmap();
	}
	Block(const Block &) = delete;
	Block &operator=(const Block &) = delete;

	/* In a child, too, which inherits none. */
	int Remap()
	{
		struct tdm_error err = {};

		words = static_cast<uint64_t *>(
			owner.Map(bytes, PROT_READ | PROT_WRITE, offset, &err));
		return words ? 0 : err.code;
	}
	void Unmap()
	{
		if (words)
			owner.Unmap(words, bytes);
		words = nullptr;
	}
	uint64_t Word(uint64_t i) const
	{
		return dva + i * sizeof(uint64_t);
	}
	void Release(uint64_t i) const
	{
		__atomic_store_n(words + i, 1, __ATOMIC_RELEASE);
	}

	uint64_t bytes;
	File owner;
	int rc = 0;
	uint32_t handle = 0;
	uint64_t offset = 0, dva = 0;
	uint64_t *words = nullptr;
};

/* A queue made by hand from the uapi alone, to be broken at will. */
class RawQueue
{
public:
	/* @cq_entries: 0: as many */
	explicit RawQueue(const File &file, uint32_t entries = 8, uint32_t cq_entries = 0)
	    : file_(file)
	{
		page_ = static_cast<size_t>(sysconf(_SC_PAGESIZE));
		create_.size = sizeof(create_);
		create_.abi = TDM_QUEUE_ABI;
		create_.sq_entries = entries;
		create_.cq_entries = cq_entries ? cq_entries : entries;
		rc_ = file.Call(DRM_IOCTL_TANDEM_QUEUE_CREATE, &create_);
		if (rc_)
			return;
		sq_ = Map(create_.sq_bytes, PROT_READ | PROT_WRITE, create_.sq_offset);
		cq_ = Map(create_.cq_bytes, PROT_READ, create_.cq_offset);
		status_ = Map(page_, PROT_READ, create_.status_offset);
	}
	RawQueue(const RawQueue &) = delete;
	RawQueue &operator=(const RawQueue &) = delete;
	~RawQueue()
	{
		Destroy();
		Unmap();
	}

	int rc() const
	{
		return rc_;
	}
	uint32_t number() const
	{
		return create_.queue;
	}
	const struct drm_tandem_queue_create &info() const
	{
		return create_;
	}
	struct tdm_sq_hdr *sq() const
	{
		return static_cast<struct tdm_sq_hdr *>(sq_);
	}
	const struct tdm_cq_hdr *cq() const
	{
		return static_cast<struct tdm_cq_hdr *>(cq_);
	}
	const struct tdm_queue_status *status() const
	{
		return static_cast<struct tdm_queue_status *>(status_);
	}
	const struct tdm_cqe *cqe(uint32_t index) const
	{
		auto *entries = reinterpret_cast<const struct tdm_cqe *>(
			static_cast<const char *>(cq_) + TDM_QUEUE_HDR_BYTES);

		return &entries[index & (create_.cq_entries - 1)];
	}
	uint32_t state() const
	{
		return tdm_load_acquire(&status()->state);
	}

	/* Publishes one command, and wakes the device if it sleeps. */
	void Submit(const struct tdm_cmd &cmd)
	{
		Put(cmd);
		Publish();
	}
	/* One command, for Publish(). */
	void Put(const struct tdm_cmd &cmd)
	{
		auto *cmds = reinterpret_cast<struct tdm_cmd *>(static_cast<char *>(sq_) +
								TDM_QUEUE_HDR_BYTES);

		cmds[tail_++ & (create_.sq_entries - 1)] = cmd;
	}
	void Publish()
	{
		SetTail(tail_);
	}
	void SetTail(uint32_t tail)
	{
		tail_ = tail;
		tdm_store_release(&sq()->tail, tail);
		tdm_full_fence();
		if (create_.wake == TDM_WAKE_CALL && tdm_load_relaxed(&cq()->need_wake))
			Wake();
	}
	int Wake()
	{
		struct drm_tandem_queue_wake wake = {};

		wake.size = sizeof(wake);
		wake.queue = create_.queue;
		return file_.Call(DRM_IOCTL_TANDEM_QUEUE_WAKE, &wake);
	}
	int Wait(uint64_t seq, uint64_t deadline = Soon())
	{
		return QueueWait(file_, create_.queue, seq, deadline);
	}
	/* A mapping holds its file open, where there is a kernel. */
	void Unmap()
	{
		Unmap(&sq_, create_.sq_bytes);
		Unmap(&cq_, create_.cq_bytes);
		Unmap(&status_, page_);
	}
	/* It is gone, or going, with its file. */
	void Forget()
	{
		rc_ = -ENOENT;
	}
	int Destroy()
	{
		int rc = rc_ ? -ENOENT : QueueDestroy(file_, create_.queue);

		rc_ = -ENOENT;
		return rc;
	}

private:
	void *Map(size_t len, int prot, uint64_t offset)
	{
		struct tdm_error err = {};
		void *ptr = file_.Map(len, prot, offset, &err);

		EXPECT_NE(ptr, nullptr) << err.msg;
		return ptr;
	}
	void Unmap(void **ptr, size_t len)
	{
		if (*ptr) {
			EXPECT_EQ(file_.Unmap(*ptr, len), 0);
			*ptr = nullptr;
		}
	}

	File file_;
	struct drm_tandem_queue_create create_ = {};
	int rc_;
	size_t page_;
	uint32_t tail_ = 0;
	void *sq_ = nullptr;
	void *cq_ = nullptr;
	void *status_ = nullptr;
};

inline struct tdm_telemetry TelemetryOf(struct tdm_device *dev)
{
	struct tdm_telemetry item = {};
	struct drm_tandem_query query = {};

	query.size = sizeof(query);
	query.item = TDM_QUERY_TELEMETRY;
	query.data = Addr(&item);
	query.len = sizeof(item);
	EXPECT_EQ(File(dev).Call(DRM_IOCTL_TANDEM_QUERY, &query), 0);
	return item;
}

/* A test with an open device. */
class DeviceTest : public ::testing::TestWithParam<std::string>
{
protected:
	void SetUp() override
	{
		dev_ = tdm_device_open(GetParam().c_str(), &err_);
		ASSERT_NE(dev_, nullptr) << err_.msg;
		page_ = tdm_device_info(dev_)->identify.page_bytes;
	}
	void TearDown() override
	{
		tdm_device_close(dev_);
	}

	struct tdm_query_memory Memory()
	{
		struct tdm_query_memory mem = {};

		EXPECT_EQ(tdm_device_memory(dev_, &mem), 0);
		return mem;
	}
	struct tdm_buffer *Buffer(uint64_t bytes,
				  uint32_t access = TDM_ACCESS_READ | TDM_ACCESS_WRITE)
	{
		struct tdm_buffer *buf =
			tdm_buffer_create(dev_, TDM_DOMAIN_DEVICE, bytes, access, &err_);

		EXPECT_NE(buf, nullptr) << err_.msg;
		return buf;
	}
	struct tdm_queue *Queue(unsigned int entries)
	{
		struct tdm_queue *queue = tdm_queue_create(dev_, entries, &err_);

		EXPECT_NE(queue, nullptr) << err_.msg;
		return queue;
	}

	struct tdm_device *dev_ = nullptr;
	struct tdm_error err_ = {};
	uint64_t page_ = 0;
};

} // namespace tandem_test

#define TANDEM_ON_EVERY_DEVICE(suite)                                                              \
	INSTANTIATE_TEST_SUITE_P(Attach, suite, ::testing::ValuesIn(tandem_test::DeviceNames()),   \
				 tandem_test::DeviceTestName)

#endif /* TESTS_DEVICE_FIXTURE_H */
