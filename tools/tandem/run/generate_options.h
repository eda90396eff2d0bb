/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TANDEM_GENERATE_OPTIONS_H
#define TANDEM_GENERATE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <tandem/engine.h>

struct generate_options {
	const char *model;
	const char *prompt;
	const char *prefill;
	const char *decode;
	const char *net;
	enum tdm_mode mode;
	uint32_t max_new;
	uint32_t ctx_len;
	float temperature;
	uint32_t top_k;
	float top_p;
	uint64_t seed;
	bool json;
	bool no_observe;
	const char *prefill_worker; /* NULL: devices of this process */
	const char *decode_worker;
	const char *key_file;
	uint32_t retries;
	bool fused_fallback;
	uint64_t lease_ns;
};

/* As command_parse(). */
int generate_parse(int argc, char **argv, struct generate_options *o, struct tdm_error *err);

#endif /* TANDEM_GENERATE_OPTIONS_H */
