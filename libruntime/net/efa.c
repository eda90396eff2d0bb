// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * EFA devices: opening one, and what it says of itself.
 */
#include "net/efa.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/options.h"
#include "net/verbs.h"

/* EFADV_DEVICE_ATTR_CAPS_RDMA_WRITE: in the header since rdma-core 46. */
#define CAPS_RDMA_WRITE (1U << 3)
#define PORT 1 /* the only one */

struct wish {
	char device[IBV_SYSFS_NAME_MAX];
	uint64_t gid;
};

bool efa_is(struct ibv_context *ctx)
{
	struct efadv_device_attr attr;

	return !efadv_query_device(ctx, &attr, sizeof(attr));
}

static uint32_t at_most(uint32_t a, int b)
{
	uint32_t limit = b < 0 ? 0 : (uint32_t)b;

	return a < limit ? a : limit;
}

static uint32_t power_of_two_below(uint32_t n)
{
	uint32_t p = 1;

	while (p * 2 <= n && p < NET_MAX_DEPTH)
		p *= 2;
	return p;
}

static int read_caps(struct efa_net *net, const struct efadv_device_attr *efa,
		     struct tdm_error *err)
{
	const char *device = ibv_get_device_name(net->ctx->device);
	struct tdm_net_caps *caps = &net->base.caps;
	struct ibv_device_attr attr;
	int rc = ibv_query_device(net->ctx, &attr);

	if (rc)
		return tdm_error_set(err, -rc, "EFA device '%s': no answer (%s); check its driver",
				     device, strerror(rc));
	*caps = (struct tdm_net_caps){
		.flags = TDM_NET_CAP_DEVICE,
		.max_outstanding = at_most(at_most(efa->max_sq_wr, attr.max_qp_wr), attr.max_cqe),
		.max_sge = at_most(efa->max_sq_sge, attr.max_sge_rd),
		.max_peers = at_most(EFA_MAX_PEERS, attr.max_ah),
		.max_msg = efa->max_rdma_size,
	};
	/* Pages are pushed: what can only be pulled by RDMA is of no use yet. */
	if (!(efa->device_caps & CAPS_RDMA_WRITE) || !caps->max_msg)
		return tdm_error_set(err, -EOPNOTSUPP,
				     "EFA device '%s': no RDMA write, by itself or by a libefa "
				     "older than rdma-core 46, and pulling is not supported yet; "
				     "update rdma-core, or take another device or soft",
				     device);
	if (!caps->max_outstanding || !caps->max_sge || !caps->max_peers)
		return tdm_error_set(
			err, -EOPNOTSUPP,
			"EFA device '%s': no room for RDMA (%u requests, %u ranges, %u "
			"peers); check its driver, or take another device or soft",
			device, caps->max_outstanding, caps->max_sge, caps->max_peers);
	caps->max_outstanding = power_of_two_below(caps->max_outstanding);
	if (efa->device_caps & EFADV_DEVICE_ATTR_CAPS_RDMA_READ)
		caps->flags |= TDM_NET_CAP_READ;
	return 0;
}

static int read_port(struct efa_net *net, const struct wish *wish, struct tdm_error *err)
{
	const char *device = ibv_get_device_name(net->ctx->device);
	struct ibv_port_attr attr;

	if (ibv_query_port(net->ctx, PORT, &attr) || attr.state != IBV_PORT_ACTIVE)
		return tdm_error_set(
			err, -ENETDOWN,
			"EFA device '%s': its port is not active; check the instance's "
			"network interfaces",
			device);
	if (attr.gid_tbl_len < 0 || wish->gid >= (uint64_t)attr.gid_tbl_len ||
	    ibv_query_gid(net->ctx, PORT, (int)wish->gid, &net->gid))
		return tdm_error_set(err, -EADDRNOTAVAIL,
				     "EFA device '%s': no GID number %llu; leave gid= out", device,
				     (unsigned long long)wish->gid);
	net->gid_index = (uint8_t)wish->gid;
	return 0;
}

static int set_up(struct efa_net *net, const struct wish *wish, struct tdm_error *err)
{
	const char *device = ibv_get_device_name(net->ctx->device);
	struct efadv_device_attr efa;
	struct tdm_net_ep *ep;
	int rc = efadv_query_device(net->ctx, &efa, sizeof(efa));

	if (rc)
		return tdm_error_set(err, -rc, "RDMA device '%s': not of EFA (%s); use verbs:%s",
				     device, strerror(rc), device);
	rc = read_caps(net, &efa, err);
	if (!rc)
		rc = read_port(net, wish, err);
	if (rc)
		return rc;
	snprintf(net->base.name, sizeof(net->base.name), "efa:%s,gid=%u", device, net->gid_index);
	net->pd = ibv_alloc_pd(net->ctx);
	if (!net->pd)
		return tdm_error_set(err, errno ? -errno : -EIO,
				     "%s: no protection domain (%s); close other users of it",
				     net->base.name, strerror(errno));
	/* Whether all of it works only making a queue pair tells. */
	ep = efa_qp_create(&net->base, 1, err);
	if (!ep)
		return -EOPNOTSUPP;
	efa_qp_destroy(ep);
	return 0;
}

static void efa_close(struct tdm_net *base)
{
	struct efa_net *net = efa_net(base);

	if (net->pd)
		ibv_dealloc_pd(net->pd);
	ibv_close_device(net->ctx);
	pthread_mutex_destroy(&net->lock);
	free(net);
}

static struct tdm_net *open_device(struct ibv_device *device, const void *wish,
				   struct tdm_error *err)
{
	struct efa_net *net = calloc(1, sizeof(*net));

	if (!net || pthread_mutex_init(&net->lock, NULL)) {
		free(net);
		tdm_error_set(err, -ENOMEM, "EFA device '%s': out of memory; free some",
			      ibv_get_device_name(device));
		return NULL;
	}
	net->base.ops = &net_efa_ops;
	net->ctx = ibv_open_device(device);
	if (!net->ctx) {
		tdm_error_set(err, errno ? -errno : -EIO,
			      "RDMA device '%s': cannot be opened (%s); "
			      "check the rights on /dev/infiniband",
			      ibv_get_device_name(device), strerror(errno));
		pthread_mutex_destroy(&net->lock);
		free(net);
		return NULL;
	}
	if (!set_up(net, wish, err))
		return &net->base;
	efa_close(&net->base);
	return NULL;
}

static struct tdm_net *efa_open(const char *args, struct tdm_error *err)
{
	struct wish wish = { .gid = 0 };
	const struct net_option options[] = {
		{ "gid", &wish.gid, 0, UINT8_MAX },
	};

	if (net_options_parse("efa", args, wish.device, sizeof(wish.device), options,
			      sizeof(options) / sizeof(options[0]), err))
		return NULL;
	return verbs_open_first(wish.device, open_device, &wish, err);
}

const struct tdm_net_ops net_efa_ops = {
	.prefix = "efa",
	.open = efa_open,
	.close = efa_close,
	.reg_mr = efa_reg_mr,
	.dereg_mr = efa_dereg_mr,
	.create_qp = efa_qp_create,
	.connect = efa_qp_connect,
	.post = efa_post,
	.poll_cq = efa_poll,
	.wait_cq = efa_wait,
	.flush = efa_qp_flush,
	.destroy_qp = efa_qp_destroy,
};
