// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "core/inject.h"

#include <errno.h>
#include <time.h>

#include "core/device.h"
#include "core/inject_flip.h"
#include "core/queue.h"

/* How often who stands still looks up. */
#define NAP_NS 1000000

#define BIT(kind) (1U << (kind))

int fw_inject_init(struct fw_inject *inject)
{
	return -pthread_mutex_init(&inject->lock, NULL);
}

void fw_inject_fini(struct fw_inject *inject)
{
	pthread_mutex_destroy(&inject->lock);
}

static uint32_t active(const struct fw_device *dev)
{
	return atomic_load_explicit(&dev->injecting, memory_order_relaxed);
}

/* The lock is held, as in all that write the mask. */
static void set_active(struct fw_device *dev, uint32_t mask)
{
	atomic_store_explicit(&dev->injecting, mask, memory_order_relaxed);
}

/* Return: whether it may happen now; an order whose time is over ends here. */
static bool is_due(struct fw_device *dev, enum tdm_inject_kind kind)
{
	if (!(active(dev) & BIT(kind)))
		return false;
	if (fw_now(dev) < dev->inject.orders[kind].until_ns)
		return true;
	set_active(dev, active(dev) & ~BIT(kind));
	return false;
}

/* It happened once. */
static void use(struct fw_device *dev, enum tdm_inject_kind kind)
{
	struct fw_inject_order *order = &dev->inject.orders[kind];

	if (order->left && !--order->left)
		set_active(dev, active(dev) & ~BIT(kind));
}

/* Return: whether it is to happen, once more, now */
static bool take(struct fw_device *dev, enum tdm_inject_kind kind)
{
	bool due;

	if (!(active(dev) & BIT(kind)))
		return false;
	pthread_mutex_lock(&dev->inject.lock);
	due = is_due(dev, kind);
	if (due) {
		dev->inject.injected++;
		use(dev, kind);
	}
	pthread_mutex_unlock(&dev->inject.lock);
	return due;
}

static bool order_is_sane(const struct tdm_admin_inject *o)
{
	bool alone = o->kind == TDM_INJECT_NONE || o->kind == TDM_INJECT_CRASH;

	if (o->kind >= TDM_INJECT_KINDS || o->reserved[0] || o->reserved[1] || o->reserved[2])
		return false;
	if (alone && (o->count || o->duration_ms))
		return false;
	if (o->kind == TDM_INJECT_STALL && o->count)
		return false;
	if (o->kind == TDM_INJECT_SLOW ? !o->value || o->value > TDM_INJECT_SLOW_MAX : o->value)
		return false;
	return o->kind == TDM_INJECT_BITFLIP || !o->seed;
}

int fw_inject_order(struct fw_device *dev, const struct tdm_admin_inject *o)
{
	struct fw_inject *inject = &dev->inject;

	if (!order_is_sane(o))
		return -EINVAL;
	if (o->kind == TDM_INJECT_CRASH)
		return dev->port->ops->crash ? 0 : -EOPNOTSUPP;
	if (o->kind == TDM_INJECT_NONE) {
		fw_inject_clear(dev);
		return 0;
	}
	pthread_mutex_lock(&inject->lock);
	inject->orders[o->kind] = (struct fw_inject_order){
		.left = o->count,
		.value = o->value,
		.until_ns = o->duration_ms ? fw_now(dev) + o->duration_ms * 1000000ULL : ~0ULL,
		.random = o->seed,
	};
	/* The answer to this has to get through. */
	if (o->kind == TDM_INJECT_DROP_IRQ)
		inject->drop_next = true;
	else
		set_active(dev, active(dev) | BIT(o->kind));
	pthread_mutex_unlock(&inject->lock);
	return 0;
}

void fw_inject_clear(struct fw_device *dev)
{
	pthread_mutex_lock(&dev->inject.lock);
	set_active(dev, 0);
	dev->inject.drop_next = false;
	pthread_mutex_unlock(&dev->inject.lock);
}

void fw_inject_tell(struct fw_device *dev, struct tdm_telemetry *t)
{
	pthread_mutex_lock(&dev->inject.lock);
	for (unsigned int kind = 0; kind < TDM_INJECT_KINDS; kind++)
		if (is_due(dev, (enum tdm_inject_kind)kind))
			t->inject_active |= BIT(kind);
	t->injected = dev->inject.injected;
	t->inject_addr = dev->inject.addr;
	pthread_mutex_unlock(&dev->inject.lock);
}

static void nap(uint64_t ns)
{
	struct timespec ts = { .tv_nsec = (long)(ns < NAP_NS ? ns : NAP_NS) };

	nanosleep(&ts, NULL);
}

static bool still_due(struct fw_device *dev, enum tdm_inject_kind kind)
{
	bool due;

	pthread_mutex_lock(&dev->inject.lock);
	due = is_due(dev, kind);
	pthread_mutex_unlock(&dev->inject.lock);
	return due;
}

/* Stand still until the order ends. Return: false when the device stops or is to be reset */
static bool stand(struct fw_device *dev, enum tdm_inject_kind kind)
{
	while (!fw_stopping(dev) && !fw_reset_wanted(dev)) {
		if (!still_due(dev, kind))
			return true;
		nap(NAP_NS);
	}
	return false;
}

/* One that is to happen a number of times is active until the last of them is over. */
static bool hang(struct fw_device *dev)
{
	bool goes_on;

	if (!still_due(dev, TDM_INJECT_HANG))
		return true;
	pthread_mutex_lock(&dev->inject.lock);
	dev->inject.injected++;
	pthread_mutex_unlock(&dev->inject.lock);
	goes_on = stand(dev, TDM_INJECT_HANG);
	pthread_mutex_lock(&dev->inject.lock);
	use(dev, TDM_INJECT_HANG);
	pthread_mutex_unlock(&dev->inject.lock);
	return goes_on;
}

void fw_inject_stall(struct fw_device *dev, bool (*ended)(void *arg), void *arg)
{
	if (!still_due(dev, TDM_INJECT_STALL))
		return;
	pthread_mutex_lock(&dev->inject.lock);
	dev->inject.injected++;
	pthread_mutex_unlock(&dev->inject.lock);
	while (!fw_stopping(dev) && !fw_reset_wanted(dev) && still_due(dev, TDM_INJECT_STALL)) {
		if (ended(arg))
			fw_inject_clear(dev);
		else
			nap(NAP_NS);
	}
}

static uint32_t value_of(struct fw_device *dev, enum tdm_inject_kind kind)
{
	uint32_t value;

	pthread_mutex_lock(&dev->inject.lock);
	value = dev->inject.orders[kind].value;
	pthread_mutex_unlock(&dev->inject.lock);
	return value;
}

static void slow_down(struct fw_device *dev)
{
	uint64_t end, now;

	if (!take(dev, TDM_INJECT_SLOW))
		return;
	now = fw_now(dev);
	end = now + value_of(dev, TDM_INJECT_SLOW) * 1000ULL;
	for (; now < end && !fw_stopping(dev) && !fw_reset_wanted(dev); now = fw_now(dev))
		nap(end - now);
}

bool fw_inject_before(struct fw_exec *x, enum fw_step *how)
{
	struct fw_device *dev = x->dev;

	if (!stand(dev, TDM_INJECT_STALL) || !hang(dev)) {
		/* It was dropped, and no other is begun: the reset takes them all. */
		fw_queue_stop(x->queue);
		*how = FW_PARKED;
		return true;
	}
	slow_down(dev);
	if (!x->first || !take(dev, TDM_INJECT_FAIL_CMD))
		return false;
	*how = fw_fail(x, TDM_ST_DEVICE, 0);
	return true;
}

enum fw_step fw_inject_after(struct fw_exec *x)
{
	struct fw_inject *inject = &x->dev->inject;
	uint64_t addr = 0;

	pthread_mutex_lock(&inject->lock);
	if (is_due(x->dev, TDM_INJECT_BITFLIP))
		addr = fw_inject_flip(x, &inject->orders[TDM_INJECT_BITFLIP].random);
	if (addr) {
		inject->addr = addr;
		inject->injected++;
		use(x->dev, TDM_INJECT_BITFLIP);
	}
	pthread_mutex_unlock(&inject->lock);
	return FW_DONE;
}

bool fw_inject_drops(struct fw_device *dev, bool answer)
{
	struct fw_inject *inject = &dev->inject;
	bool drops = take(dev, TDM_INJECT_DROP_IRQ);

	if (!answer)
		return drops;
	pthread_mutex_lock(&inject->lock);
	if (inject->drop_next) {
		inject->drop_next = false;
		set_active(dev, active(dev) | BIT(TDM_INJECT_DROP_IRQ));
	}
	pthread_mutex_unlock(&inject->lock);
	return drops;
}
