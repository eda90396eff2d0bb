// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What all transports share: opening by name, checks of arguments, accounts.
 */
#include <errno.h>
#include <string.h>

#include "net/provider.h"

static const struct tdm_net_ops *const providers[] = { &net_soft_ops, &net_verbs_ops,
						       &net_efa_ops };

#define NR_PROVIDERS (sizeof(providers) / sizeof(providers[0]))

struct tdm_net *tdm_net_open(const char *name, struct tdm_error *err)
{
	struct tdm_net *net;

	if (!name) {
		net = net_verbs_ops.open("", NULL);
		if (!net)
			net = net_efa_ops.open("", NULL);
		return net ? net : net_soft_ops.open("", err);
	}
	for (size_t i = 0; i < NR_PROVIDERS; i++) {
		size_t len = strlen(providers[i]->prefix);

		if (!strncmp(name, providers[i]->prefix, len) &&
		    (!name[len] || name[len] == ':' || name[len] == ','))
			return providers[i]->open(name + len, err);
	}
	tdm_error_set(err, -ENODEV,
		      "network device '%s': unknown; use soft, soft:srd, verbs, verbs:DEVICE, "
		      "efa or efa:DEVICE",
		      name);
	return NULL;
}

int tdm_net_close(struct tdm_net *net)
{
	if (!net)
		return 0;
	if (atomic_load(&net->eps) || atomic_load(&net->mr_live))
		return -EBUSY;
	net->ops->close(net);
	return 0;
}

const char *tdm_net_name(const struct tdm_net *net)
{
	return net->name;
}

const struct tdm_net_caps *tdm_net_caps(const struct tdm_net *net)
{
	return &net->caps;
}

struct tdm_net_stats tdm_net_stats(const struct tdm_net *net)
{
	return (struct tdm_net_stats){
		.mr_total = atomic_load_explicit(&net->mr_total, memory_order_relaxed),
		.mr_live = atomic_load_explicit(&net->mr_live, memory_order_relaxed),
		.done = atomic_load_explicit(&net->done, memory_order_relaxed),
		.bytes = atomic_load_explicit(&net->bytes, memory_order_relaxed),
		.failed = atomic_load_explicit(&net->failed, memory_order_relaxed),
		.sleeps = atomic_load_explicit(&net->sleeps, memory_order_relaxed),
		.wakes = atomic_load_explicit(&net->wakes, memory_order_relaxed),
		.link_down = net_link_is_down(net),
	};
}

struct tdm_net_mr *tdm_net_reg_mem(struct tdm_net *net, const struct tdm_net_mem *mem,
				   struct tdm_error *err)
{
	const uint32_t known = TDM_NET_LOCAL_WRITE | TDM_NET_REMOTE_WRITE | TDM_NET_REMOTE_READ;
	struct tdm_net_mr *mr;

	if (!mem->addr || !mem->len || (uintptr_t)mem->addr + mem->len < (uintptr_t)mem->addr) {
		tdm_error_set(err, -EINVAL,
			      "%s: no memory at %p with %zu bytes; register a mapped range",
			      net->name, mem->addr, mem->len);
		return NULL;
	}
	if (mem->access & ~known ||
	    (mem->access & TDM_NET_REMOTE_WRITE && !(mem->access & TDM_NET_LOCAL_WRITE))) {
		tdm_error_set(
			err, -EINVAL,
			"%s: access rights 0x%x are not valid; remote write needs local write",
			net->name, mem->access);
		return NULL;
	}
	mr = net->ops->reg_mr(net, mem, err);
	if (mr) {
		atomic_fetch_add(&net->mr_total, 1);
		atomic_fetch_add(&net->mr_live, 1);
	}
	return mr;
}

struct tdm_net_mr *tdm_net_reg_mr(struct tdm_net *net, void *addr, size_t len, uint32_t access,
				  struct tdm_error *err)
{
	const struct tdm_net_mem mem = { .addr = addr, .len = len, .access = access, .fd = -1 };

	return tdm_net_reg_mem(net, &mem, err);
}

uint32_t tdm_net_mr_kind(const struct tdm_net_mr *mr)
{
	return mr->kind;
}

const char *tdm_net_mr_kind_name(uint32_t kind)
{
	static const char *const names[] = { "mapping", "dma-buf", "memfd" };

	return kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "unknown";
}

int tdm_net_dereg_mr(struct tdm_net_mr *mr)
{
	struct tdm_net *net;
	int rc;

	if (!mr)
		return 0;
	net = mr->net;
	rc = net->ops->dereg_mr(mr);
	if (!rc)
		atomic_fetch_sub(&net->mr_live, 1);
	return rc;
}

uint32_t tdm_net_mr_lkey(const struct tdm_net_mr *mr)
{
	return mr->lkey;
}

uint32_t tdm_net_mr_rkey(const struct tdm_net_mr *mr)
{
	return mr->rkey;
}

static uint32_t power_of_two(uint32_t n)
{
	uint32_t p = 1;

	while (p < n)
		p *= 2;
	return p;
}

struct tdm_net_ep *tdm_net_ep_create(struct tdm_net *net, uint32_t depth, struct tdm_error *err)
{
	uint32_t most = net->caps.max_outstanding;
	struct tdm_net_ep *ep;

	if (!depth)
		depth = most < NET_DEFAULT_DEPTH ? most : NET_DEFAULT_DEPTH;
	if (depth > most) {
		tdm_error_set(
			err, -EINVAL,
			"%s: an endpoint for %u work requests is too deep; ask for at most %u",
			net->name, depth, most);
		return NULL;
	}
	ep = net->ops->create_qp(net, power_of_two(depth), err);
	if (ep)
		atomic_fetch_add(&net->eps, 1);
	return ep;
}

struct tdm_net_addr tdm_net_ep_addr(const struct tdm_net_ep *ep)
{
	return ep->addr;
}

uint32_t tdm_net_ep_depth(const struct tdm_net_ep *ep)
{
	return ep->depth;
}

struct tdm_net *tdm_net_ep_net(const struct tdm_net_ep *ep)
{
	return ep->net;
}

int tdm_net_ep_connect(struct tdm_net_ep *ep, const struct tdm_net_addr *peer,
		       struct tdm_error *err)
{
	const struct tdm_net *net = ep->net;
	int rc;

	if (peer->kind != ep->addr.kind)
		return tdm_error_set(err, -EPROTOTYPE,
				     "%s: the peer's endpoint is of kind %u, this one of kind %u; "
				     "open the same kind of network device on both sides",
				     net->name, peer->kind, ep->addr.kind);
	if (ep->peers >= net->caps.max_peers) {
		rc = net->caps.max_peers == 1 ? -EISCONN : -ENOSPC;
		return tdm_error_set(err, rc,
				     "%s: the endpoint has its %u peers; make another endpoint",
				     net->name, ep->peers);
	}
	rc = net->ops->connect(ep, peer, err);
	return rc ? rc : (int)ep->peers - 1;
}

static int check_wr(const struct tdm_net_ep *ep, const struct tdm_net_wr *wr)
{
	const struct tdm_net_caps *caps = &ep->net->caps;

	if (!wr->len || wr->flags || wr->op > TDM_NET_OP_READ)
		return -EINVAL;
	if (wr->op == TDM_NET_OP_READ && !(caps->flags & TDM_NET_CAP_READ))
		return -EOPNOTSUPP;
	if (wr->len > caps->max_msg)
		return -EMSGSIZE;
	if (wr->peer >= ep->peers)
		return -ENOTCONN;
	return 0;
}

int tdm_net_post(struct tdm_net_ep *ep, const struct tdm_net_wr *wr, uint32_t n)
{
	uint32_t room = ep->depth - ep->open;
	uint32_t good;
	int rc = -EAGAIN;

	if (!n)
		return 0;
	for (good = 0; good < n && good < room; good++) {
		rc = check_wr(ep, &wr[good]);
		if (rc)
			break;
	}
	if (!good)
		return rc;
	rc = ep->net->ops->post(ep, wr, good);
	if (rc > 0)
		ep->open += (uint32_t)rc;
	return rc;
}

int tdm_net_poll(struct tdm_net_ep *ep, struct tdm_net_wc *wc, uint32_t n)
{
	uint64_t bytes = 0;
	uint64_t done = 0;
	int got;

	if (!ep->open || !n)
		return 0;
	got = ep->net->ops->poll_cq(ep, wc, n);
	if (got <= 0)
		return got;
	for (int i = 0; i < got; i++) {
		done += wc[i].status == TDM_NET_WC_SUCCESS;
		bytes += wc[i].byte_len;
	}
	ep->open -= (uint32_t)got;
	atomic_fetch_add_explicit(&ep->net->done, done, memory_order_relaxed);
	atomic_fetch_add_explicit(&ep->net->bytes, bytes, memory_order_relaxed);
	atomic_fetch_add_explicit(&ep->net->failed, (uint64_t)got - done, memory_order_relaxed);
	return got;
}

int tdm_net_wait(struct tdm_net_ep *ep, uint64_t deadline_ns)
{
	return ep->open ? ep->net->ops->wait_cq(ep, deadline_ns) : -ENODATA;
}

uint32_t tdm_net_ep_open_wrs(const struct tdm_net_ep *ep)
{
	return ep->open;
}

int tdm_net_ep_flush(struct tdm_net_ep *ep)
{
	return ep->net->ops->flush(ep);
}

void tdm_net_ep_close(struct tdm_net_ep *ep)
{
	struct tdm_net *net;

	if (!ep)
		return;
	net = ep->net;
	net->ops->destroy_qp(ep);
	atomic_fetch_sub(&net->eps, 1);
}
