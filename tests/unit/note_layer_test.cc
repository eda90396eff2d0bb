// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Times of layers as a trace records them, whatever the device tells.
 */
#include <memory>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include "engine/engine.h"
#include "engine/note.h"
}

namespace
{

struct Destroy {
	void operator()(tdm_trace *trace) const
	{
		tdm_trace_destroy(trace);
	}
};

class NoteLayers : public testing::Test
{
protected:
	NoteLayers()
	{
		side.trace = trace.get();
		side.noted = 7;
	}
	std::vector<tdm_trace_event> note(uint32_t first, uint32_t n)
	{
		uint32_t before = tdm_trace_count(trace.get());
		std::vector<tdm_trace_event> events(n);

		note_layers(&side, &layers, first, n, 32, 16);
		EXPECT_EQ(tdm_trace_read(trace.get(), before, events.data(), n), n);
		for (uint32_t i = 0; i < n; i++) {
			EXPECT_EQ(events[i].kind, TDM_TRACE_LAYER);
			EXPECT_EQ(events[i].layer, first + i);
			EXPECT_EQ(events[i].request, 7u);
			EXPECT_EQ(events[i].token, 32u);
			EXPECT_EQ(events[i].tokens, 16u);
		}
		return events;
	}
	std::unique_ptr<tdm_trace, Destroy> trace{ tdm_trace_create(64) };
	struct side side = {};
	struct note_layers layers = {};
	uint64_t now = engine_now();
};

TEST_F(NoteLayers, AreTheDevicesMovedByTheDistanceOfTheClocks)
{
	/* The device's clock runs ahead: the distance is below zero. */
	side.clock_ns = 0ULL - 5000;
	const uint64_t told[] = { now + 1000, now + 1000, now + 4000 };
	layers.times = told;
	layers.last_ns = now - 100000;
	auto events = note(0, 3);
	for (size_t i = 0; i < 3; i++) {
		EXPECT_EQ(events[i].flags, TDM_TRACE_BY_DEVICE);
		EXPECT_EQ(events[i].time_ns, told[i] - 5000);
	}
}

TEST_F(NoteLayers, HaveNotEndedAfterTheyWereSeenOrTheirCommandEnded)
{
	const uint64_t told[] = { now, ~0ULL, now + 3600000000000 };
	layers.times = told;
	layers.last_ns = now;
	auto events = note(0, 2);
	EXPECT_EQ(events[0].time_ns, now);
	EXPECT_GE(events[1].time_ns, now);
	EXPECT_LE(events[1].time_ns, engine_now());
	/* Its completion was seen: the end of that bounds what is left. */
	layers.end_ns = events[1].time_ns;
	EXPECT_EQ(note(2, 1)[0].time_ns, layers.end_ns);
}

TEST_F(NoteLayers, DoNotEndBeforeTheOneBefore)
{
	const uint64_t told[] = { 1, now - 2000, now - 3000, now - 1000 };
	layers.times = told;
	layers.last_ns = now - 5000;
	auto events = note(0, 2);
	EXPECT_EQ(events[0].time_ns, now - 5000) << "not before it was asked for";
	EXPECT_EQ(events[1].time_ns, now - 2000);
	/* In another look as well. */
	events = note(2, 2);
	EXPECT_EQ(events[0].time_ns, now - 2000);
	EXPECT_EQ(events[1].time_ns, now - 1000);
}

TEST_F(NoteLayers, WithoutATimeAreWhenTheyWereSeen)
{
	const uint64_t told[] = { now, 0, 0 };
	layers.times = told;
	layers.last_ns = now;
	auto events = note(0, 3);
	EXPECT_EQ(events[0].flags, TDM_TRACE_BY_DEVICE);
	EXPECT_EQ(events[1].flags, TDM_TRACE_SEEN);
	EXPECT_GE(events[1].time_ns, now);
	EXPECT_EQ(events[2].time_ns, events[1].time_ns) << "one look";
	layers.times = nullptr;
	events = note(0, 1);
	EXPECT_EQ(events[0].flags, TDM_TRACE_SEEN);
}

} // namespace
