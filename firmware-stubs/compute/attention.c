// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "compute/attention.h"

#include <string.h>

#include "compute/kernels.h"

static size_t elt(const struct fw_llama *m)
{
	return m->kv_type == TDM_DTYPE_F32 ? 4 : 2;
}

/* Elements of K, or of V, in a page; and of one head of it. */
static size_t head_elts(const struct fw_llama *m)
{
	return (size_t)m->kv_page_tokens * m->head_dim;
}

uint64_t fw_kv_page_bytes(const struct fw_llama *m)
{
	return 2ULL * m->n_kv_heads * head_elts(m) * elt(m);
}

/* One head's vector into a page, @step elements from one to the next. */
static void put(const struct fw_kernels *kernels, const struct fw_llama *m, void *page, size_t at,
		size_t step, const float *in)
{
	uint16_t *narrow, tmp[64];
	float *wide;

	if (m->kv_type == TDM_DTYPE_F32) {
		wide = (float *)page + at;
		for (uint32_t d = 0; d < m->head_dim; d++)
			wide[d * step] = in[d];
		return;
	}
	narrow = (uint16_t *)page + at;
	if (step == 1) {
		kernels->to_half(in, m->head_dim, narrow);
		return;
	}
	for (uint32_t d0 = 0; d0 < m->head_dim; d0 += 64) {
		uint32_t n = m->head_dim - d0 < 64 ? m->head_dim - d0 : 64;

		kernels->to_half(in + d0, n, tmp);
		for (uint32_t d = 0; d < n; d++)
			narrow[(d0 + d) * step] = tmp[d];
	}
}

void fw_attention_store(const struct fw_kernels *kernels, const struct fw_llama *m,
			void *const *pages, uint32_t pos, const float *k, const float *v)
{
	void *page = pages[pos / m->kv_page_tokens];
	size_t t = pos % m->kv_page_tokens, v_base = m->n_kv_heads * head_elts(m);

	for (uint32_t h = 0; h < m->n_kv_heads; h++, k += m->head_dim, v += m->head_dim) {
		size_t base = h * head_elts(m), row = base + t * m->head_dim;

		if (m->kv_layout == TDM_KV_LAYOUT_WIRE)
			put(kernels, m, page, row, 1, k);
		else
			put(kernels, m, page, base + t, m->kv_page_tokens, k);
		put(kernels, m, page, v_base + row, 1, v);
	}
}

void fw_attention_head(const struct fw_kernels *kernels, const struct fw_llama *m,
		       void *const *pages, uint32_t pos, uint32_t head, const float *q, float *out,
		       float *score)
{
	const struct fw_kv_shape shape = {
		.head_dim = m->head_dim,
		.page_tokens = m->kv_page_tokens,
		.type = m->kv_type,
		.layout = m->kv_layout,
	};
	uint32_t kv_head = head / (m->n_heads / m->n_kv_heads), n = pos + 1;
	size_t k_off = kv_head * head_elts(m) * elt(m);
	size_t v_off = k_off + m->n_kv_heads * head_elts(m) * elt(m);
	float sum;

	for (uint32_t t = 0; t < n; t += m->kv_page_tokens) {
		uint32_t left = n - t < m->kv_page_tokens ? n - t : m->kv_page_tokens;

		kernels->scores(&shape, q, (const char *)pages[t / m->kv_page_tokens] + k_off, left,
				m->attn_scale, score + t);
	}
	sum = kernels->softmax(score, n);
	memset(out, 0, m->head_dim * sizeof(*out));
	for (uint32_t t = 0; t < n; t += m->kv_page_tokens) {
		uint32_t left = n - t < m->kv_page_tokens ? n - t : m->kv_page_tokens;

		kernels->values(&shape, score + t,
				(const char *)pages[t / m->kv_page_tokens] + v_off, left, out);
	}
	for (uint32_t d = 0; d < m->head_dim; d++)
		out[d] /= sum;
}
