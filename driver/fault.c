// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "fault.h"

#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <drm/drm_print.h>

#include "context.h"

void tdm_faults_init(struct tdm_faults *faults)
{
	mutex_init(&faults->read_lock);
	spin_lock_init(&faults->lock);
}

void tdm_faults_add(struct tdm_faults *faults, const struct tdm_fault *fault)
{
	spin_lock(&faults->lock);
	if (faults->added - faults->taken == TDM_FAULT_KEEP) {
		faults->taken++;
		faults->lost++;
	}
	faults->ring[faults->added++ % TDM_FAULT_KEEP] = *fault;
	spin_unlock(&faults->lock);
}

/* A copy of the oldest, @max at most, which stay. Return: how many; @lost: out. */
static u32 peek(struct tdm_faults *faults, struct tdm_fault *out, u32 max, u64 *first, u64 *lost)
{
	u32 n = 0;

	spin_lock(&faults->lock);
	while (n < max && faults->taken + n != faults->added) {
		out[n] = faults->ring[(faults->taken + n) % TDM_FAULT_KEEP];
		n++;
	}
	*first = faults->taken;
	*lost = faults->lost;
	spin_unlock(&faults->lock);
	return n;
}

/* What was handed out is gone; what fell out meanwhile was read, and not lost. */
static void take(struct tdm_faults *faults, u64 first, u32 n, u64 lost)
{
	spin_lock(&faults->lock);
	lost += min_t(u64, faults->taken - first, n);
	faults->lost -= lost;
	faults->taken = max(faults->taken, first + n);
	spin_unlock(&faults->lock);
}

static int read_locked(struct tdm_faults *faults, struct drm_tandem_fault_read *args,
		       struct tdm_fault *copy)
{
	u32 max = min_t(u32, args->count, TDM_FAULT_KEEP);
	u64 first, lost;
	u32 n = peek(faults, copy, max, &first, &lost);

	if (copy_to_user(u64_to_user_ptr(args->faults), copy, n * sizeof(*copy)))
		return -EFAULT;
	take(faults, first, n, lost);
	args->count = n;
	args->lost = lost;
	return 0;
}

int tdm_fault_read_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_tandem_fault_read *args = data;
	struct tdm_faults *faults = &to_ctx(file)->faults;
	struct tdm_fault *copy;
	int ret;

	if (args->flags || args->reserved)
		return -EINVAL;
	/* A bad pointer is one whether there are records or not. */
	if (args->count &&
	    fault_in_safe_writeable(u64_to_user_ptr(args->faults), sizeof(*copy)))
		return -EFAULT;
	copy = kcalloc(TDM_FAULT_KEEP, sizeof(*copy), GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	ret = mutex_lock_interruptible(&faults->read_lock) ? -ERESTARTSYS : 0;
	if (!ret) {
		ret = read_locked(faults, args, copy);
		mutex_unlock(&faults->read_lock);
	}
	kfree(copy);
	return ret;
}

/* The first that is kept from number @i on. Return: whether there is one before @end. */
static bool next_shown(struct tdm_faults *faults, u64 *i, u64 end, struct tdm_fault *out)
{
	bool any;

	spin_lock(&faults->lock);
	if (faults->added > TDM_FAULT_KEEP)
		*i = max(*i, faults->added - TDM_FAULT_KEEP);
	any = *i < end;
	if (any)
		*out = faults->ring[(*i)++ % TDM_FAULT_KEEP];
	spin_unlock(&faults->lock);
	return any;
}

u64 tdm_faults_added(struct tdm_faults *faults)
{
	u64 added;

	spin_lock(&faults->lock);
	added = faults->added;
	spin_unlock(&faults->lock);
	return added;
}

static void show(const struct tdm_fault *f, u32 ctx, struct drm_printer *p)
{
	drm_printf(p, "fault context %u queue %u addr %#llx opcode %u access %u ", ctx, f->queue,
		   f->addr, f->opcode, f->access);
	/* Not "reason": that one is the rest of its line. */
	drm_printf(p, "why %u cookie %#llx time_ns %llu\n", f->reason, f->cookie, f->time_ns);
}

void tdm_faults_show(struct tdm_faults *faults, u32 ctx, struct drm_printer *p)
{
	u64 end = READ_ONCE(faults->added);
	struct tdm_fault f;
	u64 i = 0;

	/* One by one: the printer may sleep, and what comes meanwhile is not shown. */
	while (next_shown(faults, &i, end, &f))
		show(&f, ctx, p);
}
