/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What goes over an observer's socket: one packet (SOCK_SEQPACKET) a request, one an
 * answer, in the machine's own byte order.
 *
 * Both begin with their size as their sender knows it. A request's tail that the
 * observer does not know must be zero (-E2BIG), as in tandem_accel.h; an answer's
 * records may be of any length, and who asked takes what it knows of them.
 *
 * Nothing is left unsaid in between: who asks for the next answer has read the last
 * one, so that an answer for which the socket has no room is of one who does not read.
 */
#ifndef OBSERVE_WIRE_H
#define OBSERVE_WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <tandem/observe.h>

#define OBSERVE_MAGIC 0x4f4d4454U /* "TDMO" */
#define OBSERVE_VERSION 1U

/* "@tandem/observe/PID/N" */
#define OBSERVE_PREFIX "tandem/observe/"

/* Bytes of an answer, head and records. */
#define OBSERVE_PACKET_MAX 32768U

enum observe_kind {
	OBSERVE_PROCESS = 1,
	OBSERVE_DEVICES = 2,
	OBSERVE_QUEUES = 3,
	OBSERVE_ENGINES = 4,
	OBSERVE_POOLS = 5,
	OBSERVE_AGENTS = 6,
	OBSERVE_PEERS = 7,
	OBSERVE_PAGES = 8,
	OBSERVE_VERIFY = 9,
	OBSERVE_BYTES = 10,
	OBSERVE_INJECT = 11,
};

/**
 * struct observe_request
 * @size: sizeof(struct observe_request)
 * @magic: OBSERVE_MAGIC
 * @version: OBSERVE_VERSION
 * @kind: enum observe_kind; unknown: -EOPNOTSUPP
 * @pool: of PAGES, VERIFY and BYTES; else 0
 * @first: records (pages) to leave out
 * @count: records at most, not 0
 * @reserved: 0
 * @inject: of INJECT; else 0
 */
struct observe_request {
	uint32_t size;
	uint32_t magic;
	uint32_t version;
	uint32_t kind;
	uint32_t pool;
	uint32_t first;
	uint32_t count;
	uint32_t reserved;
	struct tdm_observe_inject inject;
};

/**
 * struct observe_answer - the head; records lie behind @size bytes
 * @size: sizeof(struct observe_answer)
 * @magic, @version: as above, of the observer
 * @kind: as asked for
 * @error: 0 or a negative errno; a text lies behind the head then, to the packet's end
 * @count: records
 * @record_bytes: of each
 * @more: 1: there are more behind them
 */
struct observe_answer {
	uint32_t size;
	uint32_t magic;
	uint32_t version;
	uint32_t kind;
	int32_t error;
	uint32_t count;
	uint32_t record_bytes;
	uint32_t more;
};

_Static_assert(sizeof(struct observe_request) == 32 + 96, "observe_request");
_Static_assert(sizeof(struct observe_answer) == 32, "observe_answer");
_Static_assert(sizeof(struct tdm_observe_process) == 128, "tdm_observe_process");
_Static_assert(offsetof(struct tdm_observe_device, telemetry) == 80 + 160 + 48,
	       "tdm_observe_device");
_Static_assert(sizeof(struct tdm_observe_queue) == 80, "tdm_observe_queue");
_Static_assert(sizeof(struct tdm_observe_engine) == 72, "tdm_observe_engine");
_Static_assert(sizeof(struct tdm_observe_pool) == 64 + 32 + 32 + 64 + 8, "tdm_observe_pool");
_Static_assert(sizeof(struct tdm_observe_page) == 56, "tdm_observe_page");
_Static_assert(sizeof(struct tdm_observe_check) == 40, "tdm_observe_check");
_Static_assert(sizeof(struct tdm_observe_bytes) == 1032, "tdm_observe_bytes");
_Static_assert(offsetof(struct tdm_observe_agent, stats) == 136 + 64, "tdm_observe_agent");
_Static_assert(sizeof(struct tdm_observe_peer) == 104, "tdm_observe_peer");

/* The address of a process's observer number @n. Return: its length */
socklen_t observe_name(uint32_t pid, uint32_t n, struct sockaddr_un *at);

#endif /* OBSERVE_WIRE_H */
