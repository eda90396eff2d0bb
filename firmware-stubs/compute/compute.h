/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Llama-family transformers, bit for bit the same everywhere.
 *
 * The value of an output element depends on its inputs alone: not on the batch
 * or chunk it is computed in, the number of threads, the instruction set or the
 * layout of KV pages. How: a dot product is 16 partial sums by index modulo 16,
 * fused multiply-adds in increasing order in each, and one fixed tree at the
 * end (s[l] = a[l] + a[l + 8], then 4, 2, 1); everything else is element by
 * element in IEEE 754 single precision, and exp, sin and cos are our own.
 *
 * Nothing here allocates, does I/O or keeps state. Memory is the caller's:
 * weights and KV pages aligned to 32 and 64 bytes, scratch to 64.
 */
#ifndef FW_COMPUTE_H
#define FW_COMPUTE_H

#include <stddef.h>
#include <stdint.h>

#include "tandem_queue.h"

enum fw_isa {
	FW_ISA_SCALAR = 0,
	FW_ISA_AVX2 = 1,
	FW_ISA_AVX512 = 2,
	FW_ISA_BEST = 3, /* the last one that the processor has */
};

struct fw_kernels;

/** fw_kernels_get - NULL when the processor or the build lacks it */
const struct fw_kernels *fw_kernels_get(enum fw_isa isa);

/** fw_kernels_name - "scalar", "avx2", "avx512" */
const char *fw_kernels_name(const struct fw_kernels *k);

/**
 * struct fw_pool - threads to share work
 * @n: parts that @run makes, the caller's own thread included
 * @run: calls fn(arg, part, n) for every part at once; returns when all have
 */
struct fw_pool {
	unsigned int n;
	void (*run)(struct fw_pool *pool, void (*fn)(void *arg, unsigned int part, unsigned int n),
		    void *arg);
};

/* A weight matrix, row-major, blocks as GGUF has them. */
struct fw_mat {
	const void *data;
	uint32_t rows;
	uint32_t cols;
	uint32_t type; /* enum tdm_dtype */
};

/* Biases may be NULL. */
struct fw_layer {
	struct fw_mat wq, wk, wv, wo, gate, up, down;
	const float *attn_norm, *ffn_norm;
	const float *bq, *bk, *bv, *bo;
};

struct fw_llama {
	uint32_t n_layers;
	uint32_t dim;
	uint32_t n_heads;
	uint32_t n_kv_heads;
	uint32_t head_dim;
	uint32_t ffn_dim;
	uint32_t vocab;
	uint32_t rope_dims; /* pairs (0, 1), (2, 3), ... turn */
	uint32_t max_ctx;
	uint32_t kv_type; /* TDM_DTYPE_F32 or TDM_DTYPE_F16 */
	uint32_t kv_page_tokens;
	uint32_t kv_layout; /* enum tdm_kv_layout */
	float norm_eps;
	float attn_scale;
	float rope_mscale;
	const float *inv_freq; /* [rope_dims / 2], radians per position */
	struct fw_mat tok_embd;
	struct fw_mat output;
	const float *out_norm;
	struct fw_layer *layers;
};

/* One token of a batch. Rows of a sequence lie together, positions going up. */
struct fw_row {
	uint32_t token;
	uint32_t pos;
	uint32_t seq;
};

/** fw_scratch_size - bytes of scratch that a batch of @rows needs */
size_t fw_scratch_size(const struct fw_llama *m, uint32_t rows, const struct fw_pool *pool);

/** fw_embed - x[n][dim] from the tokens */
void fw_embed(const struct fw_kernels *k, const struct fw_llama *m, const struct fw_row *rows,
	      uint32_t n, float *x);

/** fw_begin - what every layer of this batch uses; into @scratch, once a batch */
void fw_begin(const struct fw_llama *m, const struct fw_row *rows, uint32_t n, void *scratch);

/**
 * fw_layer_forward - one layer, x in place; K and V of the rows go to their pages
 * @layer: index into m->layers
 * @pages: pages[seq][block], this layer's; written at the rows' positions, read
 *	   from position 0 on
 * @scratch: the batch's, after fw_begin()
 */
void fw_layer_forward(const struct fw_kernels *k, const struct fw_llama *m, uint32_t layer,
		      const struct fw_row *rows, uint32_t n, float *x, void *const *const *pages,
		      void *scratch, struct fw_pool *pool);

/** fw_logits - final norm and output matrix for @n rows; logits[n][vocab] */
void fw_logits(const struct fw_kernels *k, const struct fw_llama *m, const float *x, uint32_t n,
	       float *logits, void *scratch, struct fw_pool *pool);

/**
 * struct fw_sampling
 * @temperature: 0: the largest logit, the lowest id on ties
 * @top_k: 0: off
 * @top_p: 1: off
 * @seed, @pos: the draw depends on these two alone
 */
struct fw_sampling {
	float temperature;
	uint32_t top_k;
	float top_p;
	uint64_t seed;
	uint32_t pos;
};

/** fw_sample_scratch - bytes of scratch that fw_sample() needs */
size_t fw_sample_scratch(uint32_t vocab);

/** fw_sample - a token; NaN never wins over a number */
uint32_t fw_sample(const float *logits, uint32_t vocab, const struct fw_sampling *how,
		   void *scratch);

/** fw_kv_page_bytes - bytes of one page */
uint64_t fw_kv_page_bytes(const struct fw_llama *m);

/** fw_kv_export - a page in the device's layout to wire bytes; they do not overlap */
void fw_kv_export(const struct fw_llama *m, const void *page, void *wire);

/*
 * fw_kv_export_part, fw_kv_import_part - tokens [first, first + tokens) of a page, as
 * the wire bytes of a page of so many tokens
 */
void fw_kv_export_part(const struct fw_llama *m, const void *page, uint32_t first, uint32_t tokens,
		       void *wire);
void fw_kv_import_part(const struct fw_llama *m, const void *wire, uint32_t first, uint32_t tokens,
		       void *page);

/** fw_kv_import - wire bytes to a page in the device's layout; they do not overlap */
void fw_kv_import(const struct fw_llama *m, const void *wire, void *page);

/** fw_crc32c - CRC32C (RFC 3720, appendix B.4); @crc: of what comes before, 0 at the start */
uint32_t fw_crc32c(uint32_t crc, const void *buf, size_t len);

#endif /* FW_COMPUTE_H */
