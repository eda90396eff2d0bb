// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What a closed file had is taken back later, but nobody can tell.
 */
#include "device_fixture.h"

using namespace tandem_test;

namespace
{

class DeviceClose : public DeviceTest
{
};
TANDEM_ON_EVERY_DEVICE(DeviceClose);

TEST_P(DeviceClose, WhatWasClosedIsNotCounted)
{
	struct tdm_query_memory before = Memory();

	for (int i = 0; i < 50; i++) {
		struct tdm_device *other = tdm_device_reopen(dev_, &err_);
		struct tdm_query_memory now;
		uint64_t dva = 0;
		uint32_t handle;

		ASSERT_NE(other, nullptr) << err_.msg;
		ASSERT_EQ(BoCreate(other, TDM_DOMAIN_DEVICE, 16 * page_, &handle), 0);
		ASSERT_EQ(VmMap(other, handle, 0, 16 * page_, &dva), 0);
		now = Memory();
		ASSERT_EQ(now.device_used, before.device_used + 16 * page_);
		tdm_device_close(other);
		now = Memory();
		ASSERT_EQ(now.device_used, before.device_used) << i;
		ASSERT_EQ(now.host_used, before.host_used) << i;
	}
}

} // namespace
