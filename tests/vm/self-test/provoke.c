// SPDX-License-Identifier: GPL-2.0-only
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A module that does wrong on request: what the VM harness must notice.
 */
#include <linux/bug.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/string.h>

static char *what = "nothing";
module_param(what, charp, 0444);
MODULE_PARM_DESC(what, "nothing, warn, bug, panic, or stop (all processors, for ever)");

/* With interrupts off no detector of the kernel's own can tell. */
static void stand_still(void *unused)
{
	for (;;)
		cpu_relax();
}

static int __init provoke_init(void)
{
	if (!strcmp(what, "warn"))
		WARN(1, "provoked by the harness's own test\n");
	else if (!strcmp(what, "bug"))
		BUG();
	else if (!strcmp(what, "panic"))
		panic("provoked by the harness's own test\n");
	else if (!strcmp(what, "stop"))
		on_each_cpu(stand_still, NULL, 0);
	return 0;
}

static void __exit provoke_exit(void)
{
}

module_init(provoke_init);
module_exit(provoke_exit);

MODULE_DESCRIPTION("Tandem: provoked failures for the tests of the VM harness");
MODULE_AUTHOR("The Tandem Authors");
MODULE_LICENSE("GPL");
