// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <tandem/gguf.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/gguf_writer.h"

namespace
{

using Bytes = std::vector<uint8_t>;

struct Close {
	void operator()(tdm_gguf *g) const
	{
		tdm_gguf_close(g);
	}
};
using Gguf = std::unique_ptr<tdm_gguf, Close>;

/* A copy of exactly the right size, so that reading one byte too far is caught */
struct Opened {
	std::unique_ptr<uint8_t[]> memory;
	tdm_error err = {};
	Gguf g;

	explicit Opened(const Bytes &bytes) : memory(new uint8_t[bytes.size()])
	{
		std::copy(bytes.begin(), bytes.end(), memory.get());
		g.reset(tdm_gguf_from_memory(memory.get(), bytes.size(), "t.gguf", &err));
	}
};

std::string str(tdm_str s)
{
	return std::string(s.ptr, s.len);
}

Bytes zeros(size_t n)
{
	return Bytes(n, 0);
}

/* Every view of the file, so that a sanitizer sees a bad one */
uint64_t touch(const tdm_gguf *g)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < tdm_gguf_n_keys(g); i++) {
		std::string name = str(tdm_gguf_key_at(g, i)->name);
		tdm_gguf_array array;
		tdm_str s;

		EXPECT_EQ(tdm_gguf_find_key(g, name.c_str()), tdm_gguf_key_at(g, i));
		if (!tdm_gguf_get_str(g, name.c_str(), &s, nullptr))
			sum += str(s).size();
		if (tdm_gguf_get_array(g, name.c_str(), -1, &array, nullptr))
			continue;
		const void *pos = nullptr;
		for (uint64_t k = 0; k < array.count; k++) {
			if (array.type == TDM_GGUF_STRING)
				sum += str(tdm_gguf_array_next_str(&array, &pos)).size();
			else if (array.type == TDM_GGUF_F32 || array.type == TDM_GGUF_F64)
				sum += std::isnan(tdm_gguf_array_f32(&array, k));
			else
				sum += static_cast<uint64_t>(tdm_gguf_array_i64(&array, k));
		}
	}
	for (size_t i = 0; i < tdm_gguf_n_tensors(g); i++) {
		const tdm_gguf_tensor *t = tdm_gguf_tensor_at(g, i);
		const uint8_t *data = static_cast<const uint8_t *>(t->data);

		EXPECT_EQ(tdm_gguf_find_tensor(g, str(t->name).c_str()), t);
		for (uint64_t k = 0; k < t->bytes; k++)
			sum += data[k];
	}
	return sum;
}

GgufWriter every_type()
{
	GgufWriter w;

	w.add_u8("u8", 200);
	w.add_i8("i8", -100);
	w.add_u16("u16", 60000);
	w.add_i16("i16", -30000);
	w.add_u32("u32", 4000000000u);
	w.add_i32("i32", -2000000000);
	w.add_u64("u64", 1ull << 63);
	w.add_i64("i64", -(1ll << 62));
	w.add_f32("f32", 1.5f);
	w.add_f64("f64", -0.25);
	w.add_bool("bool", true);
	w.add_str("str", "h\xc3\xa9llo");
	w.add_arr_u8("a.u8", { 1, 255 });
	w.add_arr_i16("a.i16", { -1, 2, -32768 });
	w.add_arr_u64("a.u64", { 7, std::numeric_limits<uint64_t>::max() });
	w.add_arr_f32("a.f32", { 0.5f, -2.0f });
	w.add_arr_f64("a.f64", { 0.125 });
	w.add_arr_bool("a.bool", { true, false, true });
	w.add_arr_str("a.str", { "one", "", "three" });
	w.add_arr_str("a.empty", {});
	w.add_tensor_f32("x", { 2, 3 }, { 1, 2, 3, 4, 5, 6 });
	w.add_tensor("y", TDM_GGML_Q8_0, { 32 }, zeros(34));
	return w;
}

TEST(Gguf, ReadsEveryTypeOfValue)
{
	Opened o(every_type().bytes());
	const tdm_gguf *g = o.g.get();
	uint64_t u = 0;
	uint32_t u32 = 0;
	float f = 0;
	bool b = false;
	tdm_str s;

	ASSERT_TRUE(g) << o.err.msg;
	EXPECT_EQ(tdm_gguf_version(g), 3u);
	EXPECT_EQ(tdm_gguf_alignment(g), 32u);
	EXPECT_EQ(tdm_gguf_n_keys(g), 20u);
	EXPECT_EQ(tdm_gguf_get_u64(g, "u8", &u, nullptr), 0);
	EXPECT_EQ(u, 200u);
	EXPECT_EQ(tdm_gguf_get_u32(g, "u16", &u32, nullptr), 0);
	EXPECT_EQ(u32, 60000u);
	EXPECT_EQ(tdm_gguf_get_u32(g, "u32", &u32, nullptr), 0);
	EXPECT_EQ(u32, 4000000000u);
	EXPECT_EQ(tdm_gguf_get_u64(g, "u64", &u, nullptr), 0);
	EXPECT_EQ(u, 1ull << 63);
	EXPECT_EQ(tdm_gguf_get_f32(g, "f32", &f, nullptr), 0);
	EXPECT_EQ(f, 1.5f);
	EXPECT_EQ(tdm_gguf_get_f32(g, "f64", &f, nullptr), 0);
	EXPECT_EQ(f, -0.25f);
	EXPECT_EQ(tdm_gguf_get_bool(g, "bool", &b, nullptr), 0);
	EXPECT_TRUE(b);
	EXPECT_EQ(tdm_gguf_get_str(g, "str", &s, nullptr), 0);
	EXPECT_EQ(str(s), "h\xc3\xa9llo");
	touch(g);
}

TEST(Gguf, ReadsArrays)
{
	Opened o(every_type().bytes());
	const tdm_gguf *g = o.g.get();
	tdm_gguf_array a;
	const void *pos = nullptr;

	ASSERT_TRUE(g) << o.err.msg;
	ASSERT_EQ(tdm_gguf_get_array(g, "a.u8", TDM_GGUF_U8, &a, nullptr), 0);
	EXPECT_EQ(a.count, 2u);
	EXPECT_EQ(tdm_gguf_array_i64(&a, 1), 255);
	ASSERT_EQ(tdm_gguf_get_array(g, "a.i16", -1, &a, nullptr), 0);
	EXPECT_EQ(tdm_gguf_array_i64(&a, 0), -1);
	EXPECT_EQ(tdm_gguf_array_i64(&a, 2), -32768);
	ASSERT_EQ(tdm_gguf_get_array(g, "a.u64", -1, &a, nullptr), 0);
	EXPECT_EQ(tdm_gguf_array_i64(&a, 1), std::numeric_limits<int64_t>::max());
	ASSERT_EQ(tdm_gguf_get_array(g, "a.f32", -1, &a, nullptr), 0);
	EXPECT_EQ(tdm_gguf_array_f32(&a, 1), -2.0f);
	ASSERT_EQ(tdm_gguf_get_array(g, "a.f64", -1, &a, nullptr), 0);
	EXPECT_EQ(tdm_gguf_array_f32(&a, 0), 0.125f);
	ASSERT_EQ(tdm_gguf_get_array(g, "a.bool", -1, &a, nullptr), 0);
	EXPECT_EQ(tdm_gguf_array_i64(&a, 1), 0);
	EXPECT_EQ(tdm_gguf_array_i64(&a, 2), 1);
	ASSERT_EQ(tdm_gguf_get_array(g, "a.str", TDM_GGUF_STRING, &a, nullptr), 0);
	EXPECT_EQ(str(tdm_gguf_array_next_str(&a, &pos)), "one");
	EXPECT_EQ(str(tdm_gguf_array_next_str(&a, &pos)), "");
	EXPECT_EQ(str(tdm_gguf_array_next_str(&a, &pos)), "three");
	ASSERT_EQ(tdm_gguf_get_array(g, "a.empty", -1, &a, nullptr), 0);
	EXPECT_EQ(a.count, 0u);
}

TEST(Gguf, SaysWhatIsWrongWithAValue)
{
	Opened o(every_type().bytes());
	const tdm_gguf *g = o.g.get();
	tdm_error err = {};
	tdm_gguf_array a;
	uint32_t u = 42;
	bool b;

	ASSERT_TRUE(g) << o.err.msg;
	EXPECT_EQ(tdm_gguf_get_u32(g, "nope", &u, &err), -ENOENT);
	EXPECT_STREQ(err.msg, "t.gguf: key 'nope' is missing; convert the model with a current "
			      "converter");
	EXPECT_EQ(err.code, -ENOENT);
	EXPECT_EQ(tdm_gguf_get_u32(g, "i8", &u, &err), -ERANGE);
	EXPECT_STREQ(err.msg, "t.gguf: key 'i8' is -100, but must not be negative; convert the "
			      "model again");
	EXPECT_EQ(tdm_gguf_get_u32(g, "u64", &u, &err), -ERANGE);
	EXPECT_EQ(tdm_gguf_get_u32(g, "f32", &u, &err), -EINVAL);
	EXPECT_EQ(u, 42u) << "a failed look-up must leave the default alone";
	EXPECT_EQ(tdm_gguf_get_bool(g, "u8", &b, &err), -EINVAL);
	EXPECT_STREQ(err.msg, "t.gguf: key 'u8' has type u8, but must be bool; convert the model "
			      "with a current converter");
	EXPECT_EQ(tdm_gguf_get_array(g, "a.u8", TDM_GGUF_F32, &a, &err), -EINVAL);
	EXPECT_EQ(tdm_gguf_get_array(g, "u8", -1, &a, &err), -EINVAL);
}

TEST(Gguf, FindsTensors)
{
	GgufWriter w = every_type();
	Bytes bytes = w.bytes();
	Opened o(bytes);
	const tdm_gguf_tensor *x, *y;
	float f;

	ASSERT_TRUE(o.g) << o.err.msg;
	x = tdm_gguf_find_tensor(o.g.get(), "x");
	y = tdm_gguf_find_tensor(o.g.get(), "y");
	ASSERT_TRUE(x && y);
	EXPECT_EQ(x, tdm_gguf_tensor_at(o.g.get(), 0));
	EXPECT_EQ(x->n_dims, 2u);
	EXPECT_EQ(x->dims[0], 2u);
	EXPECT_EQ(x->dims[1], 3u);
	EXPECT_EQ(x->dims[3], 1u);
	EXPECT_EQ(x->bytes, 24u);
	EXPECT_EQ(x->data, o.memory.get() + w.data_offset());
	std::memcpy(&f, static_cast<const uint8_t *>(x->data) + 20, 4);
	EXPECT_EQ(f, 6.0f);
	EXPECT_EQ(y->bytes, 34u);
	EXPECT_EQ(y->data, o.memory.get() + w.data_offset() + 32);
	EXPECT_EQ(tdm_gguf_find_tensor(o.g.get(), "z"), nullptr);
	EXPECT_EQ(tdm_gguf_tensor_at(o.g.get(), 2), nullptr);
	EXPECT_EQ(tdm_gguf_key_at(o.g.get(), 20), nullptr);
}

TEST(Gguf, ReadsVersion2AndOtherAlignments)
{
	GgufWriter w;

	w.version = 2;
	w.set_alignment(256);
	w.add_tensor_f32("a", { 1 }, { 1 });
	w.add_tensor_f32("b", { 1 }, { 2 });
	Opened o(w.bytes());
	ASSERT_TRUE(o.g) << o.err.msg;
	EXPECT_EQ(tdm_gguf_version(o.g.get()), 2u);
	EXPECT_EQ(tdm_gguf_alignment(o.g.get()), 256u);
	EXPECT_EQ(static_cast<const uint8_t *>(tdm_gguf_find_tensor(o.g.get(), "b")->data) -
			  static_cast<const uint8_t *>(tdm_gguf_find_tensor(o.g.get(), "a")->data),
		  256);
}

TEST(Gguf, ReadsAFileWithNothingInIt)
{
	Opened o(GgufWriter().bytes());

	ASSERT_TRUE(o.g) << o.err.msg;
	EXPECT_EQ(tdm_gguf_n_keys(o.g.get()), 0u);
	EXPECT_EQ(tdm_gguf_n_tensors(o.g.get()), 0u);
	EXPECT_EQ(tdm_gguf_find_key(o.g.get(), "x"), nullptr);
	EXPECT_EQ(tdm_gguf_find_tensor(o.g.get(), "x"), nullptr);
}

/* Bits per weight as published for each type (llama.cpp, ggml.h and its pull requests) */
TEST(Gguf, KnowsTheSizesOfTensorTypes)
{
	const struct {
		uint32_t type;
		const char *name;
		double bits;
	} types[] = {
		{ 0, "F32", 32 },	  { 1, "F16", 16 },	     { 2, "Q4_0", 4.5 },
		{ 3, "Q4_1", 5 },	  { 6, "Q5_0", 5.5 },	     { 7, "Q5_1", 6 },
		{ 8, "Q8_0", 8.5 },	  { 9, "Q8_1", 9 },	     { 10, "Q2_K", 2.625 },
		{ 11, "Q3_K", 3.4375 },	  { 12, "Q4_K", 4.5 },	     { 13, "Q5_K", 5.5 },
		{ 14, "Q6_K", 6.5625 },	  { 15, "Q8_K", 9.125 },     { 16, "IQ2_XXS", 2.0625 },
		{ 17, "IQ2_XS", 2.3125 }, { 18, "IQ3_XXS", 3.0625 }, { 19, "IQ1_S", 1.5625 },
		{ 20, "IQ4_NL", 4.5 },	  { 21, "IQ3_S", 3.4375 },   { 22, "IQ2_S", 2.5625 },
		{ 23, "IQ4_XS", 4.25 },	  { 24, "I8", 8 },	     { 25, "I16", 16 },
		{ 26, "I32", 32 },	  { 27, "I64", 64 },	     { 28, "F64", 64 },
		{ 29, "IQ1_M", 1.75 },	  { 30, "BF16", 16 },	     { 34, "TQ1_0", 1.6875 },
		{ 35, "TQ2_0", 2.0625 },  { 39, "MXFP4", 4.25 },
	};

	for (const auto &t : types) {
		tdm_ggml_layout info = tdm_ggml_type_info(t.type);

		ASSERT_STREQ(info.name, t.name);
		EXPECT_EQ(8.0 * info.bytes / info.block, t.bits) << t.name;
	}
	for (uint32_t type : { 4u, 5u, 31u, 38u, 1000u, 0xffffffffu })
		EXPECT_EQ(tdm_ggml_type_info(type).name, nullptr) << type;
}

TEST(Gguf, UnknownTensorTypeIsNoErrorUntilItsSizeIsNeeded)
{
	GgufWriter w;
	tdm_error err = {};

	w.add_tensor("odd", 999, { 10 }, zeros(7));
	w.add_tensor_f32("even", { 2 }, { 1, 2 });
	Opened o(w.bytes());
	ASSERT_TRUE(o.g) << o.err.msg;
	const tdm_gguf_tensor *odd = tdm_gguf_find_tensor(o.g.get(), "odd");
	EXPECT_EQ(odd->type, 999u);
	EXPECT_EQ(odd->bytes, 0u);
	EXPECT_EQ(tdm_gguf_tensor_bytes(o.g.get(), odd, &err), -EOPNOTSUPP);
	EXPECT_STREQ(err.msg, "t.gguf: tensor 'odd' has type number 999, whose layout is not "
			      "known; convert it to F32, F16, BF16, Q8_0 or Q4_0");
	EXPECT_EQ(tdm_gguf_tensor_bytes(o.g.get(), tdm_gguf_find_tensor(o.g.get(), "even"), &err),
		  8);
}

struct Broken {
	const char *name;
	int code;
	const char *says;
	std::function<void(GgufWriter &)> build;
};

class GgufBroken : public testing::TestWithParam<Broken>
{
};

TEST_P(GgufBroken, IsRefusedWithAMessage)
{
	GgufWriter w;
	GetParam().build(w);
	Opened o(w.bytes());

	ASSERT_FALSE(o.g);
	EXPECT_EQ(o.err.code, GetParam().code) << o.err.msg;
	EXPECT_NE(std::string(o.err.msg).find(GetParam().says), std::string::npos) << o.err.msg;
	EXPECT_EQ(std::string(o.err.msg).find("t.gguf: "), 0u) << o.err.msg;
	EXPECT_NE(std::string(o.err.msg).find("; "), std::string::npos) << "no cure: " << o.err.msg;
}

Bytes array_head(uint32_t type, uint64_t count)
{
	Bytes out;
	for (int i = 0; i < 4; i++)
		out.push_back(static_cast<uint8_t>(type >> (8 * i)));
	for (int i = 0; i < 8; i++)
		out.push_back(static_cast<uint8_t>(count >> (8 * i)));
	return out;
}

const uint64_t huge = std::numeric_limits<uint64_t>::max();

const Broken broken[] = {
	{ "Magic", -EPROTO, "is not a GGUF file (it starts with 50 4b 03 04)",
	  [](GgufWriter &w) { w.magic = "PK\3\4"; } },
	{ "LfsPointer", -EPROTO, "git lfs pull", [](GgufWriter &w) { w.magic = "version "; } },
	{ "OldGgml", -EPROTO, "from before GGUF", [](GgufWriter &w) { w.magic = "tjgg"; } },
	{ "BigEndianMagic", -EPROTO, "big-endian", [](GgufWriter &w) { w.magic = "FUGG"; } },
	{ "BigEndianVersion", -EPROTO, "big-endian",
	  [](GgufWriter &w) { w.version = 0x03000000; } },
	{ "Version1", -EPROTO, "is GGUF version 1", [](GgufWriter &w) { w.version = 1; } },
	{ "Version4", -EPROTO, "is GGUF version 4", [](GgufWriter &w) { w.version = 4; } },
	{ "KeyCount", -EBADMSG, "claims 18446744073709551615 keys",
	  [](GgufWriter &w) { w.n_keys = huge; } },
	{ "TensorCount", -EBADMSG, "claims 18446744073709551615 tensors",
	  [](GgufWriter &w) { w.n_tensors = huge; } },
	{ "TensorCountThatWraps", -EBADMSG, "claims 768614336404564651 tensors",
	  [](GgufWriter &w) { w.n_tensors = huge / 24 + 1; } },
	{ "EmptyKey", -EBADMSG, "key 0 has an empty name",
	  [](GgufWriter &w) { w.add_u32("", 1); } },
	{ "LongKey", -EBADMSG, "name of 70000 bytes",
	  [](GgufWriter &w) { w.add_u32(std::string(70000, 'k'), 1); } },
	{ "NulInKey", -EBADMSG, "key 'a\\x00b' has a NUL",
	  [](GgufWriter &w) { w.add_u32(std::string_view("a\0b", 3), 1); } },
	{ "KeyNotUtf8", -EBADMSG, "key '\\xff' has a name that is not UTF-8",
	  [](GgufWriter &w) { w.add_u32("\xff", 1); } },
	{ "KeyDrivesTheTerminal", -EBADMSG, "key '\\x1b[2J' occurs twice",
	  [](GgufWriter &w) {
		  w.add_u32("\x1b[2J", 1);
		  w.add_u32("\x1b[2J", 2);
	  } },
	{ "DuplicateKey", -EBADMSG, "key 'k' occurs twice",
	  [](GgufWriter &w) {
		  w.add_u32("k", 1);
		  w.add_u32("other", 1);
		  w.add_u32("k", 1);
	  } },
	{ "UnknownValueType", -EBADMSG, "key 'k' has unknown type 13",
	  [](GgufWriter &w) { w.add_raw("k", 13, zeros(8)); } },
	{ "BoolOfTwo", -EBADMSG, "bool with the value 2",
	  [](GgufWriter &w) { w.add_raw("k", TDM_GGUF_BOOL, { 2 }); } },
	{ "BoolOfTwoInArray", -EBADMSG, "bool with the value 7",
	  [](GgufWriter &w) {
		  Bytes b = array_head(TDM_GGUF_BOOL, 1);
		  b.push_back(7);
		  w.add_raw("k", TDM_GGUF_ARRAY, b);
	  } },
	{ "StringLength", -ENODATA, "key 'k' needs 18446744073709551615 bytes",
	  [](GgufWriter &w) { w.add_raw("k", TDM_GGUF_STRING, Bytes(8, 0xff)); } },
	{ "ArrayCountThatWraps", -ENODATA, "claims 4611686018427387905 values of type u32",
	  [](GgufWriter &w) {
		  w.add_raw("k", TDM_GGUF_ARRAY, array_head(TDM_GGUF_U32, huge / 4 + 2));
	  } },
	{ "StringArrayCount", -ENODATA, "key 'k' needs",
	  [](GgufWriter &w) {
		  w.add_raw("k", TDM_GGUF_ARRAY, array_head(TDM_GGUF_STRING, huge));
	  } },
	{ "NestedArray", -EBADMSG, "key 'k' is an array of arrays",
	  [](GgufWriter &w) { w.add_raw("k", TDM_GGUF_ARRAY, array_head(TDM_GGUF_ARRAY, 1)); } },
	{ "ArrayOfUnknown", -EBADMSG, "key 'k' is an array of unknown type 77",
	  [](GgufWriter &w) { w.add_raw("k", TDM_GGUF_ARRAY, array_head(77, 1)); } },
	{ "AlignmentZero", -EBADMSG, "'general.alignment' is 0",
	  [](GgufWriter &w) { w.add_u32("general.alignment", 0); } },
	{ "AlignmentNoPowerOfTwo", -EBADMSG, "'general.alignment' is 48",
	  [](GgufWriter &w) { w.add_u32("general.alignment", 48); } },
	{ "AlignmentTooSmall", -EBADMSG, "'general.alignment' is 4",
	  [](GgufWriter &w) { w.add_u32("general.alignment", 4); } },
	{ "AlignmentOfWrongType", -EINVAL, "has type string",
	  [](GgufWriter &w) { w.add_str("general.alignment", "32"); } },
	{ "AlignmentBehindTheEnd", -ENODATA, "the tensors' data is missing",
	  [](GgufWriter &w) {
		  w.add_u32("general.alignment", 1u << 31);
		  w.add_tensor_at("a", TDM_GGML_F32, { 1 }, 0);
	  } },
	{ "DuplicateTensor", -EBADMSG, "tensor 'a' occurs twice",
	  [](GgufWriter &w) {
		  w.add_tensor_f32("a", { 1 }, { 1 });
		  w.add_tensor_f32("a", { 1 }, { 1 });
	  } },
	{ "LongTensorName", -EBADMSG, "name of 65 bytes",
	  [](GgufWriter &w) { w.add_tensor_f32(std::string(65, 't'), { 1 }, { 1 }); } },
	{ "FiveDimensions", -EBADMSG, "tensor 'a' has 5 dimensions",
	  [](GgufWriter &w) {
		  w.add_tensor_f32("a", { 1, 1, 1, 1, 1 }, { 1 });
	  } },
	{ "DimensionZero", -EBADMSG, "tensor 'a' has a dimension of 0",
	  [](GgufWriter &w) {
		  w.add_tensor_f32("a", { 4, 0 }, { 1 });
	  } },
	{ "DimensionsThatWrap", -EBADMSG, "more than 2^63 elements",
	  [](GgufWriter &w) {
		  w.add_tensor_f32("a", { 1ull << 32, 1ull << 32, 4 }, { 1 });
	  } },
	{ "BytesThatWrap", -EBADMSG, "larger than 2^63 bytes",
	  [](GgufWriter &w) { w.add_tensor_f32("a", { 1ull << 62 }, { 1 }); } },
	{ "HalfABlock", -EBADMSG, "rows of 48 elements, but Q8_0 comes in blocks of 32",
	  [](GgufWriter &w) {
		  w.add_tensor("a", TDM_GGML_Q8_0, { 48, 2 }, zeros(102));
	  } },
	{ "Misaligned", -EBADMSG, "offset 8, which is no multiple of the alignment 32",
	  [](GgufWriter &w) {
		  w.add_tensor_f32("a", { 1 }, { 1 });
		  w.add_tensor_at("b", TDM_GGML_F32, { 1 }, 8);
	  } },
	{ "BehindTheEnd", -ENODATA, "tensor 'b' lies at offset 64",
	  [](GgufWriter &w) {
		  w.add_tensor_f32("a", { 1 }, { 1 });
		  w.add_tensor_at("b", TDM_GGML_F32, { 1 }, 64);
	  } },
	{ "OffsetThatWraps", -ENODATA, "tensor 'b' lies at offset 18446744073709551584",
	  [](GgufWriter &w) {
		  w.add_tensor_f32("a", { 1 }, { 1 });
		  w.add_tensor_at("b", TDM_GGML_F32, { 16 }, huge - 31);
	  } },
	{ "UnknownTypeBehindTheEnd", -ENODATA, "tensor 'b' lies at offset 32",
	  [](GgufWriter &w) {
		  w.add_tensor_f32("a", { 8 }, std::vector<float>(8));
		  w.add_tensor_at("b", 999, { 1 }, 32);
	  } },
	{ "Overlap", -EBADMSG, "tensor 'a' overlaps tensor 'b'",
	  [](GgufWriter &w) {
		  w.add_tensor_f32("a", { 32 }, std::vector<float>(32));
		  w.add_tensor_at("b", TDM_GGML_F32, { 1 }, 64);
	  } },
	{ "SamePlace", -EBADMSG, "overlaps tensor",
	  [](GgufWriter &w) {
		  w.add_tensor_f32("a", { 1 }, { 1 });
		  w.add_tensor_at("b", 999, { 1 }, 0);
	  } },
};

INSTANTIATE_TEST_SUITE_P(Files, GgufBroken, testing::ValuesIn(broken),
			 [](const auto &info) { return std::string(info.param.name); });

TEST(Gguf, RefusesAFileCutAnywhere)
{
	Bytes whole = every_type().bytes();

	for (size_t n = 0; n < whole.size(); n++) {
		Opened o(Bytes(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(n)));

		ASSERT_FALSE(o.g) << "cut to " << n << " of " << whole.size();
		ASSERT_NE(o.err.code, 0);
		ASSERT_NE(std::string(o.err.msg).find("; "), std::string::npos) << o.err.msg;
	}
	EXPECT_TRUE(Opened(whole).g);
}

TEST(Gguf, SurvivesDamage)
{
	const Bytes whole = every_type().bytes();
	std::mt19937 random(20260101);
	int opened = 0;

	for (int round = 0; round < 20000; round++) {
		Bytes bytes = whole;

		for (unsigned n = 1 + random() % 4; n; n--) {
			size_t at = random() % bytes.size();
			if (random() % 2)
				bytes[at] ^= static_cast<uint8_t>(1u << random() % 8);
			else
				bytes[at] = static_cast<uint8_t>(random() % 2 ? 0xff : random());
		}
		Opened o(bytes);
		if (o.g) {
			touch(o.g.get());
			opened++;
		} else {
			ASSERT_LT(o.err.code, 0);
			ASSERT_STRNE(o.err.msg, "");
		}
	}
	EXPECT_GT(opened, 0);
	EXPECT_LT(opened, 20000);
}

TEST(Gguf, FindsEachOfManyKeysAndTensors)
{
	GgufWriter w;
	const int n = 3000;

	for (int i = 0; i < n; i++) {
		w.add_u32("key." + std::to_string(i * 7919 % n), static_cast<uint32_t>(i));
		w.add_tensor_f32("t." + std::to_string(i), { 1 }, { static_cast<float>(i) });
	}
	Opened o(w.bytes());
	ASSERT_TRUE(o.g) << o.err.msg;
	for (int i = 0; i < n; i++) {
		uint32_t v = 0;
		float f;
		const tdm_gguf_tensor *t =
			tdm_gguf_find_tensor(o.g.get(), ("t." + std::to_string(i)).c_str());

		ASSERT_EQ(tdm_gguf_get_u32(o.g.get(),
					   ("key." + std::to_string(i * 7919 % n)).c_str(), &v,
					   nullptr),
			  0);
		EXPECT_EQ(v, static_cast<uint32_t>(i));
		ASSERT_TRUE(t);
		std::memcpy(&f, t->data, sizeof(f));
		EXPECT_EQ(f, static_cast<float>(i));
	}
}

class GgufFile : public testing::Test
{
protected:
	void SetUp() override
	{
		std::string dir = testing::TempDir() + "gguf_test.XXXXXX";
		ASSERT_TRUE(mkdtemp(dir.data()));
		dir_ = dir;
	}

	void TearDown() override
	{
		unlink(path().c_str());
		rmdir(dir_.c_str());
	}

	std::string path() const
	{
		return dir_ + "/m.gguf";
	}

	/* The message of a file that must not open; the code goes into code_ */
	std::string refusal(const std::string &path)
	{
		tdm_error err = {};
		Gguf g(tdm_gguf_open(path.c_str(), &err));

		EXPECT_FALSE(g);
		code_ = err.code;
		return err.msg;
	}

	std::string dir_;
	int code_ = 0;
};

TEST_F(GgufFile, IsMapped)
{
	GgufWriter w = every_type();
	tdm_error err = {};

	w.write_file(path());
	Gguf g(tdm_gguf_open(path().c_str(), &err));
	ASSERT_TRUE(g) << err.msg;
	EXPECT_EQ(tdm_gguf_file_bytes(g.get()), w.bytes().size());
	EXPECT_EQ(reinterpret_cast<uintptr_t>(tdm_gguf_tensor_at(g.get(), 0)->data) % 32, 0u);
	touch(g.get());
}

TEST_F(GgufFile, IsMissing)
{
	EXPECT_NE(refusal(path()).find("check the path"), std::string::npos);
	EXPECT_EQ(code_, -ENOENT);
}

TEST_F(GgufFile, IsADirectory)
{
	EXPECT_NE(refusal(dir_).find("is a directory; give the path of the .gguf file"),
		  std::string::npos);
	EXPECT_EQ(code_, -EISDIR);
}

TEST_F(GgufFile, IsEmpty)
{
	ASSERT_EQ(mknod(path().c_str(), S_IFREG | 0600, 0), 0);
	EXPECT_NE(refusal(path()).find("is empty"), std::string::npos);
	EXPECT_EQ(code_, -ENODATA);
}

TEST_F(GgufFile, IsAPipe)
{
	ASSERT_EQ(mkfifo(path().c_str(), 0600), 0);
	EXPECT_NE(refusal(path()).find("is not a regular file"), std::string::npos);
	EXPECT_EQ(code_, -EINVAL);
}

TEST_F(GgufFile, LongPathKeepsItsEndAndTheCure)
{
	std::string msg = refusal(std::string(3000, 'd') + "/model.gguf");

	EXPECT_EQ(msg.find("...ddd"), 0u) << msg;
	EXPECT_NE(msg.find("/model.gguf: "), std::string::npos) << msg;
	EXPECT_NE(msg.find("; check"), std::string::npos) << msg;
}

TEST(Error, IsOptionalAndReturnsItsCode)
{
	EXPECT_EQ(tdm_error_set(nullptr, -EIO, "x"), -EIO);
}

TEST(Error, WrapsItself)
{
	tdm_error err = {};

	tdm_error_set(&err, -EIO, "inner %d", 1);
	tdm_error_set(&err, -EINVAL, "outer: %s", err.msg);
	EXPECT_STREQ(err.msg, "outer: inner 1");
	EXPECT_EQ(err.code, -EINVAL);
}

TEST(Error, IsCutBetweenCharacters)
{
	tdm_error err = {};
	std::string text;

	for (size_t i = 0; i < sizeof(err.msg); i++)
		text += "\xc3\xa9"; /* two bytes each */
	tdm_error_set(&err, -EIO, "%s", text.c_str());
	/* 479 bytes fit: 239 characters and one byte that must not stay */
	EXPECT_EQ(std::strlen(err.msg), 478u);
	tdm_error_set(&err, -EIO, "x%s", text.c_str());
	EXPECT_EQ(std::strlen(err.msg), 479u);
	EXPECT_EQ(std::string(err.msg).substr(1), text.substr(0, 478));
}

} // namespace
