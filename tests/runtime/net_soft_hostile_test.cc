// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A peer on the socket between software NICs that says what it must not: the link ends,
 * nothing else does, and no descriptor is left over.
 */
#include <sys/random.h>
#include <sys/socket.h>

#include <algorithm>
#include <functional>

#include "runtime/net_soft_memfd.h"
#include "runtime/net_soft_side.h"

extern "C" {
#include "net/soft_socket.h"
}
#include "net/soft_wire.h"

namespace
{

using namespace net_test;

constexpr size_t kBytes = 65536;

/* By hand what an initiator does. */
struct FakeInitiator {
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	explicit FakeInitiator(const tdm_net_addr &to, uint64_t magic = SOFT_WIRE_MAGIC,
			       const uint8_t *gid = nullptr)
	{
		sockaddr_un at;
		socklen_t len = soft_socket_name(to.gid, &at);
		soft_hello hello = { magic, { 1, 2, 3 } };

		if (gid)
			memcpy(hello.gid, gid, sizeof(hello.gid));
		EXPECT_EQ(connect(sock, reinterpret_cast<sockaddr *>(&at), len), 0);
		EXPECT_EQ(send(sock, &hello, sizeof(hello), 0), ssize_t(sizeof(hello)));
	}
	~FakeInitiator()
	{
		close(sock);
	}
	FakeInitiator(const FakeInitiator &) = delete;
	FakeInitiator &operator=(const FakeInitiator &) = delete;

	/* Bytes, and these descriptors with the first of them. */
	void Send(const void *bytes, size_t len, const std::vector<int> &fds = {}) const
	{
		std::vector<char> control(CMSG_SPACE(fds.size() * sizeof(int)), 0);
		iovec iov = { const_cast<void *>(bytes), len };
		msghdr msg = {};

		msg.msg_iov = &iov;
		msg.msg_iovlen = 1;
		if (!fds.empty()) {
			msg.msg_control = control.data();
			msg.msg_controllen = control.size();
			cmsghdr *c = CMSG_FIRSTHDR(&msg);
			c->cmsg_level = SOL_SOCKET;
			c->cmsg_type = SCM_RIGHTS;
			c->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
			memcpy(CMSG_DATA(c), fds.data(), fds.size() * sizeof(int));
		}
		/* It may have hung up already. */
		(void)!sendmsg(sock, &msg, MSG_NOSIGNAL);
	}
	void Send(const soft_request &r, const std::vector<int> &fds = {}) const
	{
		Send(&r, sizeof(r), fds);
	}
	/* Return: the status, -1: it hung up */
	int64_t Answer() const
	{
		soft_answer answer;

		return recv(sock, &answer, sizeof(answer), MSG_WAITALL) == sizeof(answer)
			       ? int64_t(answer.status)
			       : -1;
	}
};

soft_request Request(uint32_t op)
{
	soft_request r = {};

	r.op = op;
	return r;
}

soft_request Share(uint64_t offset, uint64_t span, uint32_t region = 0)
{
	soft_request r = Request(SOFT_WIRE_SHARE);

	r.offset = offset;
	r.span = span;
	r.region = region;
	return r;
}

class SoftHostile : public testing::TestWithParam<std::string>
{
protected:
	Side target{ GetParam(), 1 };

	tdm_net_addr At() const
	{
		return tdm_net_ep_addr(target.ep);
	}
	soft_request Copy(uint32_t region, uint64_t offset, uint32_t len) const
	{
		soft_request r = Request(SOFT_WIRE_COPY);

		r.to = At().qpn;
		r.addr = target.At();
		r.rkey = tdm_net_mr_rkey(target.mr);
		r.region = region;
		r.offset = offset;
		r.len = len;
		return r;
	}
	/* It still serves who is well behaved. */
	void TearDown() override
	{
		Side good(GetParam(), 2);

		Pair::Connect(good.ep, target.ep);
		EXPECT_EQ(good.One(good.To(target, TDM_NET_OP_WRITE, 0, 4096)),
			  uint32_t(TDM_NET_WC_SUCCESS));
	}
	/* Links that ended are put away when the next one comes. */
	void SweepLinks(size_t files) const
	{
		const uint64_t deadline = Deadline();

		while (OpenFiles() > files + 2) {
			FakeInitiator next(At(), 0);

			EXPECT_EQ(next.Answer(), -1);
			ASSERT_LT(NowNs(), deadline);
		}
	}
};

TEST_P(SoftHostile, AMemfdThatCouldShrinkIsRefused)
{
	for (int seals : { 0, F_SEAL_GROW }) {
		Memfd memory(kBytes, seals);
		FakeInitiator fake(At());

		fake.Send(Share(0, kBytes), { memory.fd });
		EXPECT_GT(fake.Answer(), 0);
		EXPECT_EQ(memory.Mappings(), 1);
		/* Its shrinking hurts nobody. */
		EXPECT_EQ(ftruncate(memory.fd, 0), 0);
		fake.Send(Copy(0, 0, 4096));
		EXPECT_EQ(fake.Answer(), -1);
	}
}

TEST_P(SoftHostile, WhatIsShorterThanSaidIsRefused)
{
	Memfd memory(kBytes);
	FakeInitiator fake(At());
	const std::pair<uint64_t, uint64_t> bad[] = {
		{ 0, 0 },	   { 0, kBytes + 1 },		{ 1, kBytes },
		{ kBytes, 1 },	   { UINT64_MAX, 1 },		{ UINT64_MAX - 4095, 8192 },
		{ 0, UINT64_MAX }, { 4096, UINT64_MAX - 4095 },
	};

	for (const auto &[offset, span] : bad) {
		fake.Send(Share(offset, span), { memory.fd });
		EXPECT_GT(fake.Answer(), 0) << offset << " " << span;
	}
	EXPECT_EQ(memory.Mappings(), 1);
}

/* An address space is not a peer's to use up. */
TEST_P(SoftHostile, HugeMemfdsAreNotAllMapped)
{
	constexpr uint64_t kHuge = 1ULL << 42;
	int fd = memfd_create("tandem-test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	FakeInitiator fake(At());
	int mapped = 0;

	ASSERT_EQ(ftruncate(fd, off_t(kHuge)), 0);
	ASSERT_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	for (uint32_t i = 0; i < SOFT_WIRE_REGIONS; i++) {
		fake.Send(Share(0, kHuge, i), { fd });
		int64_t status = fake.Answer();
		ASSERT_GE(status, 0);
		mapped += status == 0;
	}
	EXPECT_LE(mapped, 4);
	close(fd);
}

TEST_P(SoftHostile, OtherDescriptorsAreRefused)
{
	int pipes[2];
	char name[] = "/tmp/tandem-test-XXXXXX";
	int file = mkostemp(name, O_CLOEXEC);

	ASSERT_EQ(pipe2(pipes, O_CLOEXEC), 0);
	ASSERT_GE(file, 0);
	ASSERT_EQ(unlink(name), 0);
	ASSERT_EQ(ftruncate(file, off_t(kBytes)), 0);
	const size_t files = OpenFiles();
	{
		FakeInitiator fake(At());

		for (int fd : { pipes[0], pipes[1], file, fake.sock }) {
			fake.Send(Share(0, kBytes), { fd });
			EXPECT_GT(fake.Answer(), 0);
		}
	}
	SweepLinks(files);
	close(pipes[0]);
	close(pipes[1]);
	close(file);
}

/* Each of these ends its link at once, and leaves no descriptor. */
TEST_P(SoftHostile, WhatIsNoRequestEndsTheLink)
{
	Memfd memory(kBytes);
	const int fd = memory.fd;
	const std::function<void(const FakeInitiator &)> bad[] = {
		[&](const FakeInitiator &f) { f.Send(Share(0, kBytes)); },
		[&](const FakeInitiator &f) {
			f.Send(Share(0, kBytes, SOFT_WIRE_REGIONS), { fd });
		},
		[&](const FakeInitiator &f) { f.Send(Share(0, kBytes, UINT32_MAX), { fd }); },
		[&](const FakeInitiator &f) {
			f.Send(Share(0, kBytes), { fd, fd });
		},
		[&](const FakeInitiator &f) {
			f.Send(Share(0, kBytes), { fd, fd, fd, fd, fd });
		},
		[&](const FakeInitiator &f) {
			/* One with a request that takes none, and then another. */
			f.Send(Request(SOFT_WIRE_FORGET), { fd });
			EXPECT_EQ(f.Answer(), 0);
			f.Send(Request(SOFT_WIRE_FORGET), { fd });
		},
		[&](const FakeInitiator &f) { f.Send(Request(SOFT_WIRE_FORGET + 1), { fd }); },
		[&](const FakeInitiator &f) { f.Send(Request(UINT32_MAX)); },
		[&](const FakeInitiator &f) { f.Send(Copy(0, 0, 8)); },
		[&](const FakeInitiator &f) { f.Send(Copy(SOFT_WIRE_REGIONS, 0, 8)); },
		[&](const FakeInitiator &f) { f.Send(Request(SOFT_WIRE_WRITE)); },
		[&](const FakeInitiator &f) {
			soft_request r = Request(SOFT_WIRE_FORGET);
			r.region = SOFT_WIRE_REGIONS;
			f.Send(r);
		},
		[&](const FakeInitiator &f) {
			soft_request r = Request(SOFT_WIRE_READ);
			r.len = UINT32_MAX;
			f.Send(r);
		},
		[&](const FakeInitiator &f) {
			/* Half of one. */
			soft_request r = Share(0, kBytes);
			f.Send(&r, sizeof(r) / 2, { fd });
			shutdown(f.sock, SHUT_WR);
		},
	};
	const size_t files = OpenFiles();
	const std::vector<uint64_t> before = target.memory;

	for (const auto &send : bad) {
		FakeInitiator fake(At());

		send(fake);
		EXPECT_EQ(fake.Answer(), -1) << &send - bad;
	}
	EXPECT_EQ(target.memory, before);
	EXPECT_EQ(memory.Mappings(), 1);
	SweepLinks(files);
}

TEST_P(SoftHostile, ACopyFromOutsideARegionEndsTheLink)
{
	Memfd memory(kBytes);
	const std::vector<uint64_t> before = target.memory;
	const std::pair<uint64_t, uint32_t> bad[] = {
		{ kBytes - 4096, 4097 },     { kBytes, 1 },
		{ UINT64_MAX, 1 },	     { UINT64_MAX - 7, 16 },
		{ 0, uint32_t(kBytes + 1) },
	};

	for (const auto &[offset, len] : bad) {
		FakeInitiator fake(At());

		fake.Send(Share(0, kBytes, 7), { memory.fd });
		ASSERT_EQ(fake.Answer(), 0);
		fake.Send(Copy(7, offset, len));
		EXPECT_EQ(fake.Answer(), -1) << offset << " " << len;
	}
	EXPECT_EQ(target.memory, before);
}

/* Nobody's peer: an RC endpoint answers its own alone, and a key is needed in any case. */
TEST_P(SoftHostile, ARegionIsNoKey)
{
	Memfd memory(kBytes);
	FakeInitiator fake(At());
	const std::vector<uint64_t> before = target.memory;

	fake.Send(Share(0, kBytes), { memory.fd });
	ASSERT_EQ(fake.Answer(), 0);
	soft_request r = Copy(0, 0, 4096);
	r.rkey ^= 0x10000;
	fake.Send(r);
	EXPECT_EQ(fake.Answer(), GetParam() == "soft:rc" ? int64_t(TDM_NET_WC_RETRY_EXC_ERR)
							 : int64_t(TDM_NET_WC_REM_ACCESS_ERR));
	EXPECT_EQ(target.memory, before);
}

/* By hand what a target does: one that the NIC connects to. */
class SoftHostileTarget : public testing::TestWithParam<std::string>
{
protected:
	Side side{ GetParam(), 1 };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	tdm_net_addr addr = tdm_net_ep_addr(side.ep);

	void SetUp() override
	{
		sockaddr_un at;
		socklen_t len;

		ASSERT_EQ(getrandom(addr.gid, sizeof(addr.gid), 0), ssize_t(sizeof(addr.gid)));
		len = soft_socket_name(addr.gid, &at);
		ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr *>(&at), len), 0);
		ASSERT_EQ(listen(listener, 4), 0);
	}
	void TearDown() override
	{
		close(listener);
	}
	/* One request of this kind, answered so. Return: how it ended */
	uint32_t Ask(uint16_t op, const std::function<void(int)> &answer)
	{
		tdm_net_ep *ep = tdm_net_ep_create(side.net, 4, nullptr);
		tdm_net_wr wr = side.To(side, op, 0, 4096);
		int sock;

		EXPECT_EQ(tdm_net_ep_connect(ep, &addr, nullptr), 0);
		sock = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
		std::vector<char> got(sizeof(soft_hello) + sizeof(soft_request) +
				      (op == TDM_NET_OP_WRITE ? 4096 : 0));
		EXPECT_EQ(tdm_net_post(ep, &wr, 1), 1);
		EXPECT_EQ(recv(sock, got.data(), got.size(), MSG_WAITALL), ssize_t(got.size()));
		answer(sock);
		uint32_t status = Pair::Take(ep, 1)[0].status;
		close(sock);
		tdm_net_ep_close(ep);
		return status;
	}
};

TEST_P(SoftHostileTarget, AWrongAnswerEndsTheLink)
{
	auto say = [](std::vector<soft_answer> all) {
		return [all](int sock) {
			(void)!send(sock, all.data(), all.size() * sizeof(all[0]), MSG_NOSIGNAL);
		};
	};
	const uint32_t lost = NoAnswerOf(GetParam());
	const size_t files = OpenFiles();
	const std::vector<uint64_t> before = side.memory;

	EXPECT_EQ(Ask(TDM_NET_OP_WRITE, say({ { 0, 1 } })), lost);
	EXPECT_EQ(Ask(TDM_NET_OP_WRITE, say({ { 0, 4096 } })), lost);
	EXPECT_EQ(Ask(TDM_NET_OP_WRITE, say({ { 22, 0 } })), lost);
	EXPECT_EQ(Ask(TDM_NET_OP_WRITE, say({ { UINT32_MAX, 0 } })), lost);
	EXPECT_EQ(Ask(TDM_NET_OP_READ, say({ { 0, 0 } })), lost);
	EXPECT_EQ(Ask(TDM_NET_OP_READ, say({ { 0, 4095 } })), lost);
	EXPECT_EQ(Ask(TDM_NET_OP_READ, say({ { 0, UINT32_MAX } })), lost);
	EXPECT_EQ(Ask(TDM_NET_OP_READ, say({ { 12, 4096 } })), lost);
	EXPECT_EQ(Ask(TDM_NET_OP_WRITE, [](int sock) { shutdown(sock, SHUT_RDWR); }), lost);
	EXPECT_EQ(Ask(TDM_NET_OP_WRITE,
		      [](int sock) {
			      (void)!send(sock, "xyz", 3, MSG_NOSIGNAL);
			      shutdown(sock, SHUT_WR);
		      }),
		  lost);
	EXPECT_EQ(side.memory, before);
	/* What is right stays right, whatever comes behind it. */
	EXPECT_EQ(Ask(TDM_NET_OP_WRITE, say({ { 0, 0 }, { 0, 0 }, { 5, 77 } })),
		  uint32_t(TDM_NET_WC_SUCCESS));
	EXPECT_EQ(OpenFiles(), files);
}

/* The bytes of a read come in pieces, and end where they must. */
TEST_P(SoftHostileTarget, AReadTakesItsBytesAndNoMore)
{
	std::vector<uint64_t> bytes(600, 0x3333333333333333u);
	const std::vector<uint64_t> before = side.memory;

	EXPECT_EQ(Ask(TDM_NET_OP_READ,
		      [&](int sock) {
			      const soft_answer answer = { 0, 4096 };

			      (void)!send(sock, &answer, 5, MSG_NOSIGNAL);
			      (void)!send(sock, reinterpret_cast<const char *>(&answer) + 5, 3,
					  MSG_NOSIGNAL);
			      (void)!send(sock, bytes.data(), 100, MSG_NOSIGNAL);
			      (void)!send(sock, bytes.data(), 4700, MSG_NOSIGNAL);
		      }),
		  uint32_t(TDM_NET_WC_SUCCESS));
	EXPECT_TRUE(std::equal(bytes.begin(), bytes.begin() + 512, side.memory.begin()));
	EXPECT_TRUE(std::equal(before.begin() + 512, before.end(), side.memory.begin() + 512));
}

/* An RC peer that lost a write does not let in the next one, even if the link is up again. */
TEST_P(SoftHostileTarget, WhatFollowsALostWriteIsLostAsWell)
{
	const bool rc = GetParam() == "soft:rc";
	const uint64_t word = 0x1122334455667788;
	const std::vector<uint64_t> before = side.memory;
	soft_request r = {};

	addr.qpn = 77;
	ASSERT_EQ(tdm_net_ep_connect(side.ep, &addr, nullptr), 0);
	FakeInitiator fake(tdm_net_ep_addr(side.ep), SOFT_WIRE_MAGIC, addr.gid);
	auto write_at = [&](size_t offset) {
		r.op = SOFT_WIRE_WRITE;
		r.from = 77;
		r.to = tdm_net_ep_addr(side.ep).qpn;
		r.rkey = tdm_net_mr_rkey(side.mr);
		r.addr = side.At() + offset;
		r.len = 8;
		fake.Send(r);
		fake.Send(&word, sizeof(word));
		return fake.Answer();
	};

	EXPECT_EQ(write_at(0), 0);
	EXPECT_EQ(side.memory[0], word);
	ASSERT_EQ(tdm_net_inject(side.net, TDM_NET_INJECT_LINK_DOWN, 0), 0);
	EXPECT_EQ(write_at(8), int64_t(NoAnswerOf(GetParam())));
	ASSERT_EQ(tdm_net_inject(side.net, TDM_NET_INJECT_NONE, 0), 0);
	EXPECT_EQ(write_at(16), rc ? int64_t(TDM_NET_WC_RETRY_EXC_ERR) : 0);
	EXPECT_EQ(side.memory[1], before[1]);
	EXPECT_EQ(side.memory[2], rc ? before[2] : word);
}

/* A descriptor to read by: the peer has no way to write to the memory of this side. */
TEST_P(SoftHostileTarget, WhatIsHandedOverCannotBeWritten)
{
	Memfd memory(kBytes);
	tdm_net_mr *mr = memory.Reg(side.net);
	tdm_net_ep *ep = tdm_net_ep_create(side.net, 4, nullptr);
	tdm_net_wr wr = side.To(side, TDM_NET_OP_WRITE, 0, 4096);
	soft_hello hello;
	soft_request r = {};

	ASSERT_EQ(tdm_net_ep_connect(ep, &addr, nullptr), 0);
	int sock = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
	wr.addr = reinterpret_cast<uintptr_t>(memory.at);
	wr.lkey = tdm_net_mr_lkey(mr);
	ASSERT_EQ(tdm_net_post(ep, &wr, 1), 1);
	ASSERT_EQ(recv(sock, &hello, sizeof(hello), MSG_WAITALL), ssize_t(sizeof(hello)));

	alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	iovec iov = { &r, sizeof(r) };
	msghdr msg = {};
	int fd = -1;

	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	msg.msg_control = control;
	msg.msg_controllen = sizeof(control);
	ASSERT_EQ(recvmsg(sock, &msg, MSG_WAITALL | MSG_CMSG_CLOEXEC), ssize_t(sizeof(r)));
	ASSERT_NE(CMSG_FIRSTHDR(&msg), nullptr);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	EXPECT_EQ(r.op, uint32_t(SOFT_WIRE_SHARE));
	EXPECT_EQ(r.offset, 0u);
	EXPECT_EQ(r.span, kBytes);
	EXPECT_EQ(mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
	EXPECT_EQ(pwrite(fd, "x", 1, 0), -1);
	close(fd);
	close(sock);
	Pair::Take(ep, 1);
	tdm_net_ep_close(ep);
	EXPECT_EQ(tdm_net_dereg_mr(mr), 0);
}

INSTANTIATE_TEST_SUITE_P(Each, SoftHostile, testing::Values("soft:rc", "soft:srd"),
			 [](const auto &info) { return info.param.substr(5); });
INSTANTIATE_TEST_SUITE_P(Each, SoftHostileTarget, testing::Values("soft:rc", "soft:srd"),
			 [](const auto &info) { return info.param.substr(5); });

} // namespace
