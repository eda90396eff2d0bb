// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem worker: one device with a model on it, for clients on other hosts.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tandem/remote.h>

#include "command.h"
#include "interrupt.h"
#include "process/shown.h"
#include "trace/file.h"
#include "trace/json.h"

enum key {
	KEY_ROLE = 256,
	KEY_LISTEN,
	KEY_PAGES,
	KEY_DEVICE,
	KEY_NET,
	KEY_KEY,
	KEY_CONTEXT,
	KEY_PAGE_TOKENS,
	KEY_LEASE,
	KEY_NO_OBSERVE,
	KEY_TRACE,
};

struct worker_options {
	const char *model;
	const char *role;
	bool no_observe;
	struct tdm_worker_options worker;
	const char *trace;
};

static const struct argp_option options[] = {
	{ "model", 'm', "FILE", 0, "Model: a GGUF file of the Llama family (needed)", 1 },
	{ "role", KEY_ROLE, "ROLE", 0, "prefill or decode (needed)", 1 },
	{ "listen", KEY_LISTEN, "ADDR", 0,
	  "HOST:PORT for clients, port 0: any free one (needed). Decode workers take pages at "
	  "HOST and another port",
	  1 },
	{ "key-file", KEY_KEY, "FILE", 0, "Key that workers and clients share; mode 0600 (needed)",
	  1 },
	{ "device", KEY_DEVICE, "DEV", 0,
	  "Device (default soft:trn2 for prefill, soft:cs3 for decode)", 2 },
	{ "net", KEY_NET, "NET", 0,
	  "Network for the KV pages: soft, verbs or verbs:DEVICE[,port=N][,gid=N], efa or "
	  "efa:DEVICE (default: the first RDMA device, else the first of EFA, else soft)",
	  2 },
	{ "pages", KEY_PAGES, "ADDR", 0, "HOST:PORT for pages (decode)", 2 },
	{ "context", KEY_CONTEXT, "N", 0, "Longest context in tokens (default: the model's)", 2 },
	{ "page-tokens", KEY_PAGE_TOKENS, "N", 0,
	  "Tokens of a KV page, a multiple of 16 up to 256 (default 16)", 2 },
	{ "lease", KEY_LEASE, "MS", 0,
	  "A peer that is silent for so many milliseconds has died (default 5000)", 2 },
	{ "no-observe", KEY_NO_OBSERVE, NULL, 0, "Do not let 'tandem ps' look at this process", 2 },
	{ "trace", KEY_TRACE, "FILE", 0,
	  "At the end write what its device and its pages did, as 'tandem trace' does", 2 },
	{ 0 },
};

static uint32_t number(const char *arg, uint32_t min, uint32_t max, const char *name,
		       struct argp_state *state)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(arg, &end, 10);
	if (errno || end == arg || *end || strchr(arg, '-') || value < min || value > max)
		argp_error(state,
			   "--%s '%s': not a whole number in its range; give one from %u to "
			   "%u",
			   name, arg, min, max);
	return (uint32_t)value;
}

static void set_role(struct worker_options *o, const char *arg, struct argp_state *state)
{
	o->role = arg;
	if (!strcmp(arg, "prefill"))
		o->worker.role = TDM_ROLE_PREFILL;
	else if (!strcmp(arg, "decode"))
		o->worker.role = TDM_ROLE_DECODE;
	else
		argp_error(state, "--role '%s': no such role; take prefill or decode", arg);
}

static void check(struct worker_options *o, struct argp_state *state)
{
	if (!o->model)
		argp_error(state, "no model; name one with -m FILE");
	if (!o->role)
		argp_error(state, "no role; give --role prefill or --role decode");
	if (!o->worker.listen)
		argp_error(state, "no address; give one with --listen HOST:PORT");
	if (!o->worker.key_file)
		argp_error(state, "no shared key; name its file with --key-file FILE");
	if (o->worker.kv_page_tokens % 16)
		argp_error(state, "--page-tokens %u: not a multiple of 16; take 16",
			   o->worker.kv_page_tokens);
	if (!o->worker.device)
		o->worker.device = o->worker.role == TDM_ROLE_DECODE ? "soft:cs3" : "soft:trn2";
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct worker_options *o = state->input;

	switch (key) {
	case 'm':
		o->model = arg;
		return 0;
	case KEY_ROLE:
		set_role(o, arg, state);
		return 0;
	case KEY_LISTEN:
		o->worker.listen = arg;
		return 0;
	case KEY_PAGES:
		o->worker.pages = arg;
		return 0;
	case KEY_DEVICE:
		o->worker.device = arg;
		return 0;
	case KEY_NET:
		o->worker.net = arg;
		return 0;
	case KEY_KEY:
		o->worker.key_file = arg;
		return 0;
	case KEY_CONTEXT:
		o->worker.ctx_len = number(arg, 2, 1U << 22, "context", state);
		return 0;
	case KEY_PAGE_TOKENS:
		o->worker.kv_page_tokens = number(arg, 16, 256, "page-tokens", state);
		return 0;
	case KEY_LEASE:
		o->worker.lease_ns = 1000000ULL * number(arg, 100, 3600000, "lease", state);
		return 0;
	case KEY_NO_OBSERVE:
		o->no_observe = true;
		return 0;
	case KEY_TRACE:
		o->trace = arg;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s': not an option; 'tandem worker --help' lists them", arg);
		return 0;
	case ARGP_KEY_END:
		check(o, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void say(void *ctx, const struct tdm_worker_event *event)
{
	(void)ctx;
	printf("%s\n", event->text);
	fflush(stdout);
}

/* Where it is, for whoever started it, and how the NIC gets at the device's memory. */
static void introduce(const struct tdm_worker *w, const struct worker_options *o)
{
	const struct tdm_agent *agent = tdm_worker_agent(w);
	const char *net = tdm_net_name(tdm_agent_net(agent));
	int source = o->worker.role == TDM_ROLE_DECODE ? -1 : 0;

	printf("%s worker at %s", o->role, tdm_worker_address(w));
	if (tdm_worker_pages(w))
		printf(", pages at %s", tdm_worker_pages(w));
	printf("; device %s, network %s%s, memory registered by its %s\n", tdm_worker_device(w),
	       net, strncmp(net, "soft", 4) ? "" : " (emulated)",
	       tdm_net_mr_kind_name(tdm_agent_mr_kind(agent, source)));
	fflush(stdout);
}

/* What is left when it ends: pages in use are to be none. */
static void account(const struct tdm_worker *w)
{
	struct tdm_agent_stats s = tdm_agent_stats(tdm_worker_agent(w));
	uint32_t total = 0;

	for (int i = 0; i < TDM_KV_STATES; i++)
		total += s.landing[i];
	printf("pages sent %" PRIu64 " (%" PRIu64 " again), taken %" PRIu64 " (%" PRIu64
	       " corrupt); %" PRIu64 " bytes out, %" PRIu64 " in; %" PRIu64
	       " peers lost, %u memory "
	       "registrations, %u of %u landing pages free\n",
	       s.pages_sent, s.pages_resent, s.pages_taken, s.pages_corrupt, s.bytes_sent,
	       s.bytes_taken, s.peers_lost, s.registered, s.landing[TDM_KV_FREE], total);
	fflush(stdout);
}

static int write_trace(struct trace_file *file, const struct worker_options *o,
		       const struct tdm_worker *w, struct tdm_error *err)
{
	const char *device = tdm_worker_device(w);
	bool decode = o->worker.role == TDM_ROLE_DECODE;
	const struct story_about about = {
		.model = trace_file_base(o->model),
		.prefill_device = decode ? NULL : device,
		.decode_device = decode ? device : NULL,
		.net = tdm_net_name(tdm_agent_net(tdm_worker_agent(w))),
	};
	struct story story;
	int rc = 0;

	if (!file->out)
		return 0;
	if (story_tell(&story, o->worker.trace, &about))
		rc = tdm_error_set(err, -ENOMEM, "trace: out of memory; free some");
	if (!rc)
		rc = trace_file_write(file, trace_json, &story, err);
	story_forget(&story);
	return rc;
}

static int serve(const struct worker_options *o, struct trace_file *file, struct tdm_error *err)
{
	struct tdm_observer *observer = shown_start("tandem worker", o->no_observe);
	struct tdm_model *model = tdm_model_open(o->model, err);
	struct tdm_worker *worker = model ? tdm_worker_create(model, &o->worker, err) : NULL;
	struct tdm_error why;
	int rc = -EIO;

	if (worker) {
		shown_added(tdm_observer_add_worker(observer, worker));
		introduce(worker, o);
		rc = tdm_worker_run(worker, say, NULL, err);
		account(worker);
		if (write_trace(file, o, worker, &why) && !rc) {
			*err = why;
			rc = why.code;
		}
	}
	tdm_observer_stop(observer);
	tdm_worker_destroy(worker);
	tdm_model_close(model);
	return rc;
}

static int run(struct worker_options *o)
{
	struct trace_file file = { 0 };
	struct tdm_error err;
	int rc = 0;

	if (o->trace)
		rc = trace_file_open(&file, o->trace, &err);
	if (!rc && o->trace) {
		o->worker.trace = tdm_trace_create(TRACE_FILE_EVENTS);
		if (!o->worker.trace)
			rc = tdm_error_set(&err, -ENOMEM,
					   "trace: out of memory; leave --trace out");
	}
	if (!rc)
		rc = serve(o, &file, &err);
	trace_file_close(&file);
	tdm_trace_destroy(o->worker.trace);
	return rc ? command_not_begun(&err) : EXIT_DONE;
}

const struct argp worker_argp = {
	.options = options,
	.parser = parse,
	.doc = "Serve a device to clients on this host or others: 'tandem generate "
	       "--prefill-worker ADDR --decode-worker ADDR'.\v"
	       "Each request's end is a line on standard output, and so are the counters "
	       "when the worker is ended by SIGINT or SIGTERM. One request runs at a time, "
	       "more wait in line.\n\n"
	       "A key is made by: (umask 077; head -c 32 /dev/urandom | base64 > FILE). It "
	       "proves who may connect; what is sent is not encrypted.",
};

int command_worker(int argc, char **argv)
{
	struct worker_options o = { .worker = { .size = sizeof(o.worker) } };
	struct tdm_error err;
	int rc;

	if (command_parse(&worker_argp, argc, argv, &o, &err))
		return command_failed(&err);
	interrupt_start();
	o.worker.stop = interrupt_word();
	rc = run(&o);
	if (interrupt_name() && rc == EXIT_DONE)
		interrupt_exit();
	return rc;
}
