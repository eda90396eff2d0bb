// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What the device is and how it does: DRM_IOCTL_TANDEM_QUERY, DRM_IOCTL_VERSION.
 */
#include <errno.h>
#include <string.h>

#include "soft/device.h"
#include "soft/file.h"
#include "soft/ioctl.h"

/* Any descriptor can be mapped and pinned; one of another driver has no memfd. */
#define MEM_PROPS (TDM_MEM_MAPPABLE | TDM_MEM_PINNABLE | TDM_MEM_EXPORTABLE)

union item {
	struct tdm_query_device device;
	struct tdm_query_memory memory;
	struct tdm_query_clock clock;
	struct tdm_telemetry telemetry;
};

static void query_device(struct soft_file *file, struct tdm_query_device *item)
{
	*item = (struct tdm_query_device){
		.uapi_major = TDM_UAPI_MAJOR,
		.uapi_minor = TDM_UAPI_MINOR,
		.queue_abi = TDM_QUEUE_ABI,
		.attachment = TDM_ATTACH_SOFT,
		.host_props = MEM_PROPS,
		.device_props = MEM_PROPS,
		.identify = file->dev->identify,
	};
}

void soft_query_memory(struct soft_file *file, struct tdm_query_memory *item)
{
	struct soft_device *dev = file->dev;

	pthread_mutex_lock(&dev->lock);
	*item = (struct tdm_query_memory){
		.device_bytes = dev->identify.memory_bytes,
		.device_used = dev->used.device,
		.host_limit = dev->host_limit,
		.host_used = dev->used.host,
		.context_device = file->used.device,
		.context_host = file->used.host,
	};
	pthread_mutex_unlock(&dev->lock);
}

static void query_clock(struct soft_file *file, struct tdm_query_clock *item)
{
	struct fw_port *port = &file->dev->port.port;

	item->device_ns = port->ops->clock_ns(port);
	item->monotonic_ns = soft_clock_ns();
}

/* Return: bytes of the item, or -errno. */
static int fill(struct soft_file *file, uint32_t which, union item *item)
{
	int rc;

	switch (which) {
	case TDM_QUERY_DEVICE:
		query_device(file, &item->device);
		return sizeof(item->device);
	case TDM_QUERY_MEMORY:
		soft_query_memory(file, &item->memory);
		return sizeof(item->memory);
	case TDM_QUERY_CLOCK:
		query_clock(file, &item->clock);
		return sizeof(item->clock);
	case TDM_QUERY_TELEMETRY:
		rc = soft_telemetry_query(file->dev, &item->telemetry);
		return rc ? rc : (int)sizeof(item->telemetry);
	default:
		return -EINVAL;
	}
}

int soft_query(struct soft_file *file, void *arg)
{
	struct drm_tandem_query *query = arg;
	char *out = soft_user_ptr(query->data);
	union item item;
	uint32_t n;
	int bytes;

	if (query->flags)
		return -EINVAL;
	bytes = fill(file, query->item, &item);
	if (bytes < 0)
		return bytes;
	if (query->len && !out)
		return -EFAULT;
	n = query->len < (uint32_t)bytes ? query->len : (uint32_t)bytes;
	if (n)
		memcpy(out, &item, n);
	if (query->len > n)
		memset(out + n, 0, query->len - n);
	query->len = (uint32_t)bytes;
	return 0;
}

/* As drm_version(): the length is told whole, the text as far as there is room. */
static size_t copy_text(char *out, size_t room, const char *text)
{
	size_t len = strlen(text);

	if (out && room)
		memcpy(out, text, room < len ? room : len);
	return len;
}

int soft_version(struct soft_file *file, void *arg)
{
	struct drm_version *version = arg;

	(void)file;
	version->version_major = TDM_UAPI_MAJOR;
	version->version_minor = TDM_UAPI_MINOR;
	version->version_patchlevel = 0;
	version->name_len = copy_text(version->name, version->name_len, "tandem");
	version->date_len = copy_text(version->date, version->date_len, "0");
	version->desc_len = copy_text(version->desc, version->desc_len, "Tandem soft device");
	return 0;
}
