// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Who has nodes of the driver open, by a /proc that the test has made.
 */
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include "host/fdinfo.h"
}

namespace
{

namespace fs = std::filesystem;

const char *const OURS = "pos:\t0\nflags:\t02100002\nmnt_id:\t15\nino:\t88\n"
			 "drm-driver:\ttandem\ndrm-client-id:\t7\n"
			 "drm-engine-compute:\t123456789 ns\n"
			 "drm-total-device:\t2048 KiB\ndrm-total-host:\t12 KiB\n"
			 "drm-memory-device:\t2048 KiB\ndrm-memory-host:\t12 KiB\n";

class PsFdinfo : public testing::Test
{
protected:
	void SetUp() override
	{
		std::string name = fs::temp_directory_path() / "tandem-proc-XXXXXX";
		ASSERT_TRUE(mkdtemp(name.data()));
		proc_ = name;
		std::ofstream(proc_ / "uptime") << "1 1\n";
		fs::create_directories(proc_ / "self" / "fd");
	}
	void TearDown() override
	{
		fs::remove_all(proc_);
	}
	void add(const std::string &pid, const std::string &fd, const std::string &to,
		 const std::string &info)
	{
		fs::create_directories(proc_ / pid / "fd");
		fs::create_directories(proc_ / pid / "fdinfo");
		fs::create_symlink(to, proc_ / pid / "fd" / fd);
		std::ofstream(proc_ / pid / "fdinfo" / fd) << info;
		std::ofstream(proc_ / pid / "comm") << "prog " + pid + "\n";
	}
	std::vector<fdinfo> scan()
	{
		tdm_error err{};
		fdinfo_list l = fdinfo_scan(proc_.c_str(), &err);
		EXPECT_TRUE(l.list) << err.msg;
		std::vector<fdinfo> all(l.list, l.list ? l.list + l.n : l.list);
		free(l.list);
		return all;
	}
	fs::path proc_;
};

TEST_F(PsFdinfo, ReadsWhatTheDriverSays)
{
	add("12", "4", "/dev/accel/accel0", OURS);
	auto all = scan();
	ASSERT_EQ(all.size(), 1u);
	EXPECT_EQ(all[0].pid, 12u);
	EXPECT_STREQ(all[0].program, "prog 12");
	EXPECT_STREQ(all[0].node, "/dev/accel/accel0");
	EXPECT_EQ(all[0].client, 7u);
	EXPECT_EQ(all[0].busy_ns, 123456789u);
	EXPECT_EQ(all[0].device_bytes, 2048u << 10);
	EXPECT_EQ(all[0].host_bytes, 12u << 10);
}

TEST_F(PsFdinfo, LeavesOutWhatIsNotTheDrivers)
{
	std::string other = OURS;
	other.replace(other.find("tandem"), 6, "amdgpu");
	add("1", "3", "/dev/dri/renderD128", other);
	add("1", "4", "/dev/null", OURS);
	add("1", "5", "socket:[123]", OURS);
	add("1", "6", "/dev/accel/accel1", "");
	add("1", "x", "/dev/accel/accel1", OURS);
	EXPECT_TRUE(scan().empty());
}

TEST_F(PsFdinfo, CountsAContextOnceInAProcess)
{
	std::string second = OURS;
	second.replace(second.find("id:\t7"), 5, "id:\t8");
	add("20", "3", "/dev/dri/renderD129", OURS);
	add("20", "9", "/dev/dri/renderD129", OURS); /* dup(2) */
	add("20", "10", "/dev/dri/renderD129", second);
	add("21", "3", "/dev/dri/renderD129", OURS); /* fork(2) */
	auto all = scan();
	EXPECT_EQ(all.size(), 3u);
}

TEST_F(PsFdinfo, BearsAnyText)
{
	for (const char *info :
	     { "drm-driver:\ttandem", "drm-driver:\ttandem\n\n\n:::\n\t\ndrm-client-id:\n",
	       "drm-driver:\ttandem\ndrm-engine-compute:\t99999999999999999999999 ns\n" })
		EXPECT_TRUE([&] {
			struct fdinfo f {
			};
			return fdinfo_parse(info, &f);
		}()) << info;
	struct fdinfo f {
	};
	EXPECT_FALSE(fdinfo_parse(std::string(100000, 'x').c_str(), &f));
	EXPECT_FALSE(fdinfo_parse("drm-driver:\ttandem2\n", &f));
}

TEST_F(PsFdinfo, SaysThatThereIsNoProc)
{
	tdm_error err{};
	fdinfo_list l = fdinfo_scan((proc_ / "nothing").c_str(), &err);
	EXPECT_EQ(l.list, nullptr);
	EXPECT_EQ(err.code, -ENOENT);
}

} // namespace
