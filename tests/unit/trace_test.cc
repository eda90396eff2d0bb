// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The recorder of traces: what fits, what does not, and many writers at once.
 */
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <tandem/trace.h>

namespace
{

struct Destroy {
	void operator()(tdm_trace *trace) const
	{
		tdm_trace_destroy(trace);
	}
};
using Trace = std::unique_ptr<tdm_trace, Destroy>;

/* Every field follows from two numbers, so that a torn record shows. */
tdm_trace_event event_of(uint32_t writer, uint32_t number)
{
	tdm_trace_event e{};
	e.time_ns = 1000000ull * writer + number;
	e.duration_ns = e.time_ns * 3;
	e.request = writer;
	e.bytes = e.time_ns * 5;
	e.kind = TDM_TRACE_PUSHED;
	e.flags = static_cast<uint16_t>(number & 3);
	e.device = static_cast<uint16_t>(writer);
	e.layer = number + 1;
	e.page = number;
	e.pages = number + 2;
	e.token = number + 3;
	e.tokens = number + 4;
	e.code = -static_cast<int32_t>(number);
	return e;
}

bool is_whole(const tdm_trace_event &e)
{
	tdm_trace_event wanted = event_of(static_cast<uint32_t>(e.request), e.page);
	wanted.lane = TDM_LANE_WIRE;
	return !memcmp(&e, &wanted, sizeof(e));
}

std::vector<tdm_trace_event> read_all(const tdm_trace *trace)
{
	std::vector<tdm_trace_event> events(tdm_trace_count(trace) + 1);
	uint32_t n = tdm_trace_read(trace, 0, events.data(), static_cast<uint32_t>(events.size()));
	events.resize(n);
	return events;
}

TEST(Trace, KeepsWhatFitsAndCountsTheRest)
{
	Trace trace(tdm_trace_create(4));
	ASSERT_NE(trace, nullptr);
	for (uint32_t i = 0; i < 7; i++) {
		tdm_trace_event e = event_of(1, i);
		EXPECT_EQ(tdm_trace_add(trace.get(), &e), i < 4) << i;
	}
	EXPECT_EQ(tdm_trace_count(trace.get()), 4u);
	EXPECT_EQ(tdm_trace_dropped(trace.get()), 3u);
	std::vector<tdm_trace_event> events = read_all(trace.get());
	ASSERT_EQ(events.size(), 4u);
	for (uint32_t i = 0; i < 4; i++) {
		EXPECT_EQ(events[i].page, i);
		EXPECT_TRUE(is_whole(events[i])) << i;
	}
}

TEST(Trace, IsReadInParts)
{
	Trace trace(tdm_trace_create(10));
	for (uint32_t i = 0; i < 5; i++) {
		tdm_trace_event e = event_of(1, i);
		tdm_trace_add(trace.get(), &e);
	}
	tdm_trace_event two[2];
	EXPECT_EQ(tdm_trace_read(trace.get(), 0, two, 2), 2u);
	EXPECT_EQ(tdm_trace_read(trace.get(), 4, two, 2), 1u);
	EXPECT_EQ(two[0].page, 4u);
	EXPECT_EQ(tdm_trace_read(trace.get(), 5, two, 2), 0u);
	EXPECT_EQ(tdm_trace_read(trace.get(), UINT32_MAX, two, 2), 0u);
}

TEST(Trace, NoTraceIsNoError)
{
	tdm_trace_event e = event_of(1, 1);
	EXPECT_TRUE(tdm_trace_add(nullptr, &e));
	EXPECT_EQ(tdm_trace_device(nullptr, "soft:cs3"), TDM_TRACE_NO_DEVICE);
	tdm_trace_destroy(nullptr);
	EXPECT_EQ(tdm_trace_create(0), nullptr);
}

/* One would stop every reader. */
TEST(Trace, AnEventOfNoKindIsRefused)
{
	Trace trace(tdm_trace_create(2));
	tdm_trace_event e = event_of(1, 1);
	e.kind = TDM_TRACE_NONE;
	EXPECT_FALSE(tdm_trace_add(trace.get(), &e));
	e.kind = TDM_TRACE_KINDS;
	EXPECT_FALSE(tdm_trace_add(trace.get(), &e));
	EXPECT_EQ(tdm_trace_count(trace.get()), 0u);
	EXPECT_EQ(tdm_trace_dropped(trace.get()), 0u);
}

TEST(Trace, NumbersDevices)
{
	Trace trace(tdm_trace_create(1));
	const std::string name(100, 'x');
	EXPECT_EQ(tdm_trace_device(trace.get(), "soft:cs3"), 0);
	EXPECT_EQ(tdm_trace_device(trace.get(), name.c_str()), 1);
	EXPECT_STREQ(tdm_trace_device_name(trace.get(), 0), "soft:cs3");
	EXPECT_EQ(tdm_trace_device_name(trace.get(), 1), name.substr(0, 63));
	EXPECT_EQ(tdm_trace_device_name(trace.get(), 2), nullptr);
	EXPECT_EQ(tdm_trace_device_name(trace.get(), TDM_TRACE_NO_DEVICE), nullptr);
	uint16_t last = 1, next;
	while ((next = tdm_trace_device(trace.get(), "more")) != TDM_TRACE_NO_DEVICE)
		last = next;
	EXPECT_EQ(last, 31);
	EXPECT_STREQ(tdm_trace_device_name(trace.get(), 31), "more");
}

TEST(Trace, EveryKindHasANameAndALane)
{
	for (uint32_t kind = 1; kind < TDM_TRACE_KINDS; kind++) {
		EXPECT_STRNE(tdm_trace_kind_name(kind), "unknown") << kind;
		EXPECT_STRNE(tdm_trace_lane_name(tdm_trace_kind_lane(kind)), "unknown") << kind;
	}
	EXPECT_STREQ(tdm_trace_kind_name(TDM_TRACE_KINDS), "unknown");
	EXPECT_STREQ(tdm_trace_lane_name(TDM_LANES), "unknown");
}

/* More writers than processors, a reader among them, and not room for all. */
TEST(Trace, ManyWritersTearNothingAndLoseNothing)
{
	constexpr uint32_t kWriters = 6, kEach = 4000, kRoom = 20000;
	Trace trace(tdm_trace_create(kRoom));
	std::vector<std::thread> threads;
	for (uint32_t w = 0; w < kWriters; w++)
		threads.emplace_back([&trace, w] {
			for (uint32_t i = 0; i < kEach; i++) {
				tdm_trace_event e = event_of(w, i);
				tdm_trace_add(trace.get(), &e);
			}
		});
	uint32_t torn = 0, at = 0;
	while (at < kRoom) {
		tdm_trace_event events[64];
		uint32_t n = tdm_trace_read(trace.get(), at, events, 64);
		for (uint32_t i = 0; i < n; i++)
			torn += !is_whole(events[i]);
		at += n;
		if (!n)
			std::this_thread::yield();
	}
	for (std::thread &t : threads)
		t.join();
	EXPECT_EQ(torn, 0u);
	EXPECT_EQ(tdm_trace_count(trace.get()), kRoom);
	EXPECT_EQ(tdm_trace_dropped(trace.get()), kWriters * kEach - kRoom);
	/* A writer's events are in its order, each once; its last ones may be missing. */
	std::vector<uint32_t> next(kWriters);
	uint32_t strange = 0;
	for (const tdm_trace_event &e : read_all(trace.get()))
		strange += e.page != next[e.request]++;
	EXPECT_EQ(strange, 0u);
}

} // namespace
