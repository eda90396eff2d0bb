// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Another thread of the application changes descriptors while the device reads them:
 * what was copied was checked, and what was checked is used. Whatever the device saw,
 * each command ends once, with a status there is.
 */
#include <atomic>
#include <thread>

#include <tandem/buffer.h>

#include "runtime/command_fixture.h"
#include "runtime/device_fixture.h"
#include "support/tier.h"

using namespace tandem_test;

namespace
{

/* A 32-bit word that is right half of the time. */
struct Flip {
	uint32_t *word;
	uint32_t good;
	std::vector<uint32_t> bad;
};

template <typename T>
Flip flip(T *member, std::vector<uint32_t> bad)
{
	auto *word = reinterpret_cast<uint32_t *>(member);
	return { word, *word, std::move(bad) };
}

class Flipper
{
public:
	explicit Flipper(std::vector<Flip> flips)
	    : flips_(std::move(flips)), thread_([this] { run(); })
	{
	}
	~Flipper()
	{
		stop_ = true;
		thread_.join();
		for (const Flip &f : flips_)
			tdm_store_relaxed(f.word, f.good);
	}

private:
	void run()
	{
		std::mt19937 random(11);

		while (!stop_) {
			const Flip &f = flips_[random() % flips_.size()];
			tdm_store_relaxed(f.word, f.bad[random() % f.bad.size()]);
			for (unsigned i = random() % 64; i && !stop_; i--)
				tdm_load_relaxed(f.word);
			tdm_store_relaxed(f.word, f.good);
			for (unsigned i = random() % 256; i && !stop_; i--)
				tdm_load_relaxed(f.word);
		}
	}

	std::vector<Flip> flips_;
	std::atomic<bool> stop_{ false };
	std::thread thread_;
};

class HostileRace : public testing::TestWithParam<std::string>
{
protected:
	Device d{ GetParam().c_str() };
	TinyModel model{ d.dev };
	TinyRun run{ d.dev };

	/*
	 * At least @rounds, and until one of each of @wanted was seen: on a busy machine
	 * the flipping thread may not get to run before. Return: how many of each status
	 */
	std::vector<int> repeat(const std::vector<tdm_cmd> &cmds, int rounds,
				const std::vector<tdm_status> &wanted)
	{
		std::vector<int> ended(TDM_ST_DEVICE + 1);
		uint64_t end = Soon();
		auto seen = [&] {
			for (tdm_status status : wanted)
				if (!ended[status])
					return false;
			return true;
		};

		for (int i = 0; i < rounds || (!seen() && NowNs() < end); i++)
			for (const tdm_cmd &cmd : cmds) {
				tdm_cqe cqe = d.run(cmd);
				EXPECT_LE(cqe.status, TDM_ST_DEVICE);
				ended[std::min<unsigned>(cqe.status, TDM_ST_DEVICE)]++;
			}
		return ended;
	}
};

const int ROUNDS = by_tier(6000, 1500, 300);

TEST_P(HostileRace, RunsWhoseDescriptorsChange)
{
	ASSERT_EQ(d.run(model.load()).status, TDM_ST_OK);
	run.set(0, 0, 0, { 1, 2, 3, 4, 5 });
	run.set(1, 1, 0, { 9, 8, 7 });
	tdm_cmd prefill = run.prefill(0, 2);
	tdm_run *r = run.run();
	tdm_seq *s = run.seq(1);
	uint64_t *blocks = run.memory.at<uint64_t>(TinyRun::BLOCK);
	std::vector<int> ended;
	if (tdm_device_info(d.dev)->identify.features & TDM_FEATURE_LAYER_TIMES)
		r->layer_times = run.memory.dva(TinyRun::TIMES);
	{
		Flipper flipper({
			flip(&r->n_seqs, { 0, 1, 4, 255, ~0u }),
			flip(&r->layer_first, { 1, 2, ~0u }),
			flip(&r->layer_count, { 0, 1, 4, ~0u }),
			flip(&r->seqs, { 0, 8, ~0u }),
			flip(&r->layer_times, { 0, 8, ~0u }),
			flip(&s->n_tokens, { 0, 1, 64, 65, 2049, ~0u }),
			flip(&s->pos, { 1, 63, 64, ~0u }),
			flip(&s->block_stride, { 0, 1, ~0u }),
			flip(&s->blocks, { 0, 1, 0xfffffff8 }),
			flip(&s->flags, { 0, 1, 4 }),
			flip(&s->top_k, { 1, ~0u }),
			flip(&s->temperature, { 0x3f800000, 0x7fc00000, 0xff800000 }),
			flip(&blocks[1], { 0, 1, 64, 0xffffffc0 }),
			flip(run.memory.at<uint32_t>(TinyRun::TOKENS), { 63, 64, ~0u }),
		});
		ended = repeat({ prefill }, ROUNDS, { TDM_ST_OK, TDM_ST_BAD_DESC });
	}
	EXPECT_GT(ended[TDM_ST_OK], 0);
	EXPECT_GT(ended[TDM_ST_BAD_DESC], 0);
	EXPECT_EQ(d.run(prefill).status, TDM_ST_OK);
}

TEST_P(HostileRace, ProgramsWhoseTablesChange)
{
	tdm_program *p = model.program();
	tdm_tensor *t = model.tensor(5);
	tdm_cmd unload = command(TDM_OP_PROGRAM_UNLOAD);
	std::vector<int> ended;
	{
		Flipper flipper({
			flip(&p->n_layers, { 0, 1, 1024, ~0u }),
			flip(&p->layer_count, { 0, 2, 1024, ~0u }),
			flip(&p->dim, { 0, 64, 1u << 18, ~0u }),
			flip(&p->n_heads, { 0, 1, 1u << 18 }),
			flip(&p->n_kv_heads, { 0, 4, ~0u }),
			flip(&p->ffn_dim, { 0, 1, 1u << 18 }),
			flip(&p->n_tensors, { 0, 1, 16384, ~0u }),
			flip(&t->role, { 0, 1, 2, ~0u }),
			flip(&t->layer, { 1, 3, ~0u }),
			flip(&t->dtype, { 1, 99, ~0u }),
			flip(&t->rows, { 0, 1, ~0u }),
			flip(&t->bytes, { 0, ~0u }),
			flip(&t->addr, { 0, 1, ~0u }),
		});
		ended = repeat({ model.load(), unload }, ROUNDS, { TDM_ST_OK, TDM_ST_BAD_DESC });
	}
	EXPECT_GT(ended[TDM_ST_OK], 0);
	EXPECT_GT(ended[TDM_ST_BAD_DESC], 0);
	EXPECT_EQ(d.run(model.load()).status, TDM_ST_OK);
}

TEST_P(HostileRace, MovesThatChange)
{
	ASSERT_EQ(d.run(model.load()).status, TDM_ST_OK);
	auto *moves = run.memory.at<tdm_kv_move>(TinyRun::MOVE);
	for (uint32_t i = 0; i < 4; i++)
		moves[i] = { run.page_dva(i, 0, 0),
			     run.memory.dva(TinyRun::WIRE + i * TinyModel::PAGE_BYTES), 0, 0, 0 };
	tdm_cmd cmd = on_desc(TDM_OP_KV_EXPORT, run.memory.dva(TinyRun::MOVE), 4 * sizeof(*moves));
	cmd.desc.count = 4;
	std::vector<int> ended;
	{
		Flipper flipper({
			flip(&moves[1].page, { 0, 1, 0xffffffc0 }),
			flip(&moves[2].wire, { 0, 1, 0xffffffc0 }),
			/* With tokens behind it, in the upper half. */
			flip(&moves[3].first, { 1, 0xffff, 1 << 16, 0xffffffff }),
		});
		ended = repeat({ cmd }, ROUNDS, { TDM_ST_OK, TDM_ST_BAD_DESC });
	}
	EXPECT_GT(ended[TDM_ST_OK], 0);
	EXPECT_GT(ended[TDM_ST_BAD_DESC], 0);
	EXPECT_EQ(d.run(cmd).status, TDM_ST_OK);
}

/* The ring itself: its slots hold commands for ever, and only the tail moves on. */
TEST_P(HostileRace, SlotsThatChange)
{
	const uint32_t entries = 8;
	RawQueue q(d.dev, entries);
	struct tdm_buffer *memory = tdm_buffer_create(d.dev, TDM_DOMAIN_HOST, 4096,
						      TDM_ACCESS_READ | TDM_ACCESS_WRITE, nullptr);
	std::vector<Flip> flips;
	ASSERT_EQ(q.rc(), 0);
	ASSERT_NE(memory, nullptr);
	auto *slots = reinterpret_cast<struct tdm_cmd *>(reinterpret_cast<char *>(q.sq()) +
							 TDM_QUEUE_HDR_BYTES);
	for (uint32_t i = 0; i < entries; i++) {
		slots[i] = Nop(i);
		slots[i].opcode = TDM_OP_FILL;
		slots[i].fill.dst = tdm_buffer_dva(memory);
		slots[i].fill.len = 64;
		flips.push_back(flip(&slots[i].fill.len, { 0, 1, 4096, 4097, ~0u }));
		flips.push_back(flip(&slots[i].fill.dst, { 0, 8, ~0u }));
		/* Opcode and flags. */
		flips.push_back(flip(&slots[i].opcode, { 0, 1, 0xffff, 0x10000, ~0u }));
	}
	int ok = 0, bad = 0;
	uint32_t tail = 0;
	uint64_t end = Soon();
	{
		Flipper flipper(std::move(flips));
		for (int i = 0; i < ROUNDS * 4 || (!(ok && bad) && NowNs() < end); i++) {
			uint64_t before = tail;
			tail += entries;
			q.SetTail(tail);
			while (tdm_load_acquire(&q.cq()->completed) < tail)
				ASSERT_EQ(q.state(), static_cast<uint32_t>(TDM_QUEUE_RUNNING));
			for (; before < tail; before++) {
				const struct tdm_cqe *cqe = q.cqe(static_cast<uint32_t>(before));
				ASSERT_LE(cqe->status, TDM_ST_DEVICE);
				ASSERT_EQ(cqe->cookie, before % entries);
				(cqe->status == TDM_ST_OK ? ok : bad)++;
			}
			tdm_store_release(&q.sq()->cq_head, tail);
		}
	}
	tdm_buffer_destroy(memory);
	EXPECT_GT(ok, 0);
	EXPECT_GT(bad, 0);
}

INSTANTIATE_TEST_SUITE_P(Devices, HostileRace, testing::ValuesIn(DeviceNames()), DeviceTestName);

} // namespace
