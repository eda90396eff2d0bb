// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The syzkaller description says what the headers say: every call of both, every
 * struct with its members at their places, every constant by a name that there is.
 */
#include <cstddef>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tandem_accel.h"
#include "tandem_emu.h"

namespace
{

std::string Text(const std::string &name)
{
	std::ifstream file(std::string(TANDEM_TOP) + "/" + name);
	std::stringstream text;

	text << file.rdbuf();
	EXPECT_FALSE(text.str().empty()) << name;
	return text.str();
}

std::set<std::string> Matches(const std::string &text, const std::string &pattern)
{
	std::regex regex(pattern, std::regex::ECMAScript | std::regex::multiline);
	std::set<std::string> found;

	for (std::sregex_iterator i(text.begin(), text.end(), regex), end; i != end; ++i)
		found.insert((*i)[1].str());
	return found;
}

struct Member {
	std::string name;
	size_t offset;
	size_t bytes;
};

/* How wide a type of the description is: by its own word, its base, or its resource. */
size_t WidthOf(const std::string &type)
{
	static const std::map<std::string, size_t> resources = {
		{ "tandem_handle", 4 }, { "tandem_queue", 4 }, { "tandem_dva", 8 },
		{ "tandem_offset", 8 }, { "fd_event", 4 },     { "fd_dma_buf", 4 },
	};
	std::smatch match;

	if (std::regex_search(type, match, std::regex("^array\\[int8, (\\d+)\\]")))
		return std::stoul(match[1]);
	if (type.rfind("ptr64", 0) == 0)
		return 8;
	if (std::regex_search(type, match, std::regex("int(8|16|32|64)")))
		return std::stoul(match[1]) / 8;
	auto found = resources.find(type.substr(0, type.find_first_of(" \t")));
	EXPECT_NE(found, resources.end()) << type;
	return found == resources.end() ? 0 : found->second;
}

/* A struct of the description: laid out without padding, as both headers are. */
std::vector<Member> Described(const std::string &text, const std::string &name)
{
	std::vector<Member> members;
	std::istringstream lines(text);
	std::string line;
	size_t at = 0;

	while (std::getline(lines, line) && line != name + " {")
		;
	while (std::getline(lines, line) && line != "}") {
		size_t tab = line.find('\t', 1);
		size_t bytes = WidthOf(line.substr(tab + 1));

		members.push_back({ line.substr(1, tab - 1), at, bytes });
		at += bytes;
	}
	return members;
}

struct Known {
	std::string name;
	size_t bytes;
	std::vector<Member> members;
};

#define AT(type, member)                                                                           \
	{                                                                                          \
#member, offsetof(struct type, member), sizeof(((type *)nullptr)->member)          \
	}

const Known known[] = {
	{ "drm_tandem_query",
	  sizeof(struct drm_tandem_query),
	  {
		  AT(drm_tandem_query, size),
		  AT(drm_tandem_query, item),
		  AT(drm_tandem_query, data),
		  AT(drm_tandem_query, len),
		  AT(drm_tandem_query, flags),
	  } },
	{ "drm_tandem_bo_create",
	  sizeof(struct drm_tandem_bo_create),
	  {
		  AT(drm_tandem_bo_create, size),
		  AT(drm_tandem_bo_create, domain),
		  AT(drm_tandem_bo_create, bytes),
		  AT(drm_tandem_bo_create, flags),
		  AT(drm_tandem_bo_create, handle),
	  } },
	{ "drm_tandem_bo_mmap",
	  sizeof(struct drm_tandem_bo_mmap),
	  {
		  AT(drm_tandem_bo_mmap, size),
		  AT(drm_tandem_bo_mmap, handle),
		  AT(drm_tandem_bo_mmap, offset),
	  } },
	{ "drm_tandem_vm_map",
	  sizeof(struct drm_tandem_vm_map),
	  {
		  AT(drm_tandem_vm_map, size),
		  AT(drm_tandem_vm_map, handle),
		  AT(drm_tandem_vm_map, offset),
		  AT(drm_tandem_vm_map, len),
		  AT(drm_tandem_vm_map, dva),
		  AT(drm_tandem_vm_map, access),
		  AT(drm_tandem_vm_map, flags),
	  } },
	{ "drm_tandem_vm_unmap",
	  sizeof(struct drm_tandem_vm_unmap),
	  {
		  AT(drm_tandem_vm_unmap, size),
		  AT(drm_tandem_vm_unmap, flags),
		  AT(drm_tandem_vm_unmap, dva),
		  AT(drm_tandem_vm_unmap, len),
	  } },
	{ "drm_tandem_queue_create",
	  sizeof(struct drm_tandem_queue_create),
	  {
		  AT(drm_tandem_queue_create, size),
		  AT(drm_tandem_queue_create, abi),
		  AT(drm_tandem_queue_create, sq_entries),
		  AT(drm_tandem_queue_create, cq_entries),
		  AT(drm_tandem_queue_create, time_limit_ms),
		  AT(drm_tandem_queue_create, flags),
		  AT(drm_tandem_queue_create, queue),
		  AT(drm_tandem_queue_create, wake),
		  AT(drm_tandem_queue_create, sq_offset),
		  AT(drm_tandem_queue_create, sq_bytes),
		  AT(drm_tandem_queue_create, cq_offset),
		  AT(drm_tandem_queue_create, cq_bytes),
		  AT(drm_tandem_queue_create, status_offset),
		  AT(drm_tandem_queue_create, doorbell_offset),
	  } },
	{ "drm_tandem_queue_destroy",
	  sizeof(struct drm_tandem_queue_destroy),
	  {
		  AT(drm_tandem_queue_destroy, size),
		  AT(drm_tandem_queue_destroy, queue),
	  } },
	{ "drm_tandem_queue_wake",
	  sizeof(struct drm_tandem_queue_wake),
	  {
		  AT(drm_tandem_queue_wake, size),
		  AT(drm_tandem_queue_wake, queue),
	  } },
	{ "drm_tandem_queue_wait",
	  sizeof(struct drm_tandem_queue_wait),
	  {
		  AT(drm_tandem_queue_wait, size),
		  AT(drm_tandem_queue_wait, queue),
		  AT(drm_tandem_queue_wait, seq),
		  AT(drm_tandem_queue_wait, deadline_ns),
		  AT(drm_tandem_queue_wait, flags),
		  AT(drm_tandem_queue_wait, reserved),
	  } },
	{ "drm_tandem_queue_eventfd",
	  sizeof(struct drm_tandem_queue_eventfd),
	  {
		  AT(drm_tandem_queue_eventfd, size),
		  AT(drm_tandem_queue_eventfd, queue),
		  AT(drm_tandem_queue_eventfd, fd),
		  AT(drm_tandem_queue_eventfd, flags),
	  } },
	{ "drm_tandem_fault_read",
	  sizeof(struct drm_tandem_fault_read),
	  {
		  AT(drm_tandem_fault_read, size),
		  AT(drm_tandem_fault_read, count),
		  AT(drm_tandem_fault_read, faults),
		  AT(drm_tandem_fault_read, lost),
		  AT(drm_tandem_fault_read, flags),
		  AT(drm_tandem_fault_read, reserved),
	  } },
	{ "drm_tandem_inject",
	  sizeof(struct drm_tandem_inject),
	  {
		  AT(drm_tandem_inject, size),
		  AT(drm_tandem_inject, kind),
		  AT(drm_tandem_inject, count),
		  AT(drm_tandem_inject, duration_ms),
		  AT(drm_tandem_inject, value),
		  AT(drm_tandem_inject, flags),
		  AT(drm_tandem_inject, seed),
	  } },
	{ "tdm_fault",
	  sizeof(struct tdm_fault),
	  {
		  AT(tdm_fault, addr),
		  AT(tdm_fault, cookie),
		  AT(tdm_fault, time_ns),
		  AT(tdm_fault, queue),
		  AT(tdm_fault, opcode),
		  AT(tdm_fault, access),
		  AT(tdm_fault, reason),
	  } },
	{ "tdm_emu_create",
	  sizeof(struct tdm_emu_create),
	  {
		  AT(tdm_emu_create, size),
		  AT(tdm_emu_create, abi),
		  AT(tdm_emu_create, flags),
		  AT(tdm_emu_create, id),
	  } },
	{ "tdm_emu_status",
	  sizeof(struct tdm_emu_status),
	  {
		  AT(tdm_emu_status, size),
		  AT(tdm_emu_status, state),
		  AT(tdm_emu_status, error),
		  AT(tdm_emu_status, clients),
		  AT(tdm_emu_status, node),
	  } },
	{ "tdm_emu_bell_wait",
	  sizeof(struct tdm_emu_bell_wait),
	  {
		  AT(tdm_emu_bell_wait, size),
		  AT(tdm_emu_bell_wait, bell),
		  AT(tdm_emu_bell_wait, seen),
		  AT(tdm_emu_bell_wait, flags),
		  AT(tdm_emu_bell_wait, deadline_ns),
	  } },
	{ "tdm_emu_bell_ring",
	  sizeof(struct tdm_emu_bell_ring),
	  {
		  AT(tdm_emu_bell_ring, size),
		  AT(tdm_emu_bell_ring, bell),
	  } },
};

/* DRM's own, under names that its description does not take. */
const Known drm[] = {
	{ "tandem_gem_close",
	  sizeof(struct drm_gem_close),
	  { AT(drm_gem_close, handle), AT(drm_gem_close, pad) } },
	{ "tandem_prime_handle",
	  sizeof(struct drm_prime_handle),
	  { AT(drm_prime_handle, handle), AT(drm_prime_handle, flags), AT(drm_prime_handle, fd) } },
	{ "tandem_prime_fd",
	  sizeof(struct drm_prime_handle),
	  { AT(drm_prime_handle, handle), AT(drm_prime_handle, flags), AT(drm_prime_handle, fd) } },
};

void Agrees(const std::string &text, const Known &known)
{
	std::vector<Member> members = Described(text, known.name);
	size_t bytes = 0;

	ASSERT_EQ(members.size(), known.members.size()) << known.name;
	for (size_t i = 0; i < members.size(); i++) {
		EXPECT_EQ(members[i].name, known.members[i].name) << known.name;
		EXPECT_EQ(members[i].offset, known.members[i].offset)
			<< known.name << "." << members[i].name;
		EXPECT_EQ(members[i].bytes, known.members[i].bytes)
			<< known.name << "." << members[i].name;
		bytes += members[i].bytes;
	}
	EXPECT_EQ(bytes, known.bytes) << known.name;
}

class Syzlang : public testing::Test
{
protected:
	const std::string text_ = Text("tests/fuzz/tandem.txt");
	const std::string headers_ = Text("uapi/tandem_accel.h") + Text("uapi/tandem_emu.h") +
				     Text("uapi/tandem_queue.h") + Text("uapi/tandem_hw.h");
};

TEST_F(Syzlang, EveryCallIsThereOnce)
{
	std::set<std::string> ours = Matches(headers_, "#define (DRM_IOCTL_TANDEM_\\w+)");

	ours.merge(Matches(headers_, "#define (TDM_EMU_\\w+) _IO"));
	EXPECT_GE(ours.size(), 16u);
	for (const std::string &call : ours) {
		std::set<std::string> lines = Matches(
			text_, "^(ioctl\\$" + call + "\\(fd fd_tandem(_emu)?, cmd const\\[" + call +
				       "\\].*)$");

		EXPECT_EQ(lines.size(), 1u) << call;
		EXPECT_EQ(lines.begin()->find("fd_tandem_emu") != std::string::npos,
			  call.rfind("TDM_EMU", 0) == 0)
			<< call;
	}
	/* And none that there is not. */
	for (const std::string &call : Matches(text_, "^ioctl\\$((DRM|TDM)_\\w+)"))
		EXPECT_EQ(ours.count(call), 1u) << call;
}

TEST_F(Syzlang, ACallsStructIsItsOwn)
{
	for (const std::string &name : Matches(headers_, "#define DRM_IOCTL_TANDEM_(\\w+)")) {
		std::string small = name;

		for (char &c : small)
			c = static_cast<char>(tolower(c));
		EXPECT_NE(text_.find("const[DRM_IOCTL_TANDEM_" + name +
				     "], arg ptr[inout, drm_tandem_" + small + "])"),
			  std::string::npos)
			<< name;
	}
}

TEST_F(Syzlang, StructsAreLaidOutAlike)
{
	std::set<std::string> listed;

	for (const Known &k : known) {
		Agrees(text_, k);
		listed.insert(k.name);
	}
	for (const Known &k : drm) {
		Agrees(text_, k);
		listed.insert(k.name);
	}
	/* None that this test does not know, and none of a call that is left out. */
	EXPECT_EQ(listed, Matches(text_, "^(\\w+) \\{$"));
	for (const std::string &name : Matches(headers_, "^struct (drm_tandem_\\w+) \\{"))
		EXPECT_EQ(listed.count(name), 1u) << name;
}

TEST_F(Syzlang, ConstantsAreOfTheHeaders)
{
	std::set<std::string> names = Matches(text_, "\\b(TDM_\\w+)");

	EXPECT_GT(names.size(), 15u);
	for (const std::string &name : names)
		EXPECT_EQ(Matches(headers_, "\\b(" + name + ")\\b( =|,| )").size(), 1u) << name;
	/* All kinds of what there are kinds of. */
	for (const char *kinds : { "(TDM_QUERY_\\w+) = ", "(TDM_DOMAIN_\\w+) = ",
				   "(TDM_ACCESS_\\w+) = ", "(TDM_EMU_BELL_\\w+) = " })
		for (const std::string &name : Matches(headers_, kinds))
			EXPECT_EQ(names.count(name), 1u) << name;
}

/* Flags that the description names are all set up: syz-extract would stop at one that is not. */
TEST_F(Syzlang, EveryNameIsDefined)
{
	std::set<std::string> used = Matches(text_, "flags\\[(tandem_\\w+)");
	std::set<std::string> defined = Matches(text_, "^(tandem_\\w+) = ");

	EXPECT_EQ(used, defined);
	for (const std::string &name :
	     Matches(text_, "\\b(fd_tandem\\w*|tandem_(handle|queue|dva|offset))\\b"))
		EXPECT_EQ(Matches(text_, "^resource (" + name + ")\\[").size(), 1u) << name;
}

} // namespace
