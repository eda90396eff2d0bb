// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The two ceilings of inference: reading the weights, and multiplying them.
 */
#include <math.h>
#include <stdint.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "peer.h"
#include "peer_all.h"

/* Long enough that starting the threads does not count. */
#define READ_BYTES (1ULL << 28)
#define FMA_ROUNDS 2000000

/* The best counts: a limit is what can be reached, not what is left by others. */
#define TRIES 3

typedef uint64_t line __attribute__((vector_size(64), aligned(8)));

struct reading {
	const char *buf;
	size_t bytes;
	size_t rounds;
};

/* The sum is for the compiler, which must not leave the loads out. */
static inline __attribute__((always_inline)) void read_lines(const char *at, size_t lines)
{
	line a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 };
	const line *p = (const line *)(const void *)at;

	for (; lines >= 4; lines -= 4, p += 4) {
		a += p[0];
		b += p[1];
		c += p[2];
		d += p[3];
	}
	a += b + c + d;
	__asm__ __volatile__("" : : "m"(a));
}

#if defined(__x86_64__)
/* Written out: generic vectors are split before they are inlined where wide ones are. */
static __attribute__((target("avx512f"))) void read_avx512(const char *at, size_t lines)
{
	__m512i a = _mm512_setzero_si512(), b = a, c = a, d = a;

	for (; lines >= 4; lines -= 4, at += 256) {
		a = _mm512_add_epi64(a, _mm512_loadu_si512(at));
		b = _mm512_add_epi64(b, _mm512_loadu_si512(at + 64));
		c = _mm512_add_epi64(c, _mm512_loadu_si512(at + 128));
		d = _mm512_add_epi64(d, _mm512_loadu_si512(at + 192));
	}
	__asm__ __volatile__("" : : "v"(a), "v"(b), "v"(c), "v"(d));
}

static __attribute__((target("avx2"))) void read_avx2(const char *at, size_t lines)
{
	__m256i acc[4] = { 0 };

	for (; lines >= 2; lines -= 2, at += 128) {
#pragma GCC unroll 4
		for (int i = 0; i < 4; i++) {
			const __m256i *p = (const __m256i *)(const void *)(at + 32L * i);

			acc[i] = _mm256_add_epi64(acc[i], _mm256_loadu_si256(p));
		}
	}
	for (int i = 0; i < 4; i++)
		__asm__ __volatile__("" : : "x"(acc[i]));
}
#endif

static void read_any(const char *at, size_t lines)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx512f")) {
		read_avx512(at, lines);
		return;
	}
	if (__builtin_cpu_supports("avx2")) {
		read_avx2(at, lines);
		return;
	}
#endif
	read_lines(at, lines);
}

static void read_part(void *arg, int part, int parts)
{
	const struct reading *r = arg;
	size_t lines = r->bytes / 64 / (size_t)parts;

	for (size_t i = 0; i < r->rounds; i++)
		read_any(r->buf + 64 * lines * (size_t)part, lines);
}

double peer_read(const void *buf, size_t bytes)
{
	struct reading r = { .buf = buf, .bytes = bytes, .rounds = READ_BYTES / bytes + 1 };
	double rate = 0;

	for (int i = 0; i < TRIES; i++)
		rate = fmax(rate, (double)bytes * (double)r.rounds / all_run(read_part, &r));
	return rate;
}

#if defined(__x86_64__)
/* 12 chains: the latency of 4 cycles on two ports, with some to spare. */
#define CHAINS 12

static __attribute__((target("avx512f"))) double fma_avx512(void)
{
	__m512 acc[CHAINS], x = _mm512_set1_ps(0.999f);

	for (int c = 0; c < CHAINS; c++)
		acc[c] = _mm512_set1_ps((float)c);
	for (int i = 0; i < FMA_ROUNDS; i++) {
#pragma GCC unroll 12
		for (int c = 0; c < CHAINS; c++)
			acc[c] = _mm512_fmadd_ps(acc[c], x, x);
	}
	for (int c = 0; c < CHAINS; c++)
		__asm__ __volatile__("" : : "v"(acc[c]));
	return 2.0 * 16 * CHAINS * FMA_ROUNDS;
}

static __attribute__((target("avx2,fma"))) double fma_avx2(void)
{
	__m256 acc[CHAINS], x = _mm256_set1_ps(0.999f);

	for (int c = 0; c < CHAINS; c++)
		acc[c] = _mm256_set1_ps((float)c);
	for (int i = 0; i < FMA_ROUNDS; i++) {
#pragma GCC unroll 12
		for (int c = 0; c < CHAINS; c++)
			acc[c] = _mm256_fmadd_ps(acc[c], x, x);
	}
	for (int c = 0; c < CHAINS; c++)
		__asm__ __volatile__("" : : "x"(acc[c]));
	return 2.0 * 8 * CHAINS * FMA_ROUNDS;
}
#endif

static double fma_scalar(void)
{
	float acc[8] = { 0 };

	for (int i = 0; i < FMA_ROUNDS; i++) {
#pragma GCC unroll 8
		for (int c = 0; c < 8; c++)
			acc[c] = fmaf(acc[c], 0.999f, 0.999f);
	}
	__asm__ __volatile__("" : : "m"(acc));
	return 2.0 * 8 * FMA_ROUNDS;
}

/* Return: operations done */
static double fma_any(void)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx512f"))
		return fma_avx512();
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		return fma_avx2();
#endif
	return fma_scalar();
}

static void fma_part(void *arg, int part, int parts)
{
	double *done = arg;

	(void)parts;
	done[part] = fma_any();
}

double peer_flops(void)
{
	double rate = 0;

	for (int t = 0; t < TRIES; t++) {
		double done[64] = { 0 }, sum = 0, seconds = all_run(fma_part, done);

		for (int i = 0; i < 64; i++)
			sum += done[i];
		rate = fmax(rate, sum / seconds);
	}
	return rate;
}
