/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Names of soft devices in other processes: "soft:trn2@4312" is process 4312's device
 * that was opened as soft:trn2, whatever options followed.
 */
#ifndef TANDEM_SOFT_NAME_H
#define TANDEM_SOFT_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include <tandem/observe.h>

struct soft_name {
	char device[64]; /* "soft:trn2" */
	uint32_t pid;
};

/* Is it one at all: with an @ and a number behind it. */
bool soft_name_parse(const char *text, struct soft_name *name);

/**
 * soft_name_connect - look at the process of a soft device
 * @dev: its record
 * Return: to be closed; NULL with @err: -ENODEV no such device, or process
 */
struct tdm_observed *soft_name_connect(const char *text, struct soft_name *name,
				       struct tdm_observe_device *dev, struct tdm_error *err);

/**
 * soft_name_find_net - a NIC of the process of that name, "soft:rc", whatever options followed
 * @target: set to its whole name
 */
bool soft_name_find_net(struct tdm_observed *observed, const struct soft_name *name,
			char target[64]);

/* Of struct tdm_observe_device; a word of the driver's attribute state. Static. */
const char *soft_state_name(int error);

#endif /* TANDEM_SOFT_NAME_H */
