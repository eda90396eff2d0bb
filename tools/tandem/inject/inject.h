/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Faults that can be ordered, and how an order reaches who makes them.
 */
#ifndef TANDEM_INJECT_CLI_H
#define TANDEM_INJECT_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include <tandem/error.h>

/* Members of an order that a fault takes. */
enum {
	INJECT_COUNT = 1,
	INJECT_FOR = 2,
	INJECT_VALUE = 4,
	INJECT_SEED = 8,
};

/**
 * struct inject_fault
 * @kind: enum tdm_inject_kind, or enum tdm_net_inject
 * @net: of a NIC, not of a device
 */
struct inject_fault {
	const char *name;
	uint32_t kind;
	bool net;
	unsigned int members;
	const char *what;
};

extern const struct inject_fault inject_faults[];
extern const unsigned int inject_n_faults;

struct inject_order {
	const struct inject_fault *fault;
	unsigned int members; /* that were given */
	uint32_t count;
	uint32_t duration_ms;
	uint32_t value;
	uint64_t seed;
};

/** inject_device - a node of the kernel's driver. Return: 0 or -errno with @err */
int inject_device(const char *name, const struct inject_order *order, struct tdm_error *err);

/** inject_process - "soft:trn2@4312", "soft:rc@4312". Return: 0 or -errno with @err */
int inject_process(const char *name, const struct inject_order *order, struct tdm_error *err);

#endif /* TANDEM_INJECT_CLI_H */
