// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The laws that every call of tandem_accel.h obeys, held for each of them.
 */
#include <sys/eventfd.h>

#include <functional>

#include "device_fixture.h"

using namespace tandem_test;

namespace
{

using Bytes = std::vector<uint8_t>;

template <typename T>
Bytes ToBytes(const T &value)
{
	auto *p = reinterpret_cast<const uint8_t *>(&value);

	return Bytes(p, p + sizeof(value));
}

/* What valid calls are made of: fresh objects, as some calls consume theirs. */
struct Objects {
	struct tdm_device *dev = nullptr;
	uint64_t page = 0;
	uint32_t handle = 0;
	uint64_t dva = 0;
	uint32_t queue = 0;
	int eventfd = -1;
	struct tdm_query_device item = {};
	struct tdm_fault faults[4] = {};
};

/* A member and the values that must be refused in it. */
struct Bad {
	const char *member;
	size_t offset;
	size_t bytes;
	std::vector<uint64_t> values;
	int error;
};

struct Call {
	const char *name;
	unsigned int nr;
	std::function<Bytes(Objects &)> make;
	std::vector<Bad> bad;
};

#define MEMBER(type, member)                                                                       \
#member, offsetof(type, member), sizeof(static_cast <type *>(nullptr)->member)
#define RESERVED(type, member)                                                                     \
	{                                                                                          \
		MEMBER(type, member), { 1, 0x80000000u }, EINVAL                                   \
	}
/* No such number: never given out, 0, and one that is out of any table. */
#define STALE(type, member)                                                                        \
	{                                                                                          \
		MEMBER(type, member), { 0, 0x1234, 0xffffffffu }, ENOENT                           \
	}

std::vector<Call> AllCalls()
{
	std::vector<Call> calls;

	calls.push_back(
		{ "QUERY",
		  TDM_NR_QUERY,
		  [](Objects &o) {
			  struct drm_tandem_query q = {};

			  q.size = sizeof(q);
			  q.item = TDM_QUERY_DEVICE;
			  q.data = Addr(&o.item);
			  q.len = sizeof(o.item);
			  return ToBytes(q);
		  },
		  { RESERVED(struct drm_tandem_query, flags),
		    { MEMBER(struct drm_tandem_query, item), { 0, 5, 0xffffffffu }, EINVAL },
		    { MEMBER(struct drm_tandem_query, data), { 0, 8 }, EFAULT } } });
	calls.push_back(
		{ "BO_CREATE",
		  TDM_NR_BO_CREATE,
		  [](Objects &o) {
			  struct drm_tandem_bo_create c = {};

			  c.size = sizeof(c);
			  c.domain = TDM_DOMAIN_DEVICE;
			  c.bytes = o.page;
			  return ToBytes(c);
		  },
		  { RESERVED(struct drm_tandem_bo_create, flags),
		    { MEMBER(struct drm_tandem_bo_create, domain), { 0, 3, 0xffffffffu }, EINVAL },
		    { MEMBER(struct drm_tandem_bo_create, bytes), { 0, 1, 4095, 4097 }, EINVAL },
		    { MEMBER(struct drm_tandem_bo_create, bytes),
		      { 0x7ffffffffffff000ull, 0x8000000000000000ull, 0xfffffffffffff000ull },
		      ENOSPC } } });
	calls.push_back({ "BO_MMAP",
			  TDM_NR_BO_MMAP,
			  [](Objects &o) {
				  struct drm_tandem_bo_mmap m = {};

				  m.size = sizeof(m);
				  m.handle = o.handle;
				  return ToBytes(m);
			  },
			  { STALE(struct drm_tandem_bo_mmap, handle) } });
	calls.push_back({ "VM_MAP",
			  TDM_NR_VM_MAP,
			  [](Objects &o) {
				  struct drm_tandem_vm_map m = {};

				  m.size = sizeof(m);
				  m.handle = o.handle;
				  m.len = o.page;
				  m.access = TDM_ACCESS_READ;
				  return ToBytes(m);
			  },
			  { STALE(struct drm_tandem_vm_map, handle),
			    RESERVED(struct drm_tandem_vm_map, flags),
			    { MEMBER(struct drm_tandem_vm_map, access),
			      { 0, 2, 4, 5, 0x80000001u },
			      EINVAL },
			    { MEMBER(struct drm_tandem_vm_map, len),
			      { 0, 1, 4095, 3 * 4096, 0xfffffffffffff000ull },
			      EINVAL },
			    { MEMBER(struct drm_tandem_vm_map, offset),
			      { 1, 2048, 2 * 4096, 0xfffffffffffff000ull },
			      EINVAL },
			    { MEMBER(struct drm_tandem_vm_map, dva),
			      { 1, 0x1001, TDM_DVA_END, 0xfffffffffffff000ull },
			      EINVAL } } });
	calls.push_back({ "VM_UNMAP",
			  TDM_NR_VM_UNMAP,
			  [](Objects &o) {
				  struct drm_tandem_vm_unmap u = {};

				  u.size = sizeof(u);
				  u.dva = o.dva;
				  u.len = 2 * o.page;
				  return ToBytes(u);
			  },
			  { RESERVED(struct drm_tandem_vm_unmap, flags),
			    { MEMBER(struct drm_tandem_vm_unmap, len),
			      { 0, 1, 4096, 3 * 4096, 0xfffffffffffff000ull },
			      EINVAL },
			    { MEMBER(struct drm_tandem_vm_unmap, dva),
			      { 1, 0xfffffffffffff000ull },
			      EINVAL },
			    { MEMBER(struct drm_tandem_vm_unmap, dva),
			      { 0, 0x5000, 0x7ffffffff000ull },
			      ENOENT } } });
	calls.push_back({ "QUEUE_CREATE",
			  TDM_NR_QUEUE_CREATE,
			  [](Objects &) {
				  struct drm_tandem_queue_create c = {};

				  c.size = sizeof(c);
				  c.abi = TDM_QUEUE_ABI;
				  c.sq_entries = 4;
				  c.cq_entries = 8;
				  return ToBytes(c);
			  },
			  { RESERVED(struct drm_tandem_queue_create, flags),
			    { MEMBER(struct drm_tandem_queue_create, abi),
			      { 0, 2, 0xffffffffu },
			      EOPNOTSUPP },
			    { MEMBER(struct drm_tandem_queue_create, sq_entries),
			      { 0, 1, 3, 6, 16, 65536, 0x80000000u, 0xffffffffu },
			      EINVAL },
			    { MEMBER(struct drm_tandem_queue_create, cq_entries),
			      { 0, 1, 2, 5, 12, 65536, 0x80000000u, 0xffffffffu },
			      EINVAL } } });
	calls.push_back({ "QUEUE_DESTROY",
			  TDM_NR_QUEUE_DESTROY,
			  [](Objects &o) {
				  struct drm_tandem_queue_destroy d = {};

				  d.size = sizeof(d);
				  d.queue = o.queue;
				  return ToBytes(d);
			  },
			  { STALE(struct drm_tandem_queue_destroy, queue) } });
	calls.push_back({ "QUEUE_WAKE",
			  TDM_NR_QUEUE_WAKE,
			  [](Objects &o) {
				  struct drm_tandem_queue_wake w = {};

				  w.size = sizeof(w);
				  w.queue = o.queue;
				  return ToBytes(w);
			  },
			  { STALE(struct drm_tandem_queue_wake, queue) } });
	calls.push_back(
		{ "QUEUE_WAIT",
		  TDM_NR_QUEUE_WAIT,
		  [](Objects &o) {
			  struct drm_tandem_queue_wait w = {};

			  w.size = sizeof(w);
			  w.queue = o.queue;
			  return ToBytes(w);
		  },
		  { STALE(struct drm_tandem_queue_wait, queue),
		    RESERVED(struct drm_tandem_queue_wait, flags),
		    RESERVED(struct drm_tandem_queue_wait, reserved),
		    { MEMBER(struct drm_tandem_queue_wait, seq), { 1, ~0ull }, ETIMEDOUT } } });
	calls.push_back({ "QUEUE_EVENTFD",
			  TDM_NR_QUEUE_EVENTFD,
			  [](Objects &o) {
				  struct drm_tandem_queue_eventfd e = {};

				  e.size = sizeof(e);
				  e.queue = o.queue;
				  e.fd = o.eventfd;
				  return ToBytes(e);
			  },
			  { STALE(struct drm_tandem_queue_eventfd, queue),
			    RESERVED(struct drm_tandem_queue_eventfd, flags),
			    { MEMBER(struct drm_tandem_queue_eventfd, fd),
			      { 0xfffffffeu, 0x80000000u },
			      EINVAL },
			    { MEMBER(struct drm_tandem_queue_eventfd, fd),
			      { 19999, 0x7fffffff },
			      EBADF } } });
	calls.push_back({ "FAULT_READ",
			  TDM_NR_FAULT_READ,
			  [](Objects &o) {
				  struct drm_tandem_fault_read r = {};

				  r.size = sizeof(r);
				  r.count = 4;
				  r.faults = Addr(o.faults);
				  return ToBytes(r);
			  },
			  { RESERVED(struct drm_tandem_fault_read, flags),
			    RESERVED(struct drm_tandem_fault_read, reserved),
			    { MEMBER(struct drm_tandem_fault_read, faults), { 0, 8 }, EFAULT } } });
	calls.push_back({ "INJECT",
			  TDM_NR_INJECT,
			  [](Objects &) {
				  struct drm_tandem_inject i = {};

				  i.size = sizeof(i);
				  i.kind = TDM_INJECT_NONE;
				  return ToBytes(i);
			  },
			  { RESERVED(struct drm_tandem_inject, flags),
			    RESERVED(struct drm_tandem_inject, count),
			    RESERVED(struct drm_tandem_inject, duration_ms),
			    RESERVED(struct drm_tandem_inject, value),
			    RESERVED(struct drm_tandem_inject, seed),
			    { MEMBER(struct drm_tandem_inject, kind),
			      { TDM_INJECT_KINDS, 0x80000000u, 0xffffffffu },
			      EINVAL } } });
	return calls;
}

void SetSize(Bytes *arg, size_t size)
{
	auto value = static_cast<uint32_t>(size);

	memcpy(arg->data(), &value, sizeof(value));
}

void SetMember(Bytes *arg, const Bad &bad, uint64_t value)
{
	memcpy(arg->data() + bad.offset, &value, bad.bytes);
}

unsigned long Request(unsigned int nr, size_t bytes)
{
	return _IOC(_IOC_READ | _IOC_WRITE, DRM_IOCTL_BASE, DRM_COMMAND_BASE + nr, bytes);
}

class IoctlLaws : public DeviceTest
{
protected:
	void SetUp() override
	{
		DeviceTest::SetUp();
		o_.dev = dev_;
		o_.page = page_;
		o_.eventfd = eventfd(0, EFD_CLOEXEC);
		calls_ = AllCalls();
	}
	void TearDown() override
	{
		close(o_.eventfd);
		DeviceTest::TearDown();
	}

	/* A valid call on objects of its own. */
	Bytes Make(const Call &call)
	{
		o_.dva = 0;
		EXPECT_EQ(BoCreate(dev_, TDM_DOMAIN_DEVICE, 2 * page_, &o_.handle), 0);
		EXPECT_EQ(VmMap(dev_, o_.handle, 0, 2 * page_, &o_.dva), 0);
		EXPECT_EQ(MakeQueue(), 0);
		return call.make(o_);
	}
	/* And away with them; the call may have done so itself. */
	void Clean()
	{
		QueueDestroy(dev_, o_.queue);
		GemClose(dev_, o_.handle);
	}
	/* The answer to a call that must change neither its struct nor the device. */
	int Refused(const Call &call, const Bytes &arg, unsigned long request)
	{
		struct tdm_query_memory before = Memory();
		Bytes copy = arg;
		int rc = File(dev_).Call(request, copy.data());
		struct tdm_query_memory after = Memory();

		EXPECT_EQ(copy, arg) << call.name << ": a refused call wrote to its struct";
		EXPECT_EQ(memcmp(&before, &after, sizeof(before)), 0) << call.name;
		return rc;
	}

	Objects o_;
	std::vector<Call> calls_;

private:
	int MakeQueue()
	{
		struct drm_tandem_queue_create create = {};

		create.size = sizeof(create);
		create.abi = TDM_QUEUE_ABI;
		create.sq_entries = 2;
		create.cq_entries = 2;
		int rc = File(dev_).Call(DRM_IOCTL_TANDEM_QUEUE_CREATE, &create);
		o_.queue = create.queue;
		return rc;
	}
};

} // namespace

TANDEM_ON_EVERY_DEVICE(IoctlLaws);

TEST_P(IoctlLaws, ExactSizeWorks)
{
	for (const Call &call : calls_) {
		Bytes arg = Make(call);

		EXPECT_EQ(File(dev_).Call(Request(call.nr, arg.size()), arg.data()), 0)
			<< call.name;
		Clean();
	}
}

TEST_P(IoctlLaws, TooSmallIsInvalid)
{
	for (const Call &call : calls_) {
		Bytes arg = Make(call);
		size_t exact = arg.size();

		for (size_t size : { size_t{ 0 }, size_t{ 4 }, exact - 4, exact - 1 }) {
			SetSize(&arg, size);
			EXPECT_EQ(Refused(call, arg, Request(call.nr, exact)), -EINVAL)
				<< call.name << " " << size;
		}
		/* The request's own number says how much there is. */
		SetSize(&arg, exact);
		EXPECT_EQ(Refused(call, arg, Request(call.nr, exact - 1)), -EINVAL) << call.name;
		EXPECT_EQ(Refused(call, arg, Request(call.nr, 0)), -EINVAL) << call.name;
		Clean();
	}
}

TEST_P(IoctlLaws, LargerWithAZeroTailIsTheExactSize)
{
	for (const Call &call : calls_) {
		for (size_t more : { 1, 8, 512, 8192 }) {
			Bytes arg = Make(call);

			arg.resize(arg.size() + more);
			SetSize(&arg, arg.size());
			EXPECT_EQ(File(dev_).Call(Request(call.nr, arg.size()), arg.data()), 0)
				<< call.name << " + " << more;
			Clean();
		}
	}
}

TEST_P(IoctlLaws, LargerWithATailIsTooBig)
{
	for (const Call &call : calls_) {
		Bytes arg = Make(call);
		size_t exact = arg.size();

		for (size_t i = 0; i < 8; i++) {
			Bytes larger = arg;

			larger.resize(exact + 8);
			larger[exact + i] = 0x80;
			SetSize(&larger, larger.size());
			EXPECT_EQ(Refused(call, larger, Request(call.nr, larger.size())), -E2BIG)
				<< call.name << " byte " << i;
		}
		/* A tail that the size does not reach is none. */
		arg.resize(exact + 8, 0xff);
		EXPECT_EQ(File(dev_).Call(Request(call.nr, arg.size()), arg.data()), 0)
			<< call.name;
		Clean();
	}
}

TEST_P(IoctlLaws, SizeBeyondTheRequestIsInvalid)
{
	for (const Call &call : calls_) {
		Bytes arg = Make(call);

		SetSize(&arg, arg.size() + 8);
		EXPECT_EQ(Refused(call, arg, Request(call.nr, arg.size())), -EINVAL) << call.name;
		SetSize(&arg, 0xffffffffu);
		EXPECT_EQ(Refused(call, arg, Request(call.nr, arg.size())), -EINVAL) << call.name;
		Clean();
	}
}

TEST_P(IoctlLaws, EveryBadMemberHasItsError)
{
	for (const Call &call : calls_) {
		for (const Bad &bad : call.bad) {
			for (uint64_t value : bad.values) {
				Bytes arg = Make(call);

				SetMember(&arg, bad, value);
				EXPECT_EQ(Refused(call, arg, Request(call.nr, arg.size())),
					  -bad.error)
					<< call.name << "." << bad.member << " = " << value;
				Clean();
			}
		}
	}
}

TEST_P(IoctlLaws, BadPointersFault)
{
	for (const Call &call : calls_) {
		size_t bytes = call.make(o_).size();

		EXPECT_EQ(File(dev_).Call(Request(call.nr, bytes), nullptr), -EFAULT) << call.name;
		EXPECT_EQ(File(dev_).Call(Request(call.nr, bytes),
					  reinterpret_cast<void *>(uintptr_t{ 64 })),
			  -EFAULT)
			<< call.name;
	}
	EXPECT_EQ(File(dev_).Call(DRM_IOCTL_GEM_CLOSE, nullptr), -EFAULT);
}

TEST_P(IoctlLaws, UnknownCallsAreNotCalls)
{
	uint64_t arg[64] = { sizeof(arg) };

	for (unsigned int nr = TDM_NR_INJECT + 1; nr < 0x60; nr++)
		EXPECT_EQ(File(dev_).Call(Request(nr, sizeof(arg)), arg), -ENOTTY) << nr;
	for (unsigned int type : { 0u, static_cast<unsigned int>('D'), 0xffu })
		EXPECT_EQ(File(dev_).Call(
				  _IOC(_IOC_READ | _IOC_WRITE, type, DRM_COMMAND_BASE, sizeof(arg)),
				  arg),
			  -ENOTTY);
}

TEST_P(IoctlLaws, AnotherFilesNumbersAreUnknown)
{
	struct tdm_device *other = tdm_device_reopen(dev_, &err_);

	ASSERT_NE(other, nullptr) << err_.msg;
	for (const Call &call : calls_) {
		for (const Bad &bad : call.bad) {
			if (bad.error != ENOENT || bad.bytes != sizeof(uint32_t))
				continue;
			Bytes arg = Make(call);

			EXPECT_EQ(File(other).Call(Request(call.nr, arg.size()), arg.data()),
				  -ENOENT)
				<< call.name;
			Clean();
			/* And those that were, but are no more. */
			EXPECT_EQ(Refused(call, arg, Request(call.nr, arg.size())), -ENOENT)
				<< call.name;
		}
	}
	tdm_device_close(other);
}

TEST_P(IoctlLaws, NothingIsLeftBehind)
{
	for (const Call &call : calls_) {
		Make(call);
		Clean();
	}
	struct tdm_query_memory mem = Memory();

	EXPECT_EQ(mem.device_used, 0u);
	EXPECT_EQ(mem.host_used, 0u);
	EXPECT_EQ(mem.context_device, 0u);
	EXPECT_EQ(mem.context_host, 0u);
}
