// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Commands that are well formed and mean harm: a small descriptor that asks for a lot,
 * ranges that lie across each other, indices that cannot be.
 */
#include "runtime/command_fixture.h"

using namespace tandem_test;

namespace
{

class HostileCommand : public testing::TestWithParam<std::string>
{
protected:
	Device d{ GetParam().c_str() };
};

/*
 * One layer out of the middle of a model, as wide as asked for: its matrices are F16
 * and may all lie in the same place, so it costs its owner next to nothing.
 */
struct WideLayer {
	uint32_t dim = 1, head_dim = 2, ffn = 1, ctx = 64, page = 16, dtype = TDM_DTYPE_F16;
	Buffer memory;

	explicit WideLayer(tdm_device *dev) : memory(dev, 1 << 20)
	{
	}

	void add(uint32_t role, uint32_t layer, uint32_t type, uint32_t rows, uint32_t cols)
	{
		uint64_t bytes = uint64_t{ rows } * cols * (type == TDM_DTYPE_F32 ? 4 : 2);
		tdm_tensor *t = memory.at<tdm_tensor>(256);
		while (t->role)
			t++;
		*t = { role, layer, type, 0, rows, cols, memory.dva(8192), bytes };
		n++;
	}

	uint32_t load(const Device &d)
	{
		add(TDM_TENSOR_ROPE_FREQ, 0, TDM_DTYPE_F32, 1, head_dim / 2);
		for (uint32_t role : { TDM_TENSOR_ATTN_NORM, TDM_TENSOR_FFN_NORM })
			add(role, 1, TDM_DTYPE_F32, 1, dim);
		for (uint32_t role : { TDM_TENSOR_ATTN_Q, TDM_TENSOR_ATTN_K, TDM_TENSOR_ATTN_V })
			add(role, 1, TDM_DTYPE_F16, head_dim, dim);
		add(TDM_TENSOR_ATTN_OUT, 1, TDM_DTYPE_F16, dim, head_dim);
		for (uint32_t role : { TDM_TENSOR_FFN_GATE, TDM_TENSOR_FFN_UP })
			add(role, 1, TDM_DTYPE_F16, ffn, dim);
		add(TDM_TENSOR_FFN_DOWN, 1, TDM_DTYPE_F16, dim, ffn);

		tdm_program p{};
		p.size = sizeof(p);
		p.n_layers = 3;
		p.layer_first = p.layer_count = 1;
		p.dim = dim;
		p.n_heads = p.n_kv_heads = 1;
		p.head_dim = p.rope_dims = head_dim;
		p.ffn_dim = ffn;
		p.vocab = 1;
		p.ctx_len = ctx;
		p.rms_eps = bits(1e-5f);
		p.rope_scale = p.attn_scale = bits(1);
		p.kv_dtype = dtype;
		p.kv_page_tokens = page;
		p.n_tensors = n;
		p.tensors = memory.dva(256);
		*memory.at<tdm_program>() = p;
		tdm_cqe cqe =
			d.run(on_desc(TDM_OP_PROGRAM_LOAD, memory.dva(), sizeof(tdm_program)));
		EXPECT_EQ(cqe.status, TDM_ST_OK) << cqe.result;
		return static_cast<uint32_t>(cqe.result);
	}

private:
	uint32_t n = 0;
};

/* Megabytes of the caller's make gigabytes of the device's: it says no, and goes on. */
TEST_P(HostileCommand, TheWorkingMemoryOfARunIsBounded)
{
	WideLayer wide(d.dev);
	wide.ffn = 1 << 18;
	wide.ctx = 4096;
	uint32_t rows = tdm_device_info(d.dev)->identify.max_tokens;
	uint32_t program = wide.load(d);
	Buffer memory(d.dev, 1 << 20);

	tdm_run r{};
	r.size = sizeof(r);
	r.program = program;
	r.layer_first = r.layer_count = r.n_seqs = 1;
	r.seqs = memory.dva(4096);
	r.act_in = r.act_out = memory.dva(65536);
	tdm_seq s{};
	s.blocks = memory.dva(8192);
	s.block_stride = 4096 / 16;
	s.n_tokens = rows;
	for (uint32_t b = 0; b < s.block_stride; b++)
		memory.at<uint64_t>(8192)[b] = memory.dva(32768);
	*memory.at<tdm_seq>(4096) = s;
	*memory.at<tdm_run>() = r;
	/* 2 x 1 MiB a row: 2,048 of them are over it, 1,024 are not. */
	if (rows >= 2048) {
		tdm_cqe cqe = d.run(on_desc(TDM_OP_PREFILL, memory.dva(), sizeof(r)));
		EXPECT_EQ(cqe.status, TDM_ST_LIMIT);
		EXPECT_EQ(cqe.result, 4ULL << 30);
	}
	memory.at<tdm_seq>(4096)->n_tokens = 2;
	EXPECT_EQ(d.run(on_desc(TDM_OP_PREFILL, memory.dva(), sizeof(r))).status, TDM_ST_OK);
}

/* However large a page is: an abort waits for 16 MiB at most. */
TEST_P(HostileCommand, ExportYieldsAfterBytesNotPages)
{
	WideLayer wide(d.dev);
	wide.head_dim = 1024;
	wide.page = 256;
	wide.dtype = TDM_DTYPE_F32;
	constexpr uint64_t PAGE = 2 * 256 * 1024 * 4;
	constexpr uint32_t N = 48;
	uint32_t program = wide.load(d);
	Buffer pages(d.dev, 2 * PAGE), table(d.dev, 4096);
	for (uint32_t i = 0; i < N; i++)
		table.at<tdm_kv_move>()[i] = { pages.dva(), pages.dva(PAGE), 0, 0, 0 };
	RawQueue q(d.dev);
	tdm_cmd cmd = on_desc(TDM_OP_KV_EXPORT, table.dva(), N * sizeof(tdm_kv_move));
	cmd.desc.program = program;
	cmd.desc.count = N;

	q.Submit(cmd);
	ASSERT_EQ(q.Wait(1), 0);
	EXPECT_EQ(q.cqe(0)->status, TDM_ST_OK);
	EXPECT_GE(q.cq()->slices, N * PAGE / (16 << 20));
}

/* Turning a page over into itself would read what it has just written. */
TEST_P(HostileCommand, PageAndWireMayNotOverlap)
{
	WideLayer wide(d.dev);
	constexpr uint64_t PAGE = 2 * 2 * 16 * 2;
	uint32_t program = wide.load(d);
	Buffer pages(d.dev, 4096), table(d.dev, 4096);
	auto *move = table.at<tdm_kv_move>();

	for (unsigned opcode : { TDM_OP_KV_EXPORT, TDM_OP_KV_IMPORT })
		for (uint64_t at : { uint64_t{ 0 }, PAGE / 2, PAGE, 3 * PAGE / 2, 2 * PAGE }) {
			tdm_cmd cmd = on_desc(opcode, table.dva(), sizeof(*move));
			cmd.desc.program = program;
			cmd.desc.count = 1;
			*move = { pages.dva(PAGE), pages.dva(at), 0x8a9136aa, 0, 0 };
			bool apart = at == 0 || at == 2 * PAGE;
			tdm_cqe cqe = d.run(cmd);
			if (apart) {
				EXPECT_NE(cqe.status, TDM_ST_BAD_DESC) << at;
				continue;
			}
			EXPECT_EQ(cqe.status, TDM_ST_BAD_DESC) << at;
			EXPECT_EQ(cqe.result, table.dva(offsetof(tdm_kv_move, wire))) << at;
		}
}

/* Every opcode there is and is not, with words of every kind in every place. */
TEST_P(HostileCommand, EveryEntryEndsOnceWithAStatus)
{
	TinyModel model(d.dev);
	TinyRun run(d.dev);
	Buffer readonly(d.dev, 4096, TDM_ACCESS_READ);
	ASSERT_EQ(d.run(model.load()).status, TDM_ST_OK);
	run.set(0, 0, 0, { 1, 2, 3 });
	run.prefill(0, 1);
	const uint64_t words[] = { 0,
				   1,
				   128,
				   run.memory.dva(),
				   model.memory.dva(),
				   readonly.dva(),
				   run.memory.dva(1),
				   run.memory.dva((1 << 19) - 1),
				   TDM_DVA_END,
				   TDM_DVA_END - 1,
				   1ULL << 63,
				   ~0ULL };
	constexpr size_t N = sizeof(words) / sizeof(words[0]);
	std::mt19937 random(7);
	uint64_t ended[TDM_ST_DEVICE + 1] = {};

	for (int i = 0; i < 4000; i++) {
		tdm_cmd cmd = command(i % 4 ? random() % 24 : random() & 0xffff);
		if (random() % 16 == 0)
			cmd.flags = static_cast<uint16_t>(random());
		for (auto &word : cmd.raw)
			word = random() % 2 ? words[random() % N] : 0;
		if (cmd.opcode == TDM_OP_WAIT)
			cmd.wait.timeout_ns %= 1000;
		tdm_cqe cqe = d.run(cmd);
		ASSERT_LE(cqe.status, TDM_ST_DEVICE);
		ended[cqe.status]++;
	}
	/* The tables above do reach what they are for. */
	for (unsigned status : { TDM_ST_OK, TDM_ST_INVALID, TDM_ST_BAD_OPCODE, TDM_ST_FAULT })
		EXPECT_GT(ended[status], 0u) << tdm_status_name(status);
}

/* An index a ring ahead or more, any: an error of that queue, and of no other. */
TEST_P(HostileCommand, AnIndexThatCannotBeStopsThatQueueAlone)
{
	for (uint32_t ahead : { 9u, 100u, 0x7fffffffu, 0x80000000u, 0xffffffffu }) {
		RawQueue tail(d.dev, 8);
		tail.SetTail(ahead);
		EXPECT_EQ(tail.Wait(1), -EIO) << ahead;
		EXPECT_EQ(tail.state(), unsigned(TDM_QUEUE_ERROR)) << ahead;
		EXPECT_EQ(d.run(command(TDM_OP_NOP)).status, TDM_ST_OK);
	}
}

INSTANTIATE_TEST_SUITE_P(Devices, HostileCommand, testing::ValuesIn(DeviceNames()), DeviceTestName);

} // namespace
