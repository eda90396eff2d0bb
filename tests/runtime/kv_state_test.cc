/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What may happen to a KV page in which state.
 */
#include "kv_pool_test.h"

namespace
{

using namespace kv_test;

TEST(KvState, EveryPairInTheTable)
{
	for (const Row &row : kTable) {
		for (uint32_t s = 0; s < TDM_KV_STATES; s++) {
			uint32_t next = kv_next_state(s, row.op);

			EXPECT_STREQ(next == KV_REFUSED ? "-" : tdm_kv_state_name(next),
				     row.from[s])
				<< tdm_kv_op_name(row.op) << " from " << kStates[s];
		}
	}
	EXPECT_EQ(kv_next_state(TDM_KV_STATES, 0), uint32_t(KV_REFUSED));
	EXPECT_EQ(kv_next_state(0, TDM_KV_OPS), uint32_t(KV_REFUSED));
	EXPECT_STREQ(tdm_kv_state_name(TDM_KV_STATES), "unknown");
	EXPECT_STREQ(tdm_kv_op_name(TDM_KV_OPS), "unknown");
}

/* The same through the public functions: done, or refused with the state named. */
TEST(KvState, EveryPairThroughThePool)
{
	for (const Row &row : kTable) {
		if (row.op == TDM_KV_OP_RESERVE)
			continue; /* takes free pages by itself */
		for (uint32_t s = 0; s < TDM_KV_STATES; s++) {
			Pool pool(2);
			tdm_kv_ref ref = pool.In(s);
			tdm_error err = {};
			uint64_t refused = tdm_kv_pool_stats(pool.p).refused;
			int rc = pool.Do(row.op, ref, s == TDM_KV_FREE ? 0 : kMe, &err);
			bool allowed = row.from[s][0] != '-';

			EXPECT_EQ(rc, allowed ? 0 : -EINVAL);
			EXPECT_STREQ(kStates[pool.State(ref.page)],
				     allowed ? row.from[s] : kStates[s]);
			EXPECT_EQ(tdm_kv_pool_stats(pool.p).refused, refused + !allowed);
			if (!allowed) {
				EXPECT_NE(std::string(err.msg).find(kStates[s]), std::string::npos)
					<< err.msg;
			}
			pool.Check();
		}
	}
}

} // namespace
