// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What libibverbs' devices have in common, whatever their queue pairs are.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "net/verbs.h"

#define NS_PER_S 1000000000ULL

static void list_names(struct ibv_device **list, int n, char *text, size_t room)
{
	size_t used = 0;

	text[0] = '\0';
	for (int i = 0; i < n && used < room; i++)
		used += (size_t)snprintf(text + used, room - used, "%s%s", i ? ", " : "",
					 ibv_get_device_name(list[i]));
}

struct tdm_net *verbs_open_first(const char *name, verbs_open_one open, const void *wish,
				 struct tdm_error *err)
{
	struct tdm_net *net = NULL;
	struct ibv_device **list;
	bool tried = false;
	char names[128];
	int n = 0;

	list = ibv_get_device_list(&n);
	if (!list)
		n = 0; /* no RDMA in this kernel: the same as no device */
	for (int i = 0; i < n && !net; i++) {
		if (*name && strcmp(name, ibv_get_device_name(list[i])) != 0)
			continue;
		tried = true;
		net = open(list[i], wish, err);
	}
	if (!tried) {
		list_names(list, n, names, sizeof(names));
		tdm_error_set(err, -ENODEV,
			      "RDMA device '%s': not found; there is: %s; or use soft",
			      *name ? name : "(any)", *names ? names : "none");
	}
	if (list)
		ibv_free_device_list(list);
	return net;
}

struct ibv_mr *verbs_enroll(struct ibv_pd *pd, const struct tdm_net_mem *mem, uint32_t access,
			    uint32_t *kind)
{
	uint64_t iova = (uint64_t)(uintptr_t)mem->addr;
	struct ibv_mr *mr = NULL;

	*kind = TDM_NET_MR_DMABUF;
	if (mem->fd >= 0)
		mr = ibv_reg_dmabuf_mr(pd, mem->fd_offset, mem->len, iova, mem->fd, (int)access);
	if (mr)
		return mr;
	*kind = TDM_NET_MR_MAPPING;
	errno = 0;
	return ibv_reg_mr(pd, mem->addr, mem->len, access);
}

void verbs_enroll_failed(const struct tdm_net *net, const struct tdm_net_mem *mem,
			 struct tdm_error *err)
{
	int code = errno ? -errno : -EIO;

	tdm_error_set(err, code, "%s: %zu bytes at %p cannot be registered (%s); %s", net->name,
		      mem->len, mem->addr, strerror(-code),
		      code == -ENOMEM ? "raise the limit of locked memory (ulimit -l)"
				      : "register mapped, pinnable memory");
}

/* Return: milliseconds to @deadline_ns rounded up, for poll(2); -1: no limit. */
static int left_ms(uint64_t deadline_ns)
{
	struct timespec ts;
	uint64_t now;
	uint64_t ms;

	if (deadline_ns == UINT64_MAX)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	now = (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
	if (now >= deadline_ns)
		return 0;
	ms = (deadline_ns - now + 999999) / 1000000;
	return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

int verbs_event(struct ibv_comp_channel *channel, uint64_t deadline_ns)
{
	struct pollfd fd = { .fd = channel->fd, .events = POLLIN };
	struct ibv_cq *cq;
	void *ctx;
	int rc = poll(&fd, 1, left_ms(deadline_ns));

	if (rc < 0)
		return -errno;
	if (!rc)
		return -ETIMEDOUT;
	if (ibv_get_cq_event(channel, &cq, &ctx))
		return -EIO;
	ibv_ack_cq_events(cq, 1);
	return 0;
}
