/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Agents that send to one that takes, over simulated control connections and one
 * software NIC, in one thread. The rig knows what every page must hold, and looks.
 */
#ifndef TESTS_AGENT_RIG_H
#define TESTS_AGENT_RIG_H

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

extern "C" {
#include "agent/agent.h"
}
#include "support/sim_wire.h"

/* splitmix64, Steele et al. 2014: a schedule is its seed. */
struct Dice {
	uint64_t state;
	uint64_t Next()
	{
		uint64_t z = (state += 0x9e3779b97f4a7c15);

		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
		z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
		return z ^ (z >> 31);
	}
	uint32_t Below(uint32_t n)
	{
		return static_cast<uint32_t>(Next() % n);
	}
	bool OneIn(uint32_t n)
	{
		return Below(n) == 0;
	}
};

struct RigOptions {
	std::string net = "soft:rc";
	uint32_t senders = 1;
	uint32_t regions = 1;
	uint32_t landing_pages = 8;
	uint32_t streams = 2;
	uint32_t send_units = 1;
	uint32_t land_units = 1;
	uint64_t unit_bytes = 256;
	uint32_t source_pages = 32;
};

/* A request as its sender sees it. */
struct RigSend {
	tdm_send *send = nullptr;
	uint64_t id = 0;
	uint32_t pages = 0;
	uint32_t pushed = 0;
	bool finish_called = false;
};

struct RigHeld {
	tdm_landed landed;
	std::vector<uint8_t> bytes; /* what it held when it was taken */
};

/* A request as the consumer sees it. */
struct RigRecv {
	tdm_recv *recv = nullptr;
	uint32_t sender = 0;
	std::vector<RigHeld> held;
};

class AgentRig
{
public:
	AgentRig(const RigOptions &options, uint64_t seed);
	~AgentRig();

	/* Return: what is wrong, or "" */
	std::string Fault() const
	{
		return fault_;
	}

	void Connect(uint32_t sender); /* a new connection, the old one is closed */
	void Cut(uint32_t sender);     /* nothing travels any more */
	bool Deliver(uint32_t sender, int to);
	void PollSender(uint32_t sender);
	void PollTaker();
	void StepNic(uint32_t n);
	void Advance(uint64_t ns);

	/* Open a request of @pages; false: the peer is not up. @id 0: a new one */
	bool Open(uint32_t sender, uint32_t pages, uint64_t id = 0);
	void Push(RigSend &send);
	void Finish(RigSend &send);
	void Take(RigRecv &recv); /* one page more, if one is there */
	void Return(RigRecv &recv, size_t which);

	/* Everything once, in order: for tests without a schedule. */
	void Round();
	/* Close what has ended on both sides. */
	void Sweep();
	/* Without new faults until nothing is open; false: it does not come to rest. */
	bool ComeToRest();

	struct tdm_agent_stats Taker() const;
	struct tdm_agent_stats Sender(uint32_t sender) const;
	std::string Pools() const; /* what does not hold there, or "" */

	struct Side {
		tdm_agent *agent = nullptr;
		tdm_peer *peer = nullptr;
		std::shared_ptr<SimLine> line;
		std::vector<uint8_t> memory;
		std::vector<std::unique_ptr<RigSend>> sends;
	};
	std::vector<Side> sides;
	std::vector<std::unique_ptr<RigRecv>> recvs;
	tdm_agent *taker = nullptr;
	tdm_net *net = nullptr;
	uint64_t now = 1000000000;
	uint64_t done = 0;	/* requests that ended DONE */
	uint64_t committed = 0; /* and COMMITTED */
	uint64_t failed = 0;
	/* The first sender lies: what it says of its own pages means nothing. */
	bool lying = false;

private:
	void Wrong(const std::string &what);
	void Accept();
	uint32_t PageBytes(uint32_t sender) const;

	RigOptions options_;
	bool soft_ = false; /* a NIC that is stepped; a fake one moves while it is polled */
	std::vector<uint8_t> landing_;
	std::string fault_;
	uint64_t next_id_ = 0;
};

#endif /* TESTS_AGENT_RIG_H */
