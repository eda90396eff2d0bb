/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * An engine on a model, and what came out of a request.
 */
#ifndef TESTS_E2E_ENGINE_FIXTURE_H
#define TESTS_E2E_ENGINE_FIXTURE_H

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <tandem/engine.h>

#include "support/test_model.h"

struct RunOptions {
	tdm_mode mode = TDM_MODE_SPLIT;
	std::string prefill = "soft:trn2";
	std::string decode = "soft:cs3";
	std::string net = "soft";
	uint32_t chunk = 0;
	uint32_t page = 0;
	uint32_t kv_dtype = TDM_DTYPE_F16;
	uint32_t ctx = 0;
};

struct Request {
	std::vector<uint32_t> prompt;
	uint32_t n = 16;
	float temperature = 0;
	uint32_t top_k = 0;
	float top_p = 1;
	uint64_t seed = 0;
};

struct Outcome {
	int rc = 0;
	std::string error;
	std::vector<uint32_t> tokens;
	tdm_result result{};
	/* K and V of every layer and position, as wire bytes without padding. */
	std::vector<uint8_t> kv;
};

class Model
{
public:
	explicit Model(const std::vector<uint8_t> &gguf) : file_(gguf)
	{
		tdm_error err{};
		model_ = tdm_model_open(file_.path(), &err);
		if (!model_)
			ADD_FAILURE() << err.msg;
	}
	explicit Model(const ModelSpec &spec) : Model(test_model(spec))
	{
	}
	~Model()
	{
		tdm_model_close(model_);
	}
	Model(const Model &) = delete;
	Model &operator=(const Model &) = delete;
	const tdm_model *get() const
	{
		return model_;
	}
	const char *path() const
	{
		return file_.path();
	}

private:
	TempFile file_;
	tdm_model *model_;
};

class Engine
{
public:
	Engine(const Model &model, const RunOptions &o) : info_(*tdm_model_info(model.get()))
	{
		tdm_engine_options opts{};
		opts.size = sizeof(opts);
		opts.mode = o.mode;
		opts.prefill = o.prefill.c_str();
		opts.decode = o.decode.c_str();
		opts.net = o.net.c_str();
		opts.chunk_tokens = o.chunk;
		opts.kv_page_tokens = o.page;
		opts.kv_dtype = o.kv_dtype;
		opts.kv_dtype_set = 1;
		opts.ctx_len = o.ctx;
		page_ = o.page ? o.page : 16;
		elt_ = o.kv_dtype == TDM_DTYPE_F32 ? 4 : 2;
		engine_ = tdm_engine_create(model.get(), &opts, &err_);
	}
	~Engine()
	{
		tdm_engine_destroy(engine_);
	}
	Engine(const Engine &) = delete;
	Engine &operator=(const Engine &) = delete;

	explicit operator bool() const
	{
		return engine_;
	}
	const tdm_error &error() const
	{
		return err_;
	}
	tdm_engine *get() const
	{
		return engine_;
	}

	Outcome run(const Request &r);

private:
	std::vector<uint8_t> dump(uint32_t positions);

	tdm_model_shape info_;
	tdm_error err_{};
	tdm_engine *engine_ = nullptr;
	uint32_t page_, elt_;
};

inline Outcome Engine::run(const Request &r)
{
	Outcome out;
	tdm_request req{};
	tdm_error err{};

	req.prompt = r.prompt.data();
	req.n_prompt = static_cast<uint32_t>(r.prompt.size());
	req.max_new = r.n;
	req.temperature = r.temperature;
	req.top_k = r.top_k;
	req.top_p = r.top_p;
	req.seed = r.seed;
	req.keep_kv = true;
	req.token_ctx = &out.tokens;
	req.token = [](void *ctx, uint32_t token) {
		static_cast<std::vector<uint32_t> *>(ctx)->push_back(token);
		return false;
	};
	out.rc = tdm_engine_run(engine_, &req, &out.result, &err);
	out.error = err.msg;
	if (!out.rc)
		out.kv = dump(req.n_prompt + out.result.n_tokens - 1);
	return out;
}

/* Position by position, so that runs with other pages can be compared. */
inline std::vector<uint8_t> Engine::dump(uint32_t positions)
{
	size_t row = static_cast<size_t>(info_.head_dim) * elt_;
	size_t half = info_.n_kv_heads * page_ * row;
	std::vector<uint8_t> page(2 * half), out;

	for (uint32_t layer = 0; layer < info_.n_layers; layer++)
		for (uint32_t pos = 0; pos < positions; pos++) {
			if (pos % page_ == 0) {
				int n = tdm_engine_kv(engine_, layer, pos / page_, page.data(),
						      page.size());
				EXPECT_EQ(n, static_cast<int>(std::min(page_, positions - pos)));
			}
			for (size_t h = 0; h < 2 * info_.n_kv_heads; h++) {
				const uint8_t *at = page.data() + (h * page_ + pos % page_) * row;
				out.insert(out.end(), at, at + row);
			}
		}
	return out;
}

inline std::vector<uint32_t> some_prompt(uint32_t n, uint32_t vocab)
{
	std::vector<uint32_t> p = { 1 };
	while (p.size() < n)
		p.push_back(static_cast<uint32_t>(3 + (p.size() * 7919 + 13) % (vocab - 3)));
	return p;
}

#endif /* TESTS_E2E_ENGINE_FIXTURE_H */
