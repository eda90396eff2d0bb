/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A host of files: /sys, /proc and /dev of a test's own, which the tool reads in place of
 * this machine's.
 */
#ifndef TESTS_E2E_FAKE_HOST_H
#define TESTS_E2E_FAKE_HOST_H

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <vector>

#include "e2e/held_run.h"

/* Where these tests lie. */
#define TANDEM_E2E TANDEM_MODELS "/../e2e"

class FakeHost
{
public:
	FakeHost()
	{
		char name[] = "/tmp/tandem-host-XXXXXX";
		EXPECT_NE(mkdtemp(name), nullptr);
		root_ = name;
	}
	~FakeHost()
	{
		std::filesystem::remove_all(root_);
	}
	FakeHost(const FakeHost &) = delete;
	FakeHost &operator=(const FakeHost &) = delete;

	std::string path(const std::string &inner) const
	{
		return root_ + inner;
	}
	/* A file with that in it, in place of the one before. */
	void file(const std::string &inner, const std::string &text, mode_t mode = 0644)
	{
		std::filesystem::create_directories(
			std::filesystem::path(path(inner)).parent_path());
		std::ofstream(path(inner), std::ios::binary) << text;
		EXPECT_EQ(chmod(path(inner).c_str(), mode), 0) << inner;
	}
	/* @target: within the host */
	void link(const std::string &inner, const std::string &target)
	{
		std::filesystem::create_directories(
			std::filesystem::path(path(inner)).parent_path());
		std::filesystem::create_symlink(path(target), path(inner));
	}
	void remove(const std::string &inner)
	{
		std::filesystem::remove_all(path(inner));
	}
	std::string read(const std::string &inner) const
	{
		std::ifstream in(path(inner), std::ios::binary);
		std::stringstream all;
		all << in.rdbuf();
		return all.str();
	}

	/* tandem ARGS, on this host */
	Told tell(const std::vector<std::string> &args, const std::string &input = "") const
	{
		Launch launch;
		Told told;
		launch.env = { "TANDEM_SYSROOT=" + root_ };
		launch.args = { TANDEM_CLI };
		if (!input.empty()) {
			launch.args = { "/bin/sh", "-c", "exec \"$0\" \"$@\" <" + input,
					TANDEM_CLI };
		}
		launch.args.insert(launch.args.end(), args.begin(), args.end());
		Process p(launch);
		told.out = p.read_out();
		Ended end = p.wait();
		told.err = p.err();
		for (int code = 0; code < 6; code++)
			if (end.exited(code))
				told.code = code;
		told.json.reset(json_tokener_parse(told.out.c_str()), json_object_put);
		return told;
	}

	/* All that a host has on which nothing is wrong. */
	void all_is_well()
	{
		kernel();
		driver();
		device();
		rdma();
		machine();
	}

	void kernel()
	{
		file("/proc/sys/kernel/osrelease", "6.12.9-amd64\n");
		file("/boot/config-6.12.9-amd64",
		     "CONFIG_MODULES=y\nCONFIG_DRM=m\nCONFIG_DRM_ACCEL=y\nCONFIG_INFINIBAND=m\n"
		     "CONFIG_INFINIBAND_USER_ACCESS=m\nCONFIG_RDMA_RXE=m\n");
		file("/lib/modules/6.12.9-amd64/build/Makefile", "all:\n");
		file("/lib/modules/6.12.9-amd64/modules.dep",
		     "kernel/drivers/infiniband/sw/rxe/rdma_rxe.ko.xz: kernel/x.ko\n");
		file("/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
		file("/sys/module/module/parameters/sig_enforce", "N\n");
		file("/proc/sys/kernel/tainted", "4096\n");
		file("/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
	}
	void driver()
	{
		file("/sys/module/tandem/srcversion", "0123456789ABCDEF\n");
		file("/sys/module/tandem/taint", "OE\n");
		file("/sys/module/tandem/parameters/allow_inject", "N\n");
		file("/dev/tandem-emu", "", 0600);
		file("/proc/77/comm", "tandem-emu\n");
	}
	void device()
	{
		const std::string dev = "/sys/devices/platform/tandem-emu.0";
		file(dev + "/tandem/state", "ready\n");
		file(dev + "/tandem/model", "trn2\n");
		file(dev + "/tandem/firmware_version", "0.1.0\n");
		file(dev + "/tandem/reset_count", "0\n");
		file(dev + "/tandem/reset_reason", "none\n");
		file(dev + "/tandem/inject_active", "none\n");
		file(dev + "/tandem/heartbeat_age_ms", "310\n");
		link("/sys/class/accel/accel0/device", dev);
		file("/dev/accel/accel0", "");
	}
	void rdma()
	{
		const std::string port = "/sys/class/infiniband/rxe0/ports/1";
		file("/proc/self/limits", limits("unlimited"));
		file("/proc/self/status", "Name:\ttandem\nCapEff:\t0000000000000000\n");
		file(port + "/state", "4: ACTIVE\n");
		file(port + "/link_layer", "Ethernet\n");
		file(port + "/gids/0", "fe80:0000:0000:0000:0000:00ff:fe00:0001\n");
		file(port + "/gids/1", "0000:0000:0000:0000:0000:0000:0000:0000\n");
		file(port + "/gid_attrs/ndevs/0", "eth0\n");
		file("/sys/class/net/eth0/mtu", "1500\n");
		file("/dev/infiniband/uverbs0", "");
	}
	void machine()
	{
		file("/sys/kernel/iommu_groups/0/type", "DMA-FQ\n");
		file("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "8\n");
		file("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "8\n");
		file("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
		file("/sys/kernel/mm/transparent_hugepage/shmem_enabled",
		     "always within_size [advise] never deny force\n");
		file("/proc/sys/kernel/numa_balancing", "0\n");
		file("/sys/devices/system/node/online", "0-1\n");
		file("/proc/meminfo", "MemTotal: 100 kB\nMemAvailable:    4096 kB\n");
		file("/dev/shm/.keep", "");
		file("/proc/cpuinfo", "processor : 0\nflags : fpu avx2 fma f16c avx512f avx512bw "
				      "avx512dq avx512vl\n");
		file("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
		file("/proc/net/unix", "Num RefCount\n0: 2 0 10000 5 01 9 @tandem/observe/9/0\n");
	}
	static std::string limits(const std::string &memlock, const std::string &files = "4096")
	{
		return "Limit                     Soft Limit           Hard Limit           Units\n"
		       "Max processes             96365                96365                "
		       "processes\n"
		       "Max open files            " +
		       files +
		       "                 20000                files\n"
		       "Max locked memory         " +
		       memlock + "            " + memlock + "              bytes\n";
	}

private:
	std::string root_;
};

#endif /* TESTS_E2E_FAKE_HOST_H */
