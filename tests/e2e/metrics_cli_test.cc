// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem metrics: the text, by promtool, and the server.
 */
#include <arpa/inet.h>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "promtool.h"
#include "see_rig.h"

using namespace see;

namespace
{

#define EXPECT_SAYS(text, words) EXPECT_NE((text).find(words), std::string::npos) << (text)
#define EXPECT_NOT(text, words) EXPECT_EQ((text).find(words), std::string::npos) << (text)

TEST(MetricsCli, Text)
{
	SysTree tree;
	host(tree);
	Ran r = tandem(tree, { "metrics" });
	EXPECT_TRUE(r.end.exited(0)) << r.err;
	expect_golden(TANDEM_GOLDEN, "metrics.prom", r.out);
}

TEST(MetricsCli, PromtoolFindsNothingWrong)
{
	if (!has_promtool())
		GTEST_SKIP() << "promtool is not installed: package prometheus";
	SysTree tree, none, hostile;
	host(tree);
	EXPECT_EQ(promtool(tandem(tree, { "metrics" }).out), "");
	EXPECT_EQ(promtool(tandem(none, { "metrics" }).out), "");
	hostile.device("accel0", "platform/tandem-emu.0",
		       { { "model", "a\"b\\n\nc\xff\x1b" },
			 { "state", "\\" },
			 { "clients", "-1" },
			 { "busy_ns", "18446744073709551615" },
			 { "heartbeat_age_ms", "18446744073709551615" } });
	hostile.write(hostile.rdma("a\"b", "", "eth0") + "/hw_counters/x\\\"", "1\n");
	Ran r = tandem(hostile, { "metrics" });
	EXPECT_EQ(promtool(r.out), "") << r.out;
	EXPECT_SAYS(r.out, "busy_seconds_total{device=\"accel0\"} 18446744073.709551615\n");
	EXPECT_NOT(r.out, "heartbeat_age");
	EXPECT_NOT(r.out, "device_clients");
}

/* A server, on a port that the kernel chose. */
class Server
{
public:
	explicit Server(const SysTree &tree, const std::string &at = "127.0.0.1:0")
	{
		Launch launch;
		/* Where it serves goes to standard error: here that is what one reads. */
		launch.args = { "/bin/sh", "-c", "exec \"$0\" metrics --listen \"$1\" 2>&1",
				TANDEM_CLI, at };
		launch.env = { tree.env() };
		process_ = std::make_unique<Process>(launch);
		std::string line;
		for (std::string c; (c = process_->read_out(1)) != "" && c != "\n";)
			line += c;
		said = line;
		size_t colon = line.rfind(':');
		port = colon == std::string::npos ? 0 : atoi(line.c_str() + colon + 1);
	}

	int connect() const
	{
		sockaddr_in at = {};
		at.sin_family = AF_INET;
		at.sin_port = htons(static_cast<uint16_t>(port));
		at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr *>(&at), sizeof(at)), 0);
		return fd;
	}

	std::string ask(const std::string &method, const std::string &path) const
	{
		int fd = connect();
		std::string request = method + " " + path +
				      " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
			    text;
		EXPECT_EQ(write(fd, request.data(), request.size()),
			  static_cast<ssize_t>(request.size()));
		char buf[4096];
		for (ssize_t n; (n = read(fd, buf, sizeof(buf))) > 0;)
			text.append(buf, static_cast<size_t>(n));
		close(fd);
		return text;
	}

	Process &process()
	{
		return *process_;
	}

	std::string said;
	int port = 0;

private:
	std::unique_ptr<Process> process_;
};

TEST(MetricsCli, ServesWhatItPrints)
{
	SysTree tree;
	host(tree);
	Server server(tree);
	ASSERT_GT(server.port, 0) << server.said;
	/* One who says nothing, and one who says half of it, hold up nobody. */
	int silent = server.connect(), half = server.connect();
	ASSERT_EQ(write(half, "GET /met", 8), 8);
	std::string answer = server.ask("GET", "/metrics");
	EXPECT_EQ(answer.rfind("HTTP/1.1 200", 0), 0u) << answer;
	EXPECT_SAYS(answer, "text/plain; version=0.0.4");
	size_t body = answer.find("\r\n\r\n");
	ASSERT_NE(body, std::string::npos);
	EXPECT_EQ(answer.substr(body + 4), tandem(tree, { "metrics" }).out);
	/* Each time anew. */
	tree.write("/sys/devices/platform/tandem-emu.0/tandem/clients", "77\n");
	EXPECT_SAYS(server.ask("GET", "/metrics"), "tandem_device_clients{device=\"accel0\"} 77\n");
	EXPECT_SAYS(server.ask("GET", "/"), "href=\"/metrics\"");
	EXPECT_SAYS(server.ask("GET", "/etc/passwd"), "HTTP/1.1 404");
	EXPECT_SAYS(server.ask("POST", "/metrics"), "HTTP/1.1 405");
	EXPECT_SAYS(server.ask("HEAD", "/metrics"), "HTTP/1.1 200");
	close(silent);
	close(half);
	server.process().signal(SIGTERM);
	Ended end = server.process().wait();
	EXPECT_TRUE(end.signalled(SIGTERM)) << end.say();
}

TEST(MetricsCli, APortInUseAndAddressesThatAreNone)
{
	SysTree tree;
	Server server(tree);
	ASSERT_GT(server.port, 0) << server.said;
	Ran r = tandem(tree, { "metrics", "--listen", "127.0.0.1:" + std::to_string(server.port) });
	EXPECT_TRUE(r.end.exited(5)) << r.end.say();
	EXPECT_SAYS(r.err, "in use; ");
	for (const char *at :
	     { "", ":", "9400", ":9400", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "localhost:9400",
	       "256.0.0.1:9400", "127.0.0.1:99999", "[::1:9400", "\x1b[2J:1" }) {
		SCOPED_TRACE(at);
		r = tandem(tree, { "metrics", "--listen", at });
		EXPECT_TRUE(r.end.exited(5)) << r.end.say() << r.err;
		EXPECT_SAYS(r.err, "; take ");
		EXPECT_TRUE(is_clean(r.err)) << r.err;
		EXPECT_EQ(r.out, "");
	}
}

} // namespace
