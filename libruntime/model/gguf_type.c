// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "model/gguf.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *name;
	uint32_t bytes;
} value_types[] = {
	[TDM_GGUF_U8] = { "u8", 1 },	     [TDM_GGUF_I8] = { "i8", 1 },
	[TDM_GGUF_U16] = { "u16", 2 },	     [TDM_GGUF_I16] = { "i16", 2 },
	[TDM_GGUF_U32] = { "u32", 4 },	     [TDM_GGUF_I32] = { "i32", 4 },
	[TDM_GGUF_F32] = { "f32", 4 },	     [TDM_GGUF_BOOL] = { "bool", 1 },
	[TDM_GGUF_STRING] = { "string", 0 }, [TDM_GGUF_ARRAY] = { "array", 0 },
	[TDM_GGUF_U64] = { "u64", 8 },	     [TDM_GGUF_I64] = { "i64", 8 },
	[TDM_GGUF_F64] = { "f64", 8 },
};

const char *tdm_gguf_type_name(uint32_t type)
{
	return type < COUNT(value_types) ? value_types[type].name : "unknown";
}

size_t gguf_type_bytes(uint32_t type)
{
	return type < COUNT(value_types) ? value_types[type].bytes : 0;
}

/*
 * Numbers: enum ggml_type in ggml.h. Blocks and bytes: the block structs of
 * ggml-common.h, written out as their members. Numbers that ggml has withdrawn
 * (4, 5, 31 to 33, 36 to 38) have no entry: files with them have no fixed meaning.
 */
static const struct tdm_ggml_layout tensor_types[] = {
	[TDM_GGML_F32] = { "F32", 1, 4 },
	[TDM_GGML_F16] = { "F16", 1, 2 },
	[TDM_GGML_Q4_0] = { "Q4_0", 32, 2 + 16 },      /* scale, 32 x 4 bits */
	[3] = { "Q4_1", 32, 2 + 2 + 16 },	       /* scale, minimum, 4 bits */
	[6] = { "Q5_0", 32, 2 + 4 + 16 },	       /* scale, fifth bits, 4 bits */
	[7] = { "Q5_1", 32, 2 + 2 + 4 + 16 },	       /* scale, minimum, fifth bits, 4 bits */
	[TDM_GGML_Q8_0] = { "Q8_0", 32, 2 + 32 },      /* scale, 32 x 8 bits */
	[9] = { "Q8_1", 32, 2 + 2 + 32 },	       /* scale, sum, 8 bits */
	[10] = { "Q2_K", 256, 16 + 64 + 2 + 2 },       /* scales, 2 bits, scale, minimum */
	[11] = { "Q3_K", 256, 32 + 64 + 12 + 2 },      /* high bits, 2 bits, scales, scale */
	[12] = { "Q4_K", 256, 2 + 2 + 12 + 128 },      /* scale, minimum, scales, 4 bits */
	[13] = { "Q5_K", 256, 2 + 2 + 12 + 32 + 128 }, /* the same and the fifth bits */
	[14] = { "Q6_K", 256, 128 + 64 + 16 + 2 },     /* 4 bits, 2 bits, scales, scale */
	[15] = { "Q8_K", 256, 4 + 256 + 32 },	       /* scale (F32), 8 bits, sums */
	[16] = { "IQ2_XXS", 256, 2 + 64 },
	[17] = { "IQ2_XS", 256, 2 + 64 + 8 },
	[18] = { "IQ3_XXS", 256, 2 + 96 },
	[19] = { "IQ1_S", 256, 2 + 32 + 16 },
	[20] = { "IQ4_NL", 32, 2 + 16 },
	[21] = { "IQ3_S", 256, 2 + 64 + 8 + 32 + 4 },
	[22] = { "IQ2_S", 256, 2 + 64 + 8 + 8 },
	[23] = { "IQ4_XS", 256, 2 + 2 + 4 + 128 },
	[24] = { "I8", 1, 1 },
	[25] = { "I16", 1, 2 },
	[26] = { "I32", 1, 4 },
	[27] = { "I64", 1, 8 },
	[28] = { "F64", 1, 8 },
	[29] = { "IQ1_M", 256, 32 + 16 + 8 },
	[TDM_GGML_BF16] = { "BF16", 1, 2 },
	[34] = { "TQ1_0", 256, 48 + 4 + 2 },
	[35] = { "TQ2_0", 256, 64 + 2 },
	[39] = { "MXFP4", 32, 1 + 16 },
};

struct tdm_ggml_layout tdm_ggml_type_info(uint32_t type)
{
	struct tdm_ggml_layout none = { 0 };

	return type < COUNT(tensor_types) ? tensor_types[type] : none;
}
