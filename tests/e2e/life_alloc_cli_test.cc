// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The tool with every one of its allocations failing once, from its start to its
 * end: it says so in one line and exits with 1, or it did without and prints the
 * same as ever.
 */
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "see_rig.h"
#include "support/process.h"
#include "support/sys_tree.h"
#include "support/test_model.h"
#include "support/tier.h"

namespace
{

/*
 * Every n in the plain tier. A process under a sanitizer takes 5 to 20 times as long
 * to start and to end, and the library's own sweeps see every n under ASan as well.
 */
constexpr long STRIDE = by_tier(1, 5, 29);

struct Run {
	Ended end;
	std::string out, err;
	long calls; /* -1: it did not come to its end */
	std::string failed;
};

Run run(const std::vector<std::string> &words, long n)
{
	TempFile log({ '0' });
	Launch launch;

	launch.args = { TANDEM_CLI };
	launch.args.insert(launch.args.end(), words.begin(), words.end());
	/*
	 * Behind this library's own functions come the sanitizer's. It is not the first
	 * then, and does not care; a failed allocation is for us to see, not its end.
	 */
	launch.env = { "LD_PRELOAD=" TANDEM_FAIL_NTH, "TANDEM_FAIL_NTH=" + std::to_string(n),
		       std::string("TANDEM_FAIL_LOG=") + log.path(),
		       "ASAN_OPTIONS=verify_asan_link_order=0:allocator_may_return_null=1" };
	Process p(launch);
	Run r;
	r.out = p.read_out();
	r.end = p.wait();
	r.err = p.err();
	r.calls = -1;
	if (FILE *f = fopen(log.path(), "r")) {
		char what[32] = "";
		if (fscanf(f, "%ld %31s", &r.calls, what) < 1)
			r.calls = -1;
		r.failed = what;
		fclose(f);
	}
	return r;
}

bool is_one_line(const std::string &text)
{
	return !text.empty() && text.find('\n') == text.size() - 1;
}

/* It goes on without being looked at, and says so. */
bool is_unseen(const Run &r)
{
	return r.end.exited(0) && r.err.rfind("tandem: observer: ", 0) == 0;
}

/*
 * libpci's first blocks are taken before it can be told whom to call. The tool sees to it
 * that there is memory for them, and this test takes it away in between.
 */
bool is_first_of_pci(const Run &r)
{
	return r.end.exited(1) && r.err.rfind("pcilib: Out of memory", 0) == 0 &&
	       is_one_line(r.err);
}

/*
 * @may_do_without: the libraries below it may do without some of the memory
 * @unseen: set to how many runs went on without being looked at
 */
void sweep(const std::vector<std::string> &words, bool may_do_without, long *unseen)
{
	Run whole = run(words, 0);
	ASSERT_TRUE(whole.end.exited(0)) << whole.end.say() << ": " << whole.err;
	/* Under a sanitizer the C library's own come from it, and are not seen. */
	ASSERT_GT(whole.calls, by_tier(10, 2, 2));
	long failures = 0;
	*unseen = 0;
	for (long n = 1; n <= whole.calls; n += STRIDE) {
		Run r = run(words, n);
		if (r.end.exited(0) && (may_do_without || r.failed == "-")) {
			EXPECT_EQ(r.out, whole.out) << "call " << n << ", " << r.failed;
			continue;
		}
		if (is_unseen(r)) {
			(*unseen)++;
			EXPECT_EQ(r.out, whole.out) << "call " << n << ", " << r.failed;
			continue;
		}
		failures++;
		if (is_first_of_pci(r))
			continue;
		EXPECT_TRUE(r.end.exited(1))
			<< "call " << n << ", " << r.failed << ": " << r.end.say() << ": " << r.err;
		EXPECT_TRUE(is_one_line(r.err)) << "call " << n << ": " << r.err;
		EXPECT_EQ(r.err.rfind("tandem: ", 0), 0u) << r.err;
		EXPECT_NE(r.err.find("; "), std::string::npos) << r.err;
		EXPECT_TRUE(r.err.find("memory") != std::string::npos ||
			    r.err.find("thread") != std::string::npos)
			<< r.err;
	}
	EXPECT_GT(failures, 0);
}

/* Nobody could look at it from the start. */
void sweep(const std::vector<std::string> &words, bool may_do_without)
{
	long unseen;
	sweep(words, may_do_without, &unseen);
	EXPECT_EQ(unseen, 0);
}

std::vector<std::string> generate(std::vector<std::string> more)
{
	std::vector<std::string> words = { "generate", "-m",   TANDEM_MODELS "/tales.gguf",
					   "-p",       "Once", "-n",
					   "8" };
	words.insert(words.end(), more.begin(), more.end());
	return words;
}

TEST(LifeAllocCli, GenerateText)
{
	long unseen;
	sweep(generate({ "--net", "soft" }), false, &unseen);
	if (STRIDE == 1) {
		EXPECT_GT(unseen, 1);
	}
}

/* Figures of time differ from run to run: none of them is to do without. */
TEST(LifeAllocCli, GenerateJson)
{
	sweep(generate({ "--net", "soft", "--json", "--no-observe" }), false);
}

/* Without RDMA devices, or memory to look for them, the software NIC is taken. */
TEST(LifeAllocCli, GenerateOnTheFirstNetwork)
{
	sweep(generate({ "--no-observe" }), true);
}

/* Of a host of the test's own: what others run on this one is nobody's to expect. */
void sweep_list(const std::vector<std::string> &words)
{
	SysTree tree;
	tree.module();
	tree.device("accel0", "platform/tandem-emu.0", { { "state", "ready" } });
	tree.rdma("rxe0", "", "eth0");
	see::function(tree, "0000:05:00.0");
	const std::string bound = see::function(tree, "0000:06:00.0");
	tree.folder("/sys/bus/pci/drivers/other");
	tree.link(bound + "/driver", "/sys/bus/pci/drivers/other");
	/* What libpci holds when it has no memory is lost, and the tool ends. */
	tree.write("/leaks", "leak:libpci.so\n");
	setenv("LSAN_OPTIONS",
	       ("suppressions=" + tree.root() +
		"/leaks:print_suppressions=0:" + "fast_unwind_on_malloc=0")
		       .c_str(),
	       1);
	setenv("TANDEM_SYSROOT", tree.root().c_str(), 1);
	sweep(words, true);
	unsetenv("TANDEM_SYSROOT");
	unsetenv("LSAN_OPTIONS");
}

TEST(LifeAllocCli, ListTable)
{
	sweep_list({ "list" });
}

TEST(LifeAllocCli, ListJson)
{
	sweep_list({ "list", "--json" });
}

TEST(LifeAllocCli, Metrics)
{
	sweep_list({ "metrics" });
}

} // namespace
