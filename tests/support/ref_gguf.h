/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A GGUF reader for the reference alone: it shares nothing with the runtime's,
 * so that one mistake cannot hide in both. It trusts its file.
 */
#ifndef TESTS_SUPPORT_REF_GGUF_H
#define TESTS_SUPPORT_REF_GGUF_H

#include <cstdint>
#include <map>
#include <string>
#include <vector>

struct RefTensor {
	std::vector<uint64_t> dims; /* fastest first */
	uint32_t type;
	const uint8_t *data;

	uint64_t cols() const
	{
		return dims[0];
	}
	uint64_t rows() const
	{
		return dims.size() > 1 ? dims[1] : 1;
	}
	/* Everything as doubles, row-major. */
	std::vector<double> values() const;
};

class RefGguf
{
public:
	explicit RefGguf(std::vector<uint8_t> bytes);

	double number(const std::string &key, double otherwise) const;
	std::string text(const std::string &key) const;
	const RefTensor *find(const std::string &name) const;

private:
	std::vector<uint8_t> bytes_;
	std::map<std::string, double> numbers_;
	std::map<std::string, std::string> texts_;
	std::map<std::string, RefTensor> tensors_;
};

#endif /* TESTS_SUPPORT_REF_GGUF_H */
