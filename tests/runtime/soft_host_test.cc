// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What is the soft attachment's own: options, threads, being a guest in the
 * process of an application.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "device_fixture.h"

using namespace tandem_test;

namespace
{

struct tdm_device *Open(const char *name)
{
	struct tdm_error err = {};
	struct tdm_device *dev = tdm_device_open(name, &err);

	EXPECT_NE(dev, nullptr) << err.msg;
	return dev;
}

/* A field of /proc/self/task/TID/status for every thread (proc(5)). */
std::vector<std::pair<std::string, std::string>> Threads(const char *field)
{
	std::vector<std::pair<std::string, std::string>> threads;
	DIR *dir = opendir("/proc/self/task");

	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		std::string path = std::string("/proc/self/task/") + entry->d_name + "/status";
		FILE *f = fopen(path.c_str(), "r");
		std::string name, value;
		char line[256];

		while (f && fgets(line, sizeof(line), f)) {
			char *text = strchr(line, '\t');

			if (!text)
				continue;
			text[strlen(text) - 1] = '\0';
			if (!strncmp(line, "Name:", 5))
				name = text + 1;
			if (!strncmp(line, field, strlen(field)))
				value = text + 1;
		}
		if (f) {
			fclose(f);
			threads.push_back({ name, value });
		}
	}
	if (dir)
		closedir(dir);
	return threads;
}

unsigned int CountThreads(const char *prefix)
{
	unsigned int n = 0;

	for (auto &thread : Threads("Name:"))
		n += thread.first.rfind(prefix, 0) == 0;
	return n;
}

uint64_t CpuNs()
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return static_cast<uint64_t>(ts.tv_sec) * 1000000000u + static_cast<uint64_t>(ts.tv_nsec);
}

} // namespace

TEST(SoftOptions, MemoryAndThreads)
{
	struct tdm_device *dev = Open("soft:cs3,memory=64M,threads=3");
	struct tdm_query_memory mem;

	ASSERT_NE(dev, nullptr);
	ASSERT_EQ(tdm_device_memory(dev, &mem), 0);
	EXPECT_EQ(mem.device_bytes, 64u << 20);
	EXPECT_EQ(tdm_device_info(dev)->identify.memory_bytes, 64u << 20);
	EXPECT_STREQ(tdm_device_info(dev)->identify.model, "cs3");
	EXPECT_STREQ(tdm_device_name(dev), "soft:cs3,memory=64M,threads=3");
	/* The compute thread is the first of the three. */
	EXPECT_EQ(CountThreads("tdm-work-"), 2u);
	tdm_device_close(dev);
}

TEST(SoftOptions, BadOnesAreNamed)
{
	for (const char *name : { "soft:cs3,",
				  "soft:cs3,memory",
				  "soft:cs3,memory=",
				  "soft:cs3,memory=0",
				  "soft:cs3,memory=x",
				  "soft:cs3,memory=-1",
				  "soft:cs3,memory=1X",
				  "soft:cs3,memory=1KK",
				  "soft:cs3,memory=99999999999999999999",
				  "soft:cs3,memory=99999999T",
				  "soft:cs3,threads=0",
				  "soft:cs3,threads=257",
				  "soft:cs3,isa=",
				  "soft:cs3,isa=avx51234",
				  "soft:cs3,speed=9",
				  "soft:cs3,bound=",
				  "soft:cs3,bound=500",
				  "soft:cs3,bound=99ms",
				  "soft:cs3,bound=121s",
				  "soft:cs3,bound=1sm",
				  "soft:cs3,bound=-1s",
				  "soft:cs3,bound=4294967297s",
				  "soft:cs3,memory=1M,,threads=1" }) {
		struct tdm_error err = {};

		EXPECT_EQ(tdm_device_open(name, &err), nullptr) << name;
		EXPECT_EQ(err.code, -EINVAL) << name;
		EXPECT_NE(strstr(err.msg, "memory=BYTES"), nullptr) << err.msg;
	}
	struct tdm_error err = {};

	EXPECT_EQ(tdm_device_open("soft:cs3,isa=AVX2", &err), nullptr);
	EXPECT_EQ(err.code, -EINVAL);
	EXPECT_NE(strstr(err.msg, "avx2"), nullptr) << err.msg;
}

TEST(SoftThreads, AreNamedTakeNoSignalsAndGoAway)
{
	struct tdm_device *dev = Open("soft:trn2,threads=2");
	sigset_t before, after;

	pthread_sigmask(SIG_SETMASK, nullptr, &before);
	ASSERT_NE(dev, nullptr);
	EXPECT_EQ(CountThreads("tdm-admin"), 1u);
	EXPECT_EQ(CountThreads("tdm-compute"), 1u);
	EXPECT_EQ(CountThreads("tdm-work-1"), 1u);
	for (auto &thread : Threads("SigBlk:"))
		if (thread.first.rfind("tdm-", 0) == 0) {
			uint64_t blocked = strtoull(thread.second.c_str(), nullptr, 16);

			for (int sig : { SIGINT, SIGTERM, SIGALRM, SIGCHLD, SIGUSR1 })
				EXPECT_TRUE(blocked >> (sig - 1) & 1) << thread.first << " " << sig;
		}
	pthread_sigmask(SIG_SETMASK, nullptr, &after);
	for (int sig = 1; sig < SIGRTMAX; sig++)
		EXPECT_EQ(sigismember(&before, sig), sigismember(&after, sig)) << sig;
	tdm_device_close(dev);
	EXPECT_EQ(CountThreads("tdm-"), 0u);
}

TEST(SoftIdle, UsesNoProcessor)
{
	struct tdm_device *dev = Open("soft:cs3");
	struct tdm_error err = {};
	struct tdm_cqe cqe;

	ASSERT_NE(dev, nullptr);
	struct tdm_queue *queue = tdm_queue_create(dev, 16, &err);
	ASSERT_NE(queue, nullptr) << err.msg;
	struct tdm_cmd nop = Nop(1);
	ASSERT_EQ(tdm_queue_run(queue, &nop, Soon(), &cqe), 0);
	SleepMs(20);
	uint64_t cpu = CpuNs();
	SleepMs(400);
	/* A thread that spins would have used all of it. */
	EXPECT_LT(CpuNs() - cpu, 40 * kMs);
	ASSERT_EQ(tdm_queue_run(queue, &nop, Soon(), &cqe), 0);
	tdm_queue_destroy(queue);
	tdm_device_close(dev);
}

TEST(SoftIdle, AParkedWaitUsesLittle)
{
	struct tdm_device *dev = Open("soft:cs3");
	struct tdm_error err = {};
	struct tdm_cqe cqe;

	ASSERT_NE(dev, nullptr);
	struct tdm_queue *queue = tdm_queue_create(dev, 16, &err);
	struct tdm_buffer *buf =
		tdm_buffer_create(dev, TDM_DOMAIN_HOST, 4096, TDM_ACCESS_READ, &err);
	ASSERT_TRUE(queue && buf) << err.msg;
	struct tdm_cmd wait = WaitNonZero(tdm_buffer_dva(buf));
	ASSERT_EQ(tdm_queue_submit(queue, &wait, 1), 1);
	SleepMs(20);
	uint64_t cpu = CpuNs();
	/* Polled every TDM_WAIT_POLL_NS, by a thread that sleeps in between. */
	EXPECT_EQ(tdm_queue_wait(queue, NowNs() + 400 * kMs), -ETIMEDOUT);
	EXPECT_LT(CpuNs() - cpu, 200 * kMs);
	__atomic_store_n(static_cast<uint64_t *>(tdm_buffer_ptr(buf)), 1, __ATOMIC_RELEASE);
	EXPECT_EQ(tdm_queue_wait(queue, Soon()), 0);
	EXPECT_EQ(tdm_queue_poll(queue, &cqe, 1), 1);
	tdm_queue_destroy(queue);
	tdm_buffer_destroy(buf);
	tdm_device_close(dev);
}

TEST(SoftFork, TheChildHasNoDevice)
{
	struct tdm_device *dev = Open("soft:cs3");
	struct tdm_query_memory mem;

	ASSERT_NE(dev, nullptr);
	pid_t child = fork();
	if (!child) {
		struct tdm_error err = {};
		bool good = tdm_device_memory(dev, &mem) == -ENODEV &&
			    !tdm_device_reopen(dev, &err) && err.code == -ENODEV;

		tdm_device_close(dev);
		_exit(good ? 0 : 1);
	}
	ASSERT_GT(child, 0);
	int status = -1;
	EXPECT_EQ(waitpid(child, &status, 0), child);
	EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
	EXPECT_EQ(tdm_device_memory(dev, &mem), 0);
	tdm_device_close(dev);
}

TEST(SoftShare, AnotherDevicesBufferIsImported)
{
	struct tdm_device *trn = Open("soft:trn2"), *cs3 = Open("soft:cs3");
	struct drm_prime_handle prime = {};
	struct tdm_error err = {};
	struct tdm_query_memory mem;
	struct tdm_cqe cqe;
	uint64_t dva = 0;

	ASSERT_TRUE(trn && cs3);
	ASSERT_EQ(BoCreate(trn, TDM_DOMAIN_DEVICE, 4096, &prime.handle), 0);
	prime.flags = DRM_CLOEXEC | DRM_RDWR;
	ASSERT_EQ(tdm_device_ioctl(trn, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime), 0);
	uint32_t handle = prime.handle;
	prime.flags = 0;
	ASSERT_EQ(tdm_device_ioctl(cs3, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime), 0);
	ASSERT_EQ(VmMap(cs3, prime.handle, 0, 4096, &dva), 0);
	struct tdm_queue *queue = tdm_queue_create(cs3, 4, &err);
	ASSERT_NE(queue, nullptr) << err.msg;
	struct tdm_cmd fill = Fill(dva, 8, 0xabcdef);
	ASSERT_EQ(tdm_queue_run(queue, &fill, Soon(), &cqe), 0);
	EXPECT_EQ(cqe.status, TDM_ST_OK);
	uint64_t value = 0;
	EXPECT_EQ(pread(prime.fd, &value, sizeof(value), 0), static_cast<ssize_t>(sizeof(value)));
	EXPECT_EQ(value, 0xabcdefu);
	/* Nobody who has the descriptor can take the memory away. */
	EXPECT_EQ(ftruncate(prime.fd, 0), -1);
	ASSERT_EQ(tdm_device_memory(cs3, &mem), 0);
	EXPECT_EQ(mem.device_used, 0u);
	close(prime.fd);
	/* Without DRM_RDWR it is for reading. */
	struct drm_prime_handle readonly = {};
	readonly.handle = handle;
	readonly.flags = DRM_CLOEXEC;
	ASSERT_EQ(tdm_device_ioctl(trn, DRM_IOCTL_PRIME_HANDLE_TO_FD, &readonly), 0);
	EXPECT_EQ(mmap(nullptr, 4096, PROT_WRITE, MAP_SHARED, readonly.fd, 0), MAP_FAILED);
	close(readonly.fd);
	tdm_queue_destroy(queue);
	tdm_device_close(trn);
	tdm_device_close(cs3);
}

TEST(SoftFork, BuffersAreNotInherited)
{
	struct tdm_device *dev = Open("soft:cs3");
	struct tdm_error err = {};

	ASSERT_NE(dev, nullptr);
	struct tdm_buffer *buf =
		tdm_buffer_create(dev, TDM_DOMAIN_DEVICE, 4096, TDM_ACCESS_READ, &err);
	ASSERT_NE(buf, nullptr) << err.msg;
	memset(tdm_buffer_ptr(buf), 1, 4096);
	pid_t child = fork();
	if (!child) {
		unsigned char resident;

		/* ENOMEM: nothing is mapped there (mincore(2)). */
		_exit(mincore(tdm_buffer_ptr(buf), 4096, &resident) == -1 && errno == ENOMEM ? 0
											     : 1);
	}
	int status = -1;
	EXPECT_EQ(waitpid(child, &status, 0), child);
	EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
	tdm_buffer_destroy(buf);
	tdm_device_close(dev);
}
