// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <stddef.h>

#include "command.h"

static const struct command kv_commands[] = {
	{ "list", "pools of KV pages and the pages of them", &kv_list_argp, command_kv_list, NULL },
	{ "show", "one page", &kv_show_argp, command_kv_show, NULL },
	{ "verify", "compare pages with their CRCs", &kv_verify_argp, command_kv_verify, NULL },
	{ 0 },
};

const struct command commands[] = {
	{ "generate", "run a prompt through a model and print the text", &generate_argp,
	  command_generate, NULL },
	{ "trace", "run a prompt and write a timeline of it", &trace_argp, command_trace, NULL },
	{ "worker", "serve a device to clients on other hosts", &worker_argp, command_worker,
	  NULL },
	{ "list", "list the devices and what is missing", &list_argp, command_list, NULL },
	{ "info", "print all that is known of a device", &info_argp, command_info, NULL },
	{ "topo", "show where devices and RDMA devices are", &topo_argp, command_topo, NULL },
	{ "top", "show what devices do, live or once", &top_argp, command_top, NULL },
	{ "metrics", "print or serve metrics for Prometheus", &metrics_argp, command_metrics,
	  NULL },
	{ "ps", "list the processes that use devices", &ps_argp, command_ps, NULL },
	{ "kv", "look at the KV pages of running processes", NULL, NULL, kv_commands },
	{ "selftest", "test a device and say what it fails in", &selftest_argp, command_selftest,
	  NULL },
	{ "bench", "measure a device, as percentiles", &bench_argp, command_bench, NULL },
	{ "doctor", "say what of this machine is in the way, and what mends it", &doctor_argp,
	  command_doctor, NULL },
	{ "dump", "write all that can be read of a device into a bundle", &dump_argp, command_dump,
	  NULL },
	{ "decode", "explain a coredump or a bundle", &decode_argp, command_decode, NULL },
	{ "inject", "order a fault of a device or a software NIC", &inject_argp, command_inject,
	  NULL },
	{ "completion", "print a completion script for a shell", &completion_argp,
	  command_completion, NULL },
	{ 0 },
};
