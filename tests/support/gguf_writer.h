/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Builds GGUF files in memory, good ones and broken ones.
 *
 *	GgufWriter w;
 *	w.add_str("general.architecture", "llama");
 *	w.add_u32("llama.block_count", 2);
 *	w.add_tensor("token_embd.weight", TDM_GGML_F32, {64, 512}, bytes);
 *	w.write_file(path);
 *
 * Keys and tensors come out in the order of the calls. Nothing is checked:
 * tests of the reader need files that are wrong.
 */
#ifndef TESTS_SUPPORT_GGUF_WRITER_H
#define TESTS_SUPPORT_GGUF_WRITER_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

class GgufWriter
{
public:
	/* What the header says; the counts follow what was added unless they are set */
	std::string magic = "GGUF";
	uint32_t version = 3;
	std::optional<uint64_t> n_tensors;
	std::optional<uint64_t> n_keys;

	/* Alignment of the data section and of each tensor in it; also written as
	 * general.alignment if it is not the default */
	void set_alignment(uint32_t alignment);

	void add_u8(std::string_view key, uint8_t value);
	void add_i8(std::string_view key, int8_t value);
	void add_u16(std::string_view key, uint16_t value);
	void add_i16(std::string_view key, int16_t value);
	void add_u32(std::string_view key, uint32_t value);
	void add_i32(std::string_view key, int32_t value);
	void add_u64(std::string_view key, uint64_t value);
	void add_i64(std::string_view key, int64_t value);
	void add_f32(std::string_view key, float value);
	void add_f64(std::string_view key, double value);
	void add_bool(std::string_view key, bool value);
	void add_str(std::string_view key, std::string_view value);

	void add_arr_u8(std::string_view key, const std::vector<uint8_t> &values);
	void add_arr_i8(std::string_view key, const std::vector<int8_t> &values);
	void add_arr_u16(std::string_view key, const std::vector<uint16_t> &values);
	void add_arr_i16(std::string_view key, const std::vector<int16_t> &values);
	void add_arr_u32(std::string_view key, const std::vector<uint32_t> &values);
	void add_arr_i32(std::string_view key, const std::vector<int32_t> &values);
	void add_arr_u64(std::string_view key, const std::vector<uint64_t> &values);
	void add_arr_i64(std::string_view key, const std::vector<int64_t> &values);
	void add_arr_f32(std::string_view key, const std::vector<float> &values);
	void add_arr_f64(std::string_view key, const std::vector<double> &values);
	void add_arr_bool(std::string_view key, const std::vector<bool> &values);
	void add_arr_str(std::string_view key, const std::vector<std::string> &values);

	/* An entry whose type number and value bytes are the caller's */
	void add_raw(std::string_view key, uint32_t type, const std::vector<uint8_t> &value);

	/* The data goes behind that of the tensors before, aligned */
	void add_tensor(std::string_view name, uint32_t type, const std::vector<uint64_t> &dims,
			const std::vector<uint8_t> &data);
	void add_tensor_f32(std::string_view name, const std::vector<uint64_t> &dims,
			    const std::vector<float> &values);
	/* A tensor that claims to be at @offset of the data section and brings no bytes */
	void add_tensor_at(std::string_view name, uint32_t type, const std::vector<uint64_t> &dims,
			   uint64_t offset);

	/* Where things begin in bytes(), for tests that cut or overwrite them */
	size_t tensor_infos_offset() const;
	size_t data_offset() const;

	std::vector<uint8_t> bytes() const;
	/* Throws std::runtime_error */
	void write_file(const std::string &path) const;

private:
	uint32_t alignment_ = 32;
	uint64_t keys_ = 0;
	uint64_t tensors_ = 0;
	std::vector<uint8_t> meta_;
	std::vector<uint8_t> infos_;
	std::vector<uint8_t> data_;
};

#endif /* TESTS_SUPPORT_GGUF_WRITER_H */
