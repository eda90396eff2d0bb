/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * This process, which shows itself and looks at itself.
 */
#ifndef TESTS_E2E_OBSERVED_SELF_H
#define TESTS_E2E_OBSERVED_SELF_H

#include <unistd.h>

#include <gtest/gtest.h>
#include <tandem/observe.h>

class ObservedSelf : public testing::Test
{
protected:
	void SetUp() override
	{
		tdm_error err{};
		observer_ = tdm_observer_start("the test", &err);
		ASSERT_TRUE(observer_) << err.msg;
		seen_ = tdm_observed_connect(static_cast<uint32_t>(getpid()), PATIENCE, &err);
		ASSERT_TRUE(seen_) << err.msg;
	}
	void TearDown() override
	{
		tdm_observed_close(seen_);
		tdm_observer_stop(observer_);
	}

	static constexpr uint64_t PATIENCE = 60000000000ULL;
	tdm_observer *observer_ = nullptr;
	tdm_observed *seen_ = nullptr;
};

#endif /* TESTS_E2E_OBSERVED_SELF_H */
