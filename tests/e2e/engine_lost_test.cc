// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A device is lost under an engine: its error is the last that anybody reads of it, and
 * says which one it was and why.
 */
#include <tandem/inject.h>
#include <unistd.h>

#include "e2e/engine_fixture.h"

extern "C" {
#include "engine/engine.h"
}

namespace
{

struct Loss {
	uint32_t kind;
	const char *why;
};

class EngineLost : public testing::TestWithParam<Loss>
{
};

TEST_P(EngineLost, SaysWhichAndWhy)
{
	ModelSpec spec;
	Model model(spec);
	RunOptions options;
	options.decode = "soft:cs3,bound=300ms";
	Engine engine(model, options);
	ASSERT_TRUE(engine);
	drm_tandem_inject order{};
	order.kind = GetParam().kind;
	const int rc = tdm_device_inject(engine.get()->decode->dev, &order);
	ASSERT_TRUE(!rc || order.kind == TDM_INJECT_CRASH) << rc;
	Request r;
	r.prompt = some_prompt(20, spec.vocab);
	Outcome out = engine.run(r);
	EXPECT_LT(out.rc, 0);
	for (const std::string &words :
	     { std::string("soft:cs3,bound=300ms of process ") + std::to_string(getpid()),
	       std::string(GetParam().why),
	       std::string("a fault was ordered: ") + tdm_inject_name(order.kind) })
		EXPECT_NE(out.error.find(words), std::string::npos) << out.error;
}

INSTANTIATE_TEST_SUITE_P(Kinds, EngineLost,
			 testing::Values(Loss{ TDM_INJECT_HANG, "KV_IMPORT in its queue " },
					 Loss{ TDM_INJECT_STALL, "lost: " },
					 Loss{ TDM_INJECT_CRASH, "it is gone" }),
			 [](const auto &info) {
				 std::string name = tdm_inject_name(info.param.kind);
				 return name;
			 });

} // namespace
