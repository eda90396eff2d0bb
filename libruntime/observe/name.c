// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Names: of an observer's socket, and of what its records say.
 */
#include <stdio.h>
#include <string.h>

#include "observe/wire.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

socklen_t observe_name(uint32_t pid, uint32_t n, struct sockaddr_un *at)
{
	int len;

	memset(at, 0, sizeof(*at));
	at->sun_family = AF_UNIX;
	len = snprintf(at->sun_path + 1, sizeof(at->sun_path) - 1, OBSERVE_PREFIX "%u/%u", pid, n);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
}

const char *tdm_observe_role_name(uint32_t role)
{
	static const char *const names[] = { "engine", "prefill worker", "decode worker" };

	return role < N_OF(names) ? names[role] : "unknown";
}

const char *tdm_observe_stage_name(uint32_t stage)
{
	static const char *const names[] = { "idle", "prefill", "transfer", "decode" };

	return stage < N_OF(names) ? names[stage] : "unknown";
}

const char *tdm_observe_verdict_name(uint32_t verdict)
{
	static const char *const names[] = { "ok", "differs", "no CRC", "changed meanwhile",
					     "layout" };

	return verdict < N_OF(names) ? names[verdict] : "unknown";
}
