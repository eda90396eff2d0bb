// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "hwmon.h"

#include <linux/device.h>
#include <linux/hwmon.h>

#include "device.h"
#include "query.h"

/* So that whoever reads in a loop does not keep the admin queue busy. */
#define MAX_AGE (HZ / 10)

static u64 value_of(const struct tdm_telemetry *telemetry, enum hwmon_sensor_types type)
{
	return type == hwmon_temp ? telemetry->temperature_mc : telemetry->power_uw;
}

/* A sensor that the device does not have is not shown. */
static umode_t is_visible(const void *data, enum hwmon_sensor_types type, u32 attr, int channel)
{
	const struct tdm_device *dev = data;

	return value_of(&dev->telemetry, type) == TDM_TELEMETRY_ABSENT ? 0 : 0444;
}

static int read(struct device *parent, enum hwmon_sensor_types type, u32 attr, int channel,
		long *value)
{
	struct tdm_device *dev = dev_get_drvdata(parent);
	struct tdm_telemetry telemetry;
	int ret = tdm_telemetry_read(dev, &telemetry, MAX_AGE);
	u64 raw;

	if (ret)
		return ret;
	raw = value_of(&telemetry, type);
	if (raw > LONG_MAX)
		return -ENODATA;
	*value = raw;
	return 0;
}

static const struct hwmon_channel_info temperature = {
	.type = hwmon_temp,
	.config = (const u32[]){ HWMON_T_INPUT, 0 },
};

static const struct hwmon_channel_info power = {
	.type = hwmon_power,
	.config = (const u32[]){ HWMON_P_INPUT, 0 },
};

static const struct hwmon_channel_info *const channels[] = { &temperature, &power, NULL };

static const struct hwmon_ops ops = {
	.is_visible = is_visible,
	.read = read,
};

static const struct hwmon_chip_info chip = {
	.ops = &ops,
	.info = (void *)channels,
};

static bool has_sensor(const struct tdm_telemetry *telemetry)
{
	return telemetry->temperature_mc != TDM_TELEMETRY_ABSENT ||
	       telemetry->power_uw != TDM_TELEMETRY_ABSENT;
}

void tdm_hwmon_register(struct tdm_device *dev)
{
	struct tdm_telemetry telemetry;
	struct device *hwmon;

	if (!IS_REACHABLE(CONFIG_HWMON) || tdm_telemetry_read(dev, &telemetry, 0) ||
	    !has_sensor(&telemetry))
		return;
	hwmon = hwmon_device_register_with_info(dev->drm.dev, TDM_DRIVER_NAME, dev, &chip, NULL);
	if (!IS_ERR(hwmon))
		dev->hwmon = hwmon;
}

void tdm_hwmon_unregister(struct tdm_device *dev)
{
	if (dev->hwmon)
		hwmon_device_unregister(dev->hwmon);
}
