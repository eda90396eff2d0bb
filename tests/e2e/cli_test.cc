// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The tool as a person calls it: what it prints, where, and how it exits.
 */
#include <csignal>
#include <cstdio>
#include <fstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "support/test_model.h"

namespace
{

struct Ran {
	int code;
	std::string out, err;
};

std::string read_all(int fd)
{
	std::string text;
	char buf[4096];
	for (ssize_t n; (n = read(fd, buf, sizeof(buf))) > 0;)
		text.append(buf, static_cast<size_t>(n));
	close(fd);
	return text;
}

/* Standard error goes through a file: two pipes could fill up and hang. */
Ran tandem(std::vector<std::string> args)
{
	int out[2];
	FILE *err = std::tmpfile();
	EXPECT_EQ(pipe(out), 0);
	pid_t pid = fork();
	if (!pid) {
		std::vector<char *> argv;
		args.insert(args.begin(), TANDEM_CLI);
		for (auto &a : args)
			argv.push_back(a.data());
		argv.push_back(nullptr);
		dup2(out[1], 1);
		dup2(fileno(err), 2);
		close(out[0]);
		close(out[1]);
		execv(TANDEM_CLI, argv.data());
		_exit(127);
	}
	close(out[1]);
	Ran r;
	r.out = read_all(out[0]);
	int status;
	waitpid(pid, &status, 0);
	r.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	lseek(fileno(err), 0, SEEK_SET);
	r.err = read_all(dup(fileno(err)));
	std::fclose(err);
	return r;
}

const std::string TALES = TANDEM_MODELS "/tales.gguf";

std::vector<std::string> generate(std::vector<std::string> more)
{
	std::vector<std::string> args = { "generate", "-m", TALES, "-p", "Once upon a time" };
	args.insert(args.end(), more.begin(), more.end());
	return args;
}

/* The value of a key in one line of JSON: enough for numbers, strings and arrays. */
std::string field(const std::string &json, const std::string &key)
{
	size_t at = json.find("\"" + key + "\":");
	if (at == std::string::npos)
		return "absent";
	at += key.size() + 3;
	char end = json[at] == '[' ? ']' : ',';
	size_t stop = json[at] == '"' ? json.find("\",", at) : json.find(end, at);
	stop = std::min(stop, json.find('}', at));
	return json.substr(at, stop - at);
}

#define EXPECT_SAYS(text, words) EXPECT_NE((text).find(words), std::string::npos) << (text)

TEST(Cli, StreamsTheTextAndReportsOnStandardError)
{
	Ran r = tandem(generate({ "-n", "20" }));
	EXPECT_EQ(r.code, 0);
	EXPECT_EQ(r.out.rfind("Once upon a time", 0), 0u) << r.out;
	EXPECT_GT(r.out.size(), 40u);
	EXPECT_SAYS(r.err, "soft:trn2");
	EXPECT_SAYS(r.err, "soft:cs3");
}

TEST(Cli, JsonHasEveryField)
{
	Ran r = tandem(generate({ "-n", "20", "--json" }));
	EXPECT_EQ(r.code, 0) << r.err;
	EXPECT_EQ(r.err, "");
	for (const char *key : { "text", "tokens", "prompt_tokens", "mode", "kv_pages", "kv_bytes",
				 "ttft_ms", "tokens_per_s", "kv_overlap" })
		EXPECT_NE(field(r.out, key), "absent") << key;
	EXPECT_EQ(field(r.out, "mode"), "\"split");
	EXPECT_GT(std::stoi(field(r.out, "kv_pages")), 0);
	EXPECT_GT(std::stod(field(r.out, "tokens_per_s")), 0);
}

TEST(Cli, SplitAndFusedGiveTheSameTokens)
{
	Ran split = tandem(generate({ "-n", "60", "--json" }));
	Ran fused = tandem(generate({ "-n", "60", "--json", "--mode", "fused" }));
	EXPECT_EQ(field(split.out, "tokens"), field(fused.out, "tokens"));
	EXPECT_EQ(field(fused.out, "kv_overlap"), "null");
	EXPECT_EQ(field(fused.out, "kv_pages"), "0");
}

TEST(Cli, SamplingIsRepeatable)
{
	std::vector<std::string> hot = { "-n",	 "30",	    "--json", "--temperature",
					 "1.2",	 "--top-k", "50",     "--top-p",
					 "0.95", "--seed",  "7" };
	Ran a = tandem(generate(hot)), b = tandem(generate(hot));
	EXPECT_EQ(a.code, 0) << a.err;
	EXPECT_EQ(field(a.out, "tokens"), field(b.out, "tokens"));
	hot.back() = "8";
	EXPECT_NE(field(a.out, "tokens"), field(tandem(generate(hot)).out, "tokens"));
}

TEST(Cli, ListsDevices)
{
	Ran table = tandem({ "list" }), json = tandem({ "list", "--json" });
	EXPECT_EQ(table.code, 0);
	EXPECT_EQ(json.code, 0);
	for (const char *name : { "soft:trn2", "soft:trn3", "soft:cs3" }) {
		EXPECT_SAYS(table.out, name);
		EXPECT_SAYS(json.out, name);
	}
	EXPECT_SAYS(table.out, "EMULATED");
	EXPECT_SAYS(json.out, "\"emulated\":true");
}

struct Wrong {
	std::vector<std::string> args;
	const char *says;
	int code = 1;
};

TEST(Cli, UsageErrorsExitWithTwo)
{
	for (const Wrong &w : {
		     Wrong{ {}, "Usage" },
		     Wrong{ { "fly" }, "no subcommand 'fly'" },
		     Wrong{ { "generate" }, "no model" },
		     Wrong{ { "generate", "-m", TALES }, "no prompt" },
		     Wrong{ generate({ "-n", "0" }), "'0'" },
		     Wrong{ generate({ "-n", "-3" }), "'-3'" },
		     Wrong{ generate({ "-n", "12x" }), "'12x'" },
		     Wrong{ generate({ "--top-p", "2" }), "'2'" },
		     Wrong{ generate({ "--temperature", "nan" }), "'nan'" },
		     Wrong{ generate({ "--mode", "both" }), "'both'" },
		     Wrong{ generate({ "--mode", "fused", "--prefill", "soft:trn2" }), "--decode" },
		     Wrong{ generate({ "--bogus" }), "bogus" },
		     Wrong{ generate({ "words" }), "'words'" },
		     Wrong{ { "list", "x" }, "'x'" },
	     }) {
		Ran r = tandem(w.args);
		EXPECT_EQ(r.code, 2) << r.err;
		EXPECT_EQ(r.out, "");
		EXPECT_SAYS(r.err, w.says);
	}
}

TEST(Cli, HelpAndVersionAreNoErrors)
{
	for (const char *word : { "--help", "help", "--version" })
		EXPECT_EQ(tandem({ word }).code, 0) << word;
	EXPECT_EQ(tandem({ "generate", "--help" }).code, 0);
	EXPECT_EQ(tandem({ "list", "--help" }).code, 0);
}

TEST(Cli, FailuresNameTheThingAndTheCure)
{
	std::vector<uint8_t> good = test_model({});
	TempFile text({ 'h', 'e', 'l', 'l', 'o', ' ', 't', 'h', 'e', 'r', 'e' });
	TempFile cut(std::vector<uint8_t>(good.begin(), good.begin() + 5000));
	GgufWriter other;
	other.add_str("general.architecture", "gpt2");
	TempFile arch(other.bytes());
	auto on = [](const char *model, std::vector<std::string> more = {}) {
		std::vector<std::string> args = { "generate", "-m", model, "-p", "a b c" };
		args.insert(args.end(), more.begin(), more.end());
		return args;
	};
	TempFile model(good);
	for (const Wrong &c : {
		     Wrong{ on("/nonexistent.gguf"), "/nonexistent.gguf" },
		     Wrong{ on("/"), "directory" },
		     Wrong{ on(text.path()), "not a GGUF" },
		     Wrong{ on(cut.path()), cut.path() },
		     Wrong{ on(arch.path()), "'gpt2' is not supported" },
		     Wrong{ on(model.path(), { "--context", "3" }), "shorten it" },
		     Wrong{ on(model.path(), { "--context", "9999" }), "256" },
		     Wrong{ on(model.path(), { "--prefill", "hard:trn2" }), "soft:trn2", 3 },
		     Wrong{ on(model.path(), { "--decode", "soft:cs3,memory=64K" }), "are needed" },
		     Wrong{ on(model.path(), { "--net", "carrier-pigeon" }), "carrier-pigeon", 3 },
		     Wrong{ { "generate", "-m", model.path(), "-p", "a\xff" }, "UTF-8" },
	     }) {
		Ran r = tandem(c.args);
		EXPECT_EQ(r.code, c.code) << r.err;
		EXPECT_EQ(r.out, "");
		EXPECT_SAYS(r.err, c.says);
		EXPECT_EQ(r.err.rfind("tandem: ", 0), 0u) << r.err;
		EXPECT_SAYS(r.err, "; ");
	}
}

/* One type that cannot be computed with, in one tensor. */
TEST(Cli, AnUnsupportedTensorTypeIsNamed)
{
	GgufWriter w;
	w.add_str("general.architecture", "llama");
	w.add_u32("llama.context_length", 64);
	w.add_u32("llama.embedding_length", 256);
	w.add_u32("llama.block_count", 1);
	w.add_u32("llama.feed_forward_length", 256);
	w.add_u32("llama.attention.head_count", 4);
	w.add_tensor("token_embd.weight", 14, { 256, 10 }, std::vector<uint8_t>(210 * 10));
	TempFile model(w.bytes());
	Ran r = tandem({ "generate", "-m", model.path(), "-p", "a" });
	EXPECT_EQ(r.code, 1);
	EXPECT_SAYS(r.err, "'token_embd.weight' has type Q6_K");
	EXPECT_SAYS(r.err, "Q8_0");
}

/* Nobody reads the text any more: the run ends, and says why. */
TEST(Cli, AClosedPipeEndsTheRun)
{
	int out[2];
	ASSERT_EQ(pipe(out), 0);
	close(out[0]);
	FILE *err = std::tmpfile();
	pid_t pid = fork();
	if (!pid) {
		dup2(out[1], 1);
		dup2(fileno(err), 2);
		execl(TANDEM_CLI, TANDEM_CLI, "generate", "-m", TALES.c_str(), "-p", "Once", "-n",
		      "200", nullptr);
		_exit(127);
	}
	close(out[1]);
	int status;
	waitpid(pid, &status, 0);
	lseek(fileno(err), 0, SEEK_SET);
	std::string text = read_all(dup(fileno(err)));
	std::fclose(err);
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(WEXITSTATUS(status), 1);
	EXPECT_SAYS(text, "standard output");
}

} // namespace
