// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "model/rope.h"

#include <math.h>

/* The pair that makes @turns turns over the original context (YaRN, eq. 17). */
static double pair_of_turns(const struct rope_params *p, double turns)
{
	return p->dims * log(p->orig_ctx / (turns * 2 * M_PI)) / (2 * log(p->base));
}

/* Share of the unscaled frequency that a pair keeps: 1 for fast, 0 for slow ones. */
static double kept(const struct rope_params *p, uint32_t pair)
{
	double low = floor(pair_of_turns(p, p->beta_fast));
	double high = ceil(pair_of_turns(p, p->beta_slow));
	double at;

	low = fmax(low, 0);
	high = fmin(high, p->dims - 1);
	at = (pair - low) / fmax(high - low, 0.001);
	return (1 - fmin(fmax(at, 0), 1)) * p->ext_factor;
}

static double scaled(const struct rope_params *p, uint32_t pair, double freq)
{
	double keep;

	switch (p->scaling) {
	case ROPE_LINEAR:
		return freq / p->factor;
	case ROPE_YARN:
		keep = kept(p, pair);
		return freq / p->factor * (1 - keep) + freq * keep;
	case ROPE_NONE:
		break;
	}
	return freq;
}

float rope_table(const struct rope_params *p, float *freq)
{
	double mscale = p->attn_factor;

	for (uint32_t pair = 0; pair < p->dims / 2; pair++) {
		double f = pow(p->base, -2.0 * pair / p->dims);

		if (p->divisors)
			f /= (double)p->divisors[pair];
		freq[pair] = (float)scaled(p, pair, f);
	}
	if (p->scaling == ROPE_YARN && p->ext_factor != 0)
		mscale *= 1 + 0.1 * log(p->factor);
	return (float)mscale;
}
