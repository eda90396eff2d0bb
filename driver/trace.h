/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Tracepoints. What the fast path does is not here: it makes no call.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM tandem

#if !defined(TDM_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define TDM_TRACE_H

#include <linux/tracepoint.h>

#include "compat.h"

#include "device.h"

TRACE_EVENT(tandem_admin,
	TP_PROTO(struct tdm_device *dev, const struct tdm_admin_cmd *cmd, int ret),
	TP_ARGS(dev, cmd, ret),
	TP_STRUCT__entry(
		__string(dev, dev_name(dev->drm.dev))
		__field(u16, opcode)
		__field(u32, tag)
		__field(int, ret)
	),
	TP_fast_assign(
		tdm_assign_str(dev, dev_name(dev->drm.dev));
		__entry->opcode = cmd->opcode;
		__entry->tag = cmd->tag;
		__entry->ret = ret;
	),
	TP_printk("%s opcode=%u tag=%#x ret=%d", __get_str(dev), __entry->opcode, __entry->tag,
		  __entry->ret)
);

DECLARE_EVENT_CLASS(tandem_range,
	TP_PROTO(struct tdm_device *dev, u32 ctx, u64 dva, u64 len, int ret),
	TP_ARGS(dev, ctx, dva, len, ret),
	TP_STRUCT__entry(
		__string(dev, dev_name(dev->drm.dev))
		__field(u32, ctx)
		__field(u64, dva)
		__field(u64, len)
		__field(int, ret)
	),
	TP_fast_assign(
		tdm_assign_str(dev, dev_name(dev->drm.dev));
		__entry->ctx = ctx;
		__entry->dva = dva;
		__entry->len = len;
		__entry->ret = ret;
	),
	TP_printk("%s ctx=%u dva=%#llx len=%#llx ret=%d", __get_str(dev), __entry->ctx,
		  __entry->dva, __entry->len, __entry->ret)
);

DEFINE_EVENT(tandem_range, tandem_map,
	TP_PROTO(struct tdm_device *dev, u32 ctx, u64 dva, u64 len, int ret),
	TP_ARGS(dev, ctx, dva, len, ret)
);

DEFINE_EVENT(tandem_range, tandem_unmap,
	TP_PROTO(struct tdm_device *dev, u32 ctx, u64 dva, u64 len, int ret),
	TP_ARGS(dev, ctx, dva, len, ret)
);

DECLARE_EVENT_CLASS(tandem_queue,
	TP_PROTO(struct tdm_device *dev, u32 ctx, u32 queue),
	TP_ARGS(dev, ctx, queue),
	TP_STRUCT__entry(
		__string(dev, dev_name(dev->drm.dev))
		__field(u32, ctx)
		__field(u32, queue)
	),
	TP_fast_assign(
		tdm_assign_str(dev, dev_name(dev->drm.dev));
		__entry->ctx = ctx;
		__entry->queue = queue;
	),
	TP_printk("%s ctx=%u queue=%u", __get_str(dev), __entry->ctx, __entry->queue)
);

DEFINE_EVENT(tandem_queue, tandem_queue_create,
	TP_PROTO(struct tdm_device *dev, u32 ctx, u32 queue),
	TP_ARGS(dev, ctx, queue)
);

DEFINE_EVENT(tandem_queue, tandem_queue_destroy,
	TP_PROTO(struct tdm_device *dev, u32 ctx, u32 queue),
	TP_ARGS(dev, ctx, queue)
);

DECLARE_EVENT_CLASS(tandem_progress,
	TP_PROTO(struct tdm_device *dev, u32 ctx, u32 queue, u64 count),
	TP_ARGS(dev, ctx, queue, count),
	TP_STRUCT__entry(
		__string(dev, dev_name(dev->drm.dev))
		__field(u32, ctx)
		__field(u32, queue)
		__field(u64, count)
	),
	TP_fast_assign(
		tdm_assign_str(dev, dev_name(dev->drm.dev));
		__entry->ctx = ctx;
		__entry->queue = queue;
		__entry->count = count;
	),
	TP_printk("%s ctx=%u queue=%u count=%llu", __get_str(dev), __entry->ctx, __entry->queue,
		  __entry->count)
);

/* A sleeping device was rung; count: the tail at that time. */
DEFINE_EVENT(tandem_progress, tandem_submit,
	TP_PROTO(struct tdm_device *dev, u32 ctx, u32 queue, u64 count),
	TP_ARGS(dev, ctx, queue, count)
);

/* A queue's event came; count: what has completed by then. */
DEFINE_EVENT(tandem_progress, tandem_complete,
	TP_PROTO(struct tdm_device *dev, u32 ctx, u32 queue, u64 count),
	TP_ARGS(dev, ctx, queue, count)
);

TRACE_EVENT(tandem_fault,
	TP_PROTO(struct tdm_device *dev, u32 ctx, const struct tdm_fault *fault),
	TP_ARGS(dev, ctx, fault),
	TP_STRUCT__entry(
		__string(dev, dev_name(dev->drm.dev))
		__field(u32, ctx)
		__field(u32, queue)
		__field(u64, addr)
		__field(u16, opcode)
		__field(u8, access)
		__field(u8, reason)
	),
	TP_fast_assign(
		tdm_assign_str(dev, dev_name(dev->drm.dev));
		__entry->ctx = ctx;
		__entry->queue = fault->queue;
		__entry->addr = fault->addr;
		__entry->opcode = fault->opcode;
		__entry->access = fault->access;
		__entry->reason = fault->reason;
	),
	TP_printk("%s ctx=%u queue=%u addr=%#llx opcode=%u access=%u reason=%u", __get_str(dev),
		  __entry->ctx, __entry->queue, __entry->addr, __entry->opcode, __entry->access,
		  __entry->reason)
);

TRACE_EVENT(tandem_reset,
	TP_PROTO(struct tdm_device *dev, const char *reason),
	TP_ARGS(dev, reason),
	TP_STRUCT__entry(
		__string(dev, dev_name(dev->drm.dev))
		__string(reason, reason)
	),
	TP_fast_assign(
		tdm_assign_str(dev, dev_name(dev->drm.dev));
		tdm_assign_str(reason, reason);
	),
	TP_printk("%s reason=%s", __get_str(dev), __get_str(reason))
);

#endif /* TDM_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
