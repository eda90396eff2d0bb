// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Where the linker leads the calls of libibverbs and libefa (--wrap): to the fake EFA
 * device for what is its own while it is plugged in, else on to the real ones.
 */
#include "support/efa/fake_efa.h"

#include <cstring>

/* WRAP(type, name, (parameters), (arguments), whose, what the fake does) */
#define WRAP(type, name, params, args, whose, fake)                                                \
	extern "C" type __real_##name params;                                                      \
	extern "C" type __wrap_##name params                                                       \
	{                                                                                          \
		FakeEfa *efa = FakeEfa::Here();                                                    \
                                                                                                   \
		if (!efa || !efa->Is(whose))                                                       \
			return __real_##name args;                                                 \
		std::lock_guard<std::recursive_mutex> hold(efa->Lock());                           \
		return efa->fake;                                                                  \
	}

WRAP(ibv_context *, ibv_open_device, (ibv_device * device), (device), device, Open())
WRAP(int, ibv_close_device, (ibv_context * ctx), (ctx), ctx, Close(ctx))
WRAP(const char *, ibv_get_device_name, (ibv_device * device), (device), device, Name())
WRAP(int, ibv_query_device, (ibv_context * ctx, ibv_device_attr *attr), (ctx, attr), ctx,
     Query(ctx, attr))
WRAP(int, ibv_query_port, (ibv_context * ctx, uint8_t port, _compat_ibv_port_attr *attr),
     (ctx, port, attr), ctx, QueryPort(port, reinterpret_cast<ibv_port_attr *>(attr)))
WRAP(int, ibv_query_gid, (ibv_context * ctx, uint8_t port, int index, union ibv_gid *gid),
     (ctx, port, index, gid), ctx, QueryGid(port, index, gid))
WRAP(ibv_pd *, ibv_alloc_pd, (ibv_context * ctx), (ctx), ctx, AllocPd(ctx))
WRAP(int, ibv_dealloc_pd, (ibv_pd * pd), (pd), pd->context, DeallocPd(pd))
WRAP(ibv_mr *, ibv_reg_mr_iova2,
     (ibv_pd * pd, void *addr, size_t len, uint64_t iova, unsigned int access),
     (pd, addr, len, iova, access), pd->context, Reg(pd, addr, len, access))
WRAP(ibv_mr *, ibv_reg_dmabuf_mr,
     (ibv_pd * pd, uint64_t offset, size_t len, uint64_t iova, int fd, int access),
     (pd, offset, len, iova, fd, access), pd->context,
     RegDmabuf(pd, offset, len, iova, fd, uint32_t(access)))
WRAP(int, ibv_dereg_mr, (ibv_mr * mr), (mr), mr->context, Dereg(mr))
WRAP(ibv_ah *, ibv_create_ah, (ibv_pd * pd, ibv_ah_attr *attr), (pd, attr), pd->context,
     CreateAh(pd, attr))
WRAP(int, ibv_destroy_ah, (ibv_ah * ah), (ah), ah->context, DestroyAh(ah))
WRAP(ibv_comp_channel *, ibv_create_comp_channel, (ibv_context * ctx), (ctx), ctx,
     CreateChannel(ctx))
WRAP(int, ibv_destroy_comp_channel, (ibv_comp_channel * channel), (channel), channel->context,
     DestroyChannel(channel))
WRAP(ibv_cq *, ibv_create_cq,
     (ibv_context * ctx, int cqe, void *cq_context, ibv_comp_channel *channel, int vector),
     (ctx, cqe, cq_context, channel, vector), ctx, CreateCq(ctx, cqe, channel))
WRAP(int, ibv_destroy_cq, (ibv_cq * cq), (cq), cq->context, DestroyCq(cq))
WRAP(int, ibv_modify_qp, (ibv_qp * qp, ibv_qp_attr *attr, int mask), (qp, attr, mask), qp->context,
     Modify(qp, attr, mask))
WRAP(int, ibv_destroy_qp, (ibv_qp * qp), (qp), qp->context, DestroyQp(qp))
WRAP(ibv_qp_ex *, ibv_qp_to_qp_ex, (ibv_qp * qp), (qp), qp->context, ToEx(qp))
WRAP(int, efadv_query_device, (ibv_context * ctx, efadv_device_attr *attr, uint32_t len),
     (ctx, attr, len), ctx, Query(ctx, attr))
WRAP(ibv_qp *, efadv_create_qp_ex,
     (ibv_context * ctx, ibv_qp_init_attr_ex *attr, efadv_qp_init_attr *efa_attr, uint32_t len),
     (ctx, attr, efa_attr, len), ctx, CreateQp(ctx, attr, efa_attr))

extern "C" ibv_device **__real_ibv_get_device_list(int *n);
extern "C" ibv_device **__wrap_ibv_get_device_list(int *n)
{
	FakeEfa *efa = FakeEfa::Here();

	return efa ? efa->List(n) : __real_ibv_get_device_list(n);
}

extern "C" void __real_ibv_free_device_list(ibv_device **list);
extern "C" void __wrap_ibv_free_device_list(ibv_device **list)
{
	FakeEfa *efa = FakeEfa::Here();

	if (efa && efa->IsList(list))
		efa->FreeList();
	else
		__real_ibv_free_device_list(list);
}

extern "C" int __real_ibv_get_cq_event(ibv_comp_channel *channel, ibv_cq **cq, void **ctx);
extern "C" int __wrap_ibv_get_cq_event(ibv_comp_channel *channel, ibv_cq **cq, void **ctx)
{
	FakeEfa *efa = FakeEfa::Here();

	/* Not with the lock held: it may sleep. */
	if (efa && efa->Is(channel->context))
		return efa->GetEvent(channel, cq, ctx);
	return __real_ibv_get_cq_event(channel, cq, ctx);
}

extern "C" void __real_ibv_ack_cq_events(ibv_cq *cq, unsigned int n);
extern "C" void __wrap_ibv_ack_cq_events(ibv_cq *cq, unsigned int n)
{
	FakeEfa *efa = FakeEfa::Here();

	if (!efa || !efa->Is(cq->context))
		return __real_ibv_ack_cq_events(cq, n);
	std::lock_guard<std::recursive_mutex> hold(efa->Lock());
	efa->Ack(cq, n);
}
