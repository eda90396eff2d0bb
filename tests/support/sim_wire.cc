// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "support/sim_wire.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace
{

struct SimConn {
	wire_conn base;
	std::shared_ptr<SimLine> line;
	int me;
	wire_message out;
};

SimConn *Of(wire_conn *conn)
{
	return reinterpret_cast<SimConn *>(conn);
}

void End(SimConn *c, int code, const char *what)
{
	c->base.state = WIRE_ENDED;
	tdm_error_set(&c->base.error, code, "peer %s: %s", c->base.peer, what);
}

int Step(wire_conn *conn, uint64_t now_ns)
{
	SimConn *c = Of(conn);
	SimLine::End &me = c->line->end[c->me];

	if (conn->state == WIRE_ENDED)
		return 0;
	if (me.told_end && me.on_the_way.empty() && me.arrived.empty())
		End(c, -ECONNRESET, me.reason.empty() ? "gone; connect again" : me.reason.c_str());
	else if (now_ns > me.heard_ns && now_ns - me.heard_ns > c->line->lease_ns)
		End(c, -ETIMEDOUT, "nothing heard; look if it runs");
	return 0;
}

int Send(wire_conn *conn, uint16_t type, const void *payload, uint32_t len)
{
	SimConn *c = Of(conn);
	auto bytes = static_cast<const uint8_t *>(payload);

	if (conn->state != WIRE_OPEN)
		return -ENOTCONN;
	if (len > WIRE_MESSAGE_MAX)
		return -EMSGSIZE;
	if (!c->line->cut)
		c->line->end[!c->me].on_the_way.push_back(
			{ type, len ? std::vector<uint8_t>(bytes, bytes + len)
				    : std::vector<uint8_t>() });
	return 0;
}

const wire_message *Next(wire_conn *conn)
{
	SimConn *c = Of(conn);
	SimLine::End &me = c->line->end[c->me];

	if (me.arrived.empty())
		return nullptr;
	me.current = std::move(me.arrived.front());
	me.arrived.pop_front();
	c->out = { me.current.type, static_cast<uint32_t>(me.current.bytes.size()),
		   me.current.bytes.data() };
	return &c->out;
}

int Fd(const wire_conn *, short *)
{
	return -1;
}

void Close(wire_conn *conn, const tdm_error *why)
{
	SimConn *c = Of(conn);
	SimLine &line = *c->line;

	line.end[c->me].here = false;
	if (!line.cut) {
		line.end[!c->me].told_end = true;
		line.end[!c->me].reason = why ? why->msg : "";
	}
	delete c;
}

const wire_ops kOps = { Step, Send, Next, Fd, Close };

} // namespace

bool SimLine::Deliver(int to)
{
	End &e = end[to];

	if (cut || e.on_the_way.empty())
		return false;
	e.arrived.push_back(std::move(e.on_the_way.front()));
	e.on_the_way.pop_front();
	return true;
}

void SimLine::Tick(uint64_t now_ns)
{
	for (int i = 0; i < 2; i++)
		if (!cut && end[!i].here)
			end[i].heard_ns = now_ns;
}

void SimConnect(const std::shared_ptr<SimLine> &line, wire_conn *ends[2])
{
	for (int i = 0; i < 2; i++) {
		auto *c = new SimConn{};

		c->base.ops = &kOps;
		c->base.state = WIRE_OPEN;
		snprintf(c->base.peer, sizeof(c->base.peer), "sim:%d", !i);
		c->line = line;
		c->me = i;
		ends[i] = &c->base;
	}
}
