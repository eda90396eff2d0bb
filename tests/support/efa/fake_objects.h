/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What the fake EFA device is made of. Objects are never freed before it is unplugged:
 * who uses one that was destroyed is found out.
 */
#ifndef TESTS_SUPPORT_EFA_FAKE_OBJECTS_H
#define TESTS_SUPPORT_EFA_FAKE_OBJECTS_H

#include "support/efa/fake_efa.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <utility>

struct FakeEfa::Context {
	ibv_context ctx = {};
	bool live = true;
};

struct FakeEfa::Pd : ibv_pd {
	Pd() : ibv_pd()
	{
	}
	bool live = true;
};

struct FakeEfa::Mr : ibv_mr {
	Mr() : ibv_mr()
	{
	}
	bool live = true;
	uint32_t access = 0;
};

struct FakeEfa::Ah : ibv_ah {
	Ah() : ibv_ah()
	{
	}
	bool live = true;
	uint8_t gid[16] = {};
};

struct FakeEfa::Channel : ibv_comp_channel {
	Channel() : ibv_comp_channel()
	{
	}
	bool live = true;
	Cq *cq = nullptr;
};

struct FakeEfa::Cq : ibv_cq {
	Cq() : ibv_cq()
	{
	}
	bool live = true;
	bool armed = false;
	bool stale = false; /* has completions of a queue pair that is gone */
	unsigned int unacked = 0;
	std::deque<ibv_wc> pending; /* done, and not to be seen yet */
	std::deque<ibv_wc> held;    /* to be seen with the event */
	std::deque<ibv_wc> ready;
};

struct FakeEfa::Wr {
	uint64_t id = 0;
	uint32_t op = 0; /* 0: write, 1: read */
	uint32_t rkey = 0, lkey = 0;
	uint64_t remote = 0, addr = 0;
	uint32_t len = 0;
	uint32_t ranges = 0;
	ibv_ah *ah = nullptr;
	uint32_t qpn = 0, qkey = 0;
};

struct FakeEfa::Late {
	Wr wr;
	std::vector<uint8_t> bytes;
};

struct FakeEfa::Qp {
	ibv_qp_ex ex = {}; /* first: the product has a pointer to it */
	bool live = true;
	Cq *cq = nullptr;
	Pd *pd = nullptr;
	uint32_t depth = 0;
	uint32_t used = 0; /* of depth, until they are polled */
	uint32_t qkey = 0;
	int error = 0; /* of the session */
	std::vector<Wr> session;
	std::deque<Wr> open;
};

/* The live object that it is. What is none of ours, or is gone, ends the test program. */
template <class T, class Handle>
T *FakeEfa::Find(const std::vector<std::unique_ptr<T>> &all, const Handle *handle)
{
	for (const auto &one : all) {
		if (static_cast<const Handle *>(one.get()) != handle)
			continue;
		EXPECT_TRUE(one->live) << "used after it was destroyed";
		return one.get();
	}
	ADD_FAILURE() << "a handle that was never given out";
	abort();
}

#endif /* TESTS_SUPPORT_EFA_FAKE_OBJECTS_H */
