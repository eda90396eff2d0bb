// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "support/gguf_writer.h"

#include <cstring>
#include <fstream>
#include <stdexcept>
#include <type_traits>

#include <tandem/gguf.h>

namespace
{

using Bytes = std::vector<uint8_t>;

/* Little-endian whatever the host is */
template <typename T>
void put(Bytes &out, T value)
{
	using Word = std::conditional_t<
		sizeof(T) == 8, uint64_t,
		std::conditional_t<sizeof(T) == 4, uint32_t,
				   std::conditional_t<sizeof(T) == 2, uint16_t, uint8_t>>>;
	Word word;
	std::memcpy(&word, &value, sizeof(word));
	for (size_t i = 0; i < sizeof(word); i++)
		out.push_back(static_cast<uint8_t>(static_cast<uint64_t>(word) >> (8 * i)));
}

void put_bytes(Bytes &out, std::string_view s)
{
	out.insert(out.end(), s.begin(), s.end());
}

void put_str(Bytes &out, std::string_view s)
{
	put<uint64_t>(out, s.size());
	put_bytes(out, s);
}

template <typename T>
Bytes one(T value)
{
	Bytes out;
	put(out, value);
	return out;
}

template <typename T>
Bytes many(uint32_t type, const std::vector<T> &values)
{
	Bytes out;
	put<uint32_t>(out, type);
	put<uint64_t>(out, values.size());
	for (T value : values)
		put<T>(out, value);
	return out;
}

void pad(Bytes &out, size_t alignment)
{
	while (alignment && out.size() % alignment)
		out.push_back(0);
}

} // namespace

void GgufWriter::set_alignment(uint32_t alignment)
{
	alignment_ = alignment;
	add_u32("general.alignment", alignment);
}

void GgufWriter::add_raw(std::string_view key, uint32_t type, const Bytes &value)
{
	put_str(meta_, key);
	put(meta_, type);
	meta_.insert(meta_.end(), value.begin(), value.end());
	keys_++;
}

#define SCALAR(suffix, ctype, type)                                                                \
	void GgufWriter::add_##suffix(std::string_view key, ctype value)                           \
	{                                                                                          \
		add_raw(key, type, one<ctype>(value));                                             \
	}                                                                                          \
	void GgufWriter::add_arr_##suffix(std::string_view key, const std::vector<ctype> &values)  \
	{                                                                                          \
		add_raw(key, TDM_GGUF_ARRAY, many<ctype>(type, values));                           \
	}

SCALAR(u8, uint8_t, TDM_GGUF_U8)
SCALAR(i8, int8_t, TDM_GGUF_I8)
SCALAR(u16, uint16_t, TDM_GGUF_U16)
SCALAR(i16, int16_t, TDM_GGUF_I16)
SCALAR(u32, uint32_t, TDM_GGUF_U32)
SCALAR(i32, int32_t, TDM_GGUF_I32)
SCALAR(u64, uint64_t, TDM_GGUF_U64)
SCALAR(i64, int64_t, TDM_GGUF_I64)
SCALAR(f32, float, TDM_GGUF_F32)
SCALAR(f64, double, TDM_GGUF_F64)
SCALAR(bool, bool, TDM_GGUF_BOOL)

void GgufWriter::add_str(std::string_view key, std::string_view value)
{
	Bytes out;
	put_str(out, value);
	add_raw(key, TDM_GGUF_STRING, out);
}

void GgufWriter::add_arr_str(std::string_view key, const std::vector<std::string> &values)
{
	Bytes out;
	put<uint32_t>(out, TDM_GGUF_STRING);
	put<uint64_t>(out, values.size());
	for (const std::string &value : values)
		put_str(out, value);
	add_raw(key, TDM_GGUF_ARRAY, out);
}

void GgufWriter::add_tensor_at(std::string_view name, uint32_t type,
			       const std::vector<uint64_t> &dims, uint64_t offset)
{
	put_str(infos_, name);
	put<uint32_t>(infos_, static_cast<uint32_t>(dims.size()));
	for (uint64_t dim : dims)
		put(infos_, dim);
	put(infos_, type);
	put(infos_, offset);
	tensors_++;
}

void GgufWriter::add_tensor(std::string_view name, uint32_t type, const std::vector<uint64_t> &dims,
			    const Bytes &data)
{
	pad(data_, alignment_);
	add_tensor_at(name, type, dims, data_.size());
	data_.insert(data_.end(), data.begin(), data.end());
}

void GgufWriter::add_tensor_f32(std::string_view name, const std::vector<uint64_t> &dims,
				const std::vector<float> &values)
{
	Bytes data;
	for (float value : values)
		put(data, value);
	add_tensor(name, TDM_GGML_F32, dims, data);
}

size_t GgufWriter::tensor_infos_offset() const
{
	return magic.size() + sizeof(version) + 2 * sizeof(uint64_t) + meta_.size();
}

size_t GgufWriter::data_offset() const
{
	size_t end = tensor_infos_offset() + infos_.size();

	return alignment_ ? (end + alignment_ - 1) / alignment_ * alignment_ : end;
}

std::vector<uint8_t> GgufWriter::bytes() const
{
	Bytes out;

	put_bytes(out, magic);
	put(out, version);
	put<uint64_t>(out, n_tensors.value_or(tensors_));
	put<uint64_t>(out, n_keys.value_or(keys_));
	out.insert(out.end(), meta_.begin(), meta_.end());
	out.insert(out.end(), infos_.begin(), infos_.end());
	pad(out, alignment_);
	out.insert(out.end(), data_.begin(), data_.end());
	return out;
}

void GgufWriter::write_file(const std::string &path) const
{
	Bytes all = bytes();
	std::ofstream file(path, std::ios::binary | std::ios::trunc);

	file.write(reinterpret_cast<const char *>(all.data()),
		   static_cast<std::streamsize>(all.size()));
	file.close();
	if (!file)
		throw std::runtime_error(path + ": cannot be written");
}
