// SPDX-License-Identifier: GPL-2.0-only
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A module that does wrong on request: what the VM harness must notice.
 */
#include <linux/bug.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>

static char *what = "nothing";
module_param(what, charp, 0444);
MODULE_PARM_DESC(what, "nothing, warn, bug, panic, stop (all processors, for ever); "
		       "for the debug kernel: leak, freed, shift, sleep, order");

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spin);

/* Not known to the compiler, so that nothing of what follows is optimised away. */
static int thirty_three = 33;
module_param(thirty_three, int, 0444);

/* With interrupts off no detector of the kernel's own can tell. */
static void stand_still(void *unused)
{
	for (;;)
		cpu_relax();
}

/* Large, so that it shares its slab with few; its address is kept nowhere. */
static void leak(void)
{
	void *volatile lost = kmalloc(3000, GFP_KERNEL);

	lost = NULL;
}

static void use_freed(void)
{
	volatile char *bytes = kmalloc(64, GFP_KERNEL);

	if (!bytes)
		return;
	kfree((void *)bytes);
	bytes[8] = 1;
}

static void shift(void)
{
	pr_info("%d\n", 1 << thirty_three);
}

static void sleep_with_spinlock(void)
{
	spin_lock(&spin);
	might_sleep();
	spin_unlock(&spin);
}

static void lock_in_both_orders(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
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
	else if (!strcmp(what, "leak"))
		leak();
	else if (!strcmp(what, "freed"))
		use_freed();
	else if (!strcmp(what, "shift"))
		shift();
	else if (!strcmp(what, "sleep"))
		sleep_with_spinlock();
	else if (!strcmp(what, "order"))
		lock_in_both_orders();
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
