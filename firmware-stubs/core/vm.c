// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "core/vm.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void fw_vm_fini(struct fw_vm *vm)
{
	free(vm->ranges);
	memset(vm, 0, sizeof(*vm));
}

static bool range_is_sane(uint64_t dva, uint64_t len)
{
	return len && dva >= TDM_DVA_MIN && dva < TDM_DVA_END && len <= TDM_DVA_END - dva;
}

/* Index of the first range that ends behind @dva. */
static unsigned int lower_bound(const struct fw_vm *vm, uint64_t dva)
{
	unsigned int lo = 0, hi = vm->count;

	while (lo < hi) {
		unsigned int mid = lo + (hi - lo) / 2;

		if (vm->ranges[mid].dva + vm->ranges[mid].len <= dva)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int grow(struct fw_vm *vm)
{
	unsigned int room = vm->room ? vm->room * 2 : 16;
	struct fw_range *ranges;

	if (vm->count < vm->room)
		return 0;
	ranges = reallocarray(vm->ranges, room, sizeof(*ranges));
	if (!ranges)
		return -ENOMEM;
	vm->ranges = ranges;
	vm->room = room;
	return 0;
}

int fw_vm_add(struct fw_vm *vm, const struct fw_range *range)
{
	unsigned int at;
	int rc;

	if (!range_is_sane(range->dva, range->len))
		return -EINVAL;
	at = lower_bound(vm, range->dva);
	if (at < vm->count && vm->ranges[at].dva < range->dva + range->len)
		return -EEXIST;
	rc = grow(vm);
	if (rc)
		return rc;
	memmove(&vm->ranges[at + 1], &vm->ranges[at], (vm->count - at) * sizeof(*range));
	vm->ranges[at] = *range;
	vm->count++;
	return 0;
}

struct fw_range fw_vm_take(struct fw_vm *vm, uint64_t dva, uint64_t len)
{
	unsigned int at = lower_bound(vm, dva);
	struct fw_range none = { .ptr = NULL };
	struct fw_range found;

	if (at == vm->count || vm->ranges[at].dva != dva || vm->ranges[at].len != len)
		return none;
	found = vm->ranges[at];
	vm->count--;
	memmove(&vm->ranges[at], &vm->ranges[at + 1], (vm->count - at) * sizeof(found));
	vm->last = 0;
	return found;
}

static const struct fw_range *find(struct fw_vm *vm, uint64_t dva)
{
	const struct fw_range *r;

	if (vm->last < vm->count) {
		r = &vm->ranges[vm->last];
		if (dva >= r->dva && dva - r->dva < r->len)
			return r;
	}
	vm->last = lower_bound(vm, dva);
	if (vm->last == vm->count || vm->ranges[vm->last].dva > dva)
		return NULL;
	return &vm->ranges[vm->last];
}

static struct fw_span bad(uint64_t addr, enum tdm_fault_reason reason)
{
	return (struct fw_span){ .bad_addr = addr, .reason = reason };
}

struct fw_span fw_vm_span(struct fw_vm *vm, uint64_t dva, uint64_t len, unsigned int access)
{
	const struct fw_range *r;
	uint64_t left;

	if (!range_is_sane(dva, len))
		return bad(dva, TDM_FAULT_RANGE);
	r = find(vm, dva);
	if (!r)
		return bad(dva, TDM_FAULT_UNMAPPED);
	if (access & ~r->access)
		return bad(dva, TDM_FAULT_READONLY);
	left = r->len - (dva - r->dva);
	return (struct fw_span){ .ptr = r->ptr + (dva - r->dva), .len = len < left ? len : left };
}

struct fw_span fw_vm_whole(struct fw_vm *vm, uint64_t dva, uint64_t len, unsigned int access,
			   uint64_t align)
{
	struct fw_span span = fw_vm_span(vm, dva, len, access);

	if (!span.ptr)
		return span;
	if (dva & (align - 1))
		return bad(dva, TDM_FAULT_ALIGN);
	if (span.len < len) {
		bool mapped = find(vm, dva + span.len) != NULL;

		return bad(dva + span.len, mapped ? TDM_FAULT_SPLIT : TDM_FAULT_UNMAPPED);
	}
	return span;
}
