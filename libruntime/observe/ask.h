/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The side that looks: one connection, one question at a time. Whatever answers is
 * not believed: lengths and counts are checked against what came.
 */
#ifndef OBSERVE_ASK_H
#define OBSERVE_ASK_H

#include "observe/scan.h"
#include "observe/wire.h"

struct tdm_observed {
	struct observe_place at;
	int fd;		     /* -1: dropped by the other side */
	uint64_t timeout_ns; /* for an answer, and how long at most while it goes on */
	uint64_t longest_ns;
	struct tdm_observe_process process;
	_Alignas(8) char packet[OBSERVE_PACKET_MAX];
};

/* Connect; hear the greeting into o->process. Return: 0 or -errno */
int ask_dial(struct tdm_observed *o, struct tdm_error *err);

/**
 * ask_once - one request, one answer
 * Return: its head, checked, with the records behind it in o->packet; NULL on error
 */
const struct observe_answer *ask_once(struct tdm_observed *o, const struct observe_request *req,
				      struct tdm_error *err);

/**
 * ask_all - every record of a kind
 * @req: kind, pool, first, count
 * @bytes: of a record as it is known here
 * Return: as tdm_observed_pools() and its like
 */
void *ask_all(struct tdm_observed *o, const struct observe_request *req, uint32_t bytes,
	      uint32_t *n, struct tdm_error *err);

/* A text of the other side: terminated, and fit for a terminal. */
void ask_clean(char *text, size_t room);

#endif /* OBSERVE_ASK_H */
