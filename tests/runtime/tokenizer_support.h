/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Vocabularies for the tokenizer's tests, and a tokenizer made from them.
 */
#ifndef TESTS_RUNTIME_TOKENIZER_SUPPORT_H
#define TESTS_RUNTIME_TOKENIZER_SUPPORT_H

#include <tandem/tokenizer.h>

#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/gguf_writer.h"

inline std::string replaced(std::string text, const std::string &what, const std::string &with)
{
	for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
		text.replace(at, what.size(), with);
	return text;
}

/* Valid UTF-8 cut into characters */
inline std::vector<std::string> characters(const std::string &text)
{
	std::vector<std::string> out;

	for (char c : text) {
		if (out.empty() || (static_cast<unsigned char>(c) & 0xc0) != 0x80)
			out.emplace_back();
		out.back() += c;
	}
	return out;
}

inline std::string text_of(const std::vector<std::string> &letters, size_t n, std::mt19937 &random)
{
	std::string text;

	while (n--)
		text += letters[random() % letters.size()];
	return text;
}

/* The text that a stream makes of @bytes when they come @step at a time */
inline std::string stream_all(const std::string &bytes, size_t step)
{
	tdm_utf8_stream s = {};
	std::string all;
	char end[3];

	for (size_t at = 0; at < bytes.size(); at += step) {
		std::string in = bytes.substr(at, step);
		std::unique_ptr<char[]> out(new char[TDM_UTF8_STREAM_ROOM(in.size())]);

		all.append(out.get(), tdm_utf8_stream_push(&s, in.data(), in.size(), out.get()));
	}
	all.append(end, tdm_utf8_stream_end(&s, end));
	return all;
}

/* Kind "llama": 0 <unk>, 1 <s>, 2 </s>, 3 to 258 the bytes, then what is added */
struct SpmVocab {
	std::vector<std::string> tokens;
	std::vector<float> scores;
	std::vector<int32_t> types;
	std::map<std::string, uint32_t> by_text; /* normal ones */
	bool with_types = true, with_scores = true;
	GgufWriter extra; /* more keys */

	SpmVocab()
	{
		add("<unk>", 0, TDM_TOKEN_UNKNOWN);
		add("<s>", 0, TDM_TOKEN_CONTROL);
		add("</s>", 0, TDM_TOKEN_CONTROL);
		for (int i = 0; i < 256; i++) {
			char name[8];
			std::snprintf(name, sizeof(name), "<0x%02X>", static_cast<unsigned>(i));
			add(name, 0, TDM_TOKEN_BYTE);
		}
	}

	void clear()
	{
		tokens.clear();
		scores.clear();
		types.clear();
		by_text.clear();
	}

	void add(const std::string &text, float score, int type = TDM_TOKEN_NORMAL)
	{
		if (type == TDM_TOKEN_NORMAL)
			by_text.emplace(text, tokens.size());
		tokens.push_back(text);
		scores.push_back(score);
		types.push_back(type);
	}

	std::vector<uint8_t> bytes() const
	{
		GgufWriter w = extra;

		w.add_str("tokenizer.ggml.model", "llama");
		w.add_arr_str("tokenizer.ggml.tokens", tokens);
		if (with_scores)
			w.add_arr_f32("tokenizer.ggml.scores", scores);
		if (with_types)
			w.add_arr_i32("tokenizer.ggml.token_type", types);
		return w.bytes();
	}
};

/* Kind "gpt2": 0 to 255 the bytes, then what is added */
struct BpeVocab {
	std::string pre;
	std::vector<std::string> tokens;
	std::vector<int32_t> types;
	std::vector<std::string> merges;
	std::map<std::string, uint32_t> by_bytes;
	std::map<std::pair<std::string, std::string>, size_t> ranks;
	bool with_merges = true;
	GgufWriter extra;

	explicit BpeVocab(std::string splitter) : pre(std::move(splitter))
	{
		for (int i = 0; i < 256; i++)
			add(std::string(1, static_cast<char>(i)));
	}

	/* GPT-2 writes bytes that cannot be seen as the characters from U+0100 on */
	static std::string alphabet(const std::string &bytes)
	{
		std::string out;

		for (char c : bytes) {
			unsigned byte = static_cast<unsigned char>(c), hidden = 0;
			auto seen = [](unsigned b) {
				return (b > 0x20 && b < 0x7f) || (b > 0xa0 && b != 0xad);
			};
			for (unsigned b = 0; b < byte; b++)
				hidden += !seen(b);
			unsigned cp = seen(byte) ? byte : 0x100 + hidden;
			if (cp < 0x80) {
				out += static_cast<char>(cp);
			} else {
				out += static_cast<char>(0xc0 | cp >> 6);
				out += static_cast<char>(0x80 | (cp & 0x3f));
			}
		}
		return out;
	}

	/* @bytes for a normal token, the text as it is for others */
	uint32_t add(const std::string &bytes, int type = TDM_TOKEN_NORMAL)
	{
		uint32_t id = static_cast<uint32_t>(tokens.size());

		by_bytes.emplace(bytes, id);
		tokens.push_back(type == TDM_TOKEN_NORMAL ? alphabet(bytes) : bytes);
		types.push_back(type);
		return id;
	}

	/* The token of the two together, made if there is none yet */
	uint32_t merge(const std::string &left, const std::string &right)
	{
		auto it = by_bytes.find(left + right);

		ranks.emplace(std::make_pair(left, right), merges.size());
		merges.push_back(alphabet(left) + " " + alphabet(right));
		return it != by_bytes.end() ? it->second : add(left + right);
	}

	std::vector<uint8_t> bytes() const
	{
		GgufWriter w = extra;

		w.add_str("tokenizer.ggml.model", "gpt2");
		w.add_str("tokenizer.ggml.pre", pre);
		w.add_arr_str("tokenizer.ggml.tokens", tokens);
		w.add_arr_i32("tokenizer.ggml.token_type", types);
		if (with_merges)
			w.add_arr_str("tokenizer.ggml.merges", merges);
		return w.bytes();
	}
};

/* A tokenizer with the file that it looks into; false if it was refused */
class Tokenizer
{
public:
	tdm_error err = {};

	explicit Tokenizer(const std::vector<uint8_t> &bytes)
	    : memory_(new uint8_t[bytes.size()]), gguf_(nullptr, tdm_gguf_close),
	      tokenizer_(nullptr, tdm_tokenizer_destroy)
	{
		std::copy(bytes.begin(), bytes.end(), memory_.get());
		gguf_.reset(tdm_gguf_from_memory(memory_.get(), bytes.size(), "t.gguf", &err));
		if (gguf_)
			tokenizer_.reset(tdm_tokenizer_create(gguf_.get(), &err));
	}

	explicit operator bool() const
	{
		return tokenizer_ != nullptr;
	}

	const tdm_tokenizer *get() const
	{
		return tokenizer_.get();
	}

	std::vector<uint32_t> encode(const std::string &text, unsigned flags = 0)
	{
		std::vector<uint32_t> ids(tdm_tokenizer_bound(get(), text.size()));
		int64_t n = tdm_tokenizer_encode(get(), text.data(), text.size(), flags, ids.data(),
						 ids.size(), &err);

		EXPECT_GE(n, 0) << err.msg;
		ids.resize(n < 0 ? 0 : static_cast<size_t>(n));
		return ids;
	}

	int64_t error(const std::string &text)
	{
		std::vector<uint32_t> ids(tdm_tokenizer_bound(get(), text.size()));

		return tdm_tokenizer_encode(get(), text.data(), text.size(), 0, ids.data(),
					    ids.size(), &err);
	}

	std::string decode(uint32_t id, unsigned flags = 0) const
	{
		std::string out(tdm_tokenizer_max_piece(get()), '?');
		int64_t n = tdm_tokenizer_decode(get(), id, flags, out.data(), out.size());

		EXPECT_GE(n, 0);
		out.resize(n < 0 ? 0 : static_cast<size_t>(n));
		return out;
	}

	/* As the begin of a text */
	std::string decode(const std::vector<uint32_t> &ids) const
	{
		std::string out;

		for (size_t i = 0; i < ids.size(); i++)
			out += decode(ids[i], i ? 0u : unsigned(TDM_DECODE_FIRST));
		return out;
	}

private:
	std::unique_ptr<uint8_t[]> memory_;
	std::unique_ptr<tdm_gguf, void (*)(tdm_gguf *)> gguf_;
	std::unique_ptr<tdm_tokenizer, void (*)(tdm_tokenizer *)> tokenizer_;
};

#endif /* TESTS_RUNTIME_TOKENIZER_SUPPORT_H */
