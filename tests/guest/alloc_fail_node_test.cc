// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Allocations that fail in the calls of a device node: files, buffers and mappings.
 */
#include "alloc_fail_node.h"

using namespace alloc_fail;

TEST_F(AllocFailNode, Open)
{
	int fd = -1;

	Sweep({ Nothing,
		[&] {
			fd = OpenNode("TANDEM_NODE_TRN");
			return fd < 0 ? fd : 0;
		},
		[&] { close(fd); } });
}

TEST_F(AllocFailNode, Close)
{
	int fd = -1;

	Sweep({ [&] {
		       std::swap(fd, fd_);
		       fd_ = OpenNode("TANDEM_NODE_TRN");
		       ASSERT_EQ(BoCreate(), 0);
		       ASSERT_EQ(VmMap(), 0);
		       ASSERT_EQ(QueueCreate(), 0);
		       std::swap(fd, fd_);
	       },
		[&] { return close(fd) ? -errno : 0; }, Nothing, false });
}

TEST_F(AllocFailNode, Version)
{
	struct drm_version version = {};

	Sweep({ Nothing, [&] { return Call(fd_, DRM_IOCTL_VERSION, &version); }, Nothing, false });
}

TEST_F(AllocFailNode, Query)
{
	for (uint32_t item :
	     { TDM_QUERY_DEVICE, TDM_QUERY_MEMORY, TDM_QUERY_CLOCK, TDM_QUERY_TELEMETRY })
		Sweep({ Nothing, [&] { return Query(item); }, Nothing, false });
}

TEST_F(AllocFailNode, BoCreate)
{
	for (uint32_t domain : { TDM_DOMAIN_HOST, TDM_DOMAIN_DEVICE })
		Sweep({ Nothing, [&] { return BoCreate(domain); },
			[&] { ASSERT_EQ(GemClose(fd_, handle_), 0); } });
}

TEST_F(AllocFailNode, BoMmap)
{
	Step step = OfBuffer([&] { return BoOffset(); }, Nothing);

	step.allocates = false;
	Sweep(step);
}

TEST_F(AllocFailNode, MmapOfABuffer)
{
	Step step = OfBuffer([&] { return Map(fd_, offset_, kBytes, PROT_READ | PROT_WRITE); },
			     [&] { munmap(ptr_, kBytes); });

	step.prepare = [&] {
		ASSERT_EQ(BoCreate(), 0);
		ASSERT_EQ(BoOffset(), 0);
	};
	Sweep(step);
}

TEST_F(AllocFailNode, TouchOfABuffer)
{
	Step step = OfBuffer([&] { return Touch(ptr_); }, [&] { munmap(ptr_, kBytes); });

	step.prepare = [&] {
		ASSERT_EQ(BoCreate(), 0);
		ASSERT_EQ(BoOffset(), 0);
		ASSERT_EQ(Map(fd_, offset_, kBytes, PROT_READ | PROT_WRITE), 0);
	};
	step.errors = { -EFAULT };
	step.keeps_pages = true;
	Sweep(step);
}

TEST_F(AllocFailNode, VmMap)
{
	Sweep(OfBuffer([&] { return VmMap(); }, [&] { ASSERT_EQ(VmUnmap(), 0); }));
}

TEST_F(AllocFailNode, VmUnmap)
{
	Step step = OfBuffer([&] { return VmUnmap(); }, Nothing);

	step.prepare = [&] {
		ASSERT_EQ(BoCreate(), 0);
		ASSERT_EQ(VmMap(), 0);
	};
	step.allocates = false;
	Sweep(step);
}

TEST_F(AllocFailNode, GemClose)
{
	Sweep({ [&] {
		       ASSERT_EQ(BoCreate(), 0);
		       ASSERT_EQ(VmMap(), 0);
	       },
		[&] { return GemClose(fd_, handle_); }, Nothing, false });
}

TEST_F(AllocFailNode, PrimeExport)
{
	Sweep(OfBuffer([&] { return Export(); }, [&] { close(prime_); }));
}

TEST_F(AllocFailNode, PrimeMmap)
{
	Step step = OfBuffer([&] { return Map(prime_, 0, kBytes, PROT_READ | PROT_WRITE); },
			     [&] {
				     munmap(ptr_, kBytes);
				     close(prime_);
			     });

	step.prepare = [&] {
		ASSERT_EQ(BoCreate(), 0);
		ASSERT_EQ(Export(), 0);
	};
	Sweep(step);
}

/* Into the same device, the other one, and another driver, which maps it for DMA. */
TEST_F(AllocFailNode, PrimeImport)
{
	int same = OpenNode("TANDEM_NODE_TRN");
	int other = OpenNode("TANDEM_NODE_CS");
	int vgem = OpenVgem();

	ASSERT_GE(same, 0) << strerror(-same);
	ASSERT_GE(other, 0) << strerror(-other);
	ASSERT_GE(vgem, 0) << strerror(-vgem);
	for (int fd : { same, other, vgem }) {
		Step step = OfBuffer([&] { return Import(fd); },
				     [&] {
					     ASSERT_EQ(GemClose(fd, imported_), 0);
					     close(prime_);
				     });

		step.prepare = [&] {
			ASSERT_EQ(BoCreate(), 0);
			ASSERT_EQ(Export(), 0);
		};
		step.keeps_pages = true;
		Sweep(step);
	}
	close(same);
	close(other);
	close(vgem);
}
