// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * PROGRAM_LOAD, with every field wrong in turn: the completion names just that
 * field, and nothing is loaded.
 */
#include <cmath>

#include "runtime/command_fixture.h"

namespace
{

class Program : public testing::TestWithParam<std::string>
{
protected:
	Device d{ GetParam().c_str() };
	TinyModel m{ d.dev };
};

TEST_P(Program, LoadsAndUnloads)
{
	tdm_cqe cqe = d.run(m.load());
	ASSERT_EQ(cqe.status, TDM_ST_OK);
	tdm_cmd unload = command(TDM_OP_PROGRAM_UNLOAD);
	unload.desc.program = static_cast<uint32_t>(cqe.result);
	EXPECT_EQ(d.run(unload).status, TDM_ST_OK);
	EXPECT_EQ(d.run(unload).status, TDM_ST_BAD_PROGRAM);
}

TEST_P(Program, TheTableOfProgramsIsBounded)
{
	uint32_t max = tdm_device_info(d.dev)->identify.max_programs;
	for (uint32_t i = 0; i < max; i++)
		ASSERT_EQ(d.run(m.load()).status, TDM_ST_OK);
	tdm_cqe cqe = d.run(m.load());
	EXPECT_EQ(cqe.status, TDM_ST_LIMIT);
	EXPECT_EQ(cqe.result, max);
}

#define PROGRAM_FIELD(member, wrong)                                                               \
	{                                                                                          \
		offsetof(tdm_program, member), wrong, #member                                      \
	}

TEST_P(Program, EveryWrongFieldIsNamed)
{
	const uint32_t nan = bits(NAN), zero = bits(0), minus = bits(-1), inf = bits(INFINITY);
	const struct {
		size_t offset;
		uint32_t wrong;
		const char *name;
	} fields[] = {
		PROGRAM_FIELD(size, 87),
		PROGRAM_FIELD(size, 0),
		PROGRAM_FIELD(flags, 1),
		PROGRAM_FIELD(n_layers, 0),
		PROGRAM_FIELD(n_layers, 0xffffffff),
		PROGRAM_FIELD(layer_first, 3),
		PROGRAM_FIELD(layer_first, 0xffffffff),
		PROGRAM_FIELD(layer_count, 0),
		PROGRAM_FIELD(layer_count, 4),
		PROGRAM_FIELD(dim, 0),
		PROGRAM_FIELD(dim, 0xffffffff),
		PROGRAM_FIELD(n_heads, 0),
		PROGRAM_FIELD(n_heads, 0xffffffff),
		PROGRAM_FIELD(n_kv_heads, 0),
		PROGRAM_FIELD(n_kv_heads, 3),
		PROGRAM_FIELD(n_kv_heads, 8),
		PROGRAM_FIELD(head_dim, 0),
		PROGRAM_FIELD(head_dim, 7),
		PROGRAM_FIELD(head_dim, 0xfffffffe),
		PROGRAM_FIELD(ffn_dim, 0),
		PROGRAM_FIELD(ffn_dim, 0xffffffff),
		PROGRAM_FIELD(vocab, 0),
		PROGRAM_FIELD(vocab, 0xffffffff),
		PROGRAM_FIELD(ctx_len, 0),
		PROGRAM_FIELD(ctx_len, 0xffffffff),
		PROGRAM_FIELD(rope_dims, 0),
		PROGRAM_FIELD(rope_dims, 3),
		PROGRAM_FIELD(rope_dims, 10),
		PROGRAM_FIELD(rms_eps, nan),
		PROGRAM_FIELD(rms_eps, zero),
		PROGRAM_FIELD(rope_scale, minus),
		PROGRAM_FIELD(rope_scale, inf),
		PROGRAM_FIELD(attn_scale, nan),
		PROGRAM_FIELD(kv_dtype, 2),
		PROGRAM_FIELD(kv_page_tokens, 0),
		PROGRAM_FIELD(kv_page_tokens, 17),
		PROGRAM_FIELD(kv_page_tokens, 272),
		PROGRAM_FIELD(reserved, 1),
		PROGRAM_FIELD(n_tensors, 0),
		PROGRAM_FIELD(n_tensors, 0xffffffff),
	};
	tdm_program good = *m.program();
	for (const auto &f : fields) {
		*m.program() = good;
		*m.memory.at<uint32_t>(f.offset) = f.wrong;
		tdm_cqe cqe = d.run(m.load());
		/* Too many heads for KV or head_dim are seen where they clash. */
		EXPECT_EQ(cqe.status, TDM_ST_BAD_DESC) << f.name << " " << f.wrong;
		if (f.offset != offsetof(tdm_program, n_heads)) {
			EXPECT_EQ(cqe.result, m.memory.dva(f.offset)) << f.name << " " << f.wrong;
		}
	}
	*m.program() = good;
	EXPECT_EQ(d.run(m.load()).result, 0u) << "a failed load took a number";
}

#define TENSOR_FIELD(member, wrong)                                                                \
	{                                                                                          \
		offsetof(tdm_tensor, member), sizeof(tdm_tensor::member), wrong                    \
	}

TEST_P(Program, EveryWrongFieldOfATensorIsNamed)
{
	const struct {
		size_t offset, size;
		uint64_t wrong;
	} fields[] = {
		TENSOR_FIELD(role, 0),		TENSOR_FIELD(role, 5),
		TENSOR_FIELD(role, 99),		TENSOR_FIELD(layer, 77),
		TENSOR_FIELD(dtype, 3),		TENSOR_FIELD(dtype, 0xffffffff),
		TENSOR_FIELD(reserved, 1),	TENSOR_FIELD(rows, 0),
		TENSOR_FIELD(rows, 0xffffffff), TENSOR_FIELD(cols, 31),
		TENSOR_FIELD(cols, 0xfffffff0), TENSOR_FIELD(bytes, 0),
		TENSOR_FIELD(bytes, ~0ULL),
	};
	for (uint32_t i = 0; i < m.n_tensors; i++) {
		tdm_tensor good = *m.tensor(i);
		for (const auto &f : fields) {
			*m.tensor(i) = good;
			std::memcpy(reinterpret_cast<char *>(m.tensor(i)) + f.offset, &f.wrong,
				    f.size);
			tdm_cqe cqe = d.run(m.load());
			ASSERT_EQ(cqe.status, TDM_ST_BAD_DESC) << i << " " << f.offset;
			ASSERT_EQ(cqe.result, m.memory.dva(TinyModel::TABLE +
							   i * sizeof(tdm_tensor) + f.offset));
		}
		*m.tensor(i) = good;
		/* An address that is bad is a fault, and says which. */
		for (uint64_t addr :
		     std::initializer_list<uint64_t>{ 0, good.addr + 4, ~0ULL - 63, 0x123456000 }) {
			m.tensor(i)->addr = addr;
			tdm_cqe cqe = d.run(m.load());
			ASSERT_EQ(cqe.status, TDM_ST_FAULT) << std::hex << addr;
			ASSERT_EQ(cqe.result, addr);
		}
		/* Missing: its entry says what the one before says. */
		*m.tensor(i) = *m.tensor(i ? i - 1 : 1);
		ASSERT_EQ(d.run(m.load()).status, TDM_ST_BAD_DESC) << "twice the same tensor";
		*m.tensor(i) = good;
	}
	tdm_program whole = *m.program();
	m.program()->n_tensors--;
	EXPECT_EQ(d.run(m.load()).result, m.memory.dva(offsetof(tdm_program, n_tensors)));
	*m.program() = whole;
	EXPECT_EQ(d.run(m.load()).status, TDM_ST_OK);
}

/* Weights go away under a loaded program: it faults, and never reads them. */
TEST_P(Program, UnmappedWeightsAreAFault)
{
	auto gone = std::make_unique<TinyModel>(d.dev);
	TinyRun r(d.dev);
	tdm_cqe cqe = d.run(gone->load());
	ASSERT_EQ(cqe.status, TDM_ST_OK);
	uint32_t program = static_cast<uint32_t>(cqe.result);
	r.set(0, 0, 0, { 1, 2, 3 });
	ASSERT_EQ(d.run(r.prefill(program, 1)).status, TDM_ST_OK);
	gone.reset();
	cqe = d.run(r.prefill(program, 1));
	EXPECT_EQ(cqe.status, TDM_ST_FAULT);
	tdm_fault fault{};
	ASSERT_EQ(tdm_device_faults(d.dev, &fault, 1), 1);
	EXPECT_EQ(fault.reason, TDM_FAULT_REVOKED);
}

INSTANTIATE_TEST_SUITE_P(Devices, Program, testing::ValuesIn(tandem_test::DeviceNames()),
			 tandem_test::DeviceTestName);

} // namespace
