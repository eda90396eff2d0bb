// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Askers and processes that do not keep to anything: the other side keeps its feet.
 */
#include "observe_test.h"

#include <csignal>
#include <sys/wait.h>

#include "support/child.h"
#include "support/skip.h"

extern "C" {
#include "observe/scan.h"
}

using namespace observe_test;

namespace
{

/* Where this process listens. */
observe_place Here()
{
	int n = 0;
	observe_place *places = observe_scan(static_cast<uint32_t>(getpid()), &n);
	EXPECT_EQ(n, 1);
	observe_place at = n == 1 ? places[0] : observe_place{};
	free(places);
	return at;
}

class ObserveHostile : public testing::Test
{
protected:
	void SetUp() override
	{
		at = Here();
	}
	void TearDown() override
	{
		Observed seen;
		EXPECT_TRUE(seen.o) << "it does not answer any more: " << seen.err.msg;
	}
	/* Return: the error of the answer to one packet of @bytes */
	int tell(const std::string &bytes)
	{
		Raw raw(at.pid, at.n);
		EXPECT_EQ(raw.error(), 0); /* the greeting */
		EXPECT_TRUE(raw.say(bytes.data(), bytes.size()));
		return raw.error();
	}
	template <typename Change>
	int tell_with(Change change)
	{
		observe_request req = Ask(OBSERVE_DEVICES);
		change(req);
		return tell(std::string(reinterpret_cast<char *>(&req), sizeof(req)));
	}
	Observer observer;
	observe_place at;
};

std::string Bytes(observe_request req, size_t tail, char of)
{
	req.size = static_cast<uint32_t>(sizeof(req) + tail);
	return std::string(reinterpret_cast<char *>(&req), sizeof(req)) + std::string(tail, of);
}

TEST_F(ObserveHostile, RequestsThatBreakALaw)
{
	EXPECT_EQ(tell_with([](auto &) {}), 0);
	EXPECT_EQ(tell_with([](auto &r) { r.magic++; }), -EINVAL);
	EXPECT_EQ(tell_with([](auto &r) { r.size--; }), -EINVAL);
	EXPECT_EQ(tell_with([](auto &r) { r.size++; }), -EINVAL);
	EXPECT_EQ(tell_with([](auto &r) { r.version = 0; }), -EINVAL);
	EXPECT_EQ(tell_with([](auto &r) { r.version = 2; }), 0);
	EXPECT_EQ(tell_with([](auto &r) { r.kind = 0; }), -EOPNOTSUPP);
	EXPECT_EQ(tell_with([](auto &r) { r.kind = 12; }), -EOPNOTSUPP);
	EXPECT_EQ(tell_with([](auto &r) { r.kind = UINT32_MAX; }), -EOPNOTSUPP);
	EXPECT_EQ(tell_with([](auto &r) { r.count = 0; }), -EINVAL);
	EXPECT_EQ(tell_with([](auto &r) { r.reserved = 1; }), -EINVAL);
	EXPECT_EQ(tell_with([](auto &r) { r.pool = 1; }), -EINVAL);
	EXPECT_EQ(tell_with([](auto &r) { r.inject.seed = 1; }), -EINVAL);
	EXPECT_EQ(tell_with([](auto &r) { r.first = UINT32_MAX; }), 0);
	for (uint32_t kind : { OBSERVE_PAGES, OBSERVE_VERIFY, OBSERVE_BYTES })
		EXPECT_EQ(tell_with([kind](auto &r) { r.kind = kind; }), -ENOENT);
}

TEST_F(ObserveHostile, RequestsOfAnyLength)
{
	observe_request req = Ask(OBSERVE_DEVICES);
	for (size_t len = 1; len < sizeof(req); len++)
		EXPECT_EQ(tell(std::string(reinterpret_cast<char *>(&req), len)), -EINVAL) << len;
	EXPECT_EQ(tell(Bytes(req, 8, 0)), 0);
	EXPECT_EQ(tell(Bytes(req, 8, 1)), -E2BIG);
	EXPECT_EQ(tell(Bytes(req, 1024 - sizeof(req), 0)), 0);
	EXPECT_EQ(tell(Bytes(req, 1025 - sizeof(req), 0)), -E2BIG);
	EXPECT_EQ(tell(Bytes(req, 60000, 0)), -E2BIG);
	EXPECT_EQ(tell(std::string(60000, 'x')), -EINVAL);
}

/* It makes place for the next ones, in the order in which they came. */
TEST_F(ObserveHostile, WhoSaysNothing)
{
	std::vector<std::unique_ptr<Raw>> silent;
	for (int i = 0; i < 12; i++) {
		silent.push_back(std::make_unique<Raw>(at.pid, at.n));
		EXPECT_EQ(silent.back()->error(), 0);
	}
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(silent[size_t(i)]->hear(), "");
	Raw empty(at.pid, at.n);
	EXPECT_EQ(empty.error(), 0);
	EXPECT_TRUE(empty.say("", 0));
	EXPECT_EQ(empty.hear(), "");
}

TEST_F(ObserveHostile, WhoDoesNotRead)
{
	Raw raw(at.pid, at.n);
	observe_request req = Ask(OBSERVE_PROCESS);
	/* Until it is dropped, or has said so much that it must have been. */
	for (int i = 0; i < 1000000 && raw.say(&req, sizeof(req)); i++)
		;
	Observed seen;
	EXPECT_TRUE(seen.o) << seen.err.msg;
	/* What had come before is there, and then the end. */
	while (!raw.hear().empty())
		;
}

TEST_F(ObserveHostile, WhoHangsUpInTheMiddle)
{
	for (int i = 0; i < 200; i++) {
		Raw raw(at.pid, at.n);
		observe_request req = Ask(OBSERVE_DEVICES);
		if (i % 2)
			raw.say(&req, sizeof(req));
	}
}

/* A dropped connection is made again, unnoticed. */
TEST_F(ObserveHostile, AnAskerThatComesBackLate)
{
	Observed seen;
	ASSERT_TRUE(seen.o);
	std::vector<std::unique_ptr<Raw>> others;
	for (int i = 0; i < 8; i++) {
		others.push_back(std::make_unique<Raw>(at.pid, at.n));
		EXPECT_EQ(others.back()->error(), 0);
	}
	EXPECT_TRUE(seen.get(tdm_observed_devices).empty());
}

std::string AsNobody(int sock, pid_t pid)
{
	WANT(!setgid(65534) && !setuid(65534));
	Observed seen(pid);
	WANT(!seen.o);
	WANT(seen.err.code == -EACCES);
	WANT(strstr(seen.err.msg, "user 65534"));
	WANT(strstr(seen.err.msg, "; "));
	auto list = List();
	const tdm_observed_entry *e = Find(list, pid);
	WANT(e && e->error == -EACCES);
	WANT(e->process.uid == 0 && e->process.program[0] == '\0');
	WANT(strstr(e->why, "root"));
	/* It goes on to be seen by others meanwhile. */
	WANT(send_word(sock, 1));
	return "";
}

TEST_F(ObserveHostile, AnotherUserIsRefused)
{
	if (geteuid())
		TANDEM_SKIP("needs root, to become another user");
	pid_t pid = getpid();
	Child child([pid](int sock) { return AsNobody(sock, pid); });
	EXPECT_EQ(child.End(), "");
}

/* But root may look at anybody. */
TEST(ObserveOf, RootSeesAnotherUser)
{
	if (geteuid())
		TANDEM_SKIP("needs root, to become another user");
	Child child([](int sock) -> std::string {
		uint64_t word;
		WANT(!setgid(65534) && !setuid(65534));
		Observer observer("nobody's");
		WANT(send_word(sock, 1));
		receive_word(sock, &word);
		return "";
	});
	uint64_t word;
	ASSERT_TRUE(receive_word(child.sock(), &word));
	Observed seen(child.pid());
	ASSERT_TRUE(seen.o) << seen.err.msg;
	EXPECT_EQ(tdm_observed_process(seen.o)->uid, 65534u);
	EXPECT_STREQ(tdm_observed_process(seen.o)->program, "nobody's");
	ASSERT_TRUE(send_word(child.sock(), 1));
	EXPECT_EQ(child.End(), "");
}

/* Listens at a name. */
int Pose(uint32_t pid, uint32_t n)
{
	struct sockaddr_un at;
	socklen_t len = observe_name(pid, n, &at);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (bind(fd, reinterpret_cast<struct sockaddr *>(&at), len) || listen(fd, 8)) {
		close(fd);
		return -1;
	}
	return fd;
}

TEST(ObserveOf, ANameIsNotBelieved)
{
	Observer observer("the real one");
	pid_t pid = getpid();
	Child child([pid](int sock) -> std::string {
		uint64_t word;
		int fd = Pose(static_cast<uint32_t>(pid), 0), other = Pose(1, 0);
		WANT(fd >= 0 && other >= 0);
		WANT(send_word(sock, 1));
		receive_word(sock, &word);
		return "";
	});
	uint64_t word;
	ASSERT_TRUE(receive_word(child.sock(), &word));
	auto list = List();
	EXPECT_EQ(Find(list, child.pid()), nullptr);
	const tdm_observed_entry *init = Find(list, 1);
	EXPECT_TRUE(!init || strcmp(init->process.program, "the real one") != 0);
	unsigned mine = 0;
	for (const auto &e : list)
		mine += e.process.pid == uint32_t(pid);
	EXPECT_EQ(mine, 1u);
	Observed seen;
	ASSERT_TRUE(seen.o) << seen.err.msg;
	EXPECT_STREQ(tdm_observed_process(seen.o)->program, "the real one");
	ASSERT_TRUE(send_word(child.sock(), 1));
	EXPECT_EQ(child.End(), "");
}

/* A process that answers as it likes. @packets: what it sends, one an asking */
class Liar
{
public:
	explicit Liar(const std::vector<std::string> &packets)
	    : child_([packets](int sock) { return lie(sock, packets); })
	{
		uint64_t word;
		EXPECT_TRUE(receive_word(child_.sock(), &word));
	}
	pid_t pid() const
	{
		return child_.pid();
	}

private:
	static std::string lie(int sock, const std::vector<std::string> &packets)
	{
		char request[2048];
		int fd = Pose(static_cast<uint32_t>(getpid()), 7);
		WANT(fd >= 0 && send_word(sock, 1));
		for (;;) {
			int to = accept(fd, nullptr, nullptr);
			for (size_t i = 0; i < packets.size(); i++) {
				if (i && recv(to, request, sizeof(request), 0) <= 0)
					break;
				send(to, packets[i].data(), packets[i].size(), MSG_NOSIGNAL);
			}
			/* The last one again and again. */
			while (recv(to, request, sizeof(request), 0) > 0)
				send(to, packets.back().data(), packets.back().size(),
				     MSG_NOSIGNAL);
			close(to);
		}
	}
	Child child_;
};

std::string Packet(uint32_t kind, uint32_t count, uint32_t record_bytes, const std::string &body,
		   const std::function<void(observe_answer &)> &change = nullptr)
{
	observe_answer head{};
	head.size = sizeof(head);
	head.magic = OBSERVE_MAGIC;
	head.version = OBSERVE_VERSION;
	head.kind = kind;
	head.count = count;
	head.record_bytes = record_bytes;
	if (change)
		change(head);
	return std::string(reinterpret_cast<char *>(&head), sizeof(head)) + body;
}

std::string Greeting()
{
	tdm_observe_process p{};
	snprintf(p.program, sizeof(p.program), "a liar");
	return Packet(OBSERVE_PROCESS, 1, sizeof(p),
		      std::string(reinterpret_cast<char *>(&p), sizeof(p)));
}

int CodeOf(const std::string &answer)
{
	Liar liar({ Greeting(), answer });
	Observed seen(liar.pid());
	EXPECT_TRUE(seen.o) << seen.err.msg;
	uint32_t n = 0;
	void *list = seen.o ? tdm_observed_engines(seen.o, &n, &seen.err) : nullptr;
	free(list);
	if (list)
		return static_cast<int>(n);
	EXPECT_NE(strstr(seen.err.msg, "; "), nullptr) << seen.err.msg;
	return seen.err.code;
}

TEST(ObserveOf, AnswersThatCannotBe)
{
	const uint32_t kind = OBSERVE_ENGINES, bytes = sizeof(tdm_observe_engine);
	const std::string one(bytes, 'x');

	EXPECT_EQ(CodeOf(Packet(kind, 1, bytes, one)), 1);
	EXPECT_EQ(CodeOf(Packet(kind, 0, 0, "")), 0);
	EXPECT_EQ(CodeOf("x"), -EPROTO);
	EXPECT_EQ(CodeOf(std::string(60000, 'x')), -EPROTO);
	EXPECT_EQ(CodeOf(Packet(OBSERVE_POOLS, 1, bytes, one)), -EPROTO);
	EXPECT_EQ(CodeOf(Packet(kind, 2, bytes, one)), -EPROTO);
	EXPECT_EQ(CodeOf(Packet(kind, 0, bytes, one)), -EPROTO);
	EXPECT_EQ(CodeOf(Packet(kind, UINT32_MAX, 0, "")), -EPROTO);
	EXPECT_EQ(CodeOf(Packet(kind, 0x80000000U, 2, "")), -EPROTO);
	EXPECT_EQ(CodeOf(Packet(kind, 1, bytes, one, [](auto &h) { h.magic = 0; })), -EPROTO);
	EXPECT_EQ(CodeOf(Packet(kind, 1, bytes, one, [](auto &h) { h.size = 8; })), -EPROTO);
	EXPECT_EQ(CodeOf(Packet(kind, 1, bytes, one, [](auto &h) { h.size = ~0U; })), -EPROTO);
	EXPECT_EQ(CodeOf(Packet(kind, 0, 0, "", [](auto &h) { h.error = 5; })), -EPROTO);
	EXPECT_EQ(CodeOf(Packet(kind, 0, 0, "", [](auto &h) { h.error = INT32_MIN; })), -EPROTO);
	/* It says that there is more, and has none. */
	EXPECT_EQ(CodeOf(Packet(kind, 0, 0, "", [](auto &h) { h.more = 1; })), -EPROTO);
	EXPECT_EQ(CodeOf(Packet(kind, 0, 0, "a: b; c", [](auto &h) { h.error = -EIO; })), -EIO);
}

/* A record for ever: it comes to an end by its number. */
TEST(ObserveOf, AnswersWithoutEnd)
{
	const std::string many(32000, 0);
	EXPECT_EQ(CodeOf(Packet(OBSERVE_ENGINES, 32000, 1, many, [](auto &h) { h.more = 1; })),
		  -EPROTO);
}

/* A newer process has longer records, and an older one shorter ones. */
TEST(ObserveOf, RecordsOfOtherVersions)
{
	tdm_observe_engine e[2]{};
	for (int i = 0; i < 2; i++) {
		e[i].number = 10 + static_cast<uint32_t>(i);
		e[i].tokens_decode = 99;
	}
	for (size_t bytes : { sizeof(*e) - 8, sizeof(*e), sizeof(*e) + 8 }) {
		std::string body;
		for (const auto &record : e) {
			std::string r(reinterpret_cast<const char *>(&record), sizeof(record));
			r.resize(bytes, 'y');
			body += r;
		}
		Liar liar({ Greeting(), Packet(OBSERVE_ENGINES, 2, static_cast<uint32_t>(bytes),
					       body, [](auto &h) { h.version = 2; }) });
		Observed seen(liar.pid());
		auto list = seen.get(tdm_observed_engines);
		ASSERT_EQ(list.size(), 2u);
		EXPECT_EQ(list[0].number, 10u);
		EXPECT_EQ(list[1].number, 11u);
		EXPECT_EQ(list[1].tokens_decode, bytes < sizeof(*e) ? 0u : 99u);
	}
}

/* Texts do not reach the terminal as they are, nor past their end. */
TEST(ObserveOf, TextsAreMadeFit)
{
	tdm_observe_process p{};
	memset(p.program, 'a', sizeof(p.program));
	memcpy(p.program, "\033[2J\xff\x80\xc2\x9b\xc3\xa9", 10);
	memset(p.version, '\n', sizeof(p.version));
	p.pid = 1;
	p.uid = 12345;
	Liar liar({ Packet(OBSERVE_PROCESS, 1, sizeof(p),
			   std::string(reinterpret_cast<char *>(&p), sizeof(p))) });
	Observed seen(liar.pid());
	ASSERT_TRUE(seen.o) << seen.err.msg;
	const tdm_observe_process *got = tdm_observed_process(seen.o);
	EXPECT_EQ(std::string(got->program), "?[2J????\xc3\xa9" + std::string(53, 'a'));
	EXPECT_EQ(std::string(got->version), std::string(31, '?'));
	/* What the kernel says of it counts. */
	EXPECT_EQ(got->pid, uint32_t(liar.pid()));
	EXPECT_EQ(got->uid, geteuid());
}

TEST(ObserveOf, AProcessThatIsStopped)
{
	Child child([](int sock) -> std::string {
		uint64_t word;
		Observer observer;
		WANT(send_word(sock, 1));
		receive_word(sock, &word);
		return "";
	});
	uint64_t word;
	ASSERT_TRUE(receive_word(child.sock(), &word));
	{
		Observed seen(child.pid());
		ASSERT_TRUE(seen.o) << seen.err.msg;
		ASSERT_EQ(kill(child.pid(), SIGSTOP), 0);
		int status;
		ASSERT_EQ(waitpid(child.pid(), &status, WUNTRACED), child.pid());
		Observed late(child.pid(), 50000000);
		EXPECT_EQ(late.o, nullptr);
		EXPECT_EQ(late.err.code, -ETIMEDOUT);
		EXPECT_NE(strstr(late.err.msg, "it is stopped"), nullptr) << late.err.msg;
		auto list = List(50000000);
		const tdm_observed_entry *e = Find(list, child.pid());
		ASSERT_TRUE(e);
		EXPECT_EQ(e->error, -ETIMEDOUT);
		ASSERT_EQ(kill(child.pid(), SIGCONT), 0);
		/* It has not forgotten who waits. */
		EXPECT_TRUE(seen.get(tdm_observed_devices).empty());
	}
	ASSERT_TRUE(send_word(child.sock(), 1));
	EXPECT_EQ(child.End(), "");
}

TEST(ObserveOf, AProcessThatSaysNothing)
{
	Child child([](int sock) -> std::string {
		WANT(Pose(static_cast<uint32_t>(getpid()), 3) >= 0 && send_word(sock, 1));
		pause();
		return "";
	});
	uint64_t word;
	ASSERT_TRUE(receive_word(child.sock(), &word));
	Observed seen(child.pid(), 50000000);
	EXPECT_EQ(seen.o, nullptr);
	EXPECT_EQ(seen.err.code, -ETIMEDOUT);
	EXPECT_NE(strstr(seen.err.msg, "in time"), nullptr) << seen.err.msg;
}

} // namespace
