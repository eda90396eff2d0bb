// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <tandem/tokenizer.h>

#include <cerrno>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "runtime/tokenizer_support.h"

namespace
{

using Ids = std::vector<uint32_t>;

const unsigned special = TDM_ENCODE_ADD_SPECIAL;
const unsigned parse = TDM_ENCODE_PARSE_SPECIAL;

/*
 * A vocabulary small enough to follow by hand. Pieces begin at 259:
 * 0 <unk>, 1 <s>, 2 </s>, 3 to 258 the bytes.
 */
enum : uint32_t { SP = 259, A, B, C, AB, BC, SP_A, ABC };

SpmVocab hand_vocab()
{
	SpmVocab v;

	v.add("\u2581", -9);
	v.add("a", -10);
	v.add("b", -11);
	v.add("c", -12);
	v.add("ab", -2);
	v.add("bc", -1);
	v.add("\u2581a", -3);
	v.add("abc", -4);
	return v;
}

TEST(Spm, MergesTheHighestScoreFirst)
{
	Tokenizer t(hand_vocab().bytes());

	ASSERT_TRUE(t) << t.err.msg;
	EXPECT_STREQ(tdm_tokenizer_kind(t.get()), "llama");
	EXPECT_EQ(tdm_tokenizer_vocab_size(t.get()), 267u);
	/*
	 * _ a b c: bc (-1) before ab (-2) and _a (-3); then _ a bc: _a (-3)
	 * before abc (-4); _a and bc make no token.
	 */
	EXPECT_EQ(t.encode("abc"), (Ids{ SP_A, BC }));
	/* _ a b: ab (-2) before _a (-3); _ab is no token */
	EXPECT_EQ(t.encode("ab"), (Ids{ SP, AB }));
	/* _ a a b: ab (-2), then _a (-3) */
	EXPECT_EQ(t.encode("aab"), (Ids{ SP_A, AB }));
	/* _ b a b c: bc, then nothing: ba, abc needs a before bc: a bc is abc (-4) */
	EXPECT_EQ(t.encode("babc"), (Ids{ SP, B, ABC }));
	/* a space in the text is the same mark as the one in front */
	EXPECT_EQ(t.encode("a a"), (Ids{ SP_A, SP_A }));
	EXPECT_EQ(t.encode("a  a"), (Ids{ SP_A, SP, SP_A }));
	/* no token for the character: its bytes C3 A9, at 3 + byte */
	EXPECT_EQ(t.encode("\u00e9"), (Ids{ SP, 3 + 0xc3, 3 + 0xa9 }));
	EXPECT_EQ(t.encode(""), Ids{});
	EXPECT_EQ(t.encode(" "), (Ids{ SP, SP }));
}

TEST(Spm, PrefersTheLeftOfEqualScores)
{
	SpmVocab v;

	v.add("\u2581", -1);
	v.add("a", -1);
	v.add("aa", -1);
	v.add("b", -1);
	v.add("ba", -1);
	Tokenizer t(v.bytes());
	ASSERT_TRUE(t) << t.err.msg;
	/* aa at the left, so that the third a stays alone */
	EXPECT_EQ(t.encode("aaa"), (Ids{ 259, 261, 260 }));
	/* b a a: ba (left) and not aa */
	EXPECT_EQ(t.encode("baa"), (Ids{ 259, 263, 260 }));
}

TEST(Spm, AddsWhatTheModelSays)
{
	SpmVocab v = hand_vocab();
	Tokenizer plain(v.bytes());

	EXPECT_EQ(plain.encode("ab", special), (Ids{ 1, SP, AB }));
	EXPECT_EQ(plain.encode("", special), (Ids{ 1 }));
	EXPECT_EQ(tdm_tokenizer_bos(plain.get()), 1u);
	EXPECT_EQ(tdm_tokenizer_eos(plain.get()), 2u);
	EXPECT_EQ(tdm_tokenizer_eot(plain.get()), TDM_TOKEN_NONE);

	v.extra.add_bool("tokenizer.ggml.add_bos_token", false);
	v.extra.add_bool("tokenizer.ggml.add_eos_token", true);
	v.extra.add_bool("tokenizer.ggml.add_space_prefix", false);
	Tokenizer other(v.bytes());
	ASSERT_TRUE(other) << other.err.msg;
	/* a b c: bc (-1), then a bc: abc (-4) */
	EXPECT_EQ(other.encode("abc", special), (Ids{ ABC, 2 }));
	EXPECT_EQ(other.encode("abc"), (Ids{ ABC }));
}

TEST(Spm, TextCannotBecomeAControlToken)
{
	SpmVocab v = hand_vocab();

	/* pieces that would merge to "<s>" if control tokens took part in merging */
	v.add("<", -5);
	v.add("s", -5);
	v.add(">", -5);
	v.add("<s", -4);
	Tokenizer t(v.bytes());
	ASSERT_TRUE(t) << t.err.msg;
	EXPECT_EQ(t.encode("<s>"), (Ids{ SP, 270, 269 }));
	EXPECT_EQ(t.encode("<s>", parse), (Ids{ 1 }));
	/* behind a whole token the text starts anew, with its space in front */
	EXPECT_EQ(t.encode("<s>ab</s>", parse), (Ids{ 1, SP, AB, 2 }));
	EXPECT_EQ(t.encode("ab<s>ab", parse), (Ids{ SP, AB, 1, SP, AB }));
	EXPECT_EQ(t.encode("<unk>"), t.encode("<unk>", parse)) << "unknown is never read";
	/* a byte token's spelling is plain text */
	for (uint32_t id : t.encode("<0x41>"))
		EXPECT_NE(id, 3u + 0x41);
}

TEST(Spm, UserDefinedTokensAreMatchedWholeAndLongestFirst)
{
	SpmVocab v = hand_vocab();

	v.add("[x]", 0, TDM_TOKEN_USER_DEFINED);    /* 267 */
	v.add("[x][y]", 0, TDM_TOKEN_USER_DEFINED); /* 268 */
	v.add("[x][y][z]", 0, TDM_TOKEN_CONTROL);   /* 269 */
	v.add("b", 0, TDM_TOKEN_UNUSED);	    /* 270, must never come out */
	Tokenizer t(v.bytes());
	ASSERT_TRUE(t) << t.err.msg;
	EXPECT_EQ(t.encode("[x]"), (Ids{ 267 }));
	EXPECT_EQ(t.encode("[x][x][y]"), (Ids{ 267, 268 }));
	EXPECT_EQ(t.encode("[x][y][z]").front(), 268u);
	EXPECT_EQ(t.encode("[x][y][z]", parse), (Ids{ 269 }));
	EXPECT_EQ(t.encode("b[x]b"), (Ids{ SP, B, 267, SP, B }));
}

TEST(Spm, DecodesPieceByPiece)
{
	SpmVocab v = hand_vocab();

	v.add("[x]", 0, TDM_TOKEN_USER_DEFINED);
	Tokenizer t(v.bytes());
	ASSERT_TRUE(t) << t.err.msg;
	EXPECT_EQ(t.decode(SP_A), " a");
	EXPECT_EQ(t.decode(SP_A, TDM_DECODE_FIRST), "a");
	EXPECT_EQ(t.decode(SP, TDM_DECODE_FIRST), "");
	EXPECT_EQ(t.decode(AB, TDM_DECODE_FIRST), "ab");
	EXPECT_EQ(t.decode(3 + 0xe2), "\xe2");
	EXPECT_EQ(t.decode(3), std::string(1, '\0'));
	EXPECT_EQ(t.decode(267), "[x]");
	EXPECT_EQ(t.decode(1), "");
	EXPECT_EQ(t.decode(1, TDM_DECODE_SPECIAL), "<s>");
	EXPECT_EQ(t.decode(0), "");

	char out[2];
	EXPECT_EQ(tdm_tokenizer_decode(t.get(), 268, 0, out, sizeof(out)), -ERANGE);
	EXPECT_EQ(tdm_tokenizer_decode(t.get(), TDM_TOKEN_NONE, 0, out, sizeof(out)), -ERANGE);
	EXPECT_EQ(tdm_tokenizer_decode(t.get(), ABC, 0, out, sizeof(out)), -ENOBUFS);
	EXPECT_EQ(tdm_tokenizer_token_type(t.get(), 268), 0);
	EXPECT_EQ(tdm_tokenizer_token_text(t.get(), 268).len, 0u);
	EXPECT_EQ(tdm_tokenizer_token_type(t.get(), 3), TDM_TOKEN_BYTE);
	EXPECT_GE(tdm_tokenizer_max_piece(t.get()), 6u);
}

/* The definition, step by step: look at all pairs, merge the best, again */
Ids brute_spm(const SpmVocab &v, const std::string &text)
{
	std::vector<std::string> parts;
	Ids ids;

	for (const std::string &c : characters("\u2581" + replaced(text, " ", "\u2581")))
		parts.push_back(c);
	for (;;) {
		float best = -std::numeric_limits<float>::infinity();
		size_t where = parts.size();

		for (size_t i = 0; i + 1 < parts.size(); i++) {
			auto it = v.by_text.find(parts[i] + parts[i + 1]);
			if (it != v.by_text.end() && v.scores[it->second] > best) {
				best = v.scores[it->second];
				where = i;
			}
		}
		if (where == parts.size())
			break;
		parts[where] += parts[where + 1];
		parts.erase(parts.begin() + static_cast<ptrdiff_t>(where) + 1);
	}
	for (const std::string &part : parts) {
		auto it = v.by_text.find(part);
		if (it != v.by_text.end())
			ids.push_back(it->second);
		else
			for (char c : part)
				ids.push_back(3 + static_cast<unsigned char>(c));
	}
	return ids;
}

TEST(Spm, EqualsTheBruteForceDefinition)
{
	const std::vector<std::string> letters = { "a", "b", "\u2581", "\u00e9", "\u65e5" };
	const std::vector<std::string> chars = { "a", "b", " ", "\u00e9", "\u65e5", "\u2581", "z" };
	std::mt19937 random(1);

	for (int round = 0; round < 300; round++) {
		SpmVocab v;

		v.add("\u2581", -7);
		for (unsigned n = 4 + random() % 40; n; n--) {
			std::string piece = text_of(letters, 1 + random() % 5, random);
			/* few different scores, so that many are equal */
			if (!v.by_text.count(piece))
				v.add(piece, -static_cast<float>(random() % 6));
		}
		Tokenizer t(v.bytes());
		ASSERT_TRUE(t) << t.err.msg;
		for (int i = 0; i < 20; i++) {
			std::string text = text_of(chars, 1 + random() % 30, random);
			Ids ids = t.encode(text);

			ASSERT_EQ(ids, brute_spm(v, text)) << text << " in round " << round;
			ASSERT_LE(ids.size(), tdm_tokenizer_bound(t.get(), text.size()));
			ASSERT_EQ(t.decode(ids), replaced(text, "\u2581", " "));
		}
	}
}

TEST(Spm, FilesWithoutTypesGoByTheSpelling)
{
	SpmVocab v = hand_vocab();

	v.with_types = false;
	Tokenizer t(v.bytes());
	ASSERT_TRUE(t) << t.err.msg;
	EXPECT_EQ(t.encode("abc\u00e9"), (Ids{ SP_A, BC, 3 + 0xc3, 3 + 0xa9 }));
	EXPECT_EQ(t.decode(3 + 0xc3), "\xc3");
	EXPECT_EQ(t.decode(1), "") << "BOS is a control token by its id";
	EXPECT_EQ(t.encode("</s>", parse), (Ids{ 2 }));
}

TEST(Spm, UnknownCharactersNeedBytesOrAnUnknownToken)
{
	SpmVocab v;

	v.clear();
	v.add("<unk>", 0, TDM_TOKEN_UNKNOWN);
	v.add("<s>", 0, TDM_TOKEN_CONTROL);
	v.add("\u2581", 0);
	Tokenizer t(v.bytes());
	ASSERT_TRUE(t) << t.err.msg;
	EXPECT_EQ(t.encode("x"), (Ids{ 2, 0 }));
	v.extra.add_u32("tokenizer.ggml.unknown_token_id", 0xffffffff);
	Tokenizer none(v.bytes());
	ASSERT_TRUE(none) << none.err.msg;
	EXPECT_EQ(none.error("x"), -EOPNOTSUPP);
	EXPECT_STREQ(none.err.msg,
		     "t.gguf: the vocabulary has no token for byte 0x78 and no unknown "
		     "token; leave such characters out of the text");
}

/*
 * Byte-level BPE to follow by hand: ids 0 to 255 are the bytes, in order; the
 * merges' results follow in the order of the list.
 */
TEST(Bpe, MergesInTheOrderOfTheList)
{
	BpeVocab v("gpt-2");

	uint32_t bc = v.merge("b", "c");
	uint32_t ab = v.merge("a", "b");
	uint32_t abc = v.merge("a", "bc");
	uint32_t sp_a = v.merge(" ", "a");
	Tokenizer t(v.bytes());
	ASSERT_TRUE(t) << t.err.msg;
	EXPECT_STREQ(tdm_tokenizer_kind(t.get()), "gpt2");
	/* a b c: (b c) comes first, then (a bc) */
	EXPECT_EQ(t.encode("abc"), (Ids{ abc }));
	EXPECT_EQ(t.encode("ab"), (Ids{ ab }));
	EXPECT_EQ(t.encode("abab"), (Ids{ ab, ab }));
	EXPECT_EQ(t.encode("bcb"), (Ids{ bc, 'b' }));
	/* " abc": (b c), then (a bc) before (space a) */
	EXPECT_EQ(t.encode(" abc"), (Ids{ ' ', abc }));
	EXPECT_EQ(t.encode(" a"), (Ids{ sp_a }));
	EXPECT_EQ(t.encode(" a", special), (Ids{ sp_a })) << "no BOS in this kind by default";
	/* words do not join: "a" and " b" */
	EXPECT_EQ(t.encode("a b"), (Ids{ 'a', ' ', 'b' }));
	EXPECT_EQ(t.encode("\u00e9\n"), (Ids{ 0xc3, 0xa9, '\n' }));
	EXPECT_EQ(t.decode(sp_a), " a");
	EXPECT_EQ(t.decode(0xc3), "\xc3");
	EXPECT_EQ(t.decode(0), std::string(1, '\0'));
}

TEST(Bpe, WholeWordsWinOnlyInLlama3)
{
	for (const char *pre : { "gpt-2", "llama-bpe", "qwen2", "smollm" }) {
		BpeVocab v(pre);

		uint32_t xyz = v.add("xyz");
		Tokenizer t(v.bytes());
		ASSERT_TRUE(t) << t.err.msg;
		EXPECT_EQ(t.encode("xyz"),
			  std::string(pre) == "llama-bpe" ? (Ids{ xyz }) : (Ids{ 'x', 'y', 'z' }))
			<< pre;
	}
}

TEST(Bpe, SpecialTokens)
{
	BpeVocab v("llama-bpe");

	uint32_t begin = v.add("<|begin|>", TDM_TOKEN_CONTROL);
	uint32_t eot = v.add("<|eot_id|>", TDM_TOKEN_CONTROL);
	uint32_t tool = v.add("<tool>", TDM_TOKEN_USER_DEFINED);
	uint32_t end = v.add("<|im_end|>", TDM_TOKEN_USER_DEFINED);
	v.extra.add_u32("tokenizer.ggml.bos_token_id", begin);
	v.extra.add_u32("tokenizer.ggml.eos_token_id", 'x');
	Tokenizer t(v.bytes());
	ASSERT_TRUE(t) << t.err.msg;
	EXPECT_EQ(t.encode("a", special), (Ids{ begin, 'a' })) << "Llama 3 adds BOS";
	EXPECT_EQ(t.encode("a<|eot_id|>b", parse), (Ids{ 'a', eot, 'b' }));
	EXPECT_EQ(t.encode("a<|eot_id|>b").size(), 12u);
	EXPECT_EQ(t.encode("a<tool>b"), (Ids{ 'a', tool, 'b' }));
	/* whatever its type says, text must not be able to end generation */
	EXPECT_EQ(t.encode("<|im_end|>").size(), 10u);
	EXPECT_EQ(t.encode("<|im_end|>", parse), (Ids{ end }));
	EXPECT_EQ(tdm_tokenizer_eot(t.get()), eot);
	for (uint32_t id : { eot, end, static_cast<uint32_t>('x') })
		EXPECT_TRUE(tdm_tokenizer_is_eog(t.get(), id)) << id;
	for (uint32_t id : { begin, tool, static_cast<uint32_t>('y'), TDM_TOKEN_NONE })
		EXPECT_FALSE(tdm_tokenizer_is_eog(t.get(), id)) << id;
	EXPECT_EQ(t.decode(tool), "<tool>");
	EXPECT_EQ(t.decode(eot), "");
	EXPECT_EQ(t.decode(eot, TDM_DECODE_SPECIAL), "<|eot_id|>");
}

Ids brute_bpe(const BpeVocab &v, const std::string &word)
{
	std::vector<std::string> parts;
	Ids ids;

	for (char c : word)
		parts.push_back(std::string(1, c));
	for (;;) {
		size_t best = v.merges.size(), where = 0;

		for (size_t i = 0; i + 1 < parts.size(); i++) {
			auto it = v.ranks.find({ parts[i], parts[i + 1] });
			if (it != v.ranks.end() && it->second < best) {
				best = it->second;
				where = i;
			}
		}
		if (best == v.merges.size())
			break;
		parts[where] += parts[where + 1];
		parts.erase(parts.begin() + static_cast<ptrdiff_t>(where) + 1);
	}
	for (const std::string &part : parts)
		ids.push_back(v.by_bytes.at(part));
	return ids;
}

TEST(Bpe, EqualsTheBruteForceDefinition)
{
	std::mt19937 random(2);

	for (int round = 0; round < 300; round++) {
		BpeVocab v("gpt-2");
		std::vector<std::string> pieces = { "a", "b", "c" };

		for (unsigned n = 2 + random() % 40; n; n--) {
			std::string left = pieces[random() % pieces.size()];
			std::string right = pieces[random() % pieces.size()];

			/* the same text may be reached by two merges; a pair is listed once */
			if (left.size() + right.size() > 12 || v.ranks.count({ left, right }))
				continue;
			v.merge(left, right);
			pieces.push_back(left + right);
		}
		Tokenizer t(v.bytes());
		ASSERT_TRUE(t) << t.err.msg;
		for (int i = 0; i < 20; i++) {
			std::string word = text_of({ "a", "b", "c" }, 1 + random() % 40, random);

			ASSERT_EQ(t.encode(word), brute_bpe(v, word)) << word;
			ASSERT_EQ(t.decode(t.encode(word)), word);
		}
	}
}

/* U+FFFD for each maximal part of a character: the example of Unicode, table 3-8 */
TEST(Utf8Stream, ReplacesAsUnicodeRecommends)
{
	EXPECT_EQ(stream_all("a\xf1\x80\x80\xe1\x80\xc2"
			     "b\x80"
			     "c\x80\xbf"
			     "d",
			     1),
		  "a\ufffd\ufffd\ufffdb\ufffdc\ufffd\ufffdd");
	/* overlong forms, a surrogate, beyond the end: every byte on its own (table 3-7) */
	EXPECT_EQ(stream_all("\xc0\xaf", 1), "\ufffd\ufffd");
	EXPECT_EQ(stream_all("\xe0\x80\x80", 1), "\ufffd\ufffd\ufffd");
	EXPECT_EQ(stream_all("\xed\xa0\x80", 1), "\ufffd\ufffd\ufffd");
	EXPECT_EQ(stream_all("\xf4\x90\x80\x80", 1), "\ufffd\ufffd\ufffd\ufffd");
	EXPECT_EQ(stream_all("\xf5\xff", 1), "\ufffd\ufffd");
	/* cut off at the end: one for the whole front */
	EXPECT_EQ(stream_all("x\xf0\x9f\x99", 2), "x\ufffd");
}

TEST(Utf8Stream, NeverGivesHalfACharacter)
{
	const std::string text = "a\u00e9\u65e5\U0001f642z\U0010ffff\ue000";

	for (size_t step = 1; step <= text.size(); step++)
		EXPECT_EQ(stream_all(text, step), text);
	tdm_utf8_stream s = {};
	char out[TDM_UTF8_STREAM_ROOM(2)];
	EXPECT_EQ(tdm_utf8_stream_push(&s, "\xf0\x9f", 2, out), 0u);
	EXPECT_EQ(tdm_utf8_stream_push(&s, "\x99", 1, out), 0u);
	ASSERT_EQ(tdm_utf8_stream_push(&s, "\x82", 1, out), 4u);
	EXPECT_EQ(std::string(out, 4), "\U0001f642");
	EXPECT_EQ(tdm_utf8_stream_end(&s, out), 0u);
}

TEST(Utf8Stream, StaysInsideItsRoomWhateverComes)
{
	std::mt19937 random(3);

	for (int round = 0; round < 20000; round++) {
		tdm_utf8_stream s = {};

		for (int n = 0; n < 4; n++) {
			std::string in;
			for (unsigned k = random() % 6; k; k--)
				in += "\x41\x80\xbf\xc3\xe2\xed\xf0\xf4\xff"[random() % 9];
			std::unique_ptr<char[]> out(new char[TDM_UTF8_STREAM_ROOM(in.size())]);
			ASSERT_LE(tdm_utf8_stream_push(&s, in.data(), in.size(), out.get()),
				  TDM_UTF8_STREAM_ROOM(in.size()));
			ASSERT_LE(s.n_held, 3u);
		}
	}
}

TEST(TokenizerEncode, RefusesWhatIsNotUtf8)
{
	Tokenizer t(hand_vocab().bytes());
	const struct {
		std::string text;
		const char *offset;
	} bad[] = {
		{ "ab\xff", "byte offset 2 (0xff)" },
		{ "\xc0\xaf", "byte offset 0 (0xc0)" },
		{ "a\xe2\x96", "byte offset 1 (0xe2)" },
		{ "\xed\xa0\x80", "byte offset 0 (0xed)" },
		{ std::string(100, 'a') + "\x80" + std::string(100, 'a'),
		  "byte offset 100 (0x80)" },
	};

	for (const auto &b : bad) {
		EXPECT_EQ(t.error(b.text), -EILSEQ);
		EXPECT_NE(std::string(t.err.msg).find(b.offset), std::string::npos) << t.err.msg;
	}
	EXPECT_EQ(t.encode(std::string("a\0b", 3)).size(), 3u) << "NUL is a character";
}

TEST(TokenizerEncode, SaysHowMuchRoomIsMissing)
{
	Tokenizer t(hand_vocab().bytes());
	uint32_t ids[3] = { 7, 7, 7 };

	EXPECT_EQ(tdm_tokenizer_encode(t.get(), "ab", 2, special, ids, 2, &t.err), -ENOBUFS);
	EXPECT_STREQ(t.err.msg, "text: becomes 3 tokens, there is room for 2; give more room or "
				"shorten the text");
	EXPECT_EQ(ids[2], 7u) << "written behind the array";
	EXPECT_EQ(tdm_tokenizer_encode(t.get(), "ab", 2, special, nullptr, 0, nullptr), -ENOBUFS);
	EXPECT_EQ(tdm_tokenizer_encode(t.get(), "ab", 2, special, ids, 3, nullptr), 3);
	EXPECT_EQ(tdm_tokenizer_encode(t.get(), "ab", 2, 1u << 31, ids, 3, &t.err), -EINVAL);
	EXPECT_EQ(tdm_tokenizer_encode(t.get(), "", size_t(TDM_TEXT_MAX) + 1, 0, ids, 3, &t.err),
		  -EFBIG);
}

TEST(TokenizerEncode, TakesTenMebibytes)
{
	const size_t size = 10 << 20;
	std::string mixed, run(size / 5, 'a');
	SpmVocab v = hand_vocab();
	BpeVocab b("llama-bpe");

	while (mixed.size() < size)
		mixed += "ab abc\u00e9 ";
	Tokenizer spm(v.bytes());
	/* _ ab / _a bc C3 A9 / and a last _ */
	EXPECT_EQ(spm.encode(mixed).size(), mixed.size() / 9 * 6 + 1);
	/* _a and then a for each: one run that cannot be cut */
	v.add("aa", -5);
	Tokenizer runs(v.bytes());
	/* _a aa aa ... a */
	EXPECT_EQ(runs.encode(run).size(), 1 + (run.size() - 1) / 2 + 1);

	b.merge("a", "a");
	b.merge("aa", "aa");
	Tokenizer bpe(b.bytes());
	EXPECT_EQ(bpe.encode(run).size(), run.size() / 4);
	EXPECT_EQ(bpe.encode(std::string(size, '\n')).size(), size);
}

struct Broken {
	const char *name;
	int code;
	const char *says;
	std::function<std::vector<uint8_t>()> bytes;
};

class TokenizerBroken : public testing::TestWithParam<Broken>
{
};

TEST_P(TokenizerBroken, IsRefusedWithAMessage)
{
	Tokenizer t(GetParam().bytes());

	ASSERT_FALSE(t);
	EXPECT_EQ(t.err.code, GetParam().code) << t.err.msg;
	EXPECT_NE(std::string(t.err.msg).find(GetParam().says), std::string::npos) << t.err.msg;
	EXPECT_EQ(std::string(t.err.msg).find("t.gguf: "), 0u) << t.err.msg;
	EXPECT_NE(std::string(t.err.msg).find("; "), std::string::npos) << t.err.msg;
}

std::vector<uint8_t> spm_with(const std::function<void(SpmVocab &)> &change)
{
	SpmVocab v = hand_vocab();
	change(v);
	return v.bytes();
}

std::vector<uint8_t> bpe_with(const std::function<void(BpeVocab &)> &change,
			      const char *pre = "gpt-2")
{
	BpeVocab v(pre);
	change(v);
	return v.bytes();
}

std::vector<uint8_t> kind_only(const char *kind)
{
	GgufWriter w;
	w.add_str("tokenizer.ggml.model", kind);
	return w.bytes();
}

const Broken broken[] = {
	{ "NoTokenizer", -ENOENT, "key 'tokenizer.ggml.model' is missing",
	  [] { return GgufWriter().bytes(); } },
	{ "UnknownKind", -EOPNOTSUPP,
	  "tokenizer 'bert' is not supported; use a model with tokenizer 'llama' or 'gpt2'",
	  [] { return kind_only("bert"); } },
	{ "NoTokens", -ENOENT, "key 'tokenizer.ggml.tokens' is missing",
	  [] { return kind_only("llama"); } },
	{ "NoTokensAtAll", -EBADMSG, "has 0 tokens",
	  [] { return spm_with([](SpmVocab &v) { v.clear(); }); } },
	{ "LongToken", -EBADMSG, "has 5000 bytes",
	  [] { return spm_with([](SpmVocab &v) { v.add(std::string(5000, 'x'), 0); }); } },
	{ "NoScores", -ENOENT, "key 'tokenizer.ggml.scores' is missing",
	  [] { return spm_with([](SpmVocab &v) { v.with_scores = false; }); } },
	{ "ScoreMissing", -EBADMSG, "'tokenizer.ggml.scores' has 266 entries for 267 tokens",
	  [] { return spm_with([](SpmVocab &v) { v.scores.pop_back(); }); } },
	{ "ScoreNotANumber", -EBADMSG, "token 260 'a' has a score that is not a number",
	  [] { return spm_with([](SpmVocab &v) { v.scores[A] = std::nanf(""); }); } },
	{ "TypeMissing", -EBADMSG, "'tokenizer.ggml.token_type' has 266 entries for 267 tokens",
	  [] { return spm_with([](SpmVocab &v) { v.types.pop_back(); }); } },
	{ "TypeUnknown", -EBADMSG, "token 260 'a' has type 7",
	  [] { return spm_with([](SpmVocab &v) { v.types[A] = 7; }); } },
	{ "ByteTwice", -EBADMSG, "tokens 68 and 267 are both byte '<0x41>'",
	  [] { return spm_with([](SpmVocab &v) { v.add("<0x41>", 0, TDM_TOKEN_BYTE); }); } },
	{ "ByteMisspelt", -EBADMSG, "token 267 '<0x4>' is a byte token",
	  [] { return spm_with([](SpmVocab &v) { v.add("<0x4>", 0, TDM_TOKEN_BYTE); }); } },
	{ "IdOutOfRange", -EBADMSG,
	  "'tokenizer.ggml.eos_token_id' is 267, but there are 267 tokens",
	  [] {
		  return spm_with(
			  [](SpmVocab &v) { v.extra.add_u32("tokenizer.ggml.eos_token_id", 267); });
	  } },
	{ "BosWantedButMissing", -EBADMSG, "'tokenizer.ggml.add_bos_token' is true",
	  [] {
		  return spm_with([](SpmVocab &v) {
			  v.extra.add_u32("tokenizer.ggml.bos_token_id", 0xffffffff);
			  v.extra.add_bool("tokenizer.ggml.add_bos_token", true);
		  });
	  } },
	{ "FlagOfWrongType", -EINVAL, "'tokenizer.ggml.add_space_prefix' has type u32",
	  [] {
		  return spm_with([](SpmVocab &v) {
			  v.extra.add_u32("tokenizer.ggml.add_space_prefix", 1);
		  });
	  } },
	{ "UnknownSplitter", -EOPNOTSUPP,
	  "splitter 'gpt-4o' (key 'tokenizer.ggml.pre') is not supported; use a model with "
	  "default, gpt-2, llama-bpe, qwen2 or smollm",
	  [] { return bpe_with([](BpeVocab &) {}, "gpt-4o"); } },
	{ "NoMerges", -ENOENT, "key 'tokenizer.ggml.merges' is missing",
	  [] { return bpe_with([](BpeVocab &v) { v.with_merges = false; }); } },
	{ "MergeOfUnknown", -EBADMSG, "merge 1 'a zz' names a part that is no token",
	  [] {
		  return bpe_with([](BpeVocab &v) {
			  v.merge("a", "b");
			  v.merges.push_back("a zz");
		  });
	  } },
	{ "MergeToUnknown", -EBADMSG, "merge 0 'a b' makes something that is no token",
	  [] { return bpe_with([](BpeVocab &v) { v.merges.push_back("a b"); }); } },
	{ "MergeWithoutSpace", -EBADMSG, "merge 0 'ab' is not two parts",
	  [] { return bpe_with([](BpeVocab &v) { v.merges.push_back("ab"); }); } },
	{ "MergeWithoutRight", -EBADMSG, "merge 0 'a ' is not two parts",
	  [] { return bpe_with([](BpeVocab &v) { v.merges.push_back("a "); }); } },
	{ "MergeEmpty", -EBADMSG, "merge 0 '' is not two parts",
	  [] { return bpe_with([](BpeVocab &v) { v.merges.push_back(""); }); } },
};

INSTANTIATE_TEST_SUITE_P(Files, TokenizerBroken, testing::ValuesIn(broken),
			 [](const auto &info) { return std::string(info.param.name); });

/* Whatever a damaged file makes of it: an error, or a tokenizer that works */
TEST(Tokenizer, SurvivesDamage)
{
	BpeVocab b("qwen2");
	b.merge("a", "b");
	b.merge("ab", "c");
	b.add("<|im_end|>", TDM_TOKEN_CONTROL);
	b.extra.add_u32("tokenizer.ggml.eos_token_id", 258);
	SpmVocab v = hand_vocab();
	v.extra.add_u32("tokenizer.ggml.bos_token_id", 1);
	const std::vector<uint8_t> files[] = { v.bytes(), b.bytes() };
	std::mt19937 random(4);
	int made = 0;

	for (int round = 0; round < 6000; round++) {
		std::vector<uint8_t> bytes = files[round % 2];

		for (unsigned n = 1 + random() % 4; n; n--)
			bytes[random() % bytes.size()] ^= static_cast<uint8_t>(1u << random() % 8);
		Tokenizer t(bytes);
		if (!t) {
			ASSERT_LT(t.err.code, 0);
			continue;
		}
		made++;
		for (const char *text : { "abc abc", "<s>x</s> \u00e9", "  <|im_end|>12\n" }) {
			std::vector<uint32_t> ids(tdm_tokenizer_bound(t.get(), strlen(text)));
			int64_t n =
				tdm_tokenizer_encode(t.get(), text, strlen(text), special | parse,
						     ids.data(), ids.size(), &t.err);
			ASSERT_NE(n, -ENOBUFS) << t.err.msg;
			for (int64_t i = 0; i < n; i++)
				t.decode(ids[static_cast<size_t>(i)], TDM_DECODE_SPECIAL);
		}
	}
	EXPECT_GT(made, 100);
	EXPECT_LT(made, 5900);
}

} // namespace
