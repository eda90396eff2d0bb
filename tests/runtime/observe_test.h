/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What the tests of observers share.
 */
#ifndef TESTS_OBSERVE_TEST_H
#define TESTS_OBSERVE_TEST_H

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>
#include <tandem/observe.h>

extern "C" {
#define _Static_assert static_assert
#define _Alignas alignas
#include "observe/wire.h"
}

namespace observe_test
{

/* Longer than any machine takes: only a hang gets there. */
constexpr uint64_t kPatience = 60000000000ULL;

struct Observer {
	explicit Observer(const char *program = "a test")
	{
		tdm_error err{};
		o = tdm_observer_start(program, &err);
		EXPECT_TRUE(o) << err.msg;
	}
	~Observer()
	{
		tdm_observer_stop(o);
	}
	Observer(const Observer &) = delete;
	Observer &operator=(const Observer &) = delete;
	tdm_observer *o;
};

struct Observed {
	explicit Observed(pid_t pid = getpid(), uint64_t patience = kPatience)
	    : o(tdm_observed_connect(static_cast<uint32_t>(pid), patience, &err))
	{
	}
	~Observed()
	{
		tdm_observed_close(o);
	}
	Observed(const Observed &) = delete;
	Observed &operator=(const Observed &) = delete;

	template <typename Record>
	std::vector<Record> get(Record *(*fn)(tdm_observed *, uint32_t *, tdm_error *))
	{
		uint32_t n = 0;
		Record *list = fn(o, &n, &err);
		EXPECT_TRUE(list) << err.msg;
		std::vector<Record> all(list, list ? list + n : list);
		free(list);
		return all;
	}
	template <typename Record>
	std::vector<Record> of(Record *(*fn)(tdm_observed *, const tdm_observe_range *, uint32_t *,
					     tdm_error *),
			       uint32_t pool, uint32_t first = 0, uint32_t count = UINT32_MAX)
	{
		tdm_observe_range range = { pool, first, count };
		uint32_t n = 0;
		Record *list = fn(o, &range, &n, &err);
		EXPECT_TRUE(list) << err.msg;
		std::vector<Record> all(list, list ? list + n : list);
		free(list);
		return all;
	}
	tdm_error err{};
	tdm_observed *o;
};

inline std::vector<tdm_observed_entry> List(uint64_t patience = kPatience)
{
	tdm_error err{};
	uint32_t n = 0;
	tdm_observed_entry *list = tdm_observed_list(&n, patience, &err);
	EXPECT_TRUE(list) << err.msg;
	std::vector<tdm_observed_entry> all(list, list ? list + n : list);
	free(list);
	return all;
}

inline const tdm_observed_entry *Find(const std::vector<tdm_observed_entry> &list, pid_t pid)
{
	for (const auto &e : list)
		if (e.process.pid == static_cast<uint32_t>(pid))
			return &e;
	return nullptr;
}

/* A well-formed request. */
inline observe_request Ask(uint32_t kind)
{
	observe_request req{};
	req.size = sizeof(req);
	req.magic = OBSERVE_MAGIC;
	req.version = OBSERVE_VERSION;
	req.kind = kind;
	req.count = UINT32_MAX;
	return req;
}

/* A connection that says what it likes. */
class Raw
{
public:
	explicit Raw(uint32_t pid, uint32_t n)
	{
		struct sockaddr_un at;
		socklen_t len = observe_name(pid, n, &at);
		fd_ = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
		EXPECT_EQ(connect(fd_, reinterpret_cast<struct sockaddr *>(&at), len), 0);
	}
	~Raw()
	{
		if (fd_ >= 0)
			close(fd_);
	}
	Raw(const Raw &) = delete;
	Raw &operator=(const Raw &) = delete;
	bool say(const void *bytes, size_t len)
	{
		return send(fd_, bytes, len, MSG_NOSIGNAL) == static_cast<ssize_t>(len);
	}
	/* The next packet, "" when the other side has hung up. */
	std::string hear()
	{
		std::string packet(OBSERVE_PACKET_MAX, 0);
		ssize_t n;
		do {
			n = recv(fd_, packet.data(), packet.size(), 0);
		} while (n < 0 && errno == EINTR);
		packet.resize(n > 0 ? static_cast<size_t>(n) : 0);
		return packet;
	}
	/* The error of the next answer, 1 when the other side has hung up. */
	int error()
	{
		std::string packet = hear();
		observe_answer head;
		if (packet.size() < sizeof(head))
			return 1;
		memcpy(&head, packet.data(), sizeof(head));
		return head.error;
	}
	int fd() const
	{
		return fd_;
	}

private:
	int fd_;
};

} // namespace observe_test

#endif /* TESTS_OBSERVE_TEST_H */
