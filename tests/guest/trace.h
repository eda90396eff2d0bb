/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The kernel's tracepoints, as long as this lives.
 */
#ifndef TESTS_GUEST_TRACE_H
#define TESTS_GUEST_TRACE_H

#include <string>

namespace guest
{

class Trace
{
public:
	/*
	 * @event: "tandem" for all of the driver's, or "raw_syscalls/sys_enter"
	 * @pid: of this thread alone; 0: everybody's
	 */
	explicit Trace(const std::string &event, int pid = 0);
	~Trace();
	Trace(const Trace &) = delete;
	Trace &operator=(const Trace &) = delete;

	/* Why there is none, "" when there is. */
	const std::string &missing() const
	{
		return missing_;
	}
	/* All lines so far. */
	std::string Text() const;
	/* How often @text is in a line of what was traced so far. */
	unsigned int Count(const std::string &text) const;

private:
	std::string enable_;
	std::string missing_;
};

} // namespace guest

#endif /* TESTS_GUEST_TRACE_H */
