// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Attributes of a device. What the device says of itself is there from the end of
 * its boot on; before it they are ENODATA. None waits for the firmware: what it counts is
 * as old as telemetry_age_ms says, and reading it has it read anew.
 */
#include "sysfs.h"

#include <linux/device.h>
#include <linux/sysfs.h>

#include "device.h"
#include "dump.h"
#include "inject.h"
#include "query.h"

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

#define SHOW_COUNTER(name, value)                                                              \
	static ssize_t name##_show(struct device *parent, struct device_attribute *attr,      \
				   char *buf)                                                 \
	{                                                                                     \
		struct tdm_device *dev = dev_get_drvdata(parent);                             \
		struct tdm_telemetry telemetry;                                               \
											      \
		if (tdm_telemetry_peek(dev, &telemetry) < 0)                                  \
			return -ENODATA;                                                      \
		return sysfs_emit(buf, "%llu\n", (telemetry).value);                          \
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

static const char *attachment_name(const struct tdm_device *dev)
{
	switch (dev->bus->attachment) {
	case TDM_ATTACH_EMU:
		return "emu";
	case TDM_ATTACH_PCI:
		return "pci";
	default:
		return "unknown";
	}
}

static const char *firmware_state_name(const struct tdm_device *dev)
{
	switch (READ_ONCE(dev->fw->state)) {
	case TDM_FW_BOOT:
		return "boot";
	case TDM_FW_READY:
		return "ready";
	case TDM_FW_FAILED:
		return "failed";
	default:
		return "unknown";
	}
}

/* As the watchdog has seen it, which looks once a second; or right now. */
static unsigned int heartbeat_age_ms(struct tdm_device *dev)
{
	unsigned long at = READ_ONCE(dev->beat_at);

	if (READ_ONCE(dev->fw->heartbeat) != READ_ONCE(dev->heartbeat))
		return 0;
	return time_after(jiffies, at) ? jiffies_to_msecs(jiffies - at) : 0;
}

static ssize_t uapi_version_show(struct device *parent, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d.%d\n", TDM_UAPI_MAJOR, TDM_UAPI_MINOR);
}
static DEVICE_ATTR_RO(uapi_version);

static ssize_t telemetry_age_ms_show(struct device *parent, struct device_attribute *attr,
				     char *buf)
{
	struct tdm_device *dev = dev_get_drvdata(parent);
	struct tdm_telemetry telemetry;
	long age = tdm_telemetry_peek(dev, &telemetry);

	return age < 0 ? age : sysfs_emit(buf, "%u\n", jiffies_to_msecs(age));
}
static DEVICE_ATTR_RO(telemetry_age_ms);

static ssize_t inject_active_show(struct device *parent, struct device_attribute *attr,
				  char *buf)
{
	struct tdm_device *dev = dev_get_drvdata(parent);
	struct tdm_telemetry telemetry;

	if (tdm_telemetry_peek(dev, &telemetry) < 0)
		return -ENODATA;
	return tdm_inject_names(buf, telemetry.inject_active);
}
static DEVICE_ATTR_RO(inject_active);

SHOW_COUNTER(busy_ns, busy_ns);
SHOW_COUNTER(bytes_moved, bytes_moved);
SHOW_COUNTER(commands, commands);
SHOW_COUNTER(errors, errors);
SHOW_COUNTER(faults, faults);
SHOW_COUNTER(injected, injected);
SHOW_COUNTER(tokens_decode, tokens_decode);
SHOW_COUNTER(tokens_prefill, tokens_prefill);
SHOW_IDENTITY(heartbeat_age_ms, "%u", heartbeat_age_ms(dev));
SHOW(attachment, "%s", attachment_name(dev));
SHOW(firmware_state, "%s", firmware_state_name(dev));
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
	&dev_attr_attachment.attr,
	&dev_attr_busy_ns.attr,
	&dev_attr_bytes_moved.attr,
	&dev_attr_commands.attr,
	&dev_attr_errors.attr,
	&dev_attr_faults.attr,
	&dev_attr_firmware_state.attr,
	&dev_attr_heartbeat_age_ms.attr,
	&dev_attr_inject_active.attr,
	&dev_attr_injected.attr,
	&dev_attr_telemetry_age_ms.attr,
	&dev_attr_tokens_decode.attr,
	&dev_attr_tokens_prefill.attr,
	&dev_attr_uapi_version.attr,
	NULL,
};

static const struct attribute_group group = {
	.name = "tandem",
	.attrs = attrs,
};

const struct attribute_group *tdm_sysfs_groups[] = { &group, NULL };
