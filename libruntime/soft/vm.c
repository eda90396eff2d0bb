// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "soft/vm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "soft/bo.h"
#include "soft/device.h"
#include "soft/file.h"

/*
 * The kernel's choice: whole GUARD units with at least one unmapped unit behind
 * each range, so that running off a buffer's end is a fault and not its
 * neighbour. It starts high enough that no small integer is an address.
 */
#define GUARD 0x10000ULL
#define FIRST_DVA 0x100000000ULL

/* The first range that ends behind @dva. */
static uint32_t range_behind(const struct soft_vm *vm, uint64_t dva)
{
	uint32_t low = 0;
	uint32_t high = vm->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (vm->ranges[mid].dva + vm->ranges[mid].len <= dva)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static uint64_t guarded(uint64_t end)
{
	return (end + GUARD - 1) / GUARD * GUARD + GUARD;
}

/* First gap from @from on that takes @len and its guard; 0: none. */
static uint64_t find_gap(const struct soft_vm *vm, uint64_t from, uint64_t len)
{
	uint64_t dva = from;

	for (uint32_t i = range_behind(vm, from); i < vm->count; i++) {
		if (guarded(dva + len) <= vm->ranges[i].dva)
			return dva;
		dva = guarded(vm->ranges[i].dva + vm->ranges[i].len);
	}
	return guarded(dva + len) <= TDM_DVA_END ? dva : 0;
}

static uint64_t choose(struct soft_vm *vm, uint64_t len)
{
	uint64_t dva;

	/* Longer than all of the address space: before any sum can wrap. */
	if (len > TDM_DVA_END)
		return 0;
	dva = find_gap(vm, vm->next ? vm->next : FIRST_DVA, len);
	if (!dva)
		dva = find_gap(vm, FIRST_DVA, len);
	if (dva)
		vm->next = guarded(dva + len);
	return dva;
}

static int make_room(struct soft_vm *vm)
{
	uint32_t room = vm->room ? vm->room * 2 : 16;
	struct soft_range *ranges;

	if (vm->count < vm->room)
		return 0;
	ranges = reallocarray(vm->ranges, room, sizeof(*ranges));
	if (!ranges)
		return -ENOMEM;
	vm->ranges = ranges;
	vm->room = room;
	return 0;
}

static int check_map(const struct soft_file *file, const struct drm_tandem_vm_map *map)
{
	uint64_t mask = file->dev->identify.page_bytes - 1;

	if (map->flags || (map->access & ~(uint32_t)(TDM_ACCESS_READ | TDM_ACCESS_WRITE)) ||
	    !(map->access & TDM_ACCESS_READ))
		return -EINVAL;
	if (!map->len || (map->len & mask) || (map->offset & mask) || (map->dva & mask) ||
	    map->offset + map->len < map->offset)
		return -EINVAL;
	if (map->dva && (map->dva < TDM_DVA_MIN || map->dva >= TDM_DVA_END ||
			 map->len > TDM_DVA_END - map->dva))
		return -EINVAL;
	return 0;
}

static int send_map(struct soft_file *file, const struct drm_tandem_vm_map *map, uint64_t dva,
		    struct soft_bo *bo)
{
	struct tdm_admin_cmd cmd = { .opcode = TDM_ADMIN_MAP };

	cmd.map.ctx = file->ctx;
	cmd.map.access = map->access;
	cmd.map.dva = dva;
	cmd.map.len = map->len;
	cmd.map.bus = (uint64_t)(uintptr_t)bo->mem.ptr + map->offset;
	return soft_admin_run(file->dev, &cmd);
}

static int map_locked(struct soft_file *file, struct drm_tandem_vm_map *map)
{
	struct soft_vm *vm = &file->vm;
	struct soft_handle *handle = soft_table_get(&file->bos, map->handle);
	struct soft_range range = { .dva = map->dva, .len = map->len };
	uint32_t at;
	int rc;

	if (!handle)
		return -ENOENT;
	if (map->offset + map->len > handle->bo->mem.bytes)
		return -EINVAL;
	rc = make_room(vm);
	if (rc)
		return rc;
	if (!range.dva)
		range.dva = choose(vm, range.len);
	if (!range.dva)
		return -ENOSPC;
	at = range_behind(vm, range.dva);
	if (at < vm->count && vm->ranges[at].dva < range.dva + range.len)
		return -EEXIST;

	range.bo = handle->bo;
	pthread_mutex_lock(&file->dev->lock);
	rc = soft_mem_map(&range.bo->mem);
	if (!rc)
		soft_bo_get(range.bo);
	pthread_mutex_unlock(&file->dev->lock);
	if (rc)
		return rc;
	rc = send_map(file, map, range.dva, range.bo);
	if (rc) {
		/* Without an answer the firmware may have it: the reference stays. */
		if (!soft_device_dead(file->dev))
			soft_bo_put(range.bo);
		return rc;
	}
	memmove(&vm->ranges[at + 1], &vm->ranges[at], (vm->count - at) * sizeof(range));
	vm->ranges[at] = range;
	vm->count++;
	map->dva = range.dva;
	return 0;
}

int soft_vm_map(struct soft_file *file, void *arg)
{
	int rc = check_map(file, arg);

	if (rc)
		return rc;
	pthread_mutex_lock(&file->lock);
	rc = map_locked(file, arg);
	pthread_mutex_unlock(&file->lock);
	return rc;
}

static int unmap_at(struct soft_file *file, uint32_t at)
{
	struct soft_vm *vm = &file->vm;
	struct soft_range range = vm->ranges[at];
	struct tdm_admin_cmd cmd = { .opcode = TDM_ADMIN_UNMAP };
	int rc;

	cmd.map.ctx = file->ctx;
	cmd.map.dva = range.dva;
	cmd.map.len = range.len;
	rc = soft_admin_run(file->dev, &cmd);
	if (rc)
		return rc;
	vm->count--;
	memmove(&vm->ranges[at], &vm->ranges[at + 1], (vm->count - at) * sizeof(range));
	soft_bo_put(range.bo);
	return 0;
}

int soft_vm_unmap(struct soft_file *file, void *arg)
{
	const struct drm_tandem_vm_unmap *unmap = arg;
	uint64_t mask = file->dev->identify.page_bytes - 1;
	struct soft_vm *vm = &file->vm;
	uint32_t at;
	int rc = -ENOENT;

	if (unmap->flags || !unmap->len || (unmap->len & mask) || (unmap->dva & mask) ||
	    unmap->dva + unmap->len < unmap->dva)
		return -EINVAL;
	pthread_mutex_lock(&file->lock);
	at = range_behind(vm, unmap->dva);
	if (at < vm->count && vm->ranges[at].dva == unmap->dva)
		rc = vm->ranges[at].len == unmap->len ? unmap_at(file, at) : -EINVAL;
	pthread_mutex_unlock(&file->lock);
	return rc;
}

void soft_vm_unmap_bo(struct soft_file *file, const struct soft_bo *bo)
{
	/* One that cannot be unmapped keeps its range, and with it the memory. */
	for (uint32_t i = file->vm.count; i-- > 0;)
		if (file->vm.ranges[i].bo == bo)
			unmap_at(file, i);
}

void soft_vm_fini(struct soft_file *file, bool drained)
{
	struct soft_vm *vm = &file->vm;

	if (drained)
		for (uint32_t i = 0; i < vm->count; i++)
			soft_bo_put(vm->ranges[i].bo);
	free(vm->ranges);
	*vm = (struct soft_vm){ 0 };
}
