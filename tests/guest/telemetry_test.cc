// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What the driver tells in the usual places: sysfs, fdinfo, debugfs, tracepoints.
 */
#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include <tandem/buffer.h>
#include <tandem/device.h>
#include <tandem/queue.h>

#include "served.h"
#include "trace.h"

using namespace guest;

namespace
{

constexpr uint64_t kBytes = 4 << 20;

/* The descriptor that the library has open on a node; -1: none. */
int FdOf(const std::string &node)
{
	DIR *dir = opendir("/proc/self/fd");
	int found = -1;

	while (struct dirent *entry = dir ? readdir(dir) : nullptr) {
		std::string path = std::string("/proc/self/fd/") + entry->d_name;
		char target[256] = "";

		if (readlink(path.c_str(), target, sizeof(target) - 1) > 0 && node == target)
			found = atoi(entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* A value of fdinfo with its unit; "" when there is no such key. */
std::string FdInfo(int fd, const std::string &key)
{
	std::string text = "\n" + ReadFile("/proc/self/fdinfo/" + std::to_string(fd));
	size_t at = text.find("\n" + key + ":\t");

	if (at == std::string::npos)
		return "";
	at += key.size() + 3;
	return text.substr(at, text.find('\n', at) - at);
}

/* Of the one device that there is; its place is the kernel's to choose. */
std::string DebugFolder()
{
	glob_t found = {};
	std::string dir;

	glob("/sys/kernel/debug/accel/*/tandem/", 0, nullptr, &found);
	glob("/sys/kernel/debug/dri/*/tandem/", GLOB_APPEND, nullptr, &found);
	if (found.gl_pathc)
		dir = found.gl_pathv[0];
	globfree(&found);
	return dir;
}

class Telemetry : public ::testing::Test
{
protected:
	void SetUp() override
	{
		ASSERT_TRUE(emu_.Ready());
		dev_ = tdm_device_open(emu_.node().c_str(), &err_);
		ASSERT_NE(dev_, nullptr) << err_.msg;
		queue_ = tdm_queue_create(dev_, 8, &err_);
		ASSERT_NE(queue_, nullptr) << err_.msg;
	}
	void TearDown() override
	{
		tdm_buffer_destroy(buffer_);
		tdm_queue_destroy(queue_);
		tdm_device_close(dev_);
	}
	void Allocate(unsigned int domain)
	{
		buffer_ = tdm_buffer_create(dev_, domain, kBytes,
					    TDM_ACCESS_READ | TDM_ACCESS_WRITE, &err_);
		ASSERT_NE(buffer_, nullptr) << err_.msg;
	}
	unsigned int Fill(uint64_t dst, uint64_t len)
	{
		struct tdm_cmd cmd = {};
		struct tdm_cqe cqe = {};

		cmd.opcode = TDM_OP_FILL;
		cmd.fill.dst = dst;
		cmd.fill.len = len;
		EXPECT_EQ(tdm_queue_run(queue_, &cmd, NowNs() + 20000000000u, &cqe), 0);
		return cqe.status & 0x7fff;
	}

	Served emu_{ "trn2" };
	struct tdm_error err_ = {};
	struct tdm_device *dev_ = nullptr;
	struct tdm_queue *queue_ = nullptr;
	struct tdm_buffer *buffer_ = nullptr;
};

TEST_F(Telemetry, SysfsSaysWhatTheDeviceIsAndHas)
{
	const std::string &node = emu_.node();
	struct tdm_query_memory memory = {};

	ASSERT_EQ(tdm_device_memory(dev_, &memory), 0);
	EXPECT_EQ(Attribute(node, "class"), "trn");
	EXPECT_EQ(Attribute(node, "model"), "trn2");
	EXPECT_NE(Attribute(node, "firmware_version"), "");
	EXPECT_EQ(Attribute(node, "state"), "ready");
	EXPECT_EQ(Attribute(node, "clients"), "1");
	EXPECT_EQ(Attribute(node, "reset_count"), "0");
	EXPECT_EQ(Attribute(node, "memory_total"), std::to_string(memory.device_bytes));
	uint64_t before = strtoull(Attribute(node, "memory_used").c_str(), nullptr, 0);
	Allocate(TDM_DOMAIN_DEVICE);
	EXPECT_EQ(Attribute(node, "memory_used"), std::to_string(before + kBytes));
}

TEST_F(Telemetry, FdinfoHasMemoryAndEngineTimeOfEachClient)
{
	int fd = FdOf(emu_.node());
	uint64_t last = 0;

	ASSERT_GE(fd, 0);
	EXPECT_EQ(FdInfo(fd, "drm-driver"), "tandem");
	EXPECT_NE(FdInfo(fd, "drm-client-id"), "");
	EXPECT_EQ(FdInfo(fd, "drm-total-device"), "0 KiB");
	Allocate(TDM_DOMAIN_DEVICE);
	EXPECT_EQ(FdInfo(fd, "drm-total-device"), std::to_string(kBytes / 1024) + " KiB");
	for (int i = 0; i < 5; i++) {
		ASSERT_EQ(Fill(tdm_buffer_dva(buffer_), kBytes), TDM_ST_OK);
		std::string busy = FdInfo(fd, "drm-engine-compute");
		uint64_t now = strtoull(busy.c_str(), nullptr, 10);

		EXPECT_NE(busy.find(" ns"), std::string::npos) << busy;
		EXPECT_GT(now, last) << busy;
		last = now;
	}
	/* Another client's is its own. */
	int other = open(emu_.node().c_str(), O_RDWR | O_CLOEXEC);
	ASSERT_GE(other, 0);
	EXPECT_EQ(FdInfo(other, "drm-engine-compute"), "0 ns");
	EXPECT_NE(FdInfo(other, "drm-client-id"), FdInfo(fd, "drm-client-id"));
	/* It stays when the queue goes. */
	tdm_queue_destroy(queue_);
	queue_ = nullptr;
	EXPECT_GE(strtoull(FdInfo(fd, "drm-engine-compute").c_str(), nullptr, 10), last);
	close(other);
}

TEST_F(Telemetry, DebugfsShowsRingsMapsAndFaults)
{
	std::string dir = DebugFolder();
	char dva[64];

	ASSERT_NE(dir, "");
	Allocate(TDM_DOMAIN_HOST);
	ASSERT_EQ(Fill(tdm_buffer_dva(buffer_), kBytes), TDM_ST_OK);
	ASSERT_EQ(Fill(TDM_DVA_MIN, 4096), TDM_ST_FAULT);
	EXPECT_NE(ReadFile(dir + "registers").find("state ready"), std::string::npos);
	EXPECT_NE(ReadFile(dir + "rings").find("admin "), std::string::npos);
	EXPECT_NE(ReadFile(dir + "queues")
			  .find(" number " + std::to_string(tdm_queue_number(queue_)) + " "),
		  std::string::npos);
	snprintf(dva, sizeof(dva), "map context 0 start %#llx ",
		 static_cast<unsigned long long>(tdm_buffer_dva(buffer_)));
	EXPECT_NE(ReadFile(dir + "maps").find(dva), std::string::npos) << ReadFile(dir + "maps");
	snprintf(dva, sizeof(dva), " addr %#llx ", static_cast<unsigned long long>(TDM_DVA_MIN));
	EXPECT_NE(ReadFile(dir + "faults").find(dva), std::string::npos)
		<< ReadFile(dir + "faults");
}

TEST_F(Telemetry, EachKindOfTracepointFires)
{
	Trace trace("tandem");

	ASSERT_EQ(trace.missing(), "");
	struct tdm_queue *queue = tdm_queue_create(dev_, 8, &err_);
	ASSERT_NE(queue, nullptr) << err_.msg;
	tdm_queue_destroy(queue);
	Allocate(TDM_DOMAIN_HOST);
	uint64_t dva = tdm_buffer_dva(buffer_);
	ASSERT_EQ(Fill(TDM_DVA_MIN, 4096), TDM_ST_FAULT);
	tdm_buffer_destroy(buffer_);
	buffer_ = nullptr;
	ASSERT_NE(dva, 0u);
	for (const char *event :
	     { "tandem_admin:", "tandem_queue_create:", "tandem_queue_destroy:", "tandem_submit:",
	       "tandem_complete:", "tandem_unmap:", "tandem_map:", "tandem_fault:" })
		EXPECT_GE(trace.Count(event), 1u) << event;
}

} // namespace
