// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The model of requests between two agents, checked by spin: whatever goes wrong, no
 * page is overwritten, lost or consumed corrupt, and both sides end alike; and wrong
 * as soon as any one of the rules is left out.
 */
#include <string>

#include <gtest/gtest.h>

#include "unit/spin.h"

namespace
{

void ExpectNoError(const std::string &out)
{
	EXPECT_NE(out.find("errors: 0"), std::string::npos) << out;
	EXPECT_EQ(out.find("max search depth too small"), std::string::npos) << out;
}

class RequestsModel : public testing::TestWithParam<const char *>
{
};

TEST_P(RequestsModel, NothingIsOverwrittenLostOrStuck)
{
	ExpectNoError(SpinVerify("requests.pml", GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Each, RequestsModel,
			 testing::Values(
				 /* Layers, more pages than land at once, corrupt ones. */
				 "-DLAYERS=2 -DPER=2 -DCORRUPT=1",
				 "-DLAYERS=3 -DWINDOW=1 -DCORRUPT=2 -DFAULTS=2",
				 /* Two requests of a peer, and a second try of one. */
				 "-DREQUESTS=2 -DLAYERS=2 -DWINDOW=1",
				 "-DREQUESTS=3 -DLAYERS=1 -DPAGES=1 -DFAULTS=2",
				 "-DREQUESTS=3 -DLAYERS=1 -DSRD",
				 /* Two peers, of which one has the region after the other. */
				 "-DREQUESTS=3 -DCONNS=2 -DLAYERS=1 -DPAGES=1 -DFAULTS=2 -DSRD"));

class RequestsModelEnds : public testing::TestWithParam<const char *>
{
};

TEST_P(RequestsModelEnds, WhateverHappens)
{
	ExpectNoError(SpinLoops("requests.pml", GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Each, RequestsModelEnds,
			 testing::Values("-DLAYERS=2 -DALWAYS_CORRUPT",
					 "-DREQUESTS=2 -DLAYERS=1 -DCORRUPT=1",
					 "-DREQUESTS=2 -DCONNS=2 -DLAYERS=1 -DSRD"));

TEST(RequestsModelEnds, NotWithoutALimitOfResends)
{
	std::string out =
		SpinLoops("requests.pml", "-DLAYERS=2 -DALWAYS_CORRUPT -DNO_RESEND_LIMIT");
	EXPECT_NE(out.find("non-progress cycle"), std::string::npos) << out;
}

/* A rule that is left out, and the smallest surroundings in which it is missed. */
struct Without {
	const char *rule;
	const char *where;
};

class RequestsModelWithout : public testing::TestWithParam<Without>
{
};

TEST_P(RequestsModelWithout, SomethingIsOverwrittenLostOrStuck)
{
	std::string out = SpinFalsify("requests.pml",
				      std::string("-D") + GetParam().rule + " " + GetParam().where);
	EXPECT_NE(out.find("assertion violated"), std::string::npos) << out;
	EXPECT_NE(out.find("errors: 1"), std::string::npos) << out;
}

INSTANTIATE_TEST_SUITE_P(
	Each, RequestsModelWithout,
	testing::Values(Without{ "NO_QUARANTINE", "-DREQUESTS=2 -DLAYERS=1 -DPAGES=1" },
			Without{ "NO_WAIT", "-DLAYERS=1" },
			Without{ "NO_QUIET", "-DLAYERS=1 -DFAULTS=2" },
			Without{ "NO_FENCE", "-DREQUESTS=3 -DLAYERS=1" },
			Without{ "NO_LEASE", "-DLAYERS=1" },
			Without{ "NO_NUMBER", "-DREQUESTS=3 -DLAYERS=1" },
			Without{ "COMMIT_AT_POST", "-DLAYERS=1" },
			Without{ "RESEND_OLD_TICKET", "-DLAYERS=1 -DCORRUPT=1" },
			Without{ "RESEND_AFTER_DONE", "-DLAYERS=1" },
			Without{ "NO_RESEND_LIMIT", "-DLAYERS=1 -DCORRUPT=2" },
			Without{ "NO_CRC", "-DLAYERS=1 -DCORRUPT=1" },
			Without{ "NO_HOLD", "-DLAYERS=1" },
			Without{ "NO_CREDIT", "-DLAYERS=2 -DWINDOW=1" },
			Without{ "CREDIT_KEPT", "-DLAYERS=2 -DWINDOW=1 -DFAULTS=0" },
			Without{ "FINISH_EARLY", "-DLAYERS=2" }),
	[](const auto &info) { return std::string(info.param.rule); });

/* The region's key has to change, too, where no queue pair is closed. */
TEST(RequestsModelWithout, AFenceOfTheRegionALateWriteLands)
{
	std::string out =
		SpinFalsify("requests.pml", "-DNO_FENCE -DREQUESTS=2 -DCONNS=2 -DLAYERS=1 -DSRD");
	EXPECT_NE(out.find("assertion violated"), std::string::npos) << out;
}

} // namespace
