/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Memory that is a memfd, for the tests of software NICs.
 */
#ifndef TESTS_RUNTIME_NET_SOFT_MEMFD_H
#define TESTS_RUNTIME_NET_SOFT_MEMFD_H

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "runtime/net_test.h"

namespace net_test
{

/* Mapped, from @skip bytes on: not all of it need be registered. */
struct Memfd {
	int fd;
	size_t skip, bytes;
	char *at;

	explicit Memfd(size_t bytes, int seals = F_SEAL_SHRINK | F_SEAL_GROW, size_t skip = 0)
	    : skip(skip), bytes(bytes)
	{
		fd = memfd_create("tandem-test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		EXPECT_EQ(ftruncate(fd, off_t(skip + bytes)), 0);
		EXPECT_EQ(seals ? fcntl(fd, F_ADD_SEALS, seals) : 0, 0);
		at = static_cast<char *>(
			mmap(nullptr, skip + bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
		EXPECT_NE(at, MAP_FAILED);
		at += skip;
	}
	~Memfd()
	{
		munmap(at - skip, skip + bytes);
		close(fd);
	}
	Memfd(const Memfd &) = delete;
	Memfd &operator=(const Memfd &) = delete;

	tdm_net_mr *Reg(tdm_net *net) const
	{
		tdm_net_mem mem = {};
		tdm_error err = {};

		mem.addr = at;
		mem.len = bytes;
		mem.access = Pair::kBoth;
		mem.fd = fd;
		mem.fd_offset = skip;
		tdm_net_mr *mr = tdm_net_reg_mem(net, &mem, &err);
		EXPECT_NE(mr, nullptr) << err.msg;
		return mr;
	}
	/* How often this process has it mapped. */
	int Mappings() const
	{
		struct stat st;
		int n = 0;
		char line[512];
		FILE *maps = fopen("/proc/self/maps", "re");

		EXPECT_EQ(fstat(fd, &st), 0);
		while (fgets(line, sizeof(line), maps)) {
			unsigned long inode = 0;

			sscanf(line, "%*s %*s %*s %*s %lu", &inode);
			n += strstr(line, "tandem-test") && inode == st.st_ino;
		}
		fclose(maps);
		return n;
	}
};

inline size_t OpenFiles()
{
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

} // namespace net_test

#endif /* TESTS_RUNTIME_NET_SOFT_MEMFD_H */
