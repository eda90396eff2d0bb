/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What this program was built with. Sanitizers make everything several times slower,
 * so a test that repeats itself says how often in each tier.
 */
#ifndef TESTS_SUPPORT_TIER_H
#define TESTS_SUPPORT_TIER_H

#if defined(__SANITIZE_ADDRESS__)
constexpr bool tier_asan = true;
#else
constexpr bool tier_asan = false;
#endif

#if defined(__SANITIZE_THREAD__)
constexpr bool tier_tsan = true;
#else
constexpr bool tier_tsan = false;
#endif

template <typename T>
constexpr T by_tier(T plain, T asan, T tsan)
{
	return tier_asan ? asan : tier_tsan ? tsan : plain;
}

#endif /* TESTS_SUPPORT_TIER_H */
