// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Files and prompts that mean harm, through the whole of the tool: one line that
 * names the thing and the cure, exit code 1, nothing on standard output.
 */
#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "support/process.h"
#include "support/test_model.h"
#include "support/tier.h"

namespace
{

struct Ran {
	Ended how;
	std::string out, err;
};

Ran generate(const std::string &model, const std::string &prompt)
{
	Launch launch;
	launch.args = { TANDEM_CLI, "generate", "-m", model, "-n", "4", "-p", prompt };
	Process p(launch);
	Ran r;
	r.out = p.read_out();
	r.how = p.wait();
	r.err = p.err();
	return r;
}

/* The style of every error: "tandem: <thing>: <what>; <cure>", one line. */
void expect_refused(const Ran &r)
{
	EXPECT_TRUE(r.how.exited(1)) << r.how.say() << r.err;
	EXPECT_EQ(r.out, "");
	EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
	EXPECT_EQ(r.err.rfind("tandem: ", 0), 0u) << r.err;
	EXPECT_NE(r.err.find("; "), std::string::npos) << r.err;
	for (char c : r.err)
		EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << r.err;
}

ModelSpec small()
{
	ModelSpec s;
	s.layers = 1;
	s.dim = s.ffn = 32;
	return s;
}

/* At each section's edges, one byte to either side, and in the middle of the data. */
TEST(HostileFile, CutAtEverySectionIsRefused)
{
	GgufWriter w = test_model_writer(small());
	std::vector<uint8_t> whole = w.bytes();
	std::vector<size_t> cuts = { 1, 4, 8, 16, 24 };

	for (size_t edge : { w.tensor_infos_offset(), w.data_offset(), whole.size() })
		for (size_t cut : { edge - 1, edge, edge + 1 })
			if (cut < whole.size())
				cuts.push_back(cut);
	cuts.push_back((w.data_offset() + whole.size()) / 2);
	for (size_t cut : cuts) {
		SCOPED_TRACE(cut);
		TempFile file({ whole.begin(), whole.begin() + static_cast<ptrdiff_t>(cut) });
		expect_refused(generate(file.path(), "a"));
	}
	TempFile file(whole);
	EXPECT_TRUE(generate(file.path(), "a").how.exited(0));
}

struct Wrong {
	const char *what;
	std::function<void(GgufWriter &)> spoil;
};

/* Each is added to a model that is right. */
TEST(HostileFile, WhatDoesNotFitIsRefused)
{
	const Wrong wrongs[] = {
		{ "duplicate key", [](GgufWriter &w) { w.add_u32("llama.block_count", 1); } },
		{ "too many keys", [](GgufWriter &w) { w.n_keys = 1ULL << 40; } },
		{ "too many tensors", [](GgufWriter &w) { w.n_tensors = ~0ULL; } },
		{ "unknown value type",
		  [](GgufWriter &w) {
			  w.add_raw("x", 99, { 0, 0, 0, 0 });
		  } },
		{ "duplicate tensor",
		  [](GgufWriter &w) {
			  w.add_tensor_f32("output_norm.weight", { 32 }, std::vector<float>(32));
		  } },
		{ "overlap", [](GgufWriter &w) { w.add_tensor_at("x", 0, { 8 }, 0); } },
		{ "misaligned", [](GgufWriter &w) { w.add_tensor_at("x", 0, { 8 }, 12); } },
		{ "out of the file",
		  [](GgufWriter &w) { w.add_tensor_at("x", 0, { 8 }, 1 << 30); } },
		{ "eot out of range",
		  [](GgufWriter &w) { w.add_u32("tokenizer.ggml.eot_token_id", 300); } },
		{ "a word that is a number",
		  [](GgufWriter &w) { w.add_u32("tokenizer.ggml.add_bos_token", 1); } },
		{ "scaling of a wrong type",
		  [](GgufWriter &w) { w.add_u32("llama.rope.scaling.type", 1); } },
		{ "an unknown scaling",
		  [](GgufWriter &w) { w.add_str("llama.rope.scaling.type", "\x1b[2J"); } },
	};

	for (const Wrong &wrong : wrongs) {
		SCOPED_TRACE(wrong.what);
		GgufWriter w = test_model_writer(small());
		wrong.spoil(w);
		TempFile file(w.bytes());
		expect_refused(generate(file.path(), "a"));
	}
}

TEST(HostilePrompt, WhatIsNotUtf8IsRefusedAndNotEchoed)
{
	TempFile model(test_model(small()));

	for (const char *prompt : { "\xff", "a\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
				    "a\xe2\x82", "\x1b[2J\xfe" })
		expect_refused(generate(model.path(), prompt));
}

/* As long as the kernel lets an argument be. */
TEST(HostilePrompt, TooLongForTheContextIsRefused)
{
	TempFile model(test_model(small()));

	expect_refused(generate(model.path(), std::string(100000, 'x')));
}

TEST(HostilePrompt, TextThatSpellsControlTokensIsText)
{
	TempFile model(test_model(small()));
	Launch launch;
	launch.args = { TANDEM_CLI, "generate", "-m", model.path(), "-n",
			"1",	    "--json",	"-p", "<s></s>" };
	Process p(launch);
	std::string json = p.read_out();
	ASSERT_TRUE(p.wait().exited(0)) << p.err();
	/* BOS, the space in front of a text, as three bytes, and seven; not BOS, <s> and </s>. */
	EXPECT_NE(json.find("\"prompt_tokens\":11,"), std::string::npos) << json;
}

} // namespace
