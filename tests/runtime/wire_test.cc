// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Control connections: over a socket pair, and over TCP on this machine.
 */
#include <dirent.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include "wire/socket.h"
#include "wire/tcp.h"
}

namespace
{

uint64_t NowNs()
{
	timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return uint64_t(ts.tv_sec) * 1000000000 + uint64_t(ts.tv_nsec);
}

wire_key Key(const std::string &text = "sixteen bytes or more")
{
	wire_key key;
	tdm_error err;

	EXPECT_EQ(wire_key_from(&key, text.data(), text.size(), &err), 0);
	return key;
}

wire_attr Attr(const wire_key *key)
{
	return { key, WIRE_SERVICE_PAGES, 0 };
}

/* Only a hang ends there: nothing is timed. */
bool Until(const std::vector<wire_conn *> &conns, const std::function<bool()> &is)
{
	uint64_t deadline = NowNs() + 30ULL * 1000000000;

	while (!is()) {
		if (NowNs() > deadline)
			return false;
		for (wire_conn *conn : conns)
			wire_step(conn, NowNs());
		usleep(100);
	}
	return true;
}

struct Pair {
	wire_key key = Key();
	wire_attr attr = Attr(&key);
	wire_conn *end[2] = {};

	Pair()
	{
		tdm_error err = {};
		EXPECT_EQ(wire_pair(end, &attr, &err), 0) << err.msg;
	}
	~Pair()
	{
		wire_close(end[0], nullptr);
		wire_close(end[1], nullptr);
	}
	bool Open()
	{
		return Until({ end[0], end[1] }, [&] {
			return end[0]->state != WIRE_OPENING && end[1]->state != WIRE_OPENING;
		});
	}
};

size_t OpenFiles()
{
	size_t n = 0;
	DIR *dir = opendir("/proc/self/fd");

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

TEST(Wire, CarriesMessagesOfEverySizeInOrder)
{
	Pair p;
	std::vector<uint32_t> sizes = { 0,    1,     15,    16,	    17,
					1000, 65535, 65536, 300000, WIRE_MESSAGE_MAX };
	size_t got = 0;

	ASSERT_TRUE(p.Open());
	ASSERT_EQ(p.end[0]->state, WIRE_OPEN) << p.end[0]->error.msg;
	for (uint32_t size : sizes) {
		std::vector<uint8_t> bytes(size, uint8_t(size * 7));
		ASSERT_EQ(wire_send(p.end[0], uint16_t(1 + size % 100), bytes.data(), size), 0);
	}
	EXPECT_EQ(wire_send(p.end[0], 1, "", WIRE_MESSAGE_MAX + 1), -EMSGSIZE);
	ASSERT_TRUE(Until({ p.end[0], p.end[1] }, [&] {
		while (const wire_message *m = wire_next(p.end[1])) {
			EXPECT_EQ(m->len, sizes[got]);
			EXPECT_EQ(m->type, 1 + sizes[got] % 100);
			for (uint32_t i = 0; i < m->len; i++)
				if (static_cast<const uint8_t *>(m->payload)[i] !=
				    uint8_t(m->len * 7)) {
					ADD_FAILURE() << "byte " << i;
					break;
				}
			got++;
		}
		return got == sizes.size();
	}));
}

TEST(Wire, AnotherKeyIsRefusedWithTheReasonOnBothSides)
{
	wire_key keys[2] = { Key("sixteen bytes or more"), Key("sixteen bytes or mere") };
	wire_attr attrs[2] = { Attr(&keys[0]), Attr(&keys[1]) };
	int fds[2];
	ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	wire_conn *a = wire_adopt(fds[0], &attrs[0], WIRE_ROLE_CONNECTS, "a", nullptr);
	wire_conn *b = wire_adopt(fds[1], &attrs[1], WIRE_ROLE_LISTENS, "b", nullptr);

	ASSERT_TRUE(
		Until({ a, b }, [&] { return a->state == WIRE_ENDED && b->state == WIRE_ENDED; }));
	for (wire_conn *c : { a, b }) {
		EXPECT_EQ(c->error.code, -EACCES);
		EXPECT_NE(strstr(c->error.msg, "shared key is another one"), nullptr)
			<< c->error.msg;
		EXPECT_EQ(strstr(c->error.msg, "sixteen"), nullptr);
		wire_close(c, nullptr);
	}
}

TEST(Wire, AnotherServiceOrVersionIsRefused)
{
	wire_key key = Key();
	wire_attr attrs[2] = { Attr(&key), { &key, WIRE_SERVICE_JOBS, 0 } };
	int fds[2];
	ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	wire_conn *a = wire_adopt(fds[0], &attrs[0], WIRE_ROLE_CONNECTS, "a", nullptr);
	wire_conn *b = wire_adopt(fds[1], &attrs[1], WIRE_ROLE_LISTENS, "b", nullptr);

	ASSERT_TRUE(
		Until({ a, b }, [&] { return a->state == WIRE_ENDED && b->state == WIRE_ENDED; }));
	EXPECT_NE(strstr(a->error.msg, "something else"), nullptr) << a->error.msg;
	EXPECT_NE(strstr(b->error.msg, "something else"), nullptr) << b->error.msg;
	wire_close(a, nullptr);
	wire_close(b, nullptr);

	wire_hello hello = { WIRE_MAGIC, WIRE_VERSION + 1,   WIRE_SERVICE_PAGES,
			     1000,	 WIRE_ROLE_CONNECTS, {} };
	wire_header header = { WIRE_HELLO_BYTES, WIRE_HELLO, 0, 0 };
	uint8_t frame[WIRE_HEADER_BYTES + WIRE_HELLO_BYTES];
	wire_header_write(&header, frame);
	wire_hello_write(&hello, frame + WIRE_HEADER_BYTES);
	ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	b = wire_adopt(fds[1], &attrs[0], WIRE_ROLE_LISTENS, "b", nullptr);
	ASSERT_EQ(write(fds[0], frame, sizeof(frame)), ssize_t(sizeof(frame)));
	ASSERT_TRUE(Until({ b }, [&] { return b->state == WIRE_ENDED; }));
	EXPECT_NE(strstr(b->error.msg, "version 2"), nullptr) << b->error.msg;
	wire_close(b, nullptr);
	close(fds[0]);
}

/* All that the connecting side says in a connection with one message, as it went over the line. */
std::vector<uint8_t> Recording(const wire_attr &attr, std::vector<uint8_t> *answers)
{
	int up[2], down[2];
	std::vector<uint8_t> said;
	EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, up), 0);
	EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, down), 0);
	wire_conn *a = wire_adopt(up[0], &attr, WIRE_ROLE_CONNECTS, "a", nullptr);
	wire_conn *b = wire_adopt(down[0], &attr, WIRE_ROLE_LISTENS, "b", nullptr);
	bool sent = false, got = false;
	auto relay = [](int from, int to, std::vector<uint8_t> *copy) {
		uint8_t bytes[4096];
		ssize_t n = read(from, bytes, sizeof(bytes));
		if (n > 0) {
			if (copy)
				copy->insert(copy->end(), bytes, bytes + n);
			EXPECT_EQ(write(to, bytes, size_t(n)), n);
		}
	};
	EXPECT_TRUE(Until({ a, b }, [&] {
		relay(up[1], down[1], &said);
		relay(down[1], up[1], answers);
		if (a->state == WIRE_OPEN && !sent)
			sent = !wire_send(a, 5, "hello", 5);
		if (const wire_message *m = wire_next(b))
			got = m->type == 5;
		return got;
	}));
	wire_close(a, nullptr);
	wire_close(b, nullptr);
	close(up[1]);
	close(down[1]);
	return said;
}

/* Play @bytes to a fresh listening side. Return: did a message come out of it? */
bool Play(const std::vector<uint8_t> &bytes, const wire_attr &attr, wire_role role, bool *ended)
{
	int fds[2];
	bool message = false;
	EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	wire_conn *b = wire_adopt(fds[1], &attr, role, "b", nullptr);
	if (write(fds[0], bytes.data(), bytes.size()) != ssize_t(bytes.size()))
		ADD_FAILURE();
	shutdown(fds[0], SHUT_WR);
	EXPECT_TRUE(Until({ b }, [&] {
		message = message || wire_next(b);
		return b->state == WIRE_ENDED;
	}));
	message = message || wire_next(b);
	*ended = b->state == WIRE_ENDED;
	wire_close(b, nullptr);
	close(fds[0]);
	return message;
}

TEST(Wire, ARecordedConnectionIsOfNoUse)
{
	wire_key key = Key();
	wire_attr attr = Attr(&key);
	std::vector<uint8_t> answers, said = Recording(attr, &answers);
	bool ended;

	ASSERT_GT(said.size(), 100u);
	EXPECT_FALSE(Play(said, attr, WIRE_ROLE_LISTENS, &ended));  /* again */
	EXPECT_FALSE(Play(said, attr, WIRE_ROLE_CONNECTS, &ended)); /* back to who said it */
	EXPECT_FALSE(Play(answers, attr, WIRE_ROLE_CONNECTS, &ended));
	EXPECT_FALSE(Play(answers, attr, WIRE_ROLE_LISTENS, &ended));
}

TEST(Wire, AFlippedBitAnywhereIsNeverAMessage)
{
	wire_key key = Key();
	wire_attr attr = Attr(&key);
	std::vector<uint8_t> probe = Recording(attr, nullptr);

	for (size_t at = 0; at < probe.size(); at += 1 + at / 40) {
		int up[2], down[2];
		size_t passed = 0;
		bool sent = false, got = false;
		ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, up), 0);
		ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, down), 0);
		wire_attr quick = attr;
		quick.lease_ns = 50000000; /* a length that lies is waited for */
		wire_conn *a = wire_adopt(up[0], &quick, WIRE_ROLE_CONNECTS, "a", nullptr);
		wire_conn *b = wire_adopt(down[0], &quick, WIRE_ROLE_LISTENS, "b", nullptr);
		EXPECT_TRUE(Until({ a, b },
				  [&] {
					  uint8_t bytes[64];
					  ssize_t n = read(up[1], bytes, sizeof(bytes));
					  for (ssize_t i = 0; i < n; i++)
						  if (passed++ == at)
							  bytes[i] ^= uint8_t(1 << at % 8);
					  if (n > 0 && write(down[1], bytes, size_t(n)) != n)
						  n = 0;
					  n = read(down[1], bytes, sizeof(bytes));
					  if (n > 0 && write(up[1], bytes, size_t(n)) != n)
						  n = 0;
					  if (a->state == WIRE_OPEN && !sent)
						  sent = !wire_send(a, 5, "hello", 5);
					  if (const wire_message *m = wire_next(b))
						  got = m->type == 5 && m->len == 5;
					  return b->state == WIRE_ENDED;
				  }))
			<< "byte " << at;
		/* What was changed behind it, in an idle word, is no longer its business. */
		EXPECT_FALSE(got && at < probe.size() - 1 && b->error.code == 0) << "byte " << at;
		if (at < WIRE_HEADER_BYTES * 2 + WIRE_HELLO_BYTES + WIRE_PROOF_BYTES) {
			EXPECT_FALSE(got) << "byte " << at;
		}
		wire_close(a, nullptr);
		wire_close(b, nullptr);
		close(up[1]);
		close(down[1]);
	}
}

TEST(Wire, AStrangerGetsNoMemory)
{
	wire_key key = Key();
	wire_attr attr = Attr(&key);

	for (uint32_t len : { 49u, 256u, 1u << 20, 0xffffffffu }) {
		int fds[2];
		uint8_t bytes[WIRE_HEADER_BYTES];
		wire_header header = { len, WIRE_HELLO, 0, 0 };
		ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
		wire_conn *b = wire_adopt(fds[1], &attr, WIRE_ROLE_LISTENS, "b", nullptr);
		wire_header_write(&header, bytes);
		ASSERT_EQ(write(fds[0], bytes, sizeof(bytes)), ssize_t(sizeof(bytes)));
		EXPECT_TRUE(Until({ b }, [&] { return b->state == WIRE_ENDED; }));
		EXPECT_EQ(b->error.code, -EPROTO);
		wire_close(b, nullptr);
		close(fds[0]);
	}
}

TEST(Wire, ASilentPeerEndsWithItsLease)
{
	Pair p;
	tdm_error err = {};
	wire_attr quick = { &p.key, WIRE_SERVICE_PAGES, 200000000 };
	wire_conn *end[2];

	ASSERT_EQ(wire_pair(end, &quick, &err), 0);
	ASSERT_TRUE(Until({ end[0], end[1] }, [&] {
		return end[0]->state == WIRE_OPEN && end[1]->state == WIRE_OPEN;
	}));
	/* Idle words keep it. */
	uint64_t since = NowNs();
	EXPECT_TRUE(Until({ end[0], end[1] }, [&] { return NowNs() - since > 600000000; }));
	EXPECT_EQ(end[0]->state, WIRE_OPEN) << end[0]->error.msg;
	/* Without them it ends. */
	EXPECT_TRUE(Until({ end[0] }, [&] { return end[0]->state == WIRE_ENDED; }));
	EXPECT_EQ(end[0]->error.code, -ETIMEDOUT);
	wire_close(end[0], nullptr);
	wire_close(end[1], nullptr);
}

TEST(Wire, AnEndHasItsReason)
{
	Pair p;

	ASSERT_TRUE(p.Open());
	wire_send(p.end[0], 7, "last", 4);
	tdm_error why = { -ESHUTDOWN, "worker: \x1b[1mstops; start it again" };
	wire_close(p.end[0], &why);
	p.end[0] = nullptr;
	ASSERT_TRUE(Until({ p.end[1] }, [&] { return p.end[1]->state == WIRE_ENDED; }));
	EXPECT_EQ(p.end[1]->error.code, -ESHUTDOWN);
	EXPECT_STREQ(p.end[1]->error.msg, "peer local: worker: ?[1mstops; start it again");
	const wire_message *m = wire_next(p.end[1]);
	ASSERT_NE(m, nullptr); /* what arrived before it is there */
	EXPECT_EQ(m->type, 7);
	EXPECT_EQ(wire_next(p.end[1]), nullptr);
	EXPECT_EQ(wire_send(p.end[1], 1, "", 0), -ENOTCONN);
}

TEST(Wire, APeerThatDoesNotReadIsBounded)
{
	Pair p;
	std::vector<uint8_t> bytes(WIRE_MESSAGE_MAX);
	int rc = 0, n = 0;

	ASSERT_TRUE(p.Open());
	for (; n < 100 && !rc; n++) {
		rc = wire_send(p.end[0], 1, bytes.data(), WIRE_MESSAGE_MAX);
		wire_step(p.end[0], NowNs());
	}
	EXPECT_EQ(rc, -ENOBUFS);
	EXPECT_LT(n, 10);
	/* A consumer that steps and never reads: not more than is received, either. */
	for (int i = 0; i < 100; i++) {
		wire_step(p.end[0], NowNs());
		wire_step(p.end[1], NowNs());
		(void)wire_send(p.end[0], 1, bytes.data(), WIRE_MESSAGE_MAX);
	}
	EXPECT_EQ(wire_send(p.end[0], 1, bytes.data(), WIRE_MESSAGE_MAX), -ENOBUFS);
}

TEST(Wire, TcpConnectsIsRefusedAndLeavesNothingBehind)
{
	wire_key key = Key();
	wire_attr attr = Attr(&key);
	tdm_error err = {};
	size_t before = OpenFiles();
	wire_listener *l = wire_listen("127.0.0.1:0", &attr, &err);
	ASSERT_NE(l, nullptr) << err.msg;
	std::string address = wire_listener_address(l);

	for (int i = 0; i < 300; i++) {
		wire_conn *b = nullptr, *a = wire_connect(address.c_str(), &attr, &err);
		ASSERT_NE(a, nullptr) << err.msg;
		ASSERT_TRUE(Until({ a }, [&] { return (b = wire_accept(l, nullptr)) != nullptr; }));
		ASSERT_TRUE(Until({ a, b },
				  [&] { return a->state == WIRE_OPEN && b->state == WIRE_OPEN; }))
			<< a->error.msg << b->error.msg;
		wire_close(i % 2 ? a : b, nullptr);
		wire_close(i % 2 ? b : a, nullptr);
	}
	wire_listener_close(l);
	wire_conn *a = wire_connect(address.c_str(), &attr, &err);
	ASSERT_NE(a, nullptr);
	ASSERT_TRUE(Until({ a }, [&] { return a->state == WIRE_ENDED; }));
	EXPECT_EQ(a->error.code, -ECONNREFUSED) << a->error.msg;
	wire_close(a, nullptr);
	EXPECT_EQ(OpenFiles(), before);
}

TEST(Wire, AddressesThatAreNone)
{
	wire_key key = Key();
	wire_attr attr = Attr(&key);

	for (const char *address : { "", "host", ":1", "1.2.3.4", "1.2.3.4:", "1.2.3.4:x",
				     "1.2.3.4:99999", "::1:80", "[::1]", "[:80" }) {
		tdm_error err = {};
		EXPECT_EQ(wire_connect(address, &attr, &err), nullptr) << address;
		EXPECT_LT(err.code, 0) << address;
		EXPECT_NE(strchr(err.msg, ';'), nullptr) << err.msg;
	}
}

TEST(Wire, AKeyFileIsItsOwnersAlone)
{
	std::string path = testing::TempDir() + "wire-key-" + std::to_string(getpid());
	tdm_error err = {};
	wire_key key, same;

	EXPECT_EQ(wire_key_read(&key, path.c_str(), &err), -ENOENT);
	EXPECT_NE(strstr(err.msg, "/dev/urandom"), nullptr);
	std::ofstream(path) << "sixteen bytes or more\n";
	ASSERT_EQ(chmod(path.c_str(), 0640), 0);
	EXPECT_EQ(wire_key_read(&key, path.c_str(), &err), -EACCES);
	EXPECT_NE(strstr(err.msg, "chmod 600"), nullptr) << err.msg;
	ASSERT_EQ(chmod(path.c_str(), 0600), 0);
	EXPECT_EQ(wire_key_read(&key, path.c_str(), &err), 0) << err.msg;
	same = Key();
	EXPECT_EQ(memcmp(key.bytes, same.bytes, sizeof(key.bytes)), 0);
	std::ofstream(path) << "short\n\n\n\n\n\n\n\n\n\n\n\n\n";
	EXPECT_EQ(wire_key_read(&key, path.c_str(), &err), -EINVAL);
	EXPECT_EQ(strstr(err.msg, "short\n"), nullptr);
	EXPECT_EQ(wire_key_read(&key, testing::TempDir().c_str(), &err), -EINVAL);
	unlink(path.c_str());
}

} // namespace
