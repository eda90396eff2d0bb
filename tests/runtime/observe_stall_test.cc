// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A device whose firmware is silent: whoever looks is answered all the same, with what
 * was known before and how old that is; and an order to end it gets through.
 */
#include "observe_test.h"

#include <tandem/inject.h>

using namespace observe_test;

namespace
{

class ObserveStall : public ::testing::Test
{
protected:
	/* @bound: after which the device is given up */
	void Open(const std::string &bound)
	{
		dev_ = tdm_device_open(("soft:trn2,threads=1,bound=" + bound).c_str(), &err_);
		ASSERT_TRUE(dev_) << err_.msg;
		ASSERT_EQ(tdm_observer_add_device(observer_.o, dev_), 0);
	}
	void TearDown() override
	{
		tdm_observer_remove(observer_.o, dev_);
		tdm_device_close(dev_);
	}
	tdm_observe_device Look()
	{
		auto devices = seen_.get(tdm_observed_devices);
		EXPECT_EQ(devices.size(), 1u);
		return devices.empty() ? tdm_observe_device{} : devices[0];
	}
	/* As another process does. Return: 0 or -errno */
	int Order(uint32_t kind)
	{
		tdm_observe_inject fault{};
		snprintf(fault.target, sizeof(fault.target), "%s", tdm_device_name(dev_));
		fault.kind = kind;
		return tdm_observed_inject(seen_.o, &fault, &seen_.err);
	}
	/* Only a hang does not get there. */
	template <typename Condition>
	tdm_observe_device Until(Condition condition)
	{
		tdm_observe_device d = Look();
		for (int i = 0; i < 6000 && !condition(d); i++) {
			usleep(10000);
			d = Look();
		}
		EXPECT_TRUE(condition(d));
		return d;
	}

	Observer observer_;
	Observed seen_;
	tdm_device *dev_ = nullptr;
	tdm_error err_{};
};

bool HasFigures(const tdm_observe_device &d)
{
	return d.known & TDM_OBSERVE_TELEMETRY;
}

TEST_F(ObserveStall, IsSeenWhileItLastsAndEnds)
{
	Open("120s");
	tdm_observe_device before = Until(HasFigures);
	ASSERT_EQ(Order(TDM_INJECT_STALL), 0) << seen_.err.msg;
	/* The order is known, though the firmware has told of nothing since. */
	tdm_observe_device d = Look();
	EXPECT_EQ(d.telemetry.inject_active, 1u << TDM_INJECT_STALL);
	EXPECT_EQ(d.error, 0);
	d = Until([](const tdm_observe_device &s) { return s.heartbeat_age_ns > 2000000000ULL; });
	EXPECT_GT(d.telemetry_age_ns, 2000000000ULL);
	EXPECT_EQ(d.telemetry.inject_active, 1u << TDM_INJECT_STALL);
	EXPECT_EQ(d.telemetry.commands, before.telemetry.commands);
	EXPECT_EQ(d.memory.device_bytes, before.memory.device_bytes);
	/* Another order waits, and does not make who gave it wait. */
	EXPECT_EQ(Order(TDM_INJECT_FAIL_CMD), -ETIMEDOUT);
	EXPECT_NE(strstr(seen_.err.msg, "silent"), nullptr) << seen_.err.msg;
	ASSERT_EQ(Order(TDM_INJECT_NONE), 0) << seen_.err.msg;
	d = Until([&](const tdm_observe_device &s) {
		return s.heartbeat != d.heartbeat && !s.heartbeat_age_ns && s.telemetry.injected;
	});
	EXPECT_EQ(d.telemetry.inject_active, 0u);
	EXPECT_EQ(d.telemetry.injected, 1u);
}

TEST_F(ObserveStall, LeavesWhatWasKnownOfADeviceThatIsGivenUp)
{
	Open("300ms");
	tdm_observe_device before = Until(HasFigures);
	ASSERT_EQ(Order(TDM_INJECT_STALL), 0) << seen_.err.msg;
	tdm_observe_device d = Until([](const tdm_observe_device &s) { return s.error; });
	EXPECT_EQ(d.error, -EIO);
	EXPECT_TRUE(HasFigures(d));
	EXPECT_EQ(d.telemetry.inject_active, 1u << TDM_INJECT_STALL);
	EXPECT_EQ(d.memory.device_bytes, before.memory.device_bytes);
	EXPECT_EQ(Order(TDM_INJECT_NONE), -EIO);
}

TEST_F(ObserveStall, HoldsNoRemovalUp)
{
	Open("120s");
	ASSERT_EQ(Order(TDM_INJECT_STALL), 0) << seen_.err.msg;
	EXPECT_EQ(Look().telemetry.inject_active, 1u << TDM_INJECT_STALL);
	tdm_observer_remove(observer_.o, dev_);
	EXPECT_TRUE(seen_.get(tdm_observed_devices).empty());
	const drm_tandem_inject none{};
	EXPECT_EQ(tdm_device_inject(dev_, &none), 0);
}

} // namespace
