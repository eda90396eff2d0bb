// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What a process shows of itself: that it is there, that it is right, and that it is
 * gone once it was removed.
 */
#include "observe_test.h"

#include <atomic>
#include <thread>

#include <tandem/buffer.h>
#include <tandem/queue.h>

#include "support/agent_rig.h"
#include "support/child.h"

extern "C" {
#include "compute/compute.h"
}

using namespace observe_test;

namespace
{

TEST(Observe, ShowsTheProcess)
{
	Observer observer("a program");
	Observed seen;
	ASSERT_TRUE(seen.o) << seen.err.msg;
	const tdm_observe_process *p = tdm_observed_process(seen.o);
	EXPECT_EQ(p->pid, uint32_t(getpid()));
	EXPECT_EQ(p->uid, geteuid());
	EXPECT_STREQ(p->program, "a program");
	EXPECT_GT(strlen(p->version), 0u);
	EXPECT_GT(p->started_ns, 0u);
	EXPECT_EQ(p->devices + p->engines + p->pools + p->agents, 0u);
	EXPECT_TRUE(seen.get(tdm_observed_devices).empty());
	EXPECT_TRUE(seen.get(tdm_observed_queues).empty());
}

TEST(Observe, IsInTheListWhileItRuns)
{
	{
		Observer observer, another;
		auto list = List();
		size_t mine = 0;
		for (const auto &e : list) {
			mine += e.process.pid == uint32_t(getpid());
			EXPECT_TRUE(e.process.pid != uint32_t(getpid()) || !e.error) << e.why;
		}
		EXPECT_EQ(mine, 2u);
	}
	EXPECT_EQ(Find(List(), getpid()), nullptr);
	Observed seen;
	EXPECT_EQ(seen.o, nullptr);
	EXPECT_EQ(seen.err.code, -ESRCH);
	EXPECT_NE(strstr(seen.err.msg, "; "), nullptr) << seen.err.msg;
}

TEST(Observe, GoesWithAProcessThatIsKilled)
{
	Child child([](int sock) -> std::string {
		Observer observer;
		WANT(send_word(sock, 1));
		pause();
		return "";
	});
	uint64_t word;
	ASSERT_TRUE(receive_word(child.sock(), &word));
	EXPECT_NE(Find(List(), child.pid()), nullptr);
	EXPECT_TRUE(child.Kill());
	EXPECT_EQ(Find(List(), child.pid()), nullptr);
}

TEST(Observe, AForkedChildLeavesItToItsParent)
{
	Observer observer;
	Child child([&](int) -> std::string {
		tdm_observer_stop(observer.o);
		return "";
	});
	EXPECT_EQ(child.End(), "");
	EXPECT_NE(Find(List(), getpid()), nullptr);
}

/* A command that parks: what the queue says of itself stays as it is. */
TEST(Observe, ShowsADeviceAndItsQueues)
{
	Observer observer;
	tdm_device *dev = tdm_device_open("soft:trn2", nullptr);
	tdm_queue *queue = tdm_queue_create(dev, 16, nullptr);
	tdm_queue *idle = tdm_queue_create(dev, 64, nullptr);
	tdm_buffer *buf = tdm_buffer_create(dev, TDM_DOMAIN_DEVICE, 1 << 20,
					    TDM_ACCESS_READ | TDM_ACCESS_WRITE, nullptr);
	ASSERT_TRUE(queue && idle && buf);
	ASSERT_EQ(tdm_observer_add_device(observer.o, dev), 0);
	tdm_cmd cmds[2]{};
	tdm_cqe cqe;
	ASSERT_EQ(tdm_queue_run(queue, cmds, ~0ULL, &cqe), 0);
	cmds[0].opcode = TDM_OP_WAIT;
	cmds[0].wait.addr = tdm_buffer_dva(buf);
	cmds[0].wait.value = 1;
	cmds[0].wait.mask = ~0ULL;
	cmds[0].wait.timeout_ns = kPatience;
	ASSERT_EQ(tdm_queue_submit(queue, cmds, 2), 2);

	Observed seen;
	ASSERT_TRUE(seen.o) << seen.err.msg;
	auto devices = seen.get(tdm_observed_devices);
	/* A machine that is busy may be late with its figures, which are then absent. */
	while (devices.size() == 1 && !(devices[0].known & TDM_OBSERVE_TELEMETRY))
		devices = seen.get(tdm_observed_devices);
	ASSERT_EQ(devices.size(), 1u);
	EXPECT_EQ(devices[0].known,
		  uint32_t(TDM_OBSERVE_TELEMETRY | TDM_OBSERVE_HEART | TDM_OBSERVE_MEMORY));
	EXPECT_EQ(devices[0].firmware_state, uint32_t(TDM_FW_READY));
	EXPECT_GT(devices[0].heartbeat, 0u);
	EXPECT_STREQ(devices[0].name, "soft:trn2");
	EXPECT_EQ(devices[0].attachment, uint32_t(TDM_ATTACH_SOFT));
	EXPECT_EQ(devices[0].error, 0);
	EXPECT_EQ(devices[0].queues, 2u);
	EXPECT_STREQ(devices[0].identify.model, "trn2");
	EXPECT_EQ(devices[0].memory.device_used, 1u << 20);
	EXPECT_EQ(devices[0].telemetry.commands, 1u);

	auto queues = seen.get(tdm_observed_queues);
	ASSERT_EQ(queues.size(), 2u);
	EXPECT_EQ(queues[0].device, devices[0].number);
	EXPECT_EQ(queues[0].queue, tdm_queue_number(queue));
	EXPECT_EQ(queues[0].state, uint32_t(TDM_QUEUE_RUNNING));
	EXPECT_EQ(queues[0].entries, 16u);
	EXPECT_EQ(queues[0].tail, 3u);
	EXPECT_EQ(queues[0].completed, 1u);
	EXPECT_EQ(queues[0].opcode, uint32_t(TDM_OP_WAIT));
	EXPECT_EQ(queues[1].queue, tdm_queue_number(idle));
	EXPECT_EQ(queues[1].entries, 64u);
	EXPECT_EQ(queues[1].tail, 0u);
	EXPECT_EQ(queues[1].opcode, TDM_OBSERVE_NONE);

	__atomic_store_n(static_cast<uint64_t *>(tdm_buffer_ptr(buf)), 1, __ATOMIC_RELEASE);
	for (int done = 0; done < 2;) {
		ASSERT_EQ(tdm_queue_wait(queue, ~0ULL), 0);
		done += tdm_queue_poll(queue, &cqe, 1);
	}
	queues = seen.get(tdm_observed_queues);
	EXPECT_EQ(queues[0].completed, 3u);
	EXPECT_EQ(queues[0].opcode, TDM_OBSERVE_NONE);

	tdm_observer_remove(observer.o, dev);
	EXPECT_TRUE(seen.get(tdm_observed_devices).empty());
	EXPECT_TRUE(seen.get(tdm_observed_queues).empty());
	tdm_buffer_destroy(buf);
	tdm_queue_destroy(idle);
	tdm_queue_destroy(queue);
	tdm_device_close(dev);
}

/* More than one answer has room for. */
TEST(Observe, ShowsManyQueuesOfManyDevices)
{
	Observer observer;
	std::vector<tdm_device *> devs;
	std::vector<tdm_queue *> queues;
	for (int d = 0; d < 10; d++) {
		devs.push_back(tdm_device_open(d % 2 ? "soft:cs3,threads=1" : "soft:trn2,threads=1",
					       nullptr));
		ASSERT_TRUE(devs.back());
		ASSERT_EQ(tdm_observer_add_device(observer.o, devs.back()), 0);
		for (int q = 0; q < 50; q++) {
			queues.push_back(tdm_queue_create(devs.back(), 16, nullptr));
			ASSERT_TRUE(queues.back());
		}
	}
	Observed seen;
	auto list = seen.get(tdm_observed_queues);
	ASSERT_EQ(list.size(), 500u);
	for (size_t i = 0; i < list.size(); i++) {
		EXPECT_EQ(list[i].device, i / 50);
		EXPECT_EQ(list[i].queue, tdm_queue_number(queues[i]));
	}
	for (tdm_queue *q : queues)
		tdm_queue_destroy(q);
	for (tdm_device *d : devs) {
		tdm_observer_remove(observer.o, d);
		tdm_device_close(d);
	}
}

/* An agent with landing memory, whose pages the test moves itself. */
class ObservePages : public testing::Test
{
protected:
	static constexpr uint32_t kBytes = 8192;

	void open(uint32_t pages, uint32_t regions = 1)
	{
		tdm_agent_attr attr{};
		tdm_error err{};
		memory.assign(size_t(kBytes) * pages * regions, 0);
		for (size_t i = 0; i < memory.size(); i++)
			memory[i] = static_cast<uint8_t>(i * 7 + i / kBytes);
		attr.size = sizeof(attr);
		attr.page_units = 1;
		attr.unit_bytes = kBytes;
		attr.net = "soft";
		attr.secret = "0123456789abcdef";
		attr.secret_len = 16;
		agent = tdm_agent_create(&attr, &err);
		ASSERT_TRUE(agent) << err.msg;
		tdm_net_mem mem{};
		mem.addr = memory.data();
		mem.len = memory.size();
		mem.fd = -1;
		ASSERT_EQ(tdm_agent_land(agent, &mem, kBytes, regions, &err), 0) << err.msg;
		pool = agent->regions[0].pool;
		ASSERT_EQ(tdm_observer_add_agent(observer.o, agent), 0);
	}
	void TearDown() override
	{
		tdm_observer_remove(observer.o, agent);
		tdm_agent_destroy(agent);
	}
	uint8_t *bytes(uint32_t page)
	{
		return static_cast<uint8_t *>(tdm_kv_pool_mem(pool, page));
	}
	/* Pages that a peer has written and announced. */
	std::vector<tdm_kv_ref> land(uint64_t owner, uint32_t n, uint64_t used = 0)
	{
		std::vector<tdm_kv_ref> refs(n);
		std::vector<tdm_kv_ticket> tickets(n);
		EXPECT_EQ(tdm_kv_pool_reserve(pool, owner, refs.data(), n, nullptr), 0);
		EXPECT_EQ(tdm_kv_pool_land(pool, owner, refs.data(), n, tickets.data(), nullptr),
			  0);
		for (auto &t : tickets) {
			t.bytes = used;
			EXPECT_EQ(tdm_kv_pool_commit(
					  pool, &t,
					  fw_crc32c(0, bytes(t.page), used ? used : kBytes),
					  nullptr),
				  0);
		}
		return refs;
	}
	Observer observer;
	std::vector<uint8_t> memory;
	tdm_agent *agent = nullptr;
	tdm_kv_pool *pool = nullptr;
};

TEST_F(ObservePages, ShowsPoolsAndTheirPages)
{
	open(10, 2);
	auto refs = land(77, 3);
	ASSERT_EQ(tdm_kv_pool_take(pool, 77, refs.data(), 1, nullptr), 0);
	Observed seen;
	EXPECT_EQ(tdm_observed_process(seen.o)->pools, 2u);
	auto pools = seen.get(tdm_observed_pools);
	ASSERT_EQ(pools.size(), 2u);
	EXPECT_STREQ(pools[0].name, "agent 0 landing 0");
	EXPECT_STREQ(pools[1].name, "agent 0 landing 1");
	EXPECT_EQ(pools[0].page_bytes, kBytes);
	EXPECT_EQ(pools[0].pages, 10u);
	EXPECT_EQ(pools[0].states[TDM_KV_FREE], 7u);
	EXPECT_EQ(pools[0].states[TDM_KV_READY], 2u);
	EXPECT_EQ(pools[0].states[TDM_KV_IN_USE], 1u);
	EXPECT_EQ(pools[0].ops[TDM_KV_OP_COMMIT], 3u);
	EXPECT_EQ(pools[0].low_water, 7u);

	auto pages = seen.of(tdm_observed_pages, pools[0].number);
	ASSERT_EQ(pages.size(), 10u);
	for (uint32_t i = 0; i < 10; i++) {
		EXPECT_EQ(pages[i].page, i);
		EXPECT_EQ(pages[i].address, i * uint64_t(kBytes));
		EXPECT_EQ(pages[i].owner, i < 3 ? 77u : 0u);
		EXPECT_EQ(pages[i].epoch, i < 3 ? 1u : 0u);
		EXPECT_EQ(pages[i].sealed, i < 3 ? 1u : 0u);
		EXPECT_EQ(pages[i].bytes, i < 3 ? kBytes : 0u);
		EXPECT_EQ(pages[i].crc, i < 3 ? fw_crc32c(0, bytes(i), kBytes) : 0u);
	}
	auto some = seen.of(tdm_observed_pages, pools[0].number, 2, 3);
	ASSERT_EQ(some.size(), 3u);
	EXPECT_EQ(some[0].page, 2u);
	EXPECT_EQ(seen.of(tdm_observed_pages, pools[0].number, 10).size(), 0u);

	tdm_observe_bytes first;
	ASSERT_EQ(tdm_observed_bytes(seen.o, pools[0].number, 2, &first, &seen.err), 0);
	EXPECT_EQ(first.page, 2u);
	ASSERT_EQ(first.len, sizeof(first.data));
	EXPECT_EQ(memcmp(first.data, bytes(2), first.len), 0);
	EXPECT_EQ(tdm_observed_bytes(seen.o, pools[0].number, 10, &first, &seen.err), -ENOENT);
	EXPECT_EQ(tdm_observed_bytes(seen.o, 99, 0, &first, &seen.err), -ENOENT);
	EXPECT_NE(strstr(seen.err.msg, "; "), nullptr) << seen.err.msg;
}

TEST_F(ObservePages, ShowsMorePagesThanAnAnswerHasRoomFor)
{
	open(3000);
	land(5, 2999);
	Observed seen;
	auto pages = seen.of(tdm_observed_pages, 0);
	ASSERT_EQ(pages.size(), 3000u);
	for (uint32_t i = 0; i < 3000; i++)
		ASSERT_EQ(pages[i].page, i);
	EXPECT_EQ(pages[2998].owner, 5u);
	EXPECT_EQ(pages[2999].owner, 0u);
	auto checks = seen.of(tdm_observed_verify, 0);
	ASSERT_EQ(checks.size(), 3000u);
	for (uint32_t i = 0; i < 2999; i++)
		ASSERT_EQ(checks[i].verdict, uint32_t(TDM_OBSERVE_OK)) << i;
	EXPECT_EQ(checks[2999].verdict, uint32_t(TDM_OBSERVE_NO_CRC));
}

TEST_F(ObservePages, FindsTheBitThatWasFlipped)
{
	open(8);
	auto refs = land(3, 4);
	ASSERT_EQ(tdm_kv_pool_take(pool, 3, refs.data(), 2, nullptr), 0);
	Observed seen;
	for (const auto &c : seen.of(tdm_observed_verify, 0))
		EXPECT_EQ(c.verdict, uint32_t(c.page < 4 ? TDM_OBSERVE_OK : TDM_OBSERVE_NO_CRC));
	/* Of one in use, at its first bit; of one that is ready, at its last. */
	bytes(1)[0] ^= 1;
	bytes(3)[kBytes - 1] ^= 0x80;
	auto checks = seen.of(tdm_observed_verify, 0);
	ASSERT_EQ(checks.size(), 8u);
	for (const auto &c : checks) {
		bool bad = c.page == 1 || c.page == 3;
		EXPECT_EQ(c.verdict, uint32_t(bad	    ? TDM_OBSERVE_DIFFERS
					      : c.page >= 4 ? TDM_OBSERVE_NO_CRC
							    : TDM_OBSERVE_OK))
			<< c.page;
		if (bad) {
			EXPECT_EQ(c.found, fw_crc32c(0, bytes(c.page), kBytes));
			EXPECT_NE(c.found, c.expected);
			EXPECT_EQ(c.owner, 3u);
		}
	}
	EXPECT_EQ(seen.of(tdm_observed_verify, 0, 3, 1).at(0).verdict,
		  uint32_t(TDM_OBSERVE_DIFFERS));
}

/* The CRC of a part of a page: what lies behind is nobody's. */
TEST_F(ObservePages, ChecksAsManyBytesAsThereAre)
{
	open(4);
	land(3, 1, 1000);
	Observed seen;
	bytes(0)[1000] ^= 1;
	EXPECT_EQ(seen.of(tdm_observed_verify, 0).at(0).verdict, uint32_t(TDM_OBSERVE_OK));
	EXPECT_EQ(seen.of(tdm_observed_pages, 0).at(0).bytes, 1000u);
	bytes(0)[999] ^= 1;
	EXPECT_EQ(seen.of(tdm_observed_verify, 0).at(0).verdict, uint32_t(TDM_OBSERVE_DIFFERS));
}

/* Pages that come, are written and go while they are looked at are never called bad. */
TEST_F(ObservePages, DoesNotCallAPageBadThatChanges)
{
	open(4);
	std::atomic<bool> stop{ false };
	std::atomic<int> rounds{ 0 };
	std::thread owner([&] {
		for (uint64_t id = 1; !stop; id++, rounds++) {
			/* As a NIC does, before it is announced. */
			for (uint32_t p = 0; p < 4; p++)
				for (uint32_t i = 0; i < kBytes; i += 64)
					bytes(p)[i] = static_cast<uint8_t>(id);
			auto refs = land(id, 4);
			EXPECT_EQ(tdm_kv_pool_release(pool, id, refs.data(), 4, nullptr), 0);
		}
	});
	Observed seen;
	while (rounds < 300)
		for (const auto &c : seen.of(tdm_observed_verify, 0))
			EXPECT_NE(c.verdict, uint32_t(TDM_OBSERVE_DIFFERS));
	stop = true;
	owner.join();
}

/* While somebody looks all the time. */
TEST_F(ObservePages, ComesAndGoesWhileItIsLookedAt)
{
	open(16);
	land(9, 16);
	std::atomic<bool> stop{ false };
	std::atomic<int> looks{ 0 };
	std::thread looker([&] {
		Observed seen;
		ASSERT_TRUE(seen.o) << seen.err.msg;
		for (; !stop; looks++) {
			tdm_observe_range all = { 0, 0, UINT32_MAX };
			uint32_t n;
			for (const auto &p : seen.get(tdm_observed_pools)) {
				all.pool = p.number;
				/* It may be gone by now. */
				free(tdm_observed_verify(seen.o, &all, &n, nullptr));
			}
			seen.get(tdm_observed_agents);
			seen.get(tdm_observed_peers);
		}
	});
	while (looks < 100) {
		tdm_observer_remove(observer.o, agent);
		ASSERT_EQ(tdm_observer_add_agent(observer.o, agent), 0);
		tdm_agent_poll(agent);
	}
	stop = true;
	looker.join();
	EXPECT_EQ(tdm_observer_add_agent(observer.o, agent), -EEXIST);
}

/* An agent's own figures, by its view. */
TEST(Observe, ShowsAgentsAndPeersAsTheyWereAtTheLastPoll)
{
	Observer observer;
	RigOptions options;
	options.net = "soft:rc,step=1";
	options.senders = 2;
	options.regions = 2;
	AgentRig rig(options, 1);
	for (uint32_t i = 0; i < 2; i++)
		rig.Connect(i);
	ASSERT_EQ(tdm_observer_add_agent(observer.o, rig.taker), 0);
	ASSERT_EQ(tdm_observer_add_agent(observer.o, rig.sides[0].agent), 0);
	for (int i = 0; i < 20; i++)
		rig.Round();
	ASSERT_TRUE(rig.Open(0, 20));
	ASSERT_TRUE(rig.ComeToRest()) << rig.Fault();
	rig.Round();
	Observed seen;
	auto agents = seen.get(tdm_observed_agents);
	ASSERT_EQ(agents.size(), 2u);
	struct tdm_agent_stats stats = rig.Taker();
	EXPECT_EQ(memcmp(&agents[0].stats, &stats, sizeof(stats)), 0);
	EXPECT_EQ(agents[0].stats.pages_taken, 20u);
	EXPECT_EQ(agents[0].regions, 2u);
	EXPECT_STREQ(agents[0].net, tdm_net_name(rig.net));
	stats = rig.Sender(0);
	EXPECT_EQ(memcmp(&agents[1].stats, &stats, sizeof(stats)), 0);
	EXPECT_EQ(agents[1].stats.pages_sent, 20u);

	auto peers = seen.get(tdm_observed_peers);
	ASSERT_EQ(peers.size(), 3u);
	unsigned with_region = 0;
	for (const auto &p : peers) {
		EXPECT_EQ(p.state, uint32_t(TDM_PEER_UP));
		EXPECT_EQ(p.error, 0);
		with_region += p.region != TDM_OBSERVE_NONE;
	}
	EXPECT_EQ(with_region, 1u);
	rig.Cut(0);
	tdm_observer_remove(observer.o, rig.taker);
	tdm_observer_remove(observer.o, rig.sides[0].agent);
	EXPECT_TRUE(seen.get(tdm_observed_agents).empty());
}

TEST(Observe, SaysThatItCannotInject)
{
	Observer observer;
	Observed seen;
	tdm_observe_inject fault{};
	memset(fault.target, 'x', sizeof(fault.target));
	EXPECT_EQ(tdm_observed_inject(seen.o, &fault, &seen.err), -EINVAL);
}

} // namespace
