/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The tool's JSON, and a run of it that is held where it is: nobody reads what it
 * prints, so that its engine stands in its first write while the rest of the process
 * goes on.
 */
#ifndef TESTS_E2E_HELD_RUN_H
#define TESTS_E2E_HELD_RUN_H

#include <cstring>
#include <fcntl.h>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>
#include <json-c/json.h>
#include <tandem/observe.h>

#include "support/process.h"

struct Told {
	int code = -1;
	std::string out, err;
	std::shared_ptr<json_object> json; /* or nullptr */
};

/* tandem ARGS */
inline Told tell(const std::vector<std::string> &args)
{
	Launch launch;
	Told told;
	launch.args = { TANDEM_CLI };
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

/* A member; the test fails without. */
inline json_object *member(json_object *of, const char *key)
{
	json_object *value = nullptr;
	EXPECT_TRUE(json_object_object_get_ex(of, key, &value)) << key;
	return value;
}

inline std::string text(json_object *of, const char *key)
{
	const char *s = json_object_get_string(member(of, key));
	return s ? s : "";
}

inline uint64_t count(json_object *of, const char *key)
{
	return json_object_get_uint64(member(of, key));
}

/* The objects of an array. */
inline std::vector<json_object *> rows(const Told &told, const char *key)
{
	std::vector<json_object *> all;
	if (!told.json) {
		ADD_FAILURE() << "no JSON: " << told.out << told.err;
		return all;
	}
	json_object *array = member(told.json.get(), key);
	for (size_t i = 0; array && i < json_object_array_length(array); i++)
		all.push_back(json_object_array_get_idx(array, i));
	return all;
}

/* tandem generate, held at its first token; its prompt is computed. */
class HeldRun
{
public:
	explicit HeldRun(const std::vector<std::string> &more = {})
	{
		EXPECT_EQ(pipe2(ends_, O_CLOEXEC), 0);
		fill();
		Launch launch;
		launch.args = { TANDEM_CLI, "generate",
				"-m",	    TANDEM_MODELS "/tales.gguf",
				"-p",	    "Once upon a time",
				"-n",	    "20",
				"--net",    "soft" };
		launch.args.insert(launch.args.end(), more.begin(), more.end());
		launch.out = ends_[1];
		run_ = std::make_unique<Process>(launch);
		close(ends_[1]);
		wait_until_held();
	}
	~HeldRun()
	{
		run_.reset();
		close(ends_[0]);
	}
	HeldRun(const HeldRun &) = delete;
	HeldRun &operator=(const HeldRun &) = delete;
	pid_t pid() const
	{
		return run_->pid();
	}
	std::string pid_text() const
	{
		return std::to_string(pid());
	}
	/* Let it go on. Return: what it wrote; how it ended is looked at */
	std::string release()
	{
		std::string all;
		char buf[4096];
		for (ssize_t n; (n = read(ends_[0], buf, sizeof(buf))) > 0;)
			all.append(buf, static_cast<size_t>(n));
		EXPECT_TRUE(run_->wait().exited(0)) << run_->err();
		return all.substr(filled_);
	}

private:
	void fill()
	{
		const std::string page(4096, '.');
		fcntl(ends_[1], F_SETFL, O_NONBLOCK);
		for (ssize_t n; (n = write(ends_[1], page.data(), page.size())) > 0;)
			filled_ += static_cast<size_t>(n);
		fcntl(ends_[1], F_SETFL, 0);
	}
	/* Its prompt is done: it comes no further than the next write. Only a hang ends the loop. */
	void wait_until_held()
	{
		for (int i = 0; i < 12000 && !run_->has_ended(); i++) {
			if (is_done_with_its_prompt())
				return;
			usleep(10000);
		}
		ADD_FAILURE() << "it does not come to its first token: " << run_->err();
	}
	bool is_done_with_its_prompt() const
	{
		tdm_observed *seen = tdm_observed_connect(static_cast<uint32_t>(pid()), 0, nullptr);
		uint32_t n = 0;
		tdm_observe_engine *list = seen ? tdm_observed_engines(seen, &n, nullptr) : nullptr;
		bool done = n && list && list[0].tokens_prefill;
		free(list);
		tdm_observed_close(seen);
		return done;
	}
	int ends_[2] = { -1, -1 };
	size_t filled_ = 0;
	std::unique_ptr<Process> run_;
};

#endif /* TESTS_E2E_HELD_RUN_H */
