/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * One file of a device, as the tests call it: the library's, or a bare descriptor
 * of a node, which may have come from another process.
 */
#ifndef TESTS_DEVICE_FILE_H
#define TESTS_DEVICE_FILE_H

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include <tandem/device.h>

#include "support/alarm.h"

namespace tandem_test
{

class File
{
public:
	/* Both on purpose: what takes a File takes either. */
	File(struct tdm_device *dev) : dev_(dev)
	{
	}
	File(int fd) : fd_(fd)
	{
	}

	/*
	 * 0 or -errno. Any call may be interrupted and made again as it is; without a
	 * storm of signals EINTR is an error like any other.
	 */
	int Call(unsigned long request, void *arg) const
	{
		int rc;

		do {
			rc = dev_			? tdm_device_ioctl(dev_, request, arg)
			     : ioctl(fd_, request, arg) ? -errno
							: 0;
		} while (rc == -EINTR && alarm_storm());
		return rc;
	}
	/* NULL with @err->code. */
	void *Map(size_t len, int prot, uint64_t offset, struct tdm_error *err) const
	{
		if (dev_)
			return tdm_device_mmap(dev_, len, prot, offset, err);
		void *ptr = mmap(nullptr, len, prot, MAP_SHARED, fd_, static_cast<off_t>(offset));

		if (ptr != MAP_FAILED)
			return ptr;
		err->code = -errno;
		return nullptr;
	}
	int Unmap(void *ptr, size_t len) const
	{
		return dev_ ? tdm_device_munmap(dev_, ptr, len) : munmap(ptr, len) ? -errno : 0;
	}

private:
	struct tdm_device *dev_ = nullptr;
	int fd_ = -1;
};

inline uint64_t NowNs()
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return static_cast<uint64_t>(ts.tv_sec) * 1000000000u + static_cast<uint64_t>(ts.tv_nsec);
}

constexpr uint64_t kMs = 1000000;

/* poll(2) for reading, whatever signals come. Return: whether something came in @ms */
inline bool PollIn(int fd, unsigned int ms)
{
	struct pollfd ready = { fd, POLLIN, 0 };
	uint64_t end = NowNs() + ms * kMs, now;
	int n;

	do {
		now = std::min(NowNs(), end);
		n = poll(&ready, 1, static_cast<int>((end - now + kMs - 1) / kMs));
	} while (n < 0 && errno == EINTR && alarm_storm() && now < end);
	return n == 1;
}

} // namespace tandem_test

#endif /* TESTS_DEVICE_FILE_H */
