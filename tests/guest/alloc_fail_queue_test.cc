// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Allocations that fail in the calls of queues, and in the device that serves them.
 */
#include <sys/eventfd.h>

#include "alloc_fail_node.h"

using namespace alloc_fail;

TEST_F(AllocFailNode, QueueCreate)
{
	Sweep({ Nothing, [&] { return QueueCreate(); }, [&] { ASSERT_EQ(QueueDestroy(), 0); } });
}

TEST_F(AllocFailNode, QueueDestroy)
{
	Sweep({ [&] { ASSERT_EQ(QueueCreate(), 0); }, [&] { return QueueDestroy(); }, Nothing,
		false });
}

TEST_F(AllocFailNode, MmapOfAQueue)
{
	struct Area {
		__u64 drm_tandem_queue_create::*offset;
		int prot;
	};

	for (const Area &area :
	     { Area{ &drm_tandem_queue_create::sq_offset, PROT_READ | PROT_WRITE },
	       Area{ &drm_tandem_queue_create::cq_offset, PROT_READ },
	       Area{ &drm_tandem_queue_create::status_offset, PROT_READ } })
		Sweep(OfQueue([&] { return Map(fd_, queue_.*area.offset, 4096, area.prot); },
			      [&] { munmap(ptr_, 4096); }));
}

TEST_F(AllocFailNode, QueueWake)
{
	Step step = OfQueue(
		[&] {
			struct drm_tandem_queue_wake wake = {};

			wake.size = sizeof(wake);
			wake.queue = queue_.queue;
			return Call(fd_, DRM_IOCTL_TANDEM_QUEUE_WAKE, &wake);
		},
		Nothing);

	step.allocates = false;
	Sweep(step);
}

/* For a completion that may have come or not: it is submitted, not awaited. */
TEST_F(AllocFailNode, QueueWait)
{
	Step step = OfQueue([&] { return Wait(1); }, [&] { munmap(ptr_, queue_.sq_bytes); });

	step.prepare = [&] {
		ASSERT_EQ(QueueCreate(), 0);
		ASSERT_EQ(Map(fd_, queue_.sq_offset, queue_.sq_bytes, PROT_READ | PROT_WRITE), 0);
		Submit({});
	};
	step.allocates = false;
	Sweep(step);
}

TEST_F(AllocFailNode, QueueEventfd)
{
	int event = eventfd(0, EFD_CLOEXEC);
	Step step = OfQueue(
		[&] {
			struct drm_tandem_queue_eventfd set = {};

			set.size = sizeof(set);
			set.queue = queue_.queue;
			set.fd = event;
			return Call(fd_, DRM_IOCTL_TANDEM_QUEUE_EVENTFD, &set);
		},
		Nothing);

	step.allocates = false;
	Sweep(step);
	close(event);
}

TEST_F(AllocFailNode, FaultRead)
{
	Sweep({ Nothing,
		[&] {
			struct drm_tandem_fault_read read = {};

			read.size = sizeof(read);
			read.faults = reinterpret_cast<uintptr_t>(room_);
			read.count = sizeof(room_) / sizeof(struct tdm_fault);
			return Call(fd_, DRM_IOCTL_TANDEM_FAULT_READ, &read);
		},
		Nothing });
}

/*
 * A page of a buffer that the device is the first to touch. There being none is a
 * fault of the command; the process that is the device goes on.
 */
TEST_F(AllocFailNode, TouchByTheDevice)
{
	pid_t process = ProcessOf("tandem-emu");
	Injector device(process);
	void *cq = nullptr;
	uint32_t seq = 0;
	Step step;

	ASSERT_NE(process, 0);
	step.prepare = [&] {
		seq = 0;
		ASSERT_EQ(BoCreate(), 0);
		ASSERT_EQ(VmMap(), 0);
		ASSERT_EQ(QueueCreate(), 0);
		ASSERT_EQ(Map(fd_, queue_.cq_offset, queue_.cq_bytes, PROT_READ), 0);
		cq = ptr_;
		ASSERT_EQ(Map(fd_, queue_.sq_offset, queue_.sq_bytes, PROT_READ | PROT_WRITE), 0);
	};
	step.call = [&] {
		struct tdm_cmd cmd = {};

		cmd.opcode = TDM_OP_FILL;
		cmd.fill.dst = dva_;
		cmd.fill.len = kBytes;
		Submit(cmd);
		int rc = Wait(seq + 1);
		auto *cqes = reinterpret_cast<const struct tdm_cqe *>(static_cast<char *>(cq) +
								      TDM_QUEUE_HDR_BYTES);
		uint32_t status = cqes[seq++].status;

		if (status == TDM_ST_FAULT)
			return -EFAULT;
		return rc ? rc : status == TDM_ST_OK ? 0 : -EPROTO;
	};
	step.clean = [&] {
		munmap(ptr_, queue_.sq_bytes);
		munmap(cq, queue_.cq_bytes);
		ASSERT_EQ(QueueDestroy(), 0);
		ASSERT_EQ(VmUnmap(), 0);
		ASSERT_EQ(GemClose(fd_, handle_), 0);
	};
	step.errors = { -EFAULT };
	step.keeps_pages = true;
	alloc_fail::Sweep(device, step);
	EXPECT_EQ(ProcessOf("tandem-emu"), process);
}
