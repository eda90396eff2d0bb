// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The control node /dev/tandem-emu (tandem_emu.h).
 */
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/idr.h>
#include <linux/miscdevice.h>
#include <linux/platform_device.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "device.h"
#include "emu.h"
#include "live.h"
#include "store.h"

static DEFINE_IDA(emu_ids);

/* What read() and poll() of one open file go by; relaxed, one reader is meant. */
struct emu_file {
	struct emu *emu; /* with a reference */
	u32 seen[TDM_EMU_N_BELLS];
};

void emu_get(struct emu *emu)
{
	kref_get(&emu->ref);
}

static void emu_release(struct kref *ref)
{
	struct emu *emu = container_of(ref, struct emu, ref);
	struct emu_mem *mem;
	unsigned long id;

	/* The bells: the rest went with the device. */
	xa_for_each(&emu->mems, id, mem)
		emu_mem_put(mem);
	xa_destroy(&emu->mems);
	put_pid(emu->owner);
	ida_free(&emu_ids, emu->id);
	mutex_destroy(&emu->lock);
	kfree(emu);
	tdm_live_dec(TDM_LIVE_NODES);
}

void emu_put(struct emu *emu)
{
	kref_put(&emu->ref, emu_release);
}

static u32 *bell(struct emu *emu, enum tdm_emu_bell which)
{
	struct tdm_emu_bells *bells = tdm_store_ptr(emu->bells->store, 0);

	return &bells->bell[which].count;
}

u32 emu_bell_count(struct emu *emu, enum tdm_emu_bell which)
{
	/* What it announces is loaded after it. */
	return smp_load_acquire(bell(emu, which));
}

void emu_ring(struct emu *emu, enum tdm_emu_bell which)
{
	atomic_t *count = (atomic_t *)bell(emu, which);

	/* Fully ordered: what it announces is out before, the look for sleepers after. */
	atomic_inc_return(count);
	wake_up_all(&emu->bell_wait[which]);
	wake_up_poll(&emu->poll_wait, which == TDM_EMU_BELL_ADMIN ? EPOLLIN : EPOLLPRI);
}

static int add_bells(struct emu *emu)
{
	struct tdm_store *store = tdm_store_create(NULL, NULL, 0, PAGE_SIZE);
	struct tdm_share share;
	int ret;

	if (IS_ERR(store))
		return PTR_ERR(store);
	ret = tdm_store_populate(store);
	if (!ret)
		ret = emu_mem_add(emu, store, TDM_ACCESS_READ, &share);
	if (!ret)
		emu->bells = xa_load(&emu->mems, share.id);
	tdm_store_put(store);
	return ret;
}

static struct emu *emu_alloc(void)
{
	struct emu *emu = kzalloc(sizeof(*emu), GFP_KERNEL_ACCOUNT);
	int id = emu ? ida_alloc(&emu_ids, GFP_KERNEL) : -ENOMEM;
	int ret;
	int i;

	if (id < 0) {
		kfree(emu);
		return ERR_PTR(id);
	}
	tdm_live_inc(TDM_LIVE_NODES);
	kref_init(&emu->ref);
	mutex_init(&emu->lock);
	emu->id = id;
	xa_init_flags(&emu->mems, XA_FLAGS_ALLOC1);
	for (i = 0; i < TDM_EMU_N_BELLS; i++)
		init_waitqueue_head(&emu->bell_wait[i]);
	init_waitqueue_head(&emu->poll_wait);
	ret = add_bells(emu);
	if (!ret)
		return emu;
	emu_put(emu);
	return ERR_PTR(ret);
}

static int node_open(struct inode *inode, struct file *filp)
{
	struct emu_file *file;
	struct emu *emu;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);
	if (!file)
		return -ENOMEM;
	emu = emu_alloc();
	if (IS_ERR(emu)) {
		kfree(file);
		return PTR_ERR(emu);
	}
	file->emu = emu;
	filp->private_data = file;
	return stream_open(inode, filp);
}

/* Surprise removal; a second one is none. Never waits for the firmware. */
static void emu_end(struct emu *emu)
{
	struct platform_device *pdev;

	mutex_lock(&emu->lock);
	WRITE_ONCE(emu->ended, true);
	pdev = emu->pdev;
	emu->pdev = NULL;
	mutex_unlock(&emu->lock);
	if (pdev)
		platform_device_unregister(pdev);
}

static bool is_owner(struct emu *emu)
{
	/* With it, emu->tdm is there. */
	return smp_load_acquire(&emu->owner) == task_tgid(current);
}

/* Every close(2), and what exit makes of it: of the device's own process it counts. */
static int node_flush(struct file *filp, fl_owner_t id)
{
	struct emu_file *file = filp->private_data;

	if (is_owner(file->emu))
		emu_end(file->emu);
	return 0;
}

/* The last descriptor and mapping are gone. */
static int node_release(struct inode *inode, struct file *filp)
{
	struct emu_file *file = filp->private_data;
	struct emu *emu = file->emu;

	emu_end(emu);
	filp->f_mapping = inode->i_mapping;
	if (emu->tdm)
		drm_dev_put(&emu->tdm->drm);
	emu_put(emu);
	kfree(file);
	return 0;
}

static int create_locked(struct file *filp, struct emu *emu)
{
	int ret;

	if (emu->ended)
		return -ENODEV;
	if (emu->owner)
		return -EBUSY;
	ret = emu_bus_add(emu);
	if (ret)
		return ret;
	/* A mapping of its own, so that revoking here touches nobody else. */
	filp->f_mapping = emu->tdm->drm.anon_inode->i_mapping;
	WRITE_ONCE(emu->mapping, filp->f_mapping);
	/* After emu->tdm, for is_owner(). */
	smp_store_release(&emu->owner, get_pid(task_tgid(current)));
	tdm_device_start(emu->tdm);
	return 0;
}

static long create(struct file *filp, struct emu *emu, struct tdm_emu_create *args)
{
	int ret;

	if (args->size != sizeof(*args) || args->flags)
		return -EINVAL;
	if (args->abi != TDM_EMU_ABI)
		return -EOPNOTSUPP;
	if (mutex_lock_interruptible(&emu->lock))
		return -ERESTARTSYS;
	ret = create_locked(filp, emu);
	mutex_unlock(&emu->lock);
	args->id = emu->id;
	return ret;
}

static enum tdm_emu_state state_of(struct tdm_device *dev)
{
	switch (READ_ONCE(dev->state)) {
	case TDM_DEV_BOOTING:
		return TDM_EMU_BOOTING;
	case TDM_DEV_READY:
		return TDM_EMU_READY;
	case TDM_DEV_RESETTING:
		return TDM_EMU_RESETTING;
	case TDM_DEV_FAILED:
		return TDM_EMU_FAILED;
	default:
		return TDM_EMU_GONE;
	}
}

static long status(struct emu *emu, struct tdm_emu_status *args)
{
	struct tdm_device *dev = emu->tdm;

	if (args->size != sizeof(*args))
		return -EINVAL;
	memset(args, 0, sizeof(*args));
	args->size = sizeof(*args);
	args->state = state_of(dev);
	if (args->state == TDM_EMU_FAILED)
		args->error = READ_ONCE(dev->error);
	args->clients = atomic_read(&dev->clients);
	if (args->state == TDM_EMU_READY || args->state == TDM_EMU_RESETTING)
		snprintf(args->node, sizeof(args->node), TDM_NODE_PREFIX "%s",
			 strrchr(dev_name(tdm_node_minor(&dev->drm)->kdev), '/') ?
				 strrchr(dev_name(tdm_node_minor(&dev->drm)->kdev), '/') + 1 :
				 dev_name(tdm_node_minor(&dev->drm)->kdev));
	return 0;
}

static bool rung(struct emu *emu, u32 which, u32 seen)
{
	return emu_bell_count(emu, which) != seen;
}

static long bell_wait(struct emu *emu, const struct tdm_emu_bell_wait *args)
{
	ktime_t expires = ns_to_ktime(min_t(u64, args->deadline_ns, KTIME_MAX));
	DEFINE_WAIT(wait);
	long ret = 0;

	if (args->size != sizeof(*args) || args->flags || args->bell >= TDM_EMU_N_BELLS)
		return -EINVAL;
	while (!ret) {
		prepare_to_wait(&emu->bell_wait[args->bell], &wait, TASK_INTERRUPTIBLE);
		if (READ_ONCE(emu->tdm->state) == TDM_DEV_GONE)
			ret = -ENODEV;
		if (ret || rung(emu, args->bell, args->seen))
			break;
		if (signal_pending(current))
			ret = -ERESTARTSYS;
		else if (!schedule_hrtimeout(&expires, HRTIMER_MODE_ABS))
			ret = rung(emu, args->bell, args->seen) ? 0 : -ETIMEDOUT;
	}
	finish_wait(&emu->bell_wait[args->bell], &wait);
	return ret;
}

static long bell_ring(struct emu *emu, const struct tdm_emu_bell_ring *args)
{
	if (args->size != sizeof(*args) || args->bell >= TDM_EMU_N_BELLS)
		return -EINVAL;
	emu_ring(emu, args->bell);
	return 0;
}

/* Largest argument of a call. */
union call_args {
	struct tdm_emu_create create;
	struct tdm_emu_status status;
	struct tdm_emu_bell_wait bell_wait;
	struct tdm_emu_bell_ring bell_ring;
};

static long call(struct file *filp, unsigned int cmd, union call_args *args)
{
	struct emu_file *file = filp->private_data;
	struct emu *emu = file->emu;

	if (cmd == TDM_EMU_CREATE)
		return create(filp, emu, &args->create);
	if (!is_owner(emu))
		return -EPERM;
	switch (cmd) {
	case TDM_EMU_STATUS:
		return status(emu, &args->status);
	case TDM_EMU_BELL_WAIT:
		return bell_wait(emu, &args->bell_wait);
	case TDM_EMU_BELL_RING:
		return bell_ring(emu, &args->bell_ring);
	case TDM_EMU_RAISE:
		tdm_device_interrupt(emu->tdm);
		return READ_ONCE(emu->tdm->state) == TDM_DEV_GONE ? -ENODEV : 0;
	default:
		return -ENOTTY;
	}
}

static long node_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;
	union call_args args = {};
	unsigned int bytes = _IOC_SIZE(cmd);
	long ret;

	if (_IOC_TYPE(cmd) != TDM_EMU_IOC || bytes > sizeof(args))
		return -ENOTTY;
	if (copy_from_user(&args, user, bytes))
		return -EFAULT;
	ret = call(filp, cmd, &args);
	if (!ret && copy_to_user(user, &args, bytes))
		return -EFAULT;
	return ret;
}

static int node_mmap(struct file *filp, struct vm_area_struct *vma)
{
	struct emu_file *file = filp->private_data;

	if (!is_owner(file->emu))
		return -EPERM;
	if (READ_ONCE(file->emu->tdm->state) == TDM_DEV_GONE)
		return -ENODEV;
	return emu_map(file->emu, vma);
}

static ssize_t node_read(struct file *filp, char __user *buf, size_t len, loff_t *pos)
{
	struct emu_file *file = filp->private_data;
	u32 counts[TDM_EMU_N_BELLS];
	int i;

	if (!is_owner(file->emu))
		return -EPERM;
	if (len < sizeof(counts))
		return -EINVAL;
	for (i = 0; i < TDM_EMU_N_BELLS; i++)
		counts[i] = emu_bell_count(file->emu, i);
	if (copy_to_user(buf, counts, sizeof(counts)))
		return -EFAULT;
	memcpy(file->seen, counts, sizeof(counts));
	return sizeof(counts);
}

static __poll_t node_poll(struct file *filp, poll_table *table)
{
	struct emu_file *file = filp->private_data;
	struct emu *emu = file->emu;
	__poll_t mask = 0;

	poll_wait(filp, &emu->poll_wait, table);
	if (!is_owner(emu))
		return EPOLLERR;
	if (rung(emu, TDM_EMU_BELL_ADMIN, READ_ONCE(file->seen[TDM_EMU_BELL_ADMIN])))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (rung(emu, TDM_EMU_BELL_COMPUTE, READ_ONCE(file->seen[TDM_EMU_BELL_COMPUTE])) ||
	    rung(emu, TDM_EMU_BELL_STATUS, READ_ONCE(file->seen[TDM_EMU_BELL_STATUS])))
		mask |= EPOLLPRI;
	if (READ_ONCE(emu->tdm->state) == TDM_DEV_GONE)
		mask |= EPOLLHUP;
	return mask;
}

static const struct file_operations node_fops = {
	.owner = THIS_MODULE,
	.open = node_open,
	.flush = node_flush,
	.release = node_release,
	.unlocked_ioctl = node_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = node_mmap,
	.read = node_read,
	.poll = node_poll,
	.llseek = noop_llseek,
};

static struct miscdevice node = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "tandem-emu",
	.fops = &node_fops,
	.mode = 0600,
};

int tdm_emu_init(void)
{
	int ret = emu_bus_init();

	if (ret)
		return ret;
	ret = misc_register(&node);
	if (ret)
		emu_bus_exit();
	return ret;
}

void tdm_emu_exit(void)
{
	misc_deregister(&node);
	emu_bus_exit();
	ida_destroy(&emu_ids);
}
