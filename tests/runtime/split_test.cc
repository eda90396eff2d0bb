// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

/* GCC 12 sees ghosts in libstdc++'s <regex> when sanitizers are on (GCC bug 105562) */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <cstring>
#include <random>
#include <regex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include "tokenizer/split.h"
}

namespace
{

using Words = std::vector<std::string>;

Words split(const char *name, const std::string &text)
{
	const splitter *s = splitter_find(name, std::strlen(name));
	Words words;

	EXPECT_TRUE(s) << name;
	for (size_t at = 0; s && at < text.size();) {
		size_t n = s->next(s, text.data() + at, text.size() - at);

		EXPECT_GT(n, 0u);
		EXPECT_LE(n, text.size() - at);
		words.push_back(text.substr(at, n));
		at += n;
	}
	return words;
}

/* Matches of @pattern and what lies between them */
Words by_regex(const std::regex &pattern, const std::string &text)
{
	Words words;
	size_t at = 0;

	for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it) {
		size_t from = static_cast<size_t>(it->position());

		if (from > at)
			words.push_back(text.substr(at, from - at));
		words.push_back(it->str());
		at = from + it->str().size();
	}
	if (at < text.size())
		words.push_back(text.substr(at));
	return words;
}

/*
 * The regular expressions as the models publish them (encoder.py of GPT-2,
 * tokenizer.json of Llama 3, Qwen 2 and SmolLM), written for ASCII: \p{L} is
 * [A-Za-z], \p{N} is [0-9], and (?i:) is spelled out.
 */
const char gpt2_ascii[] = "'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+| ?[0-9]+| ?[^\\sA-Za-z0-9]+|"
			  "\\s+(?!\\S)|\\s+";
const char llama3_ascii[] = "'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]|"
			    "[^\\r\\nA-Za-z0-9]?[A-Za-z]+|[0-9]{1,3}| ?[^\\sA-Za-z0-9]+[\\r\\n]*|"
			    "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const char qwen2_ascii[] = "'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]|"
			   "[^\\r\\nA-Za-z0-9]?[A-Za-z]+|[0-9]| ?[^\\sA-Za-z0-9]+[\\r\\n]*|"
			   "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

std::string random_ascii(std::mt19937 &random)
{
	static const char letters[] = "  \t\n\r''stSTrevlLdDmM!.a19";
	std::string text;

	for (unsigned n = 1 + random() % 16; n; n--)
		text += letters[random() % (sizeof(letters) - 1)];
	return text;
}

TEST(TokenizerSplit, EqualsTheRegularExpressions)
{
	const std::regex gpt2(gpt2_ascii), llama3(llama3_ascii), qwen2(qwen2_ascii), digit("[0-9]");
	std::mt19937 random(5);

	for (int i = 0; i < 10000; i++) {
		std::string text = random_ascii(random);
		Words smollm;

		ASSERT_EQ(split("gpt-2", text), by_regex(gpt2, text)) << text;
		ASSERT_EQ(split("llama-bpe", text), by_regex(llama3, text)) << text;
		ASSERT_EQ(split("qwen2", text), by_regex(qwen2, text)) << text;
		/* SmolLM: each digit on its own first, then GPT-2 on what is between */
		for (const std::string &part : by_regex(digit, text))
			for (const std::string &word : by_regex(gpt2, part))
				smollm.push_back(word);
		ASSERT_EQ(split("smollm", text), smollm) << text;
	}
}

TEST(TokenizerSplit, Names)
{
	EXPECT_TRUE(splitter_find("default", 7));
	EXPECT_FALSE(splitter_find("gpt-2x", 6));
	EXPECT_FALSE(splitter_find("gpt", 3));
	EXPECT_FALSE(splitter_find("", 0));
}

/* Classes from the Unicode Character Database, looked up by hand */
TEST(TokenizerSplit, KnowsUnicode)
{
	/* letters of all five kinds: Lu, Ll, Lt (U+01C5), Lm (U+02B0), Lo (U+65E5) */
	EXPECT_EQ(split("gpt-2", "\u00c9\u00e9\u01c5\u02b0\u65e5"),
		  (Words{ "\u00c9\u00e9\u01c5\u02b0\u65e5" }));
	/* numbers of all three: Nd (U+0663), Nl (U+2167), No (U+00B2) */
	EXPECT_EQ(split("gpt-2", "a\u0663\u2167\u00b2b"),
		  (Words{ "a", "\u0663\u2167\u00b2", "b" }));
	EXPECT_EQ(split("qwen2", "\u0663\u2167\u00b2"), (Words{ "\u0663", "\u2167", "\u00b2" }));
	EXPECT_EQ(split("llama-bpe", "12345"), (Words{ "123", "45" }));
	/* white space: NEL, no-break space, ideographic space, line separator */
	EXPECT_EQ(split("gpt-2", "a\u0085\u00a0\u3000\u2028"),
		  (Words{ "a", "\u0085\u00a0\u3000\u2028" }));
	EXPECT_EQ(split("gpt-2", "\u00a0\u3000a"), (Words{ "\u00a0", "\u3000", "a" }));
	/* the zero-width space (Cf) and a combining accent (Mn) are neither */
	EXPECT_EQ(split("gpt-2", "a\u200bb"), (Words{ "a", "\u200b", "b" }));
	EXPECT_EQ(split("gpt-2", "e\u0301"), (Words{ "e", "\u0301" }));
	/* in Llama 3 one such character may stand in front of letters */
	EXPECT_EQ(split("llama-bpe", "\u200bab"), (Words{ "\u200bab" }));
	EXPECT_EQ(split("llama-bpe", "\u00a0ab"), (Words{ "\u00a0ab" }));
	EXPECT_EQ(split("llama-bpe", "\nab"), (Words{ "\n", "ab" }));
	/* U+017F folds to s where case does not matter */
	EXPECT_EQ(split("llama-bpe", "x'\u017fy"), (Words{ "x", "'\u017f", "y" }));
	EXPECT_EQ(split("gpt-2", "x'\u017fy"), (Words{ "x", "'", "\u017fy" }));
	/* an emoji is one word with the space before it */
	EXPECT_EQ(split("gpt-2", "hi \U0001f642\U0001f642!"),
		  (Words{ "hi", " \U0001f642\U0001f642!" }));
}

} // namespace
