/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A device node's calls, each by itself. They are made of the uapi alone: a library would
 * allocate, too.
 */
#ifndef TESTS_GUEST_ALLOC_FAIL_NODE_H
#define TESTS_GUEST_ALLOC_FAIL_NODE_H

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "alloc_fail.h"
#include "support/skip.h"
#include "tandem_accel.h"
#include "tandem_queue.h"

namespace alloc_fail
{

constexpr uint64_t kBytes = 4 * 4096;

inline int Call(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) ? -errno : 0;
}

inline int Open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

inline int OpenNode(const char *variable)
{
	const char *path = getenv(variable);

	return path ? Open(path) : -ENOENT;
}

/* The node of another driver that takes dma-bufs: vgem's. */
inline int OpenVgem()
{
	for (int minor = 128; minor < 192; minor++) {
		std::string path = "/dev/dri/renderD" + std::to_string(minor);
		struct drm_version version = {};
		char name[16] = {};
		int fd = Open(path.c_str());

		if (fd < 0)
			continue;
		version.name = name;
		version.name_len = sizeof(name) - 1;
		if (!Call(fd, DRM_IOCTL_VERSION, &version) && !strcmp(name, "vgem"))
			return fd;
		close(fd);
	}
	return -ENODEV;
}

class AllocFailNode : public ::testing::Test
{
protected:
	void SetUp() override
	{
		if (access("/proc/self/fail-nth", F_OK))
			TANDEM_SKIP(injector_.Missing());
		ASSERT_EQ(injector_.Missing(), "");
		fd_ = OpenNode("TANDEM_NODE_TRN");
		ASSERT_GE(fd_, 0) << strerror(-fd_);
	}
	void TearDown() override
	{
		if (fd_ >= 0)
			close(fd_);
	}

	void Sweep(const Step &step)
	{
		alloc_fail::Sweep(injector_, step);
	}

	/* What the calls need of each other. */
	int BoCreate(uint32_t domain = TDM_DOMAIN_DEVICE)
	{
		struct drm_tandem_bo_create create = {};

		create.size = sizeof(create);
		create.domain = domain;
		create.bytes = kBytes;
		int rc = Call(fd_, DRM_IOCTL_TANDEM_BO_CREATE, &create);
		handle_ = create.handle;
		return rc;
	}
	int GemClose(int fd, uint32_t handle)
	{
		struct drm_gem_close args = {};

		args.handle = handle;
		return Call(fd, DRM_IOCTL_GEM_CLOSE, &args);
	}
	int BoOffset()
	{
		struct drm_tandem_bo_mmap map = {};

		map.size = sizeof(map);
		map.handle = handle_;
		int rc = Call(fd_, DRM_IOCTL_TANDEM_BO_MMAP, &map);
		offset_ = map.offset;
		return rc;
	}
	int Map(int fd, uint64_t offset, uint64_t bytes, int prot)
	{
		void *ptr = mmap(nullptr, bytes, prot, MAP_SHARED, fd, static_cast<off_t>(offset));

		if (ptr == MAP_FAILED)
			return -errno;
		ptr_ = ptr;
		return 0;
	}
	int VmMap()
	{
		struct drm_tandem_vm_map map = {};

		map.size = sizeof(map);
		map.handle = handle_;
		map.len = kBytes;
		map.access = TDM_ACCESS_READ | TDM_ACCESS_WRITE;
		int rc = Call(fd_, DRM_IOCTL_TANDEM_VM_MAP, &map);
		dva_ = map.dva;
		return rc;
	}
	int VmUnmap()
	{
		struct drm_tandem_vm_unmap unmap = {};

		unmap.size = sizeof(unmap);
		unmap.dva = dva_;
		unmap.len = kBytes;
		return Call(fd_, DRM_IOCTL_TANDEM_VM_UNMAP, &unmap);
	}
	int Export()
	{
		struct drm_prime_handle args = {};

		args.handle = handle_;
		args.flags = DRM_CLOEXEC | DRM_RDWR;
		int rc = Call(fd_, DRM_IOCTL_PRIME_HANDLE_TO_FD, &args);
		prime_ = args.fd;
		return rc;
	}
	int Import(int fd)
	{
		struct drm_prime_handle args = {};

		args.fd = prime_;
		int rc = Call(fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &args);
		imported_ = args.handle;
		return rc;
	}
	int QueueCreate()
	{
		queue_ = {};
		queue_.size = sizeof(queue_);
		queue_.abi = TDM_QUEUE_ABI;
		queue_.sq_entries = 128; /* more than a page */
		queue_.cq_entries = 128;
		return Call(fd_, DRM_IOCTL_TANDEM_QUEUE_CREATE, &queue_);
	}
	int QueueDestroy()
	{
		struct drm_tandem_queue_destroy destroy = {};

		destroy.size = sizeof(destroy);
		destroy.queue = queue_.queue;
		return Call(fd_, DRM_IOCTL_TANDEM_QUEUE_DESTROY, &destroy);
	}
	/* To the queue whose submit area is at ptr_. */
	void Submit(const struct tdm_cmd &cmd)
	{
		struct drm_tandem_queue_wake wake = {};
		auto *header = static_cast<struct tdm_sq_hdr *>(ptr_);
		auto *cmds = reinterpret_cast<struct tdm_cmd *>(static_cast<char *>(ptr_) +
								TDM_QUEUE_HDR_BYTES);
		uint32_t tail = tdm_load_relaxed(&header->tail);

		cmds[tail] = cmd;
		tdm_store_release(&header->tail, tail + 1);
		tdm_full_fence();
		wake.size = sizeof(wake);
		wake.queue = queue_.queue;
		ASSERT_EQ(Call(fd_, DRM_IOCTL_TANDEM_QUEUE_WAKE, &wake), 0);
	}
	int Wait(uint64_t seq)
	{
		struct drm_tandem_queue_wait wait = {};

		wait.size = sizeof(wait);
		wait.queue = queue_.queue;
		wait.seq = seq;
		wait.deadline_ns = INT64_MAX;
		return Call(fd_, DRM_IOCTL_TANDEM_QUEUE_WAIT, &wait);
	}
	int Query(uint32_t item)
	{
		struct drm_tandem_query query = {};

		query.size = sizeof(query);
		query.item = item;
		query.data = reinterpret_cast<uintptr_t>(room_);
		query.len = sizeof(room_);
		return Call(fd_, DRM_IOCTL_TANDEM_QUERY, &query);
	}

	/* Steps around a buffer, and around a queue. */
	Step OfBuffer(std::function<int()> call, std::function<void()> undo)
	{
		return { [this] { ASSERT_EQ(BoCreate(), 0); }, call,
			 [this, undo] {
				 undo();
				 ASSERT_EQ(GemClose(fd_, handle_), 0);
			 } };
	}
	Step OfQueue(std::function<int()> call, std::function<void()> undo)
	{
		return { [this] { ASSERT_EQ(QueueCreate(), 0); }, call,
			 [this, undo] {
				 undo();
				 ASSERT_EQ(QueueDestroy(), 0);
			 } };
	}

	Injector injector_;
	int fd_ = -1;
	uint32_t handle_ = 0, imported_ = 0;
	uint64_t offset_ = 0, dva_ = 0;
	int prime_ = -1;
	void *ptr_ = nullptr;
	struct drm_tandem_queue_create queue_ = {};
	char room_[1024] = {};
};

inline void Nothing()
{
}

/* Return: 0 when there is none */
inline pid_t ProcessOf(const char *name)
{
	DIR *dir = opendir("/proc");
	pid_t found = 0;

	while (struct dirent *entry = dir ? readdir(dir) : nullptr) {
		std::ifstream comm(std::string("/proc/") + entry->d_name + "/comm");
		std::string line;

		if (std::getline(comm, line) && line == name)
			found = atoi(entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

} // namespace alloc_fail

#endif /* TESTS_GUEST_ALLOC_FAIL_NODE_H */
