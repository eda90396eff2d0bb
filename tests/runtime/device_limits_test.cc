// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Limits of the process: what cannot be had is said, and nothing is half made.
 */
#include <fcntl.h>
#include <sys/resource.h>

#include "device_fixture.h"

using namespace tandem_test;

class DeviceLimits : public DeviceTest
{
};
TANDEM_ON_EVERY_DEVICE(DeviceLimits);

/* No more than @more descriptors beyond those that are open, as long as this. */
class FewDescriptors
{
public:
	explicit FewDescriptors(unsigned int more)
	{
		struct rlimit few;

		getrlimit(RLIMIT_NOFILE, &old_);
		few = old_;
		int first = dup(0); /* the lowest that is free */
		close(first);
		few.rlim_cur = static_cast<rlim_t>(first) + more;
		setrlimit(RLIMIT_NOFILE, &few);
	}
	~FewDescriptors()
	{
		setrlimit(RLIMIT_NOFILE, &old_);
	}
	FewDescriptors(const FewDescriptors &) = delete;
	FewDescriptors &operator=(const FewDescriptors &) = delete;

private:
	struct rlimit old_;
};

/*
 * With none, one, ... left: each call does all of it, or nothing and says EMFILE. That
 * some do is certain, since sharing makes a descriptor.
 */
TEST_P(DeviceLimits, DescriptorsRunOut)
{
	unsigned int refused = 0;
	uint32_t handle;

	ASSERT_EQ(BoCreate(dev_, TDM_DOMAIN_DEVICE, page_, &handle), 0);
	struct tdm_query_memory before = Memory();
	for (unsigned int more = 0; more < 12; more++) {
		struct drm_prime_handle prime = {};
		struct tdm_device *other;
		int shared, made = 0, bought;
		uint32_t second = 0;

		prime.handle = handle;
		prime.flags = DRM_CLOEXEC | DRM_RDWR;
		{
			FewDescriptors few(more);
			struct tdm_error err = {};
			struct tdm_queue *queue = tdm_queue_create(dev_, 4, &err);

			made = queue ? 0 : err.code;
			tdm_queue_destroy(queue);
			bought = BoCreate(dev_, TDM_DOMAIN_DEVICE, page_, &second);
			shared = File(dev_).Call(DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime);
			other = tdm_device_open(GetParam().c_str(), &err_);
		}
		for (int rc : { made, bought, shared, other ? 0 : err_.code }) {
			EXPECT_TRUE(rc == 0 || rc == -EMFILE) << rc << " with " << more;
			refused += rc != 0;
		}
		if (!more) {
			EXPECT_EQ(shared, -EMFILE);
		}
		tdm_device_close(other);
		if (!shared)
			close(prime.fd);
		if (!bought) {
			EXPECT_EQ(GemClose(dev_, second), 0);
		}
		/* Nothing of what was refused is left. */
		struct tdm_query_memory after = Memory();
		EXPECT_EQ(memcmp(&before, &after, sizeof(before)), 0) << more;
	}
	EXPECT_GT(refused, 0u);
	struct tdm_queue *queue = Queue(4);
	struct tdm_cmd nop = Nop(1);
	struct tdm_cqe cqe;
	ASSERT_NE(queue, nullptr);
	EXPECT_EQ(tdm_queue_run(queue, &nop, Soon(), &cqe), 0);
	tdm_queue_destroy(queue);
}

/* A sanitizer needs address space for itself. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/* Address space: what cannot be mapped is refused, and its capacity is given back. */
TEST_P(DeviceLimits, NoAddressSpaceLeft)
{
	struct rlimit old, little;
	uint64_t bytes = Memory().device_bytes / 2 / page_ * page_;

	getrlimit(RLIMIT_AS, &old);
	little = old;
	little.rlim_cur = 1;
	setrlimit(RLIMIT_AS, &little);
	struct tdm_buffer *buf = tdm_buffer_create(dev_, TDM_DOMAIN_DEVICE, bytes,
						   TDM_ACCESS_READ | TDM_ACCESS_WRITE, &err_);
	struct tdm_error err = err_;
	setrlimit(RLIMIT_AS, &old);
	EXPECT_EQ(buf, nullptr);
	EXPECT_EQ(err.code, -ENOMEM) << err.msg;
	EXPECT_EQ(Memory().device_used, 0u);
	tdm_buffer_destroy(buf);
	buf = Buffer(page_);
	EXPECT_NE(buf, nullptr);
	tdm_buffer_destroy(buf);
}
#endif
