// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "support/ref_gguf.h"

#include <cmath>
#include <cstring>
#include <stdexcept>

namespace
{

class Cursor
{
public:
	explicit Cursor(const std::vector<uint8_t> &bytes) : bytes_(bytes)
	{
	}

	template <typename T>
	T take()
	{
		T value;
		std::memcpy(&value, bytes_.data() + at, sizeof(value));
		at += sizeof(value);
		return value;
	}

	std::string str()
	{
		uint64_t len = take<uint64_t>();
		std::string s(reinterpret_cast<const char *>(bytes_.data() + at), len);
		at += len;
		return s;
	}

	/* A value of type @type as a number; strings and arrays are passed over. */
	double scalar(uint32_t type)
	{
		switch (type) {
		case 0:
			return take<uint8_t>();
		case 1:
			return take<int8_t>();
		case 2:
			return take<uint16_t>();
		case 3:
			return take<int16_t>();
		case 4:
			return take<uint32_t>();
		case 5:
			return take<int32_t>();
		case 6:
			return take<float>();
		case 7:
			return take<uint8_t>();
		case 10:
			return static_cast<double>(take<uint64_t>());
		case 11:
			return static_cast<double>(take<int64_t>());
		case 12:
			return take<double>();
		default:
			throw std::runtime_error("reference: unknown metadata type");
		}
	}

	size_t at = 0;

private:
	const std::vector<uint8_t> &bytes_;
};

double half(const uint8_t *p)
{
	uint16_t bits;
	std::memcpy(&bits, p, 2);
	int exponent = bits >> 10 & 31, mantissa = bits & 1023;
	double value =
		exponent ? std::ldexp(1024 + mantissa, exponent - 25) : std::ldexp(mantissa, -24);
	return bits & 0x8000 ? -value : value;
}

double bfloat(const uint8_t *p)
{
	uint32_t bits = static_cast<uint32_t>(p[0]) << 16 | static_cast<uint32_t>(p[1]) << 24;
	float f;
	std::memcpy(&f, &bits, sizeof(f));
	return f;
}

} // namespace

RefGguf::RefGguf(std::vector<uint8_t> bytes) : bytes_(std::move(bytes))
{
	Cursor c(bytes_);
	if (c.take<uint32_t>() != 0x46554747)
		throw std::runtime_error("reference: not a GGUF");
	c.take<uint32_t>();
	uint64_t n_tensors = c.take<uint64_t>(), n_keys = c.take<uint64_t>();
	for (uint64_t i = 0; i < n_keys; i++) {
		std::string key = c.str();
		uint32_t type = c.take<uint32_t>();
		if (type == 8) {
			texts_[key] = c.str();
		} else if (type == 9) {
			uint32_t inner = c.take<uint32_t>();
			uint64_t count = c.take<uint64_t>();
			for (uint64_t n = 0; n < count; n++)
				inner == 8 ? (void)c.str() : (void)c.scalar(inner);
		} else {
			numbers_[key] = c.scalar(type);
		}
	}
	std::map<std::string, uint64_t> offsets;
	for (uint64_t i = 0; i < n_tensors; i++) {
		std::string name = c.str();
		RefTensor t{};
		uint32_t n_dims = c.take<uint32_t>();
		for (uint32_t d = 0; d < n_dims; d++)
			t.dims.push_back(c.take<uint64_t>());
		t.type = c.take<uint32_t>();
		offsets[name] = c.take<uint64_t>();
		tensors_[name] = t;
	}
	uint64_t align = static_cast<uint64_t>(number("general.alignment", 32));
	uint64_t data = (c.at + align - 1) / align * align;
	for (auto &[name, t] : tensors_)
		t.data = bytes_.data() + data + offsets[name];
}

double RefGguf::number(const std::string &key, double otherwise) const
{
	auto it = numbers_.find(key);
	return it == numbers_.end() ? otherwise : it->second;
}

std::string RefGguf::text(const std::string &key) const
{
	auto it = texts_.find(key);
	return it == texts_.end() ? "" : it->second;
}

const RefTensor *RefGguf::find(const std::string &name) const
{
	auto it = tensors_.find(name);
	return it == tensors_.end() ? nullptr : &it->second;
}

std::vector<double> RefTensor::values() const
{
	uint64_t n = rows() * cols();
	std::vector<double> out(n);
	for (uint64_t i = 0; i < n; i++) {
		const uint8_t *block;
		float f;
		switch (type) {
		case 0:
			std::memcpy(&f, data + 4 * i, 4);
			out[i] = f;
			break;
		case 1:
			out[i] = half(data + 2 * i);
			break;
		case 30:
			out[i] = bfloat(data + 2 * i);
			break;
		case 8:
			block = data + i / 32 * 34;
			out[i] = half(block) * static_cast<int8_t>(block[2 + i % 32]);
			break;
		case 2:
			block = data + i / 32 * 18;
			out[i] = half(block) *
				 ((i % 32 < 16 ? block[2 + i % 16] & 15 : block[2 + i % 16] >> 4) -
				  8);
			break;
		default:
			throw std::runtime_error("reference: unknown tensor type");
		}
	}
	return out;
}
