/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Every allocation that a call makes in the kernel fails once: the first, the second,
 * until the call ends before the one that was to fail (Linux,
 * Documentation/fault-injection/fault-injection.rst, "fail-nth").
 */
#ifndef TESTS_GUEST_ALLOC_FAIL_H
#define TESTS_GUEST_ALLOC_FAIL_H

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace alloc_fail
{

/* The n-th allocation of this thread, or of each thread of another process. */
class Injector
{
public:
	/* Also has the kernel's switches for all kinds of allocations, and no word of each. */
	Injector();
	explicit Injector(pid_t process);
	~Injector();
	Injector(const Injector &) = delete;
	Injector &operator=(const Injector &) = delete;

	/* Empty: it works; else why it does not. */
	const std::string &Missing() const
	{
		return missing_;
	}
	void Arm(unsigned int n) const;
	/* Return: whether the allocation came, and failed */
	bool Disarm() const;

private:
	void Add(const std::string &task);
	void AllKinds();

	std::vector<int> fds_;
	std::string missing_;
};

/* The driver's live objects by kind. */
using Live = std::map<std::string, long>;
Live ReadLive();

/**
 * A call to be failed.
 * @prepare: what it needs; nothing fails in it
 * @call: the call and nothing else. Return: 0 or -errno
 * @clean: undoes the call, which has succeeded by then, and @prepare
 * @allocates: false: the call must do without
 * @errors: what it may answer beside -ENOMEM
 * @keeps_pages: a buffer may keep pages that a failed call has given it
 */
struct Step {
	std::function<void()> prepare;
	std::function<int()> call;
	std::function<void()> clean;
	bool allocates = true;
	std::vector<int> errors = {};
	bool keeps_pages = false;
};

/*
 * Fails the allocations of @step one after another. Each time: the error is one that it
 * may be, nothing is left, and the same call works right after.
 */
void Sweep(const Injector &injector, const Step &step);

/* Stores a byte. Return: 0, or -EFAULT where that is SIGBUS */
int Touch(void *ptr);

} // namespace alloc_fail

#endif /* TESTS_GUEST_ALLOC_FAIL_H */
