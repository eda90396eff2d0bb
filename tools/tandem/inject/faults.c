// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The faults that can be ordered, and what each does, in words.
 */
#include <tandem/inject.h>
#include <tandem/net.h>

#include "inject/inject.h"

#define COUNT INJECT_COUNT
#define FOR INJECT_FOR

const struct inject_fault inject_faults[] = {
	{ "none", TDM_INJECT_NONE, false, 0, "end all that is ordered" },
	{ "hang", TDM_INJECT_HANG, false, COUNT | FOR,
	  "compute stands still in its next command, the heart beats" },
	{ "stall", TDM_INJECT_STALL, false, FOR,
	  "all of the firmware stands still; of a node, 'none' waits for its reset" },
	{ "slow", TDM_INJECT_SLOW, false, COUNT | FOR | INJECT_VALUE,
	  "a slice takes --value microseconds longer, 1 to 1000000" },
	{ "bitflip", TDM_INJECT_BITFLIP, false, COUNT | FOR | INJECT_SEED,
	  "a bit of what a command wrote is flipped, by --seed" },
	{ "drop-irq", TDM_INJECT_DROP_IRQ, false, COUNT | FOR, "an interrupt is not raised" },
	{ "fail-cmd", TDM_INJECT_FAIL_CMD, false, COUNT | FOR,
	  "a command ends in the status 'device' and does nothing" },
	{ "crash", TDM_INJECT_CRASH, false, 0, "the device is gone at once" },
	{ "link-down", TDM_NET_INJECT_LINK_DOWN, true, FOR,
	  "nothing gets through a software NIC (soft:rc@PID), neither way" },
};

const unsigned int inject_n_faults = sizeof(inject_faults) / sizeof(inject_faults[0]);
