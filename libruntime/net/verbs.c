// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * RDMA devices: opening one, and registered memory.
 */
#include "net/verbs.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/efa.h"
#include "net/options.h"

#define MAX_GIDS 256

static_assert(TDM_NET_LOCAL_WRITE == IBV_ACCESS_LOCAL_WRITE, "access rights are verbs'");
static_assert(TDM_NET_REMOTE_WRITE == IBV_ACCESS_REMOTE_WRITE, "access rights are verbs'");
static_assert(TDM_NET_REMOTE_READ == IBV_ACCESS_REMOTE_READ, "access rights are verbs'");
#define SAME_STATUS(ours, theirs) static_assert((int)(ours) == (int)(theirs), "status is verbs'")

SAME_STATUS(TDM_NET_WC_LOC_PROT_ERR, IBV_WC_LOC_PROT_ERR);
SAME_STATUS(TDM_NET_WC_WR_FLUSH_ERR, IBV_WC_WR_FLUSH_ERR);
SAME_STATUS(TDM_NET_WC_REM_ACCESS_ERR, IBV_WC_REM_ACCESS_ERR);
SAME_STATUS(TDM_NET_WC_RETRY_EXC_ERR, IBV_WC_RETRY_EXC_ERR);
SAME_STATUS(TDM_NET_WC_RESP_TIMEOUT_ERR, IBV_WC_RESP_TIMEOUT_ERR);
SAME_STATUS(TDM_NET_WC_GENERAL_ERR, IBV_WC_GENERAL_ERR);

/* What was asked for in the name. */
struct wish {
	char device[IBV_SYSFS_NAME_MAX];
	uint64_t port; /* 0: the first active one */
	uint64_t gid;  /* MAX_GIDS: choose */
};

static int choose_port(struct verbs_net *net, const struct wish *wish,
		       const struct ibv_device_attr *attr, struct tdm_error *err)
{
	uint32_t first = wish->port ? (uint32_t)wish->port : 1;
	uint32_t last = wish->port ? first : attr->phys_port_cnt;

	for (uint32_t port = first; port <= last && port <= attr->phys_port_cnt; port++) {
		if (ibv_query_port(net->ctx, (uint8_t)port, &net->port_attr) ||
		    net->port_attr.state != IBV_PORT_ACTIVE)
			continue;
		net->port = (uint8_t)port;
		return 0;
	}
	return tdm_error_set(err, -ENETDOWN,
			     "RDMA device '%s': no active port; bring its network interface up",
			     ibv_get_device_name(net->ctx->device));
}

static int choose_gid(struct verbs_net *net, const struct wish *wish, struct tdm_error *err)
{
	const char *device = ibv_get_device_name(net->ctx->device);
	struct ibv_gid_entry *table = calloc(MAX_GIDS, sizeof(*table));
	ssize_t n;
	int at = -1;

	if (!table)
		return tdm_error_set(err, -ENOMEM, "RDMA device '%s': out of memory; free some",
				     device);
	n = ibv_query_gid_table(net->ctx, table, MAX_GIDS, 0);
	if (wish->gid == MAX_GIDS) {
		at = n > 0 ? verbs_gid_choose(table, (int)n, net->port) : -1;
	} else {
		for (int i = 0; i < n; i++) {
			if (table[i].port_num == net->port && table[i].gid_index == wish->gid)
				at = i;
		}
	}
	if (at >= 0) {
		net->gid = table[at].gid;
		net->gid_index = (uint8_t)table[at].gid_index;
	}
	free(table);
	if (at >= 0)
		return 0;
	return tdm_error_set(err, -EADDRNOTAVAIL,
			     "RDMA device '%s': no such GID on port %u; give its network interface "
			     "an address",
			     device, net->port);
}

static uint32_t power_of_two_below(uint32_t n)
{
	uint32_t p = 1;

	while (p * 2 <= n && p < NET_MAX_DEPTH)
		p *= 2;
	return p;
}

static uint8_t atomics(int n)
{
	return (uint8_t)(n > 16 ? 16 : n);
}

static void read_caps(struct verbs_net *net, const struct ibv_device_attr *attr)
{
	uint32_t depth =
		(uint32_t)(attr->max_qp_wr < attr->max_cqe ? attr->max_qp_wr : attr->max_cqe);

	net->base.caps = (struct tdm_net_caps){
		.flags = TDM_NET_CAP_ORDERED | TDM_NET_CAP_DEVICE | TDM_NET_CAP_ERROR_STOPS,
		.max_outstanding = power_of_two_below(depth),
		.max_sge = (uint32_t)attr->max_sge,
		.max_peers = 1,
		.max_msg = net->port_attr.max_msg_sz,
	};
	net->max_rd_init = atomics(attr->max_qp_init_rd_atom);
	net->max_rd_resp = atomics(attr->max_qp_rd_atom);
	if (net->max_rd_init && net->max_rd_resp)
		net->base.caps.flags |= TDM_NET_CAP_READ;
}

/* A device may be there and not do RC: only making a queue pair tells. */
static int prove_rc(struct verbs_net *net, struct tdm_error *err)
{
	struct tdm_net_ep *ep = verbs_qp_create(&net->base, 1, err);

	if (!ep)
		return -EOPNOTSUPP;
	verbs_qp_destroy(ep);
	return 0;
}

static int set_up(struct verbs_net *net, const struct wish *wish, struct tdm_error *err)
{
	const char *device = ibv_get_device_name(net->ctx->device);
	struct ibv_device_attr attr;
	int rc = ibv_query_device(net->ctx, &attr);

	if (efa_is(net->ctx))
		return tdm_error_set(err, -EOPNOTSUPP,
				     "RDMA device '%s': EFA has no RC queue pairs; use efa:%s",
				     device, device);
	if (rc)
		return tdm_error_set(err, -rc, "RDMA device '%s': no answer (%s); check its driver",
				     device, strerror(rc));
	rc = choose_port(net, wish, &attr, err);
	if (!rc)
		rc = choose_gid(net, wish, err);
	if (rc)
		return rc;
	read_caps(net, &attr);
	snprintf(net->base.name, sizeof(net->base.name), "verbs:%s,port=%u,gid=%u", device,
		 net->port, net->gid_index);
	net->pd = ibv_alloc_pd(net->ctx);
	if (!net->pd)
		return tdm_error_set(err, -errno,
				     "%s: no protection domain (%s); close other users of it",
				     net->base.name, strerror(errno));
	return prove_rc(net, err);
}

static void verbs_close(struct tdm_net *base)
{
	struct verbs_net *net = verbs_net(base);

	if (net->pd)
		ibv_dealloc_pd(net->pd);
	ibv_close_device(net->ctx);
	free(net);
}

static struct tdm_net *open_device(struct ibv_device *device, const void *wish,
				   struct tdm_error *err)
{
	struct verbs_net *net = calloc(1, sizeof(*net));

	if (!net) {
		tdm_error_set(err, -ENOMEM, "RDMA device '%s': out of memory; free some",
			      ibv_get_device_name(device));
		return NULL;
	}
	net->base.ops = &net_verbs_ops;
	net->ctx = ibv_open_device(device);
	if (!net->ctx) {
		tdm_error_set(err, -errno,
			      "RDMA device '%s': cannot be opened (%s); "
			      "check the rights on /dev/infiniband",
			      ibv_get_device_name(device), strerror(errno));
		free(net);
		return NULL;
	}
	if (!set_up(net, wish, err))
		return &net->base;
	verbs_close(&net->base);
	return NULL;
}

static struct tdm_net *verbs_open(const char *args, struct tdm_error *err)
{
	struct wish wish = { .gid = MAX_GIDS };
	const struct net_option options[] = {
		{ "port", &wish.port, 1, UINT8_MAX },
		{ "gid", &wish.gid, 0, MAX_GIDS - 1 },
	};

	if (net_options_parse("verbs", args, wish.device, sizeof(wish.device), options,
			      sizeof(options) / sizeof(options[0]), err))
		return NULL;
	return verbs_open_first(wish.device, open_device, &wish, err);
}

static struct tdm_net_mr *verbs_reg_mr(struct tdm_net *net, const struct tdm_net_mem *mem,
				       struct tdm_error *err)
{
	const uint32_t remote = TDM_NET_REMOTE_WRITE | TDM_NET_REMOTE_READ;
	struct verbs_mr *mr = calloc(1, sizeof(*mr));

	if (!mr) {
		tdm_error_set(err, -ENOMEM, "%s: out of memory; free some", net->name);
		return NULL;
	}
	mr->mr = verbs_enroll(verbs_net(net)->pd, mem, mem->access, &mr->base.kind);
	if (!mr->mr) {
		verbs_enroll_failed(net, mem, err);
		free(mr);
		return NULL;
	}
	mr->base.net = net;
	mr->base.lkey = mr->mr->lkey;
	mr->base.rkey = mem->access & remote ? mr->mr->rkey : 0;
	return &mr->base;
}

static int verbs_dereg_mr(struct tdm_net_mr *base)
{
	struct verbs_mr *mr = (struct verbs_mr *)base;
	int rc = ibv_dereg_mr(mr->mr);

	if (!rc)
		free(mr);
	return -rc;
}

const struct tdm_net_ops net_verbs_ops = {
	.prefix = "verbs",
	.open = verbs_open,
	.close = verbs_close,
	.reg_mr = verbs_reg_mr,
	.dereg_mr = verbs_dereg_mr,
	.create_qp = verbs_qp_create,
	.connect = verbs_qp_connect,
	.post = verbs_post,
	.poll_cq = verbs_poll,
	.wait_cq = verbs_wait,
	.flush = verbs_qp_flush,
	.destroy_qp = verbs_qp_destroy,
};
