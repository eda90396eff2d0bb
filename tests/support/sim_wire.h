/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Control connections without a network: the test moves the messages, one by one,
 * cuts the line, or lets one side fall silent, and says what the time is.
 */
#ifndef TESTS_SIM_WIRE_H
#define TESTS_SIM_WIRE_H

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

extern "C" {
#include "wire/conn.h"
}

struct SimMessage {
	uint16_t type;
	std::vector<uint8_t> bytes;
};

/* What both ends share; it outlives them. */
struct SimLine {
	struct End {
		std::deque<SimMessage> on_the_way; /* to this end */
		std::deque<SimMessage> arrived;
		SimMessage current;
		uint64_t heard_ns = 0;
		bool here = true;      /* not closed by its owner */
		bool told_end = false; /* the other end's close has arrived */
		std::string reason;
	};
	End end[2];
	uint64_t lease_ns = 5000000000;
	bool cut = false; /* nothing travels any more, not even the end */

	/* Deliver the oldest message to @to, if there is one. */
	bool Deliver(int to);
	/* Both sides are heard, as their idle words would do. */
	void Tick(uint64_t now_ns);
};

/* Two connections, open from the start; each freed by its wire_close(). */
void SimConnect(const std::shared_ptr<SimLine> &line, wire_conn *ends[2]);

#endif /* TESTS_SIM_WIRE_H */
