// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Attributes of a device. What the device says of itself is there from the end of
 * its boot on; before it they are ENODATA. None asks the firmware.
 */
#include "sysfs.h"

#include <linux/device.h>
#include <linux/sysfs.h>

#include "device.h"
#include "dump.h"

/* Made from a value of @dev that the expression names. */
#define SHOW(name, format, value)                                                             \
	static ssize_t name##_show(struct device *parent, struct device_attribute *attr,      \
				   char *buf)                                                 \
	{                                                                                     \
		struct tdm_device *dev = dev_get_drvdata(parent);                             \
											      \
		return sysfs_emit(buf, format "\n", value);                                   \
	}                                                                                     \
	static DEVICE_ATTR_RO(name)

#define SHOW_IDENTITY(name, format, value)                                                    \
	static ssize_t name##_show(struct device *parent, struct device_attribute *attr,      \
				   char *buf)                                                 \
	{                                                                                     \
		struct tdm_device *dev = dev_get_drvdata(parent);                             \
											      \
		/* With it, the identity holds. */                                            \
		if (!smp_load_acquire(&dev->registered))                                      \
			return -ENODATA;                                                      \
		return sysfs_emit(buf, format "\n", value);                                   \
	}                                                                                     \
	static DEVICE_ATTR_RO(name)

static const char *class_name(const struct tdm_device *dev)
{
	switch (dev->identify.class_id) {
	case TDM_CLASS_TRN:
		return "trn";
	case TDM_CLASS_CS3:
		return "cs3";
	default:
		return "unknown";
	}
}

static struct tdm_usage used(struct tdm_device *dev)
{
	struct tdm_usage copy;

	spin_lock(&dev->usage_lock);
	copy = dev->used;
	spin_unlock(&dev->usage_lock);
	return copy;
}

SHOW_IDENTITY(class, "%s", class_name(dev));
SHOW_IDENTITY(model, "%s", dev->identify.model);
SHOW_IDENTITY(firmware_version, "%s", dev->identify.firmware);
SHOW_IDENTITY(memory_total, "%llu", dev->identify.memory_bytes);
SHOW(memory_used, "%llu", used(dev).device);
SHOW(host_memory_limit, "%llu", dev->host_limit);
SHOW(host_memory_used, "%llu", used(dev).host);
SHOW(state, "%s", tdm_state_name(dev));
SHOW(clients, "%d", atomic_read(&dev->clients));
SHOW(reset_count, "%llu", READ_ONCE(dev->resets));
SHOW(reset_reason, "%s", READ_ONCE(dev->reset_reason) ?: "none");

static struct attribute *attrs[] = {
	&dev_attr_class.attr,
	&dev_attr_model.attr,
	&dev_attr_firmware_version.attr,
	&dev_attr_memory_total.attr,
	&dev_attr_memory_used.attr,
	&dev_attr_host_memory_limit.attr,
	&dev_attr_host_memory_used.attr,
	&dev_attr_state.attr,
	&dev_attr_clients.attr,
	&dev_attr_reset_count.attr,
	&dev_attr_reset_reason.attr,
	NULL,
};

static const struct attribute_group group = {
	.name = "tandem",
	.attrs = attrs,
};

const struct attribute_group *tdm_sysfs_groups[] = { &group, NULL };
