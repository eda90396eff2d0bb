// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The contracts in kernel context: that they compile there with the layout that
 * userspace sees, which their static asserts prove. The driver itself is not
 * part of this version, and loading the module says so.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/printk.h>

#include "tandem_accel.h"

static int __init tandem_init(void)
{
	pr_info("tandem: the kernel driver is not part of this version; use soft devices\n");
	return -ENODEV;
}
module_init(tandem_init);

MODULE_DESCRIPTION("Tandem: contracts of the accelerator driver (no driver yet)");
MODULE_AUTHOR("The Tandem Authors");
MODULE_LICENSE("GPL");
