// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A dma-buf of another driver: udmabuf makes one of any memory, where the kernel has it.
 */
#include <linux/udmabuf.h>

#include "node_fixture.h"
#include "support/skip.h"

using namespace tandem_test;

namespace
{

class NodeForeign : public NodeTest
{
};
TANDEM_ON_EVERY_NODE(NodeForeign);

TEST_P(NodeForeign, AnotherDriversBufferIsRefused)
{
	int udmabuf = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	int memory = memfd_create("other", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct drm_prime_handle import = {};
	struct udmabuf_create create = {};

	if (udmabuf < 0) {
		close(memory);
		TANDEM_SKIP("the kernel has no udmabuf");
	}
	ASSERT_EQ(ftruncate(memory, static_cast<off_t>(page_)), 0);
	ASSERT_EQ(fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	create.memfd = static_cast<uint32_t>(memory);
	create.flags = UDMABUF_FLAGS_CLOEXEC;
	create.size = page_;
	import.fd = ioctl(udmabuf, UDMABUF_CREATE, &create);
	ASSERT_GE(import.fd, 0);
	EXPECT_EQ(tdm_device_ioctl(dev_, DRM_IOCTL_PRIME_FD_TO_HANDLE, &import), -EOPNOTSUPP);
	close(import.fd);
	close(memory);
	close(udmabuf);
}

} // namespace
