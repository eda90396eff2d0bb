// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * PREFILL, DECODE, KV_EXPORT and KV_IMPORT: shapes of batches, pipelines, and
 * every field wrong in turn.
 */
#include <tandem/inject.h>

#include "runtime/command_fixture.h"

extern "C" {
#include "compute/compute.h"
}

namespace
{

std::vector<uint32_t> tokens(uint32_t seed, uint32_t n)
{
	std::vector<uint32_t> t(n);
	for (uint32_t i = 0; i < n; i++)
		t[i] = (seed * 31 + i * 7 + 1) % TinyModel::VOCAB;
	return t;
}

struct Loaded : Device {
	explicit Loaded(const char *name) : Device(name)
	{
		tdm_cqe cqe = run(m.load());
		EXPECT_EQ(cqe.status, TDM_ST_OK);
		program = static_cast<uint32_t>(cqe.result);
	}
	TinyModel m{ dev };
	TinyRun r{ dev };
	uint32_t program;

	/* All layers' first page of a sequence, as wire bytes. */
	std::vector<uint8_t> wire(uint32_t s)
	{
		std::vector<uint8_t> out;
		for (uint32_t l = 0; l < TinyModel::LAYERS; l++) {
			auto *move = r.memory.at<tdm_kv_move>(TinyRun::MOVE);
			*move = { r.page_dva(s, l, 0), r.memory.dva(TinyRun::WIRE), 0, 0, 0 };
			tdm_cmd c = on_desc(TDM_OP_KV_EXPORT, r.memory.dva(TinyRun::MOVE),
					    sizeof(*move));
			c.desc.program = program;
			c.desc.count = 1;
			EXPECT_EQ(run(c).status, TDM_ST_OK);
			const uint8_t *w = r.memory.at(TinyRun::WIRE);
			out.insert(out.end(), w, w + TinyModel::PAGE_BYTES);
		}
		return out;
	}
};

class Run : public testing::TestWithParam<std::string>
{
protected:
	Loaded d{ GetParam().c_str() };
};

/* Any batch gives each sequence the bits that it has alone. */
TEST_P(Run, ABatchIsItsSequencesOneByOne)
{
	const uint32_t lengths[] = { 5, 1, 16, 11 };
	std::vector<float> logits[4];
	std::vector<uint8_t> kv[4];
	uint32_t token[4];
	Loaded alone(GetParam().c_str());
	for (uint32_t s = 0; s < 4; s++) {
		alone.r.set(0, s, 0, tokens(s, lengths[s]));
		ASSERT_EQ(alone.run(alone.r.prefill(alone.program, 1)).status, TDM_ST_OK);
		alone.r.set(0, s, lengths[s], { *alone.r.out(s) });
		ASSERT_EQ(alone.run(alone.r.prefill(alone.program, 1, TDM_OP_DECODE)).result, 1u);
		logits[s].assign(alone.r.logits(s), alone.r.logits(s) + TinyModel::VOCAB);
		kv[s] = alone.wire(s);
		token[s] = *alone.r.out(s);
	}
	for (uint32_t order : { 0, 1, 2, 3 }) {
		uint32_t sum = 0;
		for (uint32_t i = 0; i < 4; i++) {
			uint32_t s = (i + order) % 4;
			d.r.set(i, s, 0, tokens(s, lengths[s]));
			sum += lengths[s];
		}
		ASSERT_EQ(d.run(d.r.prefill(d.program, 4)).result, sum);
		for (uint32_t i = 0; i < 4; i++)
			d.r.set(i, (i + order) % 4, lengths[(i + order) % 4],
				{ *d.r.out((i + order) % 4) });
		ASSERT_EQ(d.run(d.r.prefill(d.program, 4, TDM_OP_DECODE)).result, 4u);
		for (uint32_t s = 0; s < 4; s++) {
			EXPECT_EQ(*d.r.out(s), token[s]);
			EXPECT_FALSE(std::memcmp(d.r.logits(s), logits[s].data(),
						 logits[s].size() * sizeof(float)));
			EXPECT_TRUE(d.wire(s) == kv[s]);
		}
	}
}

/* Of the tokens that a run has put into pages, and once. */
TEST_P(Run, AnOrderedBitflipIsInWhatItStored)
{
	constexpr size_t BYTES = (1 << 19) - TinyRun::PAGES;
	constexpr uint32_t N = 20;
	for (unsigned int op : { TDM_OP_PREFILL, TDM_OP_DECODE }) {
		const uint32_t pos = op == TDM_OP_PREFILL ? 0 : N, n = op == TDM_OP_PREFILL ? N : 1;
		const uint8_t *pages = d.r.memory.at(TinyRun::PAGES);
		d.r.set(0, 1, pos, tokens(1, n));
		ASSERT_EQ(d.run(d.r.prefill(d.program, 1, op)).status, TDM_ST_OK);
		const std::vector<uint8_t> right(pages, pages + BYTES);
		drm_tandem_inject order{};
		order.kind = TDM_INJECT_BITFLIP;
		order.count = 1;
		order.seed = op;
		ASSERT_EQ(tdm_device_inject(d.dev, &order), 0);
		/* The same again: what it stores is the same, too, but for the bit. */
		ASSERT_EQ(d.run(d.r.prefill(d.program, 1, op)).status, TDM_ST_OK);
		const uint64_t at = tandem_test::TelemetryOf(d.dev).inject_addr -
				    d.r.memory.dva(TinyRun::PAGES);
		int wrong = 0;
		for (size_t i = 0; i < BYTES; i++) {
			wrong += __builtin_popcount(pages[i] ^ right[i]);
			EXPECT_TRUE(pages[i] == right[i] || i == at) << i;
		}
		EXPECT_EQ(wrong, 1);
		ASSERT_EQ(d.run(d.r.prefill(d.program, 1, op)).status, TDM_ST_OK);
		EXPECT_EQ(std::memcmp(pages, right.data(), BYTES), 0);
	}
}

/* Layers 0 and 1 on one device, 2 on the other: activations travel, bits stay. */
TEST_P(Run, APipelineOverTwoDevicesIsOneDevice)
{
	d.r.set(0, 0, 0, tokens(1, 9));
	ASSERT_EQ(d.run(d.r.prefill(d.program, 1)).status, TDM_ST_OK);

	Loaded first("soft:trn3"), last("soft:cs3");
	constexpr uint64_t ACTS = 9 * TinyModel::DIM * sizeof(float);
	first.r.set(0, 0, 0, tokens(1, 9));
	first.r.seq(0)->flags = 0;
	tdm_cmd c = first.r.prefill(first.program, 1);
	first.r.run()->layer_count = 2;
	first.r.run()->act_out = first.r.memory.dva(TinyRun::ACTS);
	ASSERT_EQ(first.run(c).status, TDM_ST_OK);
	EXPECT_EQ(first.r.run()->layers_done, 2u);
	std::memcpy(last.r.memory.at(TinyRun::ACTS), first.r.memory.at(TinyRun::ACTS), ACTS);
	last.r.set(0, 0, 0, tokens(1, 9));
	c = last.r.prefill(last.program, 1);
	last.r.run()->layer_first = 2;
	last.r.run()->layer_count = 1;
	last.r.run()->act_in = last.r.memory.dva(TinyRun::ACTS);
	ASSERT_EQ(last.run(c).status, TDM_ST_OK);
	EXPECT_EQ(*last.r.out(0), *d.r.out(0));
	EXPECT_FALSE(
		std::memcmp(last.r.logits(0), d.r.logits(0), TinyModel::VOCAB * sizeof(float)));
}

TEST_P(Run, EveryWrongFieldIsNamed)
{
	struct {
		size_t offset;
		uint32_t wrong;
	} runs[] = {
		{ offsetof(tdm_run, size), 1 },	       { offsetof(tdm_run, flags), 2 },
		{ offsetof(tdm_run, layer_first), 3 }, { offsetof(tdm_run, layer_count), 0 },
		{ offsetof(tdm_run, layer_count), 4 }, { offsetof(tdm_run, n_seqs), 0 },
		{ offsetof(tdm_run, reserved0), 1 },
	};
	for (const auto &f : runs) {
		d.r.set(0, 0, 0, { 1 });
		tdm_cmd c = d.r.prefill(d.program, 1);
		*d.r.memory.at<uint32_t>(f.offset) = f.wrong;
		tdm_cqe cqe = d.run(c);
		EXPECT_EQ(cqe.status, TDM_ST_BAD_DESC) << f.offset;
		EXPECT_EQ(cqe.result, d.r.memory.dva(f.offset)) << f.offset;
	}
	struct {
		size_t offset;
		uint32_t wrong;
	} seqs[] = {
		{ offsetof(tdm_seq, n_tokens), 0 },	{ offsetof(tdm_seq, pos), 64 },
		{ offsetof(tdm_seq, pos), 0xffffffff }, { offsetof(tdm_seq, block_stride), 0 },
		{ offsetof(tdm_seq, flags), 4 },	{ offsetof(tdm_seq, reserved), 1 },
	};
	for (const auto &f : seqs) {
		d.r.set(0, 0, 0, { 1 });
		d.r.set(1, 1, 0, { 1 });
		tdm_cmd c = d.r.prefill(d.program, 2);
		uint64_t at = TinyRun::SEQ + sizeof(tdm_seq) + f.offset;
		*d.r.memory.at<uint32_t>(at) = f.wrong;
		tdm_cqe cqe = d.run(c);
		EXPECT_EQ(cqe.status, TDM_ST_BAD_DESC) << f.offset;
		EXPECT_EQ(cqe.result, d.r.memory.dva(at)) << f.offset;
	}
}

TEST_P(Run, LimitsProgramsAndTokensAreChecked)
{
	d.r.set(0, 0, 0, { 1, TinyModel::VOCAB, 2 });
	tdm_cqe cqe = d.run(d.r.prefill(d.program, 1));
	EXPECT_EQ(cqe.status, TDM_ST_BAD_DESC);
	EXPECT_EQ(cqe.result, d.r.memory.dva(TinyRun::TOKENS + 4));
	cqe = d.run(d.r.prefill(d.program + 1, 1));
	EXPECT_EQ(cqe.status, TDM_ST_BAD_PROGRAM);
	EXPECT_EQ(cqe.result, d.program + 1);
	cqe = d.run(d.r.prefill(d.program, 100000));
	EXPECT_EQ(cqe.status, TDM_ST_LIMIT);
	EXPECT_EQ(cqe.result, tdm_device_info(d.dev)->identify.max_seqs);
	d.r.set(0, 0, 0, { 1, 2 });
	EXPECT_EQ(d.run(d.r.prefill(d.program, 1, TDM_OP_DECODE)).status, TDM_ST_BAD_DESC);
	tdm_cmd c = d.r.prefill(d.program, 1);
	c.desc.len--;
	EXPECT_EQ(d.run(c).status, TDM_ST_INVALID);
	/* None of these kept the program busy. */
	c = command(TDM_OP_PROGRAM_UNLOAD);
	c.desc.program = d.program;
	EXPECT_EQ(d.run(c).status, TDM_ST_OK);
}

/* Every address of a PREFILL, bad in turn: a fault that names it. */
TEST_P(Run, EveryBadAddressIsAFault)
{
	constexpr uint64_t BAD = 0x7f0000000040;
	auto expect_fault = [&](tdm_cmd c, const char *what, unsigned access) {
		tdm_cqe cqe = d.run(c);
		EXPECT_EQ(cqe.status, TDM_ST_FAULT) << what;
		EXPECT_EQ(cqe.result, BAD) << what;
		tdm_fault f{};
		ASSERT_EQ(tdm_device_faults(d.dev, &f, 1), 1) << what;
		EXPECT_EQ(f.addr, BAD) << what;
		EXPECT_EQ(f.cookie, c.cookie);
		EXPECT_EQ(f.opcode, c.opcode);
		EXPECT_EQ(f.reason, TDM_FAULT_UNMAPPED);
		EXPECT_EQ(f.access & access, access) << what;
		EXPECT_EQ(f.queue, tdm_queue_number(d.queue));
	};
	auto fresh = [&] {
		d.r.set(0, 0, 0, { 1, 2 });
		return d.r.prefill(d.program, 1);
	};
	tdm_cmd c = fresh();
	expect_fault(on_desc(TDM_OP_PREFILL, BAD, sizeof(tdm_run)), "descriptor", TDM_ACCESS_READ);
	c = fresh();
	d.r.run()->seqs = BAD;
	expect_fault(c, "sequences", TDM_ACCESS_READ);
	if (tdm_device_info(d.dev)->identify.features & TDM_FEATURE_LAYER_TIMES) {
		c = fresh();
		d.r.run()->layer_times = BAD;
		expect_fault(c, "layer times", TDM_ACCESS_WRITE);
	}
	c = fresh();
	d.r.seq(0)->tokens_in = BAD;
	expect_fault(c, "tokens in", TDM_ACCESS_READ);
	c = fresh();
	d.r.seq(0)->blocks = BAD;
	expect_fault(c, "block table", TDM_ACCESS_READ);
	c = fresh();
	d.r.seq(0)->tokens_out = BAD;
	expect_fault(c, "tokens out", TDM_ACCESS_WRITE);
	c = fresh();
	d.r.seq(0)->logits_out = BAD;
	expect_fault(c, "logits", TDM_ACCESS_WRITE);
	c = fresh();
	uint64_t *page = d.r.memory.at<uint64_t>(TinyRun::BLOCK) + TinyRun::BLOCKS;
	uint64_t good = *page;
	*page = BAD;
	expect_fault(c, "page of layer 1", TDM_ACCESS_WRITE);
	EXPECT_EQ(d.r.run()->layers_done, 1u) << "layer 0 was done";
	*page = good;
	EXPECT_EQ(d.run(fresh()).status, TDM_ST_OK);
}

/* Sixteen million pages that nobody has: refused before room is made for them. */
TEST_P(Run, AHugeBlockTableIsAFaultNotAnAllocation)
{
	d.m.program()->ctx_len = 1 << 22;
	d.m.program()->kv_page_tokens = 16;
	tdm_cqe cqe = d.run(d.m.load());
	ASSERT_EQ(cqe.status, TDM_ST_OK);
	for (uint32_t i = 0; i < 4; i++) {
		d.r.set(i, i, (1 << 22) - 1, { 1 });
		d.r.seq(i)->block_stride = 1 << 18;
	}
	cqe = d.run(d.r.prefill(static_cast<uint32_t>(cqe.result), 4));
	EXPECT_EQ(cqe.status, TDM_ST_FAULT);
}

TEST_P(Run, ImportChecksTheCrcBeforeItTouchesThePage)
{
	d.r.set(0, 0, 0, tokens(2, 16));
	ASSERT_EQ(d.run(d.r.prefill(d.program, 1)).status, TDM_ST_OK);
	std::vector<uint8_t> want = d.wire(0);
	auto *move = d.r.memory.at<tdm_kv_move>(TinyRun::MOVE);
	uint32_t crc = move->crc;
	auto import = [&](uint32_t with) {
		*move = { d.r.page_dva(1, 0, 0), d.r.memory.dva(TinyRun::WIRE), with, 0, 0 };
		tdm_cmd c = on_desc(TDM_OP_KV_IMPORT, d.r.memory.dva(TinyRun::MOVE), sizeof(*move));
		c.desc.program = d.program;
		c.desc.count = 1;
		return d.run(c);
	};
	const uint8_t *page = d.r.memory.at(d.r.page_dva(1, 0, 0) - d.r.memory.dva());
	std::vector<uint8_t> zero(TinyModel::PAGE_BYTES);
	EXPECT_EQ(import(crc ^ 1).status, TDM_ST_BAD_CRC);
	EXPECT_FALSE(std::memcmp(page, zero.data(), zero.size()));
	d.r.memory.at(TinyRun::WIRE)[100] ^= 1;
	EXPECT_EQ(import(crc).status, TDM_ST_BAD_CRC);
	EXPECT_FALSE(std::memcmp(page, zero.data(), zero.size()));
	d.r.memory.at(TinyRun::WIRE)[100] ^= 1;
	EXPECT_EQ(import(crc).status, TDM_ST_OK);
	/* The last layer's wire bytes are now in the first page of sequence 1. */
	std::vector<uint8_t> got = d.wire(1);
	EXPECT_TRUE(std::equal(got.begin(), got.begin() + TinyModel::PAGE_BYTES,
			       want.end() - static_cast<long>(TinyModel::PAGE_BYTES)));
}

TEST_P(Run, PartsOfAPageTravelByThemselves)
{
	d.r.set(0, 0, 0, tokens(2, 16));
	ASSERT_EQ(d.run(d.r.prefill(d.program, 1)).status, TDM_ST_OK);
	auto *move = d.r.memory.at<tdm_kv_move>(TinyRun::MOVE);
	uint32_t page = TinyModel::PAGE, half = page / 2;
	uint64_t wire = d.r.memory.dva(TinyRun::WIRE);
	auto go = [&](uint32_t op) {
		tdm_cmd c = on_desc(op, d.r.memory.dva(TinyRun::MOVE), sizeof(*move));
		c.desc.program = d.program;
		c.desc.count = 1;
		return d.run(c);
	};
	uint32_t crc[2];
	for (uint32_t i : { 0u, 1u }) {
		*move = { d.r.page_dva(0, 0, 0), wire + i * TinyModel::PAGE_BYTES / 2, 0,
			  static_cast<uint16_t>(i * half), static_cast<uint16_t>(half) };
		ASSERT_EQ(go(TDM_OP_KV_EXPORT).status, TDM_ST_OK);
		crc[i] = move->crc;
		EXPECT_EQ(crc[i],
			  fw_crc32c(0, d.r.memory.at(TinyRun::WIRE) + i * TinyModel::PAGE_BYTES / 2,
				    TinyModel::PAGE_BYTES / 2));
	}
	for (uint32_t i : { 1u, 0u }) {
		*move = { d.r.page_dva(1, 0, 0), wire + i * TinyModel::PAGE_BYTES / 2, crc[i],
			  static_cast<uint16_t>(i * half), static_cast<uint16_t>(half) };
		ASSERT_EQ(go(TDM_OP_KV_IMPORT).status, TDM_ST_OK);
	}
	EXPECT_FALSE(std::memcmp(d.r.memory.at(d.r.page_dva(0, 0, 0) - d.r.memory.dva()),
				 d.r.memory.at(d.r.page_dva(1, 0, 0) - d.r.memory.dva()),
				 TinyModel::PAGE_BYTES));
	/* What reaches behind the page, or nowhere, and a part in place. */
	const uint16_t last = static_cast<uint16_t>(page);
	const struct {
		uint64_t wire;
		uint16_t first, tokens;
	} bad[] = { { wire, 1, 0 },	      { wire, 0, static_cast<uint16_t>(last + 1) },
		    { wire, 1, last },	      { wire, last, 1 },
		    { wire, 0xffff, 0xffff }, { 0, 0, static_cast<uint16_t>(half) } };
	for (auto &b : bad) {
		*move = { d.r.page_dva(0, 0, 0), b.wire, 0, b.first, b.tokens };
		EXPECT_NE(go(TDM_OP_KV_EXPORT).status, TDM_ST_OK) << b.first << " " << b.tokens;
		*move = { d.r.page_dva(1, 0, 0), b.wire, 0, b.first, b.tokens };
		EXPECT_NE(go(TDM_OP_KV_IMPORT).status, TDM_ST_OK) << b.first << " " << b.tokens;
	}
}

INSTANTIATE_TEST_SUITE_P(Devices, Run, testing::ValuesIn(tandem_test::DeviceNames()),
			 tandem_test::DeviceTestName);

} // namespace
