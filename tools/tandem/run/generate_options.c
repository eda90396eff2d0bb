// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "run/generate_options.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

enum key {
	KEY_TEMPERATURE = 256,
	KEY_TOP_K,
	KEY_TOP_P,
	KEY_SEED,
	KEY_PREFILL,
	KEY_DECODE,
	KEY_NET,
	KEY_MODE,
	KEY_CONTEXT,
	KEY_JSON,
	KEY_NO_OBSERVE,
	KEY_PREFILL_WORKER,
	KEY_DECODE_WORKER,
	KEY_KEY,
	KEY_RETRIES,
	KEY_FALLBACK,
	KEY_LEASE,
};

static const struct argp_option options[] = {
	{ "model", 'm', "FILE", 0, "Model: a GGUF file of the Llama family (needed)", 1 },
	{ "prompt", 'p', "TEXT", 0, "Text to go on from (needed)", 1 },
	{ "tokens", 'n', "N", 0, "Make at most N tokens (default 128)", 1 },
	{ "temperature", KEY_TEMPERATURE, "T", 0, "0 takes the likeliest token (default)", 2 },
	{ "top-k", KEY_TOP_K, "K", 0, "Draw from the K likeliest tokens, 0: all (default)", 2 },
	{ "top-p", KEY_TOP_P, "P", 0,
	  "Draw from the likeliest tokens that make up P, 1: all (default)", 2 },
	{ "seed", KEY_SEED, "N", 0, "Seed of the draw (default 0)", 2 },
	{ "mode", KEY_MODE, "MODE", 0,
	  "split: prefill on one device, decode on another (default); fused: both on the decode "
	  "device",
	  3 },
	{ "prefill", KEY_PREFILL, "DEV", 0, "Device for prefill (default soft:trn2)", 3 },
	{ "decode", KEY_DECODE, "DEV", 0, "Device for decode (default soft:cs3)", 3 },
	{ "net", KEY_NET, "NET", 0,
	  "Network for the KV pages: soft, verbs or verbs:DEVICE, efa or efa:DEVICE (default: the "
	  "first RDMA device, else the first of EFA, else soft)",
	  3 },
	{ "context", KEY_CONTEXT, "N", 0, "Longest context in tokens (default: the model's)", 3 },
	{ "prefill-worker", KEY_PREFILL_WORKER, "ADDR", 0,
	  "HOST:PORT of a 'tandem worker --role prefill', in place of a device here", 4 },
	{ "decode-worker", KEY_DECODE_WORKER, "ADDR", 0,
	  "HOST:PORT of a 'tandem worker --role decode'", 4 },
	{ "key-file", KEY_KEY, "FILE", 0, "Key that workers and clients share; mode 0600", 4 },
	{ "retries", KEY_RETRIES, "N", 0,
	  "Run a request again so often when a worker or the network failed (default 1)", 4 },
	{ "fallback", KEY_FALLBACK, "MODE", 0,
	  "fused: after the last try run it on the decode worker alone; none (default)", 4 },
	{ "lease", KEY_LEASE, "MS", 0,
	  "A worker that is silent for so many milliseconds has died (default 5000)", 4 },
	{ "json", KEY_JSON, NULL, 0, "Print one JSON object at the end, no stream", 5 },
	{ "no-observe", KEY_NO_OBSERVE, NULL, 0, "Do not let 'tandem ps' look at this process", 5 },
	{ 0 },
};

static double number(const char *arg, double min, double max, const char *name,
		     struct argp_state *state)
{
	char *end;
	double value;

	errno = 0;
	value = strtod(arg, &end);
	if (errno || end == arg || *end || !(value >= min && value <= max))
		argp_error(state, "--%s '%s': not a number in its range; give one from %g to %g",
			   name, arg, min, max);
	return value;
}

static uint64_t integer(const char *arg, uint64_t min, uint64_t max, const char *name,
			struct argp_state *state)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(arg, &end, 10);
	if (errno || end == arg || *end || strchr(arg, '-') || value < min || value > max)
		argp_error(state,
			   "--%s '%s': not a whole number in its range; give one from %llu to "
			   "%llu",
			   name, arg, (unsigned long long)min, (unsigned long long)max);
	return value;
}

static enum tdm_mode mode(const char *arg, struct argp_state *state)
{
	if (!strcmp(arg, "split"))
		return TDM_MODE_SPLIT;
	if (strcmp(arg, "fused") != 0)
		argp_error(state, "--mode '%s': no such mode; take split or fused", arg);
	return TDM_MODE_FUSED;
}

static void check_workers(const struct generate_options *o, struct argp_state *state)
{
	if (!o->prefill_worker && !o->decode_worker) {
		if (o->key_file || o->fused_fallback)
			argp_error(state,
				   "--key-file and --fallback are for workers; name them with "
				   "--prefill-worker and --decode-worker");
		return;
	}
	if (!o->prefill_worker || !o->decode_worker || !o->key_file)
		argp_error(state, "workers need all three of --prefill-worker, --decode-worker and "
				  "--key-file; give the others");
	if (o->prefill || o->decode || o->net || o->ctx_len || o->mode == TDM_MODE_FUSED)
		argp_error(state,
			   "--prefill, --decode, --net, --context and --mode are the workers' "
			   "own; leave them out");
}

static void check(const struct generate_options *o, struct argp_state *state)
{
	if (!o->model)
		argp_error(state, "no model; name one with -m FILE");
	if (!o->prompt)
		argp_error(state, "no prompt; give one with -p TEXT");
	check_workers(o, state);
	if (o->mode == TDM_MODE_FUSED && o->prefill)
		argp_error(state, "--prefill with --mode fused: both phases run on the decode "
				  "device; name it with --decode");
}

static error_t parse_sampling(int key, char *arg, struct argp_state *state)
{
	struct generate_options *o = state->input;

	switch (key) {
	case KEY_TEMPERATURE:
		o->temperature = (float)number(arg, 0, 100, "temperature", state);
		return 0;
	case KEY_TOP_K:
		o->top_k = (uint32_t)integer(arg, 0, UINT32_MAX, "top-k", state);
		return 0;
	case KEY_TOP_P:
		o->top_p = (float)number(arg, 0, 1, "top-p", state);
		return 0;
	case KEY_SEED:
		o->seed = integer(arg, 0, UINT64_MAX, "seed", state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_workers(int key, char *arg, struct argp_state *state)
{
	struct generate_options *o = state->input;

	switch (key) {
	case KEY_PREFILL_WORKER:
		o->prefill_worker = arg;
		return 0;
	case KEY_DECODE_WORKER:
		o->decode_worker = arg;
		return 0;
	case KEY_KEY:
		o->key_file = arg;
		return 0;
	case KEY_RETRIES:
		o->retries = (uint32_t)integer(arg, 0, 1000, "retries", state);
		return 0;
	case KEY_FALLBACK:
		o->fused_fallback = !strcmp(arg, "fused");
		if (!o->fused_fallback && strcmp(arg, "none") != 0)
			argp_error(state, "--fallback '%s': no such mode; take fused or none", arg);
		return 0;
	case KEY_LEASE:
		o->lease_ns = 1000000 * integer(arg, 100, 3600000, "lease", state);
		return 0;
	default:
		return parse_sampling(key, arg, state);
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct generate_options *o = state->input;

	switch (key) {
	case 'm':
		o->model = arg;
		return 0;
	case 'p':
		o->prompt = arg;
		return 0;
	case 'n':
		o->max_new = (uint32_t)integer(arg, 1, 1U << 22, "tokens", state);
		return 0;
	case KEY_PREFILL:
		o->prefill = arg;
		return 0;
	case KEY_DECODE:
		o->decode = arg;
		return 0;
	case KEY_NET:
		o->net = arg;
		return 0;
	case KEY_MODE:
		o->mode = mode(arg, state);
		return 0;
	case KEY_CONTEXT:
		o->ctx_len = (uint32_t)integer(arg, 2, 1U << 22, "context", state);
		return 0;
	case KEY_JSON:
		o->json = true;
		return 0;
	case KEY_NO_OBSERVE:
		o->no_observe = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s': not an option; a prompt goes behind -p", arg);
		return 0;
	case ARGP_KEY_END:
		check(o, state);
		return 0;
	default:
		return parse_workers(key, arg, state);
	}
}

const struct argp generate_argp = {
	.options = options,
	.parser = parse,
	.doc = "Run a prompt through a model and print the text.\v"
	       "The first SIGINT or SIGTERM stops a run at its next token or layer, with what "
	       "has come until then, and the process ends by that signal; a second one "
	       "ends it at once.\n\n"
	       "'tandem list' lists the devices.",
};

int generate_parse(int argc, char **argv, struct generate_options *o, struct tdm_error *err)
{
	*o = (struct generate_options){ .max_new = 128, .top_p = 1, .retries = 1 };
	return command_parse(&generate_argp, argc, argv, o, err);
}
