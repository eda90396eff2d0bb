// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem worker and tandem generate with workers: processes of their own, as users run
 * them. TANDEM_TEST_NET names another network for the pages than the software NIC,
 * TANDEM_TEST_PREFILL and TANDEM_TEST_DECODE other devices than the soft ones.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/tier.h"

namespace
{

const char *const kModel = TANDEM_MODELS "/tales.gguf";
const char *const kPrompt = "Once upon a time there was a small boat that wanted to see the sea";

/* Fewer where a guest computes them. */
std::string Tokens()
{
	const char *n = getenv("TANDEM_TEST_TOKENS");

	return n && *n ? n : "40";
}

std::string Net()
{
	const char *net = getenv("TANDEM_TEST_NET");

	return net && *net ? net : "soft";
}

std::string Scratch(const std::string &name)
{
	return testing::TempDir() + "remote-" + std::to_string(getpid()) + "-" + name;
}

std::string Slurp(const std::string &path)
{
	std::stringstream all;
	all << std::ifstream(path).rdbuf();
	return all.str();
}

std::string KeyFile(const std::string &text = "the key of these tests")
{
	std::string path = Scratch("key-" + std::to_string(text.size()));
	umask(077);
	if (access(path.c_str(), R_OK))
		std::ofstream(path) << text;
	return path;
}

pid_t Spawn(const std::vector<std::string> &args, const std::string &out)
{
	pid_t pid = fork();

	if (!pid) {
		std::vector<char *> argv;
		int fd = open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
		int err = open((out + ".err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
		dup2(fd, 1);
		dup2(err, 2);
		for (auto &a : args)
			argv.push_back(const_cast<char *>(a.c_str()));
		argv.push_back(nullptr);
		execv(argv[0], argv.data());
		_exit(127);
	}
	return pid;
}

/* Only a hang ends there: nothing is timed. */
int WaitFor(pid_t pid)
{
	int status;

	for (int i = 0; i < 12000; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		usleep(10000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return -1;
}

class Worker
{
public:
	explicit Worker(const std::string &role, std::vector<std::string> more = {},
			const std::string &at = "127.0.0.1:0", const std::string &key = KeyFile())
	    : role_(role), more_(more), key_(key)
	{
		Start(at);
	}
	~Worker()
	{
		Kill(SIGKILL);
	}
	void Start(const std::string &at)
	{
		std::vector<std::string> args = { TANDEM_CLI, "worker", "--role",     role_,
						  "-m",	      kModel,	"--listen",   at,
						  "--net",    Net(),	"--key-file", key_,
						  "--lease",  "2000" };
		static int number;
		const char *device =
			getenv(role_ == "prefill" ? "TANDEM_TEST_PREFILL" : "TANDEM_TEST_DECODE");
		if (device && *device)
			args.insert(args.end(), { "--device", device });
		args.insert(args.end(), more_.begin(), more_.end());
		out_ = Scratch(role_ + std::to_string(number++));
		pid_ = Spawn(args, out_);
		for (int i = 0; i < 6000 && address.empty() && pid_; i++) {
			std::string said = Slurp(out_);
			size_t from = said.find(" worker at "), to = said.find_first_of(",;", from);
			if (from != std::string::npos && to != std::string::npos)
				address = said.substr(from + 11, to - from - 11);
			int status;
			if (address.empty() && waitpid(pid_, &status, WNOHANG) == pid_)
				pid_ = 0;
			usleep(5000);
		}
	}
	/* Where it was, with all of its pages free. */
	void Again()
	{
		std::string at = address;
		Kill(SIGKILL);
		address.clear();
		Start(at);
	}
	int Kill(int signal)
	{
		if (!pid_)
			return -1;
		kill(pid_, signal);
		int rc = WaitFor(pid_);
		pid_ = 0;
		return rc;
	}
	std::string Said() const
	{
		return Slurp(out_) + Slurp(out_ + ".err");
	}
	std::string address;

private:
	std::string role_, out_;
	std::vector<std::string> more_;
	std::string key_;
	pid_t pid_ = 0;
};

struct Ran {
	int rc;
	std::string text, out; /* what it made, and what it said about it */
};

std::vector<std::string> Generate(const std::vector<std::string> &more)
{
	std::vector<std::string> args = { TANDEM_CLI, "generate", "-m", kModel,
					  "-p",	      kPrompt,	  "-n", Tokens() };
	args.insert(args.end(), more.begin(), more.end());
	return args;
}

Ran RunGenerate(const std::vector<std::string> &more)
{
	static int number;
	std::string out = Scratch("generate" + std::to_string(number++));
	int rc = WaitFor(Spawn(Generate(more), out));
	return { rc, Slurp(out), Slurp(out + ".err") };
}

std::vector<std::string> By(const Worker &p, const Worker &d, std::vector<std::string> more = {})
{
	std::vector<std::string> args = { "--prefill-worker", p.address,    "--decode-worker",
					  d.address,	      "--key-file", KeyFile(),
					  "--lease",	      "2000" };
	args.insert(args.end(), more.begin(), more.end());
	return args;
}

std::string Fused()
{
	static const std::string text = RunGenerate({ "--mode", "fused" }).text;
	return text;
}

/* From a worker's last line: are all of its landing pages free? */
bool AllFree(const std::string &said)
{
	size_t at = said.rfind(" registrations, ");
	unsigned free = 0, total = 1;

	return at != std::string::npos &&
	       sscanf(said.c_str() + at, " registrations, %u of %u landing", &free, &total) == 2 &&
	       free == total;
}

TEST(Remote, ThreeProcessesMakeTheTokensOfOne)
{
	Worker p("prefill"), d("decode");

	for (int i = 0; i < 5; i++) {
		Ran ran = RunGenerate(By(p, d));
		EXPECT_EQ(ran.rc, 0) << ran.out;
		EXPECT_EQ(ran.text, Fused());
	}
	p.Kill(SIGTERM);
	d.Kill(SIGTERM);
	/* However many requests: memory was registered once. */
	EXPECT_NE(d.Said().find("4 memory registrations"), std::string::npos) << d.Said();
	EXPECT_NE(p.Said().find(" 1 memory registrations"), std::string::npos) << p.Said();
	EXPECT_TRUE(AllFree(d.Said())) << d.Said();
}

TEST(Remote, PagesOfDifferentSizesMeet)
{
	for (auto sizes : { std::pair<const char *, const char *>{ "32", "16" },
			    { "16", "64" },
			    { "48", "32" } }) {
		Worker p("prefill", { "--page-tokens", sizes.first });
		Worker d("decode", { "--page-tokens", sizes.second });
		Ran ran = RunGenerate(By(p, d));
		EXPECT_EQ(ran.rc, 0) << sizes.first << " to " << sizes.second << ": " << ran.out;
		EXPECT_EQ(ran.text, Fused()) << sizes.first << " to " << sizes.second;
	}
}

TEST(Remote, AnotherKeyIsRefusedWithItsReason)
{
	Worker p("prefill"), d("decode");
	auto args = By(p, d);

	for (auto &a : args)
		if (a == KeyFile())
			a = KeyFile("quite another key than that");
	Ran ran = RunGenerate(args);
	EXPECT_EQ(ran.rc, 1);
	EXPECT_NE(ran.out.find("shared key is another one"), std::string::npos) << ran.out;
	EXPECT_EQ(ran.out.find("quite another"), std::string::npos);
	p.Kill(SIGTERM);
	d.Kill(SIGTERM);
	EXPECT_NE((d.Said() + p.Said()).find("shared key is another one"), std::string::npos)
		<< d.Said();
}

TEST(Remote, WorkersWithDifferentKeysOrRolesAreToldApart)
{
	Worker p("prefill"), d("decode");

	Ran ran = RunGenerate(By(d, p));
	EXPECT_EQ(ran.rc, 1);
	EXPECT_NE(ran.out.find("exchange the two addresses"), std::string::npos) << ran.out;
	ran = RunGenerate({ "--prefill-worker", "127.0.0.1:1", "--decode-worker", d.address,
			    "--key-file", KeyFile(), "--retries", "0" });
	EXPECT_EQ(ran.rc, 1);
	EXPECT_NE(ran.out.find("prefill worker: peer 127.0.0.1:1: no connection"),
		  std::string::npos)
		<< ran.out;
}

TEST(Remote, WithoutAPrefillWorkerTheDecodeWorkerDoesItAllWhenToldTo)
{
	Worker d("decode");
	Ran ran = RunGenerate({ "--prefill-worker", "127.0.0.1:1", "--decode-worker", d.address,
				"--key-file", KeyFile(), "--retries", "0", "--fallback", "fused" });

	EXPECT_EQ(ran.rc, 0) << ran.out;
	EXPECT_NE(ran.out.find("prefill and decode"), std::string::npos) << ran.out;
	EXPECT_NE(ran.out.find("trying again"), std::string::npos) << ran.out;
}

TEST(Remote, ClientsWaitInLine)
{
	Worker p("prefill"), d("decode");
	std::vector<pid_t> pids;

	for (int i = 0; i < 6; i++)
		pids.push_back(Spawn(Generate(By(p, d)), Scratch("line" + std::to_string(i))));
	for (int i = 0; i < 6; i++) {
		EXPECT_EQ(WaitFor(pids[size_t(i)]), 0);
		std::string said = Slurp(Scratch("line" + std::to_string(i)));
		EXPECT_EQ(said, Fused());
	}
	d.Kill(SIGTERM);
	EXPECT_TRUE(AllFree(d.Said())) << d.Said();
}

/*
 * A client, the prefill worker or the decode worker is killed at a random moment. The
 * request ends with its tokens or with an error, and nothing that lives keeps a page.
 */
TEST(Remote, WhoeverDiesAtWhateverMoment)
{
	const char *env = getenv("TANDEM_TEST_ROUNDS");
	const int rounds = env ? atoi(env) : by_tier(100, 40, 20);
	std::random_device seed_of;
	unsigned seed = getenv("TANDEM_SEED") ? unsigned(atoi(getenv("TANDEM_SEED"))) : seed_of();
	std::mt19937 random(seed);
	Worker p("prefill"), d("decode");
	int right = 0, errors = 0, killed = 0;
	std::string out = Scratch("victim");

	printf("seed %u (TANDEM_SEED repeats it)\n", seed);
	for (int i = 0; i < rounds; i++) {
		unsigned who = random() % 3;
		pid_t pid = Spawn(Generate(By(p, d, { "--retries", "3" })), out);
		usleep(random() % 60000);
		if (who == 0)
			kill(pid, SIGKILL);
		else if (who == 1)
			p.Again();
		else
			d.Again();
		int rc = WaitFor(pid);
		std::string said = Slurp(out);
		ASSERT_NE(rc, -1) << "it hangs, round " << i;
		if (rc == 0) {
			EXPECT_EQ(said, Fused()) << Slurp(out + ".err");
			right++;
		} else if (rc == 1) {
			said = Slurp(out + ".err");
			EXPECT_NE(said.find("tandem: "), std::string::npos) << said;
			errors++;
		} else {
			EXPECT_EQ(rc, 128 + SIGKILL) << said;
			killed++;
		}
	}
	printf("%d right, %d ended with an error, %d clients killed\n", right, errors, killed);
	/* Of a few rounds nothing but luck is told by more. */
	EXPECT_GT(right, rounds < 20 ? 0 : rounds / 3);
	/* What lives is as new. */
	Ran ran = RunGenerate(By(p, d, { "--retries", "3" }));
	EXPECT_EQ(ran.rc, 0) << ran.out;
	EXPECT_EQ(ran.text, Fused());
	p.Kill(SIGTERM);
	d.Kill(SIGTERM);
	EXPECT_TRUE(AllFree(d.Said())) << d.Said();
}

} // namespace
