// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <stddef.h>

#include "command.h"

const struct command commands[] = {
	{ "generate", "run a prompt through a model and print the text", &generate_argp,
	  command_generate, NULL },
	{ "worker", "serve a device to clients on other hosts", &worker_argp, command_worker,
	  NULL },
	{ "devices", "list the devices that can be opened", &devices_argp, command_devices, NULL },
	{ "completion", "print a completion script for a shell", &completion_argp,
	  command_completion, NULL },
	{ 0 },
};
