// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Opening, listing and closing devices.
 */
#include <sys/wait.h>

#include "device_fixture.h"

using namespace tandem_test;

class DeviceOpen : public DeviceTest
{
};
TANDEM_ON_EVERY_DEVICE(DeviceOpen);

TEST_P(DeviceOpen, SaysWhatItIs)
{
	const struct tdm_query_device *info = tdm_device_info(dev_);

	EXPECT_EQ(tdm_device_name(dev_), GetParam());
	EXPECT_EQ(info->uapi_major, TDM_UAPI_MAJOR);
	EXPECT_EQ(info->queue_abi, TDM_QUEUE_ABI);
	EXPECT_EQ(info->identify.abi, static_cast<uint32_t>(TDM_HW_ABI));
	EXPECT_GE(info->identify.max_contexts, 2u);
	EXPECT_GE(info->identify.max_queues, 2u);
	EXPECT_TRUE(info->device_props & TDM_MEM_MAPPABLE);
	EXPECT_GT(info->identify.memory_bytes, 0u);
	EXPECT_EQ(info->identify.memory_bytes, Memory().device_bytes);
}

TEST_P(DeviceOpen, ReopenSharesMemoryAndNothingElse)
{
	struct tdm_device *other = tdm_device_reopen(dev_, &err_);
	struct tdm_query_memory mem;
	uint32_t handle;
	uint64_t offset;

	ASSERT_NE(other, nullptr) << err_.msg;
	EXPECT_STREQ(tdm_device_name(other), tdm_device_name(dev_));
	ASSERT_EQ(BoCreate(other, TDM_DOMAIN_DEVICE, 3 * page_, &handle), 0);
	EXPECT_EQ(BoOffset(dev_, handle, &offset), -ENOENT);
	EXPECT_EQ(Memory().device_used, 3 * page_);
	EXPECT_EQ(Memory().context_device, 0u);
	ASSERT_EQ(tdm_device_memory(other, &mem), 0);
	EXPECT_EQ(mem.context_device, 3 * page_);
	tdm_device_close(other);
	EXPECT_EQ(Memory().device_used, 0u);
}

TEST_P(DeviceOpen, FirstFileMayCloseFirst)
{
	struct tdm_device *other = tdm_device_reopen(dev_, &err_);
	struct tdm_queue *queue;
	struct tdm_cmd nop = Nop(7);
	struct tdm_cqe cqe;

	ASSERT_NE(other, nullptr) << err_.msg;
	tdm_device_close(dev_);
	dev_ = other;
	queue = Queue(4);
	ASSERT_NE(queue, nullptr);
	EXPECT_EQ(tdm_queue_run(queue, &nop, Soon(), &cqe), 0);
	EXPECT_EQ(cqe.cookie, 7u);
	tdm_queue_destroy(queue);
}

TEST_P(DeviceOpen, ContextsRunOutAndComeBack)
{
	uint32_t max = tdm_device_info(dev_)->identify.max_contexts;
	std::vector<struct tdm_device *> files;

	for (uint32_t i = 1; i < max; i++) {
		files.push_back(tdm_device_reopen(dev_, &err_));
		ASSERT_NE(files.back(), nullptr) << err_.msg;
	}
	EXPECT_EQ(tdm_device_reopen(dev_, &err_), nullptr);
	EXPECT_EQ(err_.code, -EBUSY);
	tdm_device_close(files.back());
	files.back() = tdm_device_reopen(dev_, &err_);
	EXPECT_NE(files.back(), nullptr) << err_.msg;
	for (struct tdm_device *file : files)
		tdm_device_close(file);
}

TEST_P(DeviceOpen, OpenAndCloseManyTimes)
{
	for (int i = 0; i < 30; i++) {
		struct tdm_device *other = tdm_device_open(GetParam().c_str(), &err_);

		ASSERT_NE(other, nullptr) << err_.msg;
		tdm_device_close(other);
	}
}

TEST(DeviceList, HasEveryNameAndCountsWithoutRoom)
{
	int count = tdm_device_list(nullptr, 0);
	std::vector<struct tdm_device_entry> list;

	ASSERT_GE(count, 3);
	list.resize(static_cast<size_t>(count) + 1);
	strcpy(list.back().name, "untouched");
	EXPECT_EQ(tdm_device_list(list.data(), static_cast<unsigned int>(count)), count);
	EXPECT_STREQ(list.back().name, "untouched");
	EXPECT_STREQ(list[0].name, "soft:trn2");
	EXPECT_STREQ(list[1].name, "soft:trn3");
	EXPECT_STREQ(list[2].name, "soft:cs3");
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(list[static_cast<size_t>(i)].attachment,
			  static_cast<uint32_t>(TDM_ATTACH_SOFT));
		EXPECT_GT(list[static_cast<size_t>(i)].identify.memory_bytes, 0u);
	}
	EXPECT_EQ(tdm_device_list(list.data(), 1), count);
}

TEST(DeviceName, UnknownOnesListTheKnown)
{
	for (const char *name : { "", "cs3", "soft", "soft:", "soft:cs4", "hard:cs3", "soft:CS3",
				  "soft:a-model-name-that-is-longer-than-any" }) {
		struct tdm_error err = {};

		EXPECT_EQ(tdm_device_open(name, &err), nullptr) << name;
		EXPECT_EQ(err.code, -ENODEV) << name;
		EXPECT_NE(strstr(err.msg, "soft:trn2, soft:trn3, soft:cs3"), nullptr) << err.msg;
	}
	EXPECT_EQ(tdm_device_open("nothing", nullptr), nullptr);
}

TEST(DeviceName, NodesOfNobodyOrOfAnotherDriver)
{
	for (const char *name : { "/dev/null", "/dev/accel/accel63", "/dev/", "/dev/dri" }) {
		struct tdm_error err = {};

		EXPECT_EQ(tdm_device_open(name, &err), nullptr) << name;
		EXPECT_LT(err.code, 0) << name;
		EXPECT_NE(strstr(err.msg, name), nullptr) << err.msg;
		EXPECT_NE(strstr(err.msg, "; "), nullptr) << err.msg;
	}
}
