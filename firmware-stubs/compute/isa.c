// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "compute/kernels.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <stdbool.h>

/* Not among the names that every compiler's __builtin_cpu_supports() knows. */
static bool has_f16c(void)
{
	unsigned int a, b, c, d;

	return __get_cpuid(1, &a, &b, &c, &d) && c & bit_F16C;
}

static const struct fw_kernels *vector(enum fw_isa isa)
{
	bool narrow;

	__builtin_cpu_init();
	/* The AVX-512 files are compiled with these too; a hypervisor may hide them. */
	narrow = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && has_f16c();
	if (isa == FW_ISA_AVX2)
		return narrow ? &fw_kernels_avx2 : NULL;
	return narrow && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
			       __builtin_cpu_supports("avx512dq") &&
			       __builtin_cpu_supports("avx512vl")
		       ? &fw_kernels_avx512
		       : NULL;
}
#else
static const struct fw_kernels *vector(enum fw_isa isa)
{
	(void)isa;
	return NULL;
}
#endif

const struct fw_kernels *fw_kernels_get(enum fw_isa isa)
{
	const struct fw_kernels *k;

	switch (isa) {
	case FW_ISA_SCALAR:
		return &fw_kernels_scalar;
	case FW_ISA_AVX2:
	case FW_ISA_AVX512:
		return vector(isa);
	case FW_ISA_BEST:
		break;
	}
	k = vector(FW_ISA_AVX512);
	k = k ? k : vector(FW_ISA_AVX2);
	return k ? k : &fw_kernels_scalar;
}

const char *fw_kernels_name(const struct fw_kernels *k)
{
	return k->name;
}
