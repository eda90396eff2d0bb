/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Landing memory of this process that others see, and into which a peer may write.
 */
#ifndef TESTS_E2E_LANDING_H
#define TESTS_E2E_LANDING_H

#include <vector>

#include <gtest/gtest.h>
#include <tandem/agent.h>
#include <tandem/observe.h>

extern "C" {
#include "agent/agent.h"
}

class Landing : public testing::Test
{
protected:
	static constexpr uint32_t BYTES = 4096;

	explicit Landing(uint32_t pages) : memory_(size_t(pages) * BYTES, 0x5a)
	{
	}
	void SetUp() override
	{
		tdm_agent_attr attr{};
		tdm_net_mem mem{};
		tdm_error err{};
		attr.size = sizeof(attr);
		attr.page_units = 1;
		attr.unit_bytes = BYTES;
		attr.net = "soft";
		attr.secret = "0123456789abcdef";
		attr.secret_len = 16;
		observer_ = tdm_observer_start("the test", &err);
		ASSERT_TRUE(observer_) << err.msg;
		agent_ = tdm_agent_create(&attr, &err);
		ASSERT_TRUE(agent_) << err.msg;
		mem.addr = memory_.data();
		mem.len = memory_.size();
		mem.fd = -1;
		ASSERT_EQ(tdm_agent_land(agent_, &mem, BYTES, 1, &err), 0) << err.msg;
		ASSERT_EQ(tdm_observer_add_agent(observer_, agent_), 0);
	}
	void TearDown() override
	{
		tdm_observer_stop(observer_);
		tdm_agent_destroy(agent_);
	}
	tdm_kv_pool *pool() const
	{
		return agent_->regions[0].pool;
	}

	tdm_observer *observer_ = nullptr;
	tdm_agent *agent_ = nullptr;
	std::vector<uint8_t> memory_;
};

#endif /* TESTS_E2E_LANDING_H */
