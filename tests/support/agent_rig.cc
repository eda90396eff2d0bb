// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "support/agent_rig.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <numeric>

extern "C" {
#include "compute/compute.h"
#include "net/soft_step.h"
}

namespace
{

const char kSecret[] = "a secret of the tests";
const uint64_t kLease = 5000000000;

template <class List, class Is>
void EraseIf(List &list, Is is)
{
	list.erase(std::remove_if(list.begin(), list.end(), is), list.end());
}

/* The bytes of a source page: a sender's pages differ at every byte or so. */
void FillSource(std::vector<uint8_t> &memory, uint64_t sender)
{
	Dice dice = { sender * 77777 + 5 };

	for (auto &b : memory)
		b = static_cast<uint8_t>(dice.Next() >> 24);
}

} // namespace

AgentRig::AgentRig(const RigOptions &options, uint64_t seed) : options_(options)
{
	tdm_error err = {};
	std::string name = options.net;
	soft_ = name.rfind("soft", 0) == 0;
	if (soft_)
		name += ",seed=" + std::to_string(seed);

	net = tdm_net_open(name.c_str(), &err);
	if (!net) {
		Wrong(err.msg);
		return;
	}
	tdm_agent_attr attr = {};
	attr.size = sizeof(attr);
	attr.unit_bytes = options.unit_bytes;
	attr.layout = "a test's";
	attr.nic = net;
	attr.secret = kSecret;
	attr.secret_len = sizeof(kSecret);
	attr.lease_ns = kLease;
	attr.streams = options.streams;

	attr.page_units = options.land_units;
	taker = tdm_agent_create(&attr, &err);
	uint64_t page = options.land_units * options.unit_bytes;
	landing_.resize(options.landing_pages * page, 0xee);
	tdm_net_mem mem = { landing_.data(), landing_.size(), 0, -1, 0 };
	if (!taker || tdm_agent_land(taker, &mem, page, options.regions, &err))
		Wrong(err.msg);

	attr.page_units = options.send_units;
	sides.resize(options.senders);
	for (uint32_t i = 0; i < options.senders; i++) {
		Side &side = sides[i];

		side.agent = tdm_agent_create(&attr, &err);
		side.memory.resize(options.source_pages * options.send_units * options.unit_bytes);
		FillSource(side.memory, i);
		mem = { side.memory.data(), side.memory.size(), 0, -1, 0 };
		if (!side.agent || tdm_agent_add_source(side.agent, &mem, &err) != 0)
			Wrong(err.msg);
	}
}

AgentRig::~AgentRig()
{
	for (auto &recv : recvs) {
		recv->held.clear();
		tdm_recv_close(recv->recv);
	}
	for (auto &side : sides) {
		tdm_peer_close(side.peer);
		/* What is in flight on a shared queue pair ends by itself. */
		for (int i = 0; i < 100000 && !side.sends.empty(); i++) {
			StepNic(16);
			agent_poll_at(side.agent, now);
			for (auto &send : side.sends)
				if (!tdm_send_close(send->send))
					send->send = nullptr;
			EraseIf(side.sends, [](auto &send) { return !send->send; });
		}
		tdm_agent_destroy(side.agent);
	}
	tdm_agent_destroy(taker);
	if (net && tdm_net_close(net))
		fprintf(stderr, "the NIC cannot be closed: something is left\n"), abort();
}

void AgentRig::Wrong(const std::string &what)
{
	if (fault_.empty())
		fault_ = what;
}

uint32_t AgentRig::PageBytes(uint32_t sender) const
{
	(void)sender;
	return static_cast<uint32_t>(std::gcd(options_.send_units, options_.land_units) *
				     options_.unit_bytes);
}

void AgentRig::Connect(uint32_t sender)
{
	Side &side = sides[sender];
	wire_conn *ends[2];
	tdm_error err = {};

	tdm_peer_close(side.peer);
	side.peer = nullptr;
	side.line = std::make_shared<SimLine>();
	side.line->lease_ns = kLease;
	side.line->end[0].heard_ns = side.line->end[1].heard_ns = now;
	SimConnect(side.line, ends);
	taker->now_ns = side.agent->now_ns = now;
	side.peer = agent_add(side.agent, ends[0], true, &err);
	if (!side.peer || !agent_add(taker, ends[1], false, &err))
		Wrong(std::string("connect: ") + err.msg);
}

void AgentRig::Cut(uint32_t sender)
{
	if (sides[sender].line)
		sides[sender].line->cut = true;
}

bool AgentRig::Deliver(uint32_t sender, int to)
{
	return sides[sender].line && sides[sender].line->Deliver(to);
}

void AgentRig::PollSender(uint32_t sender)
{
	agent_poll_at(sides[sender].agent, now);
}

void AgentRig::PollTaker()
{
	agent_poll_at(taker, now);
	Accept();
}

void AgentRig::StepNic(uint32_t n)
{
	if (soft_)
		soft_step(net, n);
}

void AgentRig::Advance(uint64_t ns)
{
	now += ns;
	for (auto &side : sides)
		if (side.line)
			side.line->Tick(now);
}

void AgentRig::Accept()
{
	while (tdm_recv *recv = tdm_agent_accept(taker)) {
		auto r = std::make_unique<RigRecv>();
		uint32_t len;
		const void *meta = tdm_recv_meta(recv, &len);

		r->recv = recv;
		if (len == sizeof(r->sender))
			memcpy(&r->sender, meta, len);
		if ((len != sizeof(r->sender) || r->sender >= sides.size()) && !lying)
			Wrong("the meta of an open is not what was given");
		if (len != sizeof(r->sender) || r->sender >= sides.size())
			r->sender = 0;
		tdm_recv_start(recv);
		recvs.push_back(std::move(r));
	}
}

bool AgentRig::Open(uint32_t sender, uint32_t pages, uint64_t id)
{
	Side &side = sides[sender];
	auto s = std::make_unique<RigSend>();
	tdm_send_attr attr = {};
	tdm_error err = {};

	if (!side.peer || tdm_peer_state(side.peer) != TDM_PEER_UP)
		return false;
	attr.id = s->id = id ? id : ++next_id_;
	attr.pages = s->pages = pages;
	attr.meta = &sender;
	attr.meta_len = sizeof(sender);
	s->send = tdm_send_open(side.peer, &attr, &err);
	if (!s->send) {
		Wrong(std::string("open: ") + err.msg);
		return false;
	}
	side.sends.push_back(std::move(s));
	return true;
}

/* Page @index of request @id is the source page (id + index) modulo how many there are. */
static uint64_t SourceAt(uint64_t id, uint32_t index, uint64_t page_bytes, uint64_t total)
{
	return (id * 7 + index) % (total / page_bytes) * page_bytes;
}

void AgentRig::Push(RigSend &s)
{
	uint32_t sender = 0;

	if (s.pushed == s.pages)
		return;
	for (uint32_t i = 0; i < sides.size(); i++)
		for (auto &other : sides[i].sends)
			if (other.get() == &s)
				sender = i;
	const std::vector<uint8_t> &memory = sides[sender].memory;
	tdm_send_page page = {};
	page.bytes = PageBytes(sender);
	page.offset = SourceAt(s.id, s.pushed, page.bytes, memory.size());
	page.crc = fw_crc32c(0, memory.data() + page.offset, page.bytes);
	int rc = tdm_send_push(s.send, s.pushed, &page);
	if (!rc)
		s.pushed++;
	else if (rc != -ECANCELED)
		Wrong("push: " + std::to_string(rc));
}

void AgentRig::Finish(RigSend &s)
{
	if (s.finish_called || s.pushed < s.pages)
		return;
	s.finish_called = true;
	int rc = tdm_send_finish(s.send, "end", 3);
	if (rc && rc != -ECANCELED)
		Wrong("finish: " + std::to_string(rc));
}

void AgentRig::Take(RigRecv &r)
{
	RigHeld held = {};

	if (!tdm_recv_next(r.recv, &held.landed))
		return;
	const uint64_t page = options_.land_units * options_.unit_bytes;
	const uint8_t *at = landing_.data() + held.landed.page * page;
	held.bytes.assign(at, at + held.landed.bytes);
	r.held.push_back(std::move(held));
}

void AgentRig::Return(RigRecv &r, size_t which)
{
	RigHeld held = std::move(r.held[which]);
	const uint64_t page = options_.land_units * options_.unit_bytes;
	const std::vector<uint8_t> &memory = sides[r.sender].memory;
	uint64_t from =
		SourceAt(tdm_recv_id(r.recv), held.landed.index, held.landed.bytes, memory.size());
	bool good;

	r.held.erase(r.held.begin() + static_cast<long>(which));
	bool liar = lying && r.sender == 0;
	if (!liar && memcmp(held.bytes.data(), landing_.data() + held.landed.page * page,
			    held.bytes.size()) != 0)
		Wrong("a page changed while its consumer had it");
	good = fw_crc32c(0, held.bytes.data(), held.bytes.size()) == held.landed.crc;
	if (good && !liar &&
	    memcmp(held.bytes.data(), memory.data() + from, held.bytes.size()) != 0)
		Wrong("a page holds another page's bytes");
	/* Without a fault that flips bytes nothing is ever corrupt. */
	if (!good && !liar && options_.net.find("corrupt=") == std::string::npos)
		Wrong("a page arrived corrupt, or too early, or was written over");
	if (tdm_recv_done(r.recv, held.landed.index, good))
		Wrong("a page that was taken could not be given back");
}

void AgentRig::Sweep()
{
	for (auto &r : recvs) {
		uint32_t state = tdm_recv_state(r->recv), len;

		if (state < TDM_RECV_COMMITTED)
			continue;
		while (!r->held.empty())
			Return(*r, 0);
		if (state == TDM_RECV_COMMITTED) {
			const void *meta = tdm_recv_meta(r->recv, &len);
			if (!lying && (len != 3 || memcmp(meta, "end", 3) != 0))
				Wrong("the meta of a finish is not what was given");
			committed++;
		} else if (!*tdm_recv_error(r->recv)->msg) {
			Wrong("a request that came in failed without a reason");
		}
		tdm_recv_close(r->recv);
		r->recv = nullptr;
	}
	EraseIf(recvs, [](auto &r) { return !r->recv; });
	for (auto &side : sides) {
		for (auto &s : side.sends) {
			uint32_t state = tdm_send_state(s->send);

			if (state < TDM_SEND_DONE)
				continue;
			(state == TDM_SEND_DONE ? done : failed)++;
			if (state == TDM_SEND_FAILED && !*tdm_send_error(s->send)->msg)
				Wrong("a request that went out failed without a reason");
			if (tdm_send_close(s->send))
				Wrong("a request that has ended cannot be closed");
			s->send = nullptr;
		}
		EraseIf(side.sends, [](auto &s) { return !s->send; });
	}
}

void AgentRig::Round()
{
	StepNic(64);
	for (uint32_t i = 0; i < sides.size(); i++) {
		while (Deliver(i, 0) || Deliver(i, 1))
			;
		PollSender(i);
		for (auto &s : sides[i].sends) {
			Push(*s);
			Finish(*s);
		}
	}
	PollTaker();
	for (auto &r : recvs) {
		Take(*r);
		if (!r->held.empty())
			Return(*r, 0);
	}
	Sweep();
}

bool AgentRig::ComeToRest()
{
	for (int i = 0; i < 20000 && fault_.empty(); i++) {
		bool open = !recvs.empty();

		Round();
		for (auto &side : sides)
			open = open || !side.sends.empty();
		struct tdm_agent_stats st = Taker();
		if (!open && st.landing[TDM_KV_FREE] == options_.landing_pages)
			return true;
		/* What hangs on a lease comes back with it. */
		Advance(i % 200 == 199 ? kLease / 3 : 1000);
	}
	return false;
}

struct tdm_agent_stats AgentRig::Taker() const
{
	return tdm_agent_stats(taker);
}

struct tdm_agent_stats AgentRig::Sender(uint32_t sender) const
{
	return tdm_agent_stats(sides[sender].agent);
}

std::string AgentRig::Pools() const
{
	tdm_error err = {};

	for (uint32_t i = 0; i < taker->nr_regions; i++)
		if (tdm_kv_pool_check(taker->regions[i].pool, &err))
			return err.msg;
	return "";
}
