/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TANDEM_DUMP_NETWORK_H
#define TANDEM_DUMP_NETWORK_H

struct bundle;
struct tdm_observed;

/* Those on NIC @net alone, or with NULL all of the process. */
void dump_network(struct bundle *b, struct tdm_observed *observed, const char *net);

#endif /* TANDEM_DUMP_NETWORK_H */
