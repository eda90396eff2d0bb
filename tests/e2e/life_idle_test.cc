// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A process with devices, a network, an engine and an observer that has nothing to do
 * does nothing.
 */
#include <algorithm>
#include <chrono>
#include <map>
#include <thread>
#include <unistd.h>

#include <tandem/observe.h>
#include <tandem/queue.h>

#include "e2e/engine_fixture.h"
#include "support/process.h"
#include "support/tier.h"

namespace
{

using namespace std::chrono_literals;

/*
 * A second of it may cost a thread this much. A device's admin thread beats twice a
 * second; the rest is for a tick of the scheduler and for what the machine does to
 * any thread. One that polls would take 1000 ms, or switch 1000 times and more.
 */
constexpr uint64_t CPU_NS = 10000000;
constexpr uint64_t SWITCHES = 20;

/* Our threads. A sanitizer has one of its own, which has no name. */
std::map<pid_t, ThreadUse> use_of_threads()
{
	std::map<pid_t, ThreadUse> all;

	for (const ThreadUse &t : threads_of(getpid()))
		if (t.tid != getpid() &&
		    (!t.name.compare(0, 4, "tdm-") || !(tier_asan || tier_tsan)))
			all[t.tid] = t;
	return all;
}

TEST(LifeIdle, UsesNoProcessor)
{
	ModelSpec spec;
	Model model(spec);
	Engine engine(model, {});
	ASSERT_TRUE(engine) << engine.error().msg;
	Request r;
	r.prompt = some_prompt(60, spec.vocab);
	ASSERT_EQ(engine.run(r).rc, 0);
	/* Somebody has looked, and has gone. */
	tdm_observer *observer = tdm_observer_start("idle", nullptr);
	ASSERT_TRUE(observer);
	ASSERT_EQ(tdm_observer_add_engine(observer, engine.get()), 0);
	tdm_observed *seen = tdm_observed_connect(uint32_t(getpid()), 0, nullptr);
	tdm_observed_close(seen);
	/* A device with a queue that was used, one with a queue that was not, one bare. */
	tdm_device *devs[3];
	for (tdm_device *&dev : devs)
		dev = tdm_device_open("soft:trn3", nullptr);
	tdm_queue *used = tdm_queue_create(devs[0], 16, nullptr);
	tdm_queue *fresh = tdm_queue_create(devs[1], 16, nullptr);
	ASSERT_TRUE(devs[2] && used && fresh);
	tdm_cmd nop{};
	tdm_cqe cqe;
	ASSERT_EQ(tdm_queue_run(used, &nop, ~0ULL, &cqe), 0);

	std::this_thread::sleep_for(200ms); /* whoever spins gives up */
	auto before = use_of_threads();
	std::this_thread::sleep_for(1s);
	auto after = use_of_threads();
	ASSERT_EQ(before.size(), after.size());
	for (const char *name : { "tdm-admin", "tdm-compute", "tdm-softnic", "tdm-observe" })
		EXPECT_TRUE(std::any_of(after.begin(), after.end(), [name](const auto &t) {
			return t.second.name == name;
		})) << name;
	for (const auto &[tid, use] : after) {
		EXPECT_LE(use.cpu_ns - before[tid].cpu_ns, CPU_NS) << use.name;
		EXPECT_LE(use.switches - before[tid].switches, SWITCHES) << use.name;
	}
	/* And it wakes up. */
	EXPECT_EQ(tdm_queue_run(used, &nop, ~0ULL, &cqe), 0);
	EXPECT_EQ(tdm_queue_run(fresh, &nop, ~0ULL, &cqe), 0);
	EXPECT_EQ(engine.run(r).rc, 0);
	tdm_observer_stop(observer);
	tdm_queue_destroy(used);
	tdm_queue_destroy(fresh);
	for (tdm_device *dev : devs)
		tdm_device_close(dev);
}

} // namespace
