/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A context: an address space, programs and queues. Belongs to the compute
 * thread (device.h).
 */
#ifndef FW_CONTEXT_H
#define FW_CONTEXT_H

#include "core/vm.h"
#include "tandem_hw.h"

struct fw_device;
struct fw_program;

struct fw_ctx {
	uint32_t id;
	struct fw_vm vm;
	struct fw_program **programs; /* [id.max_programs] */
};

/* Admin, compute paused. Return: 0 or -errno, as the admin command's value. */
int fw_ctx_create(struct fw_device *dev, uint32_t id);
int fw_ctx_destroy(struct fw_device *dev, uint32_t id);
int fw_ctx_map(struct fw_device *dev, const struct tdm_admin_map *map);
int fw_ctx_unmap(struct fw_device *dev, const struct tdm_admin_map *map);
int fw_ctx_abort(struct fw_device *dev, uint32_t id, uint32_t queue);

/* NULL when there is no such context. */
struct fw_ctx *fw_ctx_get(struct fw_device *dev, uint32_t id);

/* All of them, for a reset. */
void fw_ctx_destroy_all(struct fw_device *dev);

#endif /* FW_CONTEXT_H */
