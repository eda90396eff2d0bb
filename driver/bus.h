/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What the core needs from the way a device is attached.
 */
#ifndef TDM_BUS_H
#define TDM_BUS_H

#include <linux/types.h>

struct tdm_ctx;
struct tdm_device;
struct tdm_range;
struct tdm_store;

/* Memory that the driver and the firmware have in common, with its address there. */
struct tdm_share {
	struct tdm_store *store; /* with a reference; NULL: none */
	u64 bus;
	u64 id; /* the bus's own */
};

/**
 * struct tdm_bus_ops - the attachment's part; no member is NULL
 * @attachment: enum tdm_attachment
 * @wake: enum tdm_wake of its queues
 * @max_contexts: what its addresses have room for
 * @get, @put: the bus's own part of the device, for the core's life
 * @share: give the device access (enum tdm_access) to a populated store. Takes a
 *	   reference. Return: 0 or -errno
 * @unshare: take it back; no access is possible when it returns. Never waits for
 *	     the firmware. A share that was never made is fine
 * @range_bus: tdm_admin_map.bus of a range
 * @revoke: no access to [@dva, @dva + @len) of a context is possible when it
 *	    returns; what is there was marked dead before, under the vm's lock.
 *	    Never waits for the firmware
 * @ring_admin: tdm_drv_regs has news. Any context, also atomic
 * @ring_compute: a queue has news. Likewise
 * @changed: tdm_device.state has. Likewise
 * @is_server: is the current process the device?
 */
struct tdm_bus_ops {
	u16 attachment;
	u8 wake;
	u32 max_contexts;
	void (*get)(struct tdm_device *dev);
	void (*put)(struct tdm_device *dev);
	int (*share)(struct tdm_device *dev, struct tdm_store *store, u32 access,
		     struct tdm_share *share);
	void (*unshare)(struct tdm_device *dev, struct tdm_share *share);
	u64 (*range_bus)(const struct tdm_range *range, u32 ctx);
	void (*revoke)(struct tdm_device *dev, u32 ctx, u64 dva, u64 len);
	void (*ring_admin)(struct tdm_device *dev);
	void (*ring_compute)(struct tdm_device *dev);
	void (*changed)(struct tdm_device *dev);
	bool (*is_server)(struct tdm_device *dev);
};

#endif /* TDM_BUS_H */
