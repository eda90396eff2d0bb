/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The part of a device's name behind "soft:".
 */
#ifndef SOFT_OPTIONS_H
#define SOFT_OPTIONS_H

#include <stdint.h>

#include <tandem/error.h>

struct fw_profile;

/**
 * struct soft_options - what to make
 * @profile: class and limits
 * @memory_bytes: device memory in place of the profile's, or 0
 * @threads: compute threads, or 0 for as many as suit the machine
 * @bound_ms: of admin commands, or 0 for the firmware's own
 * @isa: name of the instruction set to compute with, or "" for the best one
 */
struct soft_options {
	const struct fw_profile *profile;
	uint64_t memory_bytes;
	unsigned int threads;
	uint32_t bound_ms;
	char isa[8];
};

/**
 * soft_options_parse - read "MODEL[,memory=BYTES][,threads=N][,isa=NAME][,bound=TIME]"
 * @name: the whole name, for messages; what is read is behind its first ':'
 *
 * Return: 0, -ENODEV an unknown model, -EINVAL a bad option; @err says which.
 */
int soft_options_parse(struct soft_options *options, const char *name, struct tdm_error *err);

#endif /* SOFT_OPTIONS_H */
