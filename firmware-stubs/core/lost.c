// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "core/lost.h"

#include "core/context.h"
#include "core/device.h"

static struct fw_range *range_of(struct fw_vm *vm, const char *at)
{
	for (unsigned int i = 0; i < vm->count; i++) {
		struct fw_range *r = &vm->ranges[i];

		if (at >= r->ptr && (uint64_t)(at - r->ptr) < r->len)
			return r;
	}
	return NULL;
}

const struct fw_range *fw_lost_range(struct fw_device *dev, const void *at)
{
	struct fw_vm *vm = __atomic_load_n(&dev->running, __ATOMIC_RELAXED);
	struct fw_range *r = vm ? range_of(vm, at) : NULL;

	if (!r)
		return NULL;
	__atomic_store_n(&r->lost, true, __ATOMIC_RELAXED);
	/* Of several threads any one may have been the first. */
	__atomic_store_n(&dev->lost_dva, r->dva + (uint64_t)((const char *)at - r->ptr),
			 __ATOMIC_RELAXED);
	return r;
}

bool fw_lost_any(const struct fw_device *dev)
{
	return __builtin_expect(__atomic_load_n(&dev->lost_dva, __ATOMIC_RELAXED) != 0, 0);
}

enum fw_step fw_lost_end(struct fw_exec *x)
{
	struct fw_span bad = { .bad_addr = x->dev->lost_dva, .reason = TDM_FAULT_REVOKED };
	struct fw_port *port = x->dev->port;
	struct fw_vm *vm = &x->ctx->vm;
	unsigned int access = 0;

	for (unsigned int i = 0; i < vm->count; i++) {
		struct fw_range *r = &vm->ranges[i];

		if (!r->lost)
			continue;
		r->lost = false;
		/* Reading or writing: the handler is not told, so all that it may do. */
		access |= r->access;
		port->ops->range_again(port, r);
	}
	x->dev->lost_dva = 0;
	return fw_fault(x, &bad, access);
}
