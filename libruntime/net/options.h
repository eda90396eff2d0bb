/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The tail of a network device's name: [:WORD][,key=number]...
 */
#ifndef NET_OPTIONS_H
#define NET_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include <tandem/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One known key; @value keeps its default when the key is not given. */
struct net_option {
	const char *key;
	uint64_t *value;
	uint64_t min;
	uint64_t max;
};

/**
 * net_options_parse - take a name's tail apart
 * @prefix: for messages
 * @args: "", ":WORD", ",k=v" or ":WORD,k=v"
 * @word: room for WORD, "" when there is none
 *
 * Return: 0 or -EINVAL
 */
int net_options_parse(const char *prefix, const char *args, char *word, size_t room,
		      const struct net_option *options, size_t n, struct tdm_error *err);

#ifdef __cplusplus
}
#endif

#endif /* NET_OPTIONS_H */
