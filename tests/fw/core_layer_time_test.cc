// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tdm_run.layer_times, seen from the midst of the firmware: a time is there before its
 * layer counts, each has its own place and none other, and memory that cannot take them
 * ends the command.
 */
#include <map>
#include <set>

#include "core_host.h"

using namespace core_test;

namespace
{

constexpr uint32_t kLayers = 5, kDim = 16, kVocab = 16;
constexpr uint64_t kDva = 0x100000, kTimesDva = 0x900000, kPage = 4096;
/* Where things lie in the model's memory; all weights are the same zeroes. */
constexpr uint64_t kTable = 256, kRun = 8192, kSeq = 8448, kTokens = 8704, kOut = 8960,
		   kBlocks = 9216, kKv = 12288, kWeights = 65536, kBytes = 131072;
constexpr uint64_t kUntouched = 0x5a5a5a5a5a5a5a5a;

uint32_t Bits(float f)
{
	uint32_t bits;

	memcpy(&bits, &f, sizeof(bits));
	return bits;
}

/* What compute's thread saw, until the end: it goes on looking at the clock behind that. */
class Looks
{
public:
	void Read(uint64_t now, uint32_t layers_done)
	{
		std::lock_guard<std::mutex> hold(lock_);

		if (!over_)
			read[now].insert(layers_done);
	}
	void Told(uint32_t layers_done, const std::vector<uint64_t> &times)
	{
		std::lock_guard<std::mutex> hold(lock_);

		if (!over_ && layers_done == told.size() + 1)
			told.push_back(times);
	}
	void End()
	{
		std::lock_guard<std::mutex> hold(lock_);

		over_ = true;
	}
	std::map<uint64_t, std::set<uint32_t>> read;
	std::vector<std::vector<uint64_t>> told;

private:
	std::mutex lock_;
	bool over_ = false;
};

class CoreLayerTime : public ::testing::Test
{
protected:
	void SetUp() override
	{
		host_.Enable();
		ASSERT_EQ(host_.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
		ASSERT_EQ(host_.Map(TDM_ADMIN_MAP, kDva, kBytes, memory_.bus()), 0);
		ASSERT_EQ(host_.Map(TDM_ADMIN_MAP, kTimesDva, kPage, times_.bus()), 0);
		ASSERT_EQ(queue_.Create(), 0);
		Load();
	}
	void Tensor(uint32_t role, uint32_t layer, uint32_t rows, uint32_t cols)
	{
		memory_.as<struct tdm_tensor>(kTable)[program()->n_tensors++] = {
			role, layer, TDM_DTYPE_F32,   0,
			rows, cols,  kDva + kWeights, 4ull * rows * cols
		};
	}
	void Load()
	{
		struct tdm_cmd cmd = {};
		struct tdm_program p = {};

		p.size = sizeof(p);
		p.n_layers = p.layer_count = kLayers;
		p.dim = p.head_dim = p.ffn_dim = p.rope_dims = kDim;
		p.n_heads = p.n_kv_heads = 1;
		p.vocab = kVocab;
		p.ctx_len = p.kv_page_tokens = 16;
		p.rms_eps = Bits(1e-5f);
		p.rope_scale = p.attn_scale = Bits(1);
		p.kv_dtype = TDM_DTYPE_F16;
		p.tensors = kDva + kTable;
		*program() = p;
		Tensor(TDM_TENSOR_TOKEN_EMBD, 0, kVocab, kDim);
		Tensor(TDM_TENSOR_OUTPUT_NORM, 0, 1, kDim);
		Tensor(TDM_TENSOR_ROPE_FREQ, 0, 1, kDim / 2);
		for (uint32_t l = 0; l < kLayers; l++)
			for (uint32_t role = TDM_TENSOR_ATTN_NORM; role <= TDM_TENSOR_FFN_DOWN;
			     role++) {
				bool norm =
					role == TDM_TENSOR_ATTN_NORM || role == TDM_TENSOR_FFN_NORM;

				Tensor(role, l, norm ? 1 : kDim, kDim);
			}
		cmd.opcode = TDM_OP_PROGRAM_LOAD;
		cmd.desc.addr = kDva;
		cmd.desc.len = sizeof(p);
		ASSERT_EQ(Do(cmd).status, TDM_ST_OK);
	}
	/* A PREFILL of one token, of layers [first, first + count). */
	struct tdm_cmd Prefill(uint64_t times, uint32_t first = 0, uint32_t count = kLayers)
	{
		struct tdm_cmd cmd = {};
		struct tdm_seq seq = {};

		seq.blocks = kDva + kBlocks;
		seq.tokens_in = kDva + kTokens;
		seq.block_stride = 1;
		seq.n_tokens = 1;
		seq.top_p = Bits(1);
		*memory_.as<struct tdm_seq>(kSeq) = seq;
		for (uint32_t l = 0; l < kLayers; l++)
			memory_.as<uint64_t>(kBlocks)[l] = kDva + kKv + l * 1024;
		*run() = {};
		run()->size = sizeof(struct tdm_run);
		run()->layer_first = first;
		run()->layer_count = count;
		run()->n_seqs = 1;
		run()->seqs = kDva + kSeq;
		run()->act_in = run()->act_out = kDva + kOut;
		run()->layer_times = times;
		for (uint64_t i = 0; i < kPage / 8; i++)
			times_.as<uint64_t>()[i] = kUntouched;
		cmd.opcode = TDM_OP_PREFILL;
		cmd.desc.addr = kDva + kRun;
		cmd.desc.len = sizeof(struct tdm_run);
		return cmd;
	}
	struct tdm_cqe Do(const struct tdm_cmd &cmd)
	{
		queue_.Submit(cmd);
		EXPECT_TRUE(queue_.WaitCompleted(done_ + 1));
		struct tdm_cqe cqe = queue_.cqe(done_++);

		queue_.Consume(1);
		return cqe;
	}
	uint32_t LayersDone()
	{
		return tdm_load_acquire(&run()->layers_done);
	}
	std::vector<uint64_t> Times(uint32_t n, uint64_t offset = 0)
	{
		std::vector<uint64_t> times;

		for (uint32_t i = 0; i < n; i++)
			times.push_back(tdm_load_relaxed(times_.as<uint64_t>(offset) + i));
		return times;
	}
	/* Words of the page that are not as they were. */
	uint64_t Touched()
	{
		uint64_t n = 0;

		for (uint64_t word : Times(kPage / 8))
			n += word != kUntouched;
		return n;
	}
	struct tdm_program *program()
	{
		return memory_.as<struct tdm_program>();
	}
	struct tdm_run *run()
	{
		return memory_.as<struct tdm_run>(kRun);
	}

	Memory memory_{ kBytes }, times_{ kPage };
	Looks looks_;
	std::atomic<bool> posted_{ false };
	Host host_;
	Queue queue_{ &host_, 1 };
	uint32_t done_ = 0;
};

/* Compute's own thread looks: whatever it has told by then, others may have seen. */
TEST_F(CoreLayerTime, ATimeIsThereBeforeItsLayerCounts)
{
	struct tdm_cmd cmd = Prefill(kTimesDva);

	run()->flags = TDM_RUN_LAYER_EVENT;
	host_.OnClock([this](uint64_t now) { looks_.Read(now, LayersDone()); });
	host_.OnInterrupt([this] { looks_.Told(LayersDone(), Times(kLayers)); });
	struct tdm_cqe cqe = Do(cmd);

	looks_.End();
	const auto &read = looks_.read;
	const auto &told = looks_.told;
	ASSERT_EQ(cqe.status, TDM_ST_OK);
	std::vector<uint64_t> times = Times(kLayers);

	EXPECT_GE(times.front(), cqe.end_ns - 16ull * (cqe.run_16ns + 1));
	EXPECT_LE(times.back(), cqe.end_ns);
	ASSERT_EQ(told.size(), kLayers);
	for (uint32_t i = 0; i < kLayers; i++) {
		EXPECT_LE(times[i ? i - 1 : 0], times[i]) << i;
		ASSERT_TRUE(read.count(times[i])) << i;
		EXPECT_TRUE(read.at(times[i]).count(i)) << "read after layer " << i << " counted";
		for (uint32_t k = 0; k < kLayers; k++)
			EXPECT_EQ(told[i][k], k <= i ? times[k] : kUntouched) << i << " " << k;
	}
}

TEST_F(CoreLayerTime, EachLayerHasItsPlaceAndNoOther)
{
	/* At the start, in the middle, and up to the last byte of a mapping. */
	for (uint64_t at : { uint64_t{ 0 }, uint64_t{ 512 }, kPage - 8 * kLayers }) {
		EXPECT_EQ(Do(Prefill(kTimesDva + at)).status, TDM_ST_OK);
		for (uint64_t time : Times(kLayers, at))
			EXPECT_NE(time, kUntouched);
		EXPECT_EQ(Touched(), kLayers);
	}
	/* Counted from the first layer of the command. */
	EXPECT_EQ(Do(Prefill(kTimesDva, 2, 2)).status, TDM_ST_OK);
	EXPECT_EQ(Touched(), 2u);
	EXPECT_NE(Times(2).back(), kUntouched);
	EXPECT_EQ(LayersDone(), 2u);
	/* Nobody asks. */
	EXPECT_EQ(Do(Prefill(0)).status, TDM_ST_OK);
	EXPECT_EQ(Touched(), 0u);
}

TEST_F(CoreLayerTime, WhatCannotTakeThemEndsTheCommandBeforeItBegins)
{
	constexpr uint64_t kReadOnly = 0xa00000, kPair = 0xb00000;
	const uint64_t end = kTimesDva + kPage, wraps = ~0ull - 7;
	struct {
		uint64_t addr, bad;
		uint8_t reason;
	} const wrong[] = {
		{ end - 8 * kLayers + 8, end, TDM_FAULT_UNMAPPED },
		{ end - 8, end, TDM_FAULT_UNMAPPED },
		{ kPair + kPage - 8, kPair + kPage, TDM_FAULT_SPLIT },
		{ end, end, TDM_FAULT_UNMAPPED },
		{ kTimesDva - 8, kTimesDva - 8, TDM_FAULT_UNMAPPED },
		{ kTimesDva + 4, kTimesDva + 4, TDM_FAULT_ALIGN },
		{ kReadOnly, kReadOnly, TDM_FAULT_READONLY },
		{ 8, 8, TDM_FAULT_RANGE },
		{ TDM_DVA_END, TDM_DVA_END, TDM_FAULT_RANGE },
		{ wraps, wraps, TDM_FAULT_RANGE },
	};

	ASSERT_EQ(host_.Map(TDM_ADMIN_MAP, kReadOnly, kPage, times_.bus(), TDM_ACCESS_READ), 0);
	ASSERT_EQ(host_.Map(TDM_ADMIN_MAP, kPair, kPage, times_.bus()), 0);
	ASSERT_EQ(host_.Map(TDM_ADMIN_MAP, kPair + kPage, kPage, times_.bus()), 0);
	for (const auto &w : wrong) {
		struct tdm_cmd cmd = Prefill(w.addr);

		run()->layers_done = 77;
		struct tdm_cqe cqe = Do(cmd);

		EXPECT_EQ(cqe.status, TDM_ST_FAULT) << std::hex << w.addr;
		struct tdm_fault fault = host_.Wait(TDM_EV_FAULT).fault;

		EXPECT_EQ(fault.reason, w.reason) << std::hex << w.addr;
		EXPECT_EQ(fault.addr, cqe.result);
		EXPECT_EQ(fault.addr, w.bad) << std::hex << w.addr;
		EXPECT_TRUE(fault.access & TDM_ACCESS_WRITE);
		EXPECT_EQ(Touched(), 0u) << std::hex << w.addr;
		EXPECT_EQ(LayersDone(), 77u) << "nothing of it was begun";
	}
	EXPECT_EQ(Do(Prefill(kTimesDva)).status, TDM_ST_OK);
}

/* Between two layers; nothing is written where it was. */
TEST_F(CoreLayerTime, MemoryThatGoesAwayEndsTheCommand)
{
	struct tdm_admin_cmd unmap = {};
	struct tdm_cmd cmd = Prefill(kTimesDva);

	unmap.opcode = TDM_ADMIN_UNMAP;
	unmap.map.ctx = 1;
	unmap.map.dva = kTimesDva;
	unmap.map.len = kPage;
	run()->flags = TDM_RUN_LAYER_EVENT;
	/* Compute waits until admin waits for it, which the heart that beats tells. */
	host_.OnInterrupt([this, unmap] {
		if (LayersDone() != 2 || posted_.exchange(true))
			return;
		host_.Post(unmap);
		EXPECT_TRUE(Until([&] {
			return tdm_load_acquire(&host_.fw_.admin_head) == host_.drv_.admin_tail;
		}));
		uint64_t start = tdm_load_acquire(&host_.fw_.heartbeat);

		EXPECT_TRUE(
			Until([&] { return tdm_load_acquire(&host_.fw_.heartbeat) > start + 2; }));
	});
	struct tdm_cqe cqe = Do(cmd);

	EXPECT_EQ(static_cast<int64_t>(host_.Wait(TDM_EV_ADMIN).value), 0);
	EXPECT_EQ(cqe.status, TDM_ST_FAULT);
	EXPECT_EQ(cqe.result, kTimesDva + 2 * 8);
	EXPECT_EQ(LayersDone(), 2u);
	EXPECT_EQ(Touched(), 2u);
}

} // namespace
