// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Soft models that can be opened: what the library says of them.
 */
#include <errno.h>
#include <stdlib.h>

#include <tandem/device.h>

#include "seen/seen.h"

static const char *class_name(uint32_t class_id)
{
	switch (class_id) {
	case TDM_CLASS_TRN:
		return "trn";
	case TDM_CLASS_CS3:
		return "cs3";
	default:
		return "unknown";
	}
}

void seen_identity(struct seen_device *device, const struct tdm_identify *id)
{
	seen_text(&device->cells[SEEN_CLASS], class_name(id->class_id));
	seen_text(&device->cells[SEEN_MODEL], id->model);
	seen_text(&device->cells[SEEN_FIRMWARE], id->firmware);
	seen_flag(&device->cells[SEEN_EMULATED], id->emulated != 0);
	seen_count(&device->cells[SEEN_MEMORY], id->memory_bytes);
	seen_count(&device->cells[SEEN_BANDWIDTH], id->memory_bw);
	seen_count(&device->cells[SEEN_FABRIC], id->fabric_bps);
	seen_count(&device->cells[SEEN_FLOPS], id->flops);
}

static int add(struct seen *seen, const struct tdm_device_entry *entry)
{
	struct seen_device *device = seen_add(&seen->devices, sizeof(*device));

	if (!device)
		return -ENOMEM;
	seen_text(&device->cells[SEEN_NAME], entry->name);
	seen_text(&device->cells[SEEN_ATTACHMENT], "soft");
	seen_identity(device, &entry->identify);
	return 0;
}

int seen_models(struct seen *seen)
{
	int n = tdm_device_models(NULL, 0), rc = 0;
	struct tdm_device_entry *list = calloc((size_t)n + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	tdm_device_models(list, (unsigned int)n);
	for (int i = 0; i < n && !rc; i++)
		rc = add(seen, &list[i]);
	free(list);
	return rc;
}
