/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Commands by hand: a device, a queue, buffers, and a tiny model whose
 * descriptor a test can spoil.
 */
#ifndef TESTS_RUNTIME_COMMAND_FIXTURE_H
#define TESTS_RUNTIME_COMMAND_FIXTURE_H

#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <tandem/buffer.h>
#include <tandem/queue.h>

#include "runtime/device_fixture.h"

constexpr unsigned RW = TDM_ACCESS_READ | TDM_ACCESS_WRITE;

class Buffer
{
public:
	Buffer(tdm_device *dev, uint64_t bytes, unsigned access = RW)
	    : buf_(tdm_buffer_create(dev, TDM_DOMAIN_HOST, bytes, access, nullptr))
	{
		EXPECT_NE(buf_, nullptr);
	}
	~Buffer()
	{
		tdm_buffer_destroy(buf_);
	}
	Buffer(const Buffer &) = delete;
	Buffer &operator=(const Buffer &) = delete;
	uint64_t dva(uint64_t off = 0) const
	{
		return tdm_buffer_dva(buf_) + off;
	}
	template <typename T = uint8_t>
	T *at(uint64_t off = 0) const
	{
		return reinterpret_cast<T *>(static_cast<char *>(tdm_buffer_ptr(buf_)) + off);
	}

private:
	tdm_buffer *buf_;
};

class Device
{
public:
	explicit Device(const char *name) : dev(tdm_device_open(name, nullptr))
	{
		EXPECT_NE(dev, nullptr);
		queue = tdm_queue_create(dev, 64, nullptr);
		EXPECT_NE(queue, nullptr);
	}
	~Device()
	{
		tdm_queue_destroy(queue);
		tdm_device_close(dev);
	}
	Device(const Device &) = delete;
	Device &operator=(const Device &) = delete;

	tdm_cqe run(const tdm_cmd &cmd) const
	{
		tdm_cqe cqe{};
		EXPECT_EQ(tdm_queue_run(queue, &cmd, ~0ULL, &cqe), 0);
		EXPECT_EQ(cqe.cookie, cmd.cookie);
		return cqe;
	}

	tdm_device *dev;
	tdm_queue *queue;
};

inline tdm_cmd command(unsigned opcode)
{
	tdm_cmd cmd{};
	cmd.opcode = static_cast<uint16_t>(opcode);
	cmd.cookie = 0x1234567800000000ULL + opcode;
	return cmd;
}

inline tdm_cmd on_desc(unsigned opcode, uint64_t addr, uint64_t len)
{
	tdm_cmd cmd = command(opcode);
	cmd.desc.addr = addr;
	cmd.desc.len = len;
	return cmd;
}

inline uint32_t bits(float f)
{
	uint32_t u;
	std::memcpy(&u, &f, sizeof(u));
	return u;
}

/* A random F32 model in one buffer: descriptor, tensor table, weights. */
struct TinyModel {
	static constexpr uint32_t DIM = 32, LAYERS = 3, HEADS = 4, KV_HEADS = 2, HEAD_DIM = 8,
				  FFN = 48, VOCAB = 64, CTX = 64, PAGE = 16;
	static constexpr uint64_t PAGE_BYTES = 2ULL * KV_HEADS * PAGE * HEAD_DIM * 2;
	static constexpr uint64_t TABLE = 256, WEIGHTS = 8192;

	explicit TinyModel(tdm_device *dev, uint32_t layer_first = 0, uint32_t layer_count = LAYERS)
	    : memory(dev, 1 << 20)
	{
		tdm_program p{};
		p.size = sizeof(p);
		p.n_layers = LAYERS;
		p.layer_first = layer_first;
		p.layer_count = layer_count;
		p.dim = DIM;
		p.n_heads = HEADS;
		p.n_kv_heads = KV_HEADS;
		p.head_dim = HEAD_DIM;
		p.ffn_dim = FFN;
		p.vocab = VOCAB;
		p.ctx_len = CTX;
		p.rope_dims = HEAD_DIM;
		p.rms_eps = bits(1e-5f);
		p.rope_scale = bits(1);
		p.attn_scale = bits(0.35f);
		p.kv_dtype = TDM_DTYPE_F16;
		p.kv_page_tokens = PAGE;
		p.tensors = memory.dva(TABLE);
		add_tensors(layer_first, layer_count);
		p.n_tensors = n_tensors;
		*program() = p;
	}

	tdm_program *program() const
	{
		return memory.at<tdm_program>();
	}
	tdm_tensor *tensor(uint32_t i) const
	{
		return memory.at<tdm_tensor>(TABLE) + i;
	}
	tdm_cmd load() const
	{
		return on_desc(TDM_OP_PROGRAM_LOAD, memory.dva(), sizeof(tdm_program));
	}

	Buffer memory;
	uint32_t n_tensors = 0;

private:
	/* Values depend on role and layer alone: parts of a model fit together. */
	void add(uint32_t role, uint32_t layer, uint32_t rows, uint32_t cols, float mean,
		 float spread)
	{
		std::mt19937 random(role * 100 + layer);
		uint64_t bytes = 4ULL * rows * cols;
		float *x = memory.at<float>(end);
		for (uint32_t i = 0; i < rows * cols; i++)
			x[i] = mean + spread * (static_cast<float>(random() >> 8) * 0x1p-23f - 1);
		*tensor(n_tensors++) = { role, layer, TDM_DTYPE_F32,   0,
					 rows, cols,  memory.dva(end), bytes };
		end = (end + bytes + 63) / 64 * 64;
	}

	void add_tensors(uint32_t first, uint32_t count)
	{
		add(TDM_TENSOR_ROPE_FREQ, 0, 1, HEAD_DIM / 2, 0.5f, 0.4f);
		add(TDM_TENSOR_TOKEN_EMBD, 0, VOCAB, DIM, 0, 1);
		add(TDM_TENSOR_OUTPUT_NORM, 0, 1, DIM, 1, 0.1f);
		add(TDM_TENSOR_OUTPUT, 0, VOCAB, DIM, 0, 1);
		for (uint32_t l = first; l < first + count; l++) {
			uint32_t q = HEADS * HEAD_DIM, kv = KV_HEADS * HEAD_DIM;
			add(TDM_TENSOR_ATTN_NORM, l, 1, DIM, 1, 0.1f);
			add(TDM_TENSOR_ATTN_Q, l, q, DIM, 0, 0.5f);
			add(TDM_TENSOR_ATTN_K, l, kv, DIM, 0, 0.5f);
			add(TDM_TENSOR_ATTN_V, l, kv, DIM, 0, 0.3f);
			add(TDM_TENSOR_ATTN_OUT, l, DIM, q, 0, 0.3f);
			add(TDM_TENSOR_FFN_NORM, l, 1, DIM, 1, 0.1f);
			add(TDM_TENSOR_FFN_GATE, l, FFN, DIM, 0, 0.3f);
			add(TDM_TENSOR_FFN_UP, l, FFN, DIM, 0, 0.3f);
			add(TDM_TENSOR_FFN_DOWN, l, DIM, FFN, 0, 0.3f);
		}
	}

	uint64_t end = WEIGHTS;
};

/* Descriptors and pages for up to SEQS sequences of TinyModel. */
struct TinyRun {
	static constexpr uint32_t SEQS = 4, BLOCKS = TinyModel::CTX / TinyModel::PAGE;
	static constexpr uint64_t SEQ = 4096, TOKENS = 8192, OUT = 12288, LOGITS = 16384,
				  BLOCK = 20480, MOVE = 24576, ACTS = 28672, TIMES = 40960,
				  WIRE = 65536, PAGES = 131072;

	explicit TinyRun(tdm_device *dev) : memory(dev, 1 << 19)
	{
		uint64_t page = PAGES;
		auto *table = memory.at<uint64_t>(BLOCK);
		for (uint32_t i = 0; i < SEQS * TinyModel::LAYERS * BLOCKS; i++) {
			table[i] = memory.dva(page);
			page += TinyModel::PAGE_BYTES;
		}
	}

	tdm_run *run() const
	{
		return memory.at<tdm_run>();
	}
	tdm_seq *seq(uint32_t i) const
	{
		return memory.at<tdm_seq>(SEQ) + i;
	}
	uint32_t *out(uint32_t i) const
	{
		return memory.at<uint32_t>(OUT) + i;
	}
	float *logits(uint32_t i) const
	{
		return memory.at<float>(LOGITS) + static_cast<size_t>(i) * TinyModel::VOCAB;
	}
	uint64_t page_dva(uint32_t s, uint32_t layer, uint32_t block) const
	{
		return memory.at<uint64_t>(BLOCK)[(s * TinyModel::LAYERS + layer) * BLOCKS + block];
	}

	/* Sequence @i in slot @slot: tokens at positions @pos and on. */
	void set(uint32_t slot, uint32_t i, uint32_t pos, const std::vector<uint32_t> &tokens) const
	{
		tdm_seq s{};
		std::memcpy(memory.at(TOKENS) + 256 * i, tokens.data(), 4 * tokens.size());
		s.blocks = memory.dva(BLOCK + 8ULL * i * TinyModel::LAYERS * BLOCKS);
		s.tokens_in = memory.dva(TOKENS + 256 * i);
		s.tokens_out = memory.dva(OUT + 4 * i);
		s.logits_out = memory.dva(LOGITS + 4ULL * i * TinyModel::VOCAB);
		s.block_stride = BLOCKS;
		s.pos = pos;
		s.n_tokens = static_cast<uint32_t>(tokens.size());
		s.flags = TDM_SEQ_SAMPLE | TDM_SEQ_LOGITS;
		s.top_p = bits(1);
		*seq(slot) = s;
	}

	tdm_cmd prefill(uint32_t program, uint32_t n_seqs, unsigned opcode = TDM_OP_PREFILL) const
	{
		tdm_run r{};
		r.size = sizeof(r);
		r.program = program;
		r.layer_count = TinyModel::LAYERS;
		r.n_seqs = n_seqs;
		r.seqs = memory.dva(SEQ);
		*run() = r;
		return on_desc(opcode, memory.dva(), sizeof(r));
	}

	Buffer memory;
};

#endif /* TESTS_RUNTIME_COMMAND_FIXTURE_H */
