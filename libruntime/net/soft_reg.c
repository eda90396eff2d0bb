// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The software NIC's registered memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "net/soft.h"
#include "net/soft_memfd.h"

/* Between two looks whether peers are through with it. */
#define NAP_NS 100000

/* A device pins the memory and finds out; mincore() says ENOMEM where nothing is mapped. */
static bool is_mapped(uintptr_t addr, size_t len)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char resident[4096];
	uintptr_t at = addr & ~(page - 1);
	const uintptr_t last = (addr + len - 1) & ~(page - 1);

	for (;;) {
		size_t pages = (last - at) / page + 1;

		if (pages > sizeof(resident))
			pages = sizeof(resident);
		if (mincore((void *)at, pages * page, resident))
			return false;
		if (at + (pages - 1) * page == last)
			return true;
		at += pages * page;
	}
}

/*
 * Return: a descriptor to hand to peers, which cannot write by it as they could by a
 * duplicate; -1: they get the bytes only
 */
static int keep_memfd(const struct tdm_net_mem *mem)
{
	char path[32];

	if (mem->fd < 0 || !soft_memfd_is_firm(mem->fd, mem->fd_offset, mem->len))
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", mem->fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static bool add(struct soft_nic *nic, struct soft_mr *mr, const struct tdm_net_mem *mem, int fd)
{
	soft_enter(nic);
	mr->base.lkey = soft_mr_add(&nic->mrs, (uintptr_t)mem->addr, mem->len, mem->access);
	if (mr->base.lkey) {
		mr->base.rkey = soft_mr_rkey(&nic->mrs, mr->base.lkey);
		soft_mr_at(&nic->mrs, mr->base.lkey)->fd = fd;
		soft_mr_at(&nic->mrs, mr->base.lkey)->fd_offset = mem->fd_offset;
	}
	soft_leave(nic);
	return mr->base.lkey;
}

struct tdm_net_mr *soft_reg_mr(struct tdm_net *net, const struct tdm_net_mem *mem,
			       struct tdm_error *err)
{
	struct soft_mr *mr;
	int fd;

	if (!is_mapped((uintptr_t)mem->addr, mem->len)) {
		tdm_error_set(err, -EFAULT,
			      "%s: %zu bytes at %p are not all mapped; map them first", net->name,
			      mem->len, mem->addr);
		return NULL;
	}
	mr = calloc(1, sizeof(*mr));
	if (!mr) {
		tdm_error_set(err, -ENOMEM, "%s: out of memory; free some", net->name);
		return NULL;
	}
	mr->base.net = net;
	fd = keep_memfd(mem);
	mr->base.kind = fd < 0 ? TDM_NET_MR_MAPPING : TDM_NET_MR_MEMFD;
	if (add(soft_nic(net), mr, mem, fd))
		return &mr->base;
	if (fd >= 0)
		close(fd);
	free(mr);
	tdm_error_set(err, -ENOSPC, "%s: all %u memory keys are in use; undo a registration",
		      net->name, SOFT_MR_SLOTS);
	return NULL;
}

int soft_dereg_mr(struct tdm_net_mr *mr)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };
	struct soft_nic *nic = soft_nic(mr->net);
	uint32_t lkey = mr->lkey;
	int fd;

	/* The engine is between two work requests in there: no access here is under way. */
	soft_enter(nic);
	fd = soft_mr_at(&nic->mrs, lkey)->fd;
	soft_mr_remove(&nic->mrs, lkey);
	soft_region_forget(nic, lkey);
	while (soft_flights_use(nic, lkey)) {
		soft_leave(nic);
		nanosleep(&nap, NULL);
		soft_enter(nic);
	}
	soft_leave(nic);
	/* There may be somebody to be told. */
	soft_gate_wake(&nic->gate);
	if (fd >= 0)
		close(fd);
	free(mr);
	return 0;
}
