/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * KV transfers from pool to pool, on every transport: every byte arrives, and
 * whatever goes wrong, no page is lost.
 */
#include "net_test.h"

#include <errno.h>

#include <algorithm>
#include <memory>
#include <random>

#include <tandem/kv.h>

namespace
{

using net_test::Pair;

constexpr uint32_t kPageWords = 512;
constexpr uint32_t kPageBytes = kPageWords * 8;
constexpr uint64_t kOwner = 7;

std::vector<std::string> Names()
{
	std::vector<std::string> names = net_test::Names();

	/* Pages larger than a message go in pieces. */
	names.push_back("soft:rc,max_msg=1000");
	names.push_back("soft:srd,seed=9,max_msg=1000");
	return names;
}

struct PairOptions {
	uint32_t depth = 64;
	uint32_t credits = 0;
};

/* A request of @pages pages, on a receiver with a few pages more. */
struct Rig : Pair {
	explicit Rig(const std::string &name, uint32_t n, PairOptions o = {})
	    : Pair(name, size_t(n) * kPageWords, o.depth), pages(n)
	{
		tdm_kv_pool_attr attr = {};
		tdm_error err = {};

		attr.mem = dst.data();
		attr.page_bytes = kPageBytes;
		attr.pages = n;
		attr.id = 3;
		pool = tdm_kv_pool_create(&attr, &err);
		EXPECT_NE(pool, nullptr) << err.msg;
		EXPECT_EQ(tdm_kv_pool_bind(pool, 0, n, reinterpret_cast<uintptr_t>(dst.data()),
					   tdm_net_mr_rkey(dst_mr), &err),
			  0);
		link = tdm_kv_link_create(a, o.credits, &err);
		EXPECT_NE(link, nullptr) << err.msg;
	}

	~Rig()
	{
		tdm_error err = {};

		EXPECT_EQ(tdm_kv_pool_check(pool, &err), 0) << err.msg;
		EXPECT_EQ(tdm_kv_link_destroy(link), 0);
		tdm_kv_pool_destroy(pool);
	}

	/* Tickets for @n pages of @owner. */
	std::vector<tdm_kv_ticket> Tickets(uint32_t n, uint64_t owner = kOwner)
	{
		std::vector<tdm_kv_ref> refs(n);
		std::vector<tdm_kv_ticket> t(n);
		tdm_error err = {};

		EXPECT_EQ(tdm_kv_pool_reserve(pool, owner, refs.data(), n, &err), 0) << err.msg;
		EXPECT_EQ(tdm_kv_pool_land(pool, owner, refs.data(), n, t.data(), &err), 0)
			<< err.msg;
		return t;
	}

	tdm_kv_xfer *Xfer(const std::vector<tdm_kv_ticket> &t, uint32_t layer_pages = 0,
			  uint32_t window = 0)
	{
		tdm_kv_xfer_attr attr = {};
		tdm_error err = {};

		attr.tickets = t.data();
		attr.pages = uint32_t(t.size());
		attr.layer_pages = layer_pages;
		attr.window = window;
		tdm_kv_xfer *x = tdm_kv_xfer_create(link, &attr, &err);

		EXPECT_NE(x, nullptr) << err.msg;
		return x;
	}

	/* The bytes of source page @page; the CRC stands for any word that goes along. */
	tdm_kv_source Source(uint32_t page, uint32_t bytes = kPageBytes) const
	{
		return { reinterpret_cast<uintptr_t>(&src[size_t(page) * kPageWords]), bytes,
			 tdm_net_mr_lkey(src_mr), 1000 + page };
	}

	int Push(tdm_kv_xfer *x, uint32_t page, uint32_t from)
	{
		tdm_kv_source s = Source(from);

		return tdm_kv_xfer_push(x, page, &s);
	}

	/* Until nothing of @x is in flight and nothing more will be. */
	void Settle(tdm_kv_xfer *x)
	{
		uint64_t deadline = net_test::Deadline();

		while (!tdm_kv_xfer_status(x).settled) {
			ASSERT_GE(tdm_kv_link_poll(link), 0);
			ASSERT_EQ(tdm_kv_link_wait(link, deadline), 0);
		}
	}

	/* Commit what is done. Return: how many */
	uint32_t Announce(tdm_kv_xfer *x)
	{
		tdm_kv_done d;
		uint32_t n = 0;

		for (; tdm_kv_xfer_next(x, &d); n++) {
			tdm_error err = {};

			EXPECT_EQ(tdm_kv_pool_commit(pool, &d.ticket, d.crc, &err), 0) << err.msg;
			done.push_back(d);
		}
		return n;
	}

	/* Did source page @from arrive in the page of @t? */
	bool Arrived(const tdm_kv_ticket &t, uint32_t from) const
	{
		auto s = src.begin() + long(from) * kPageWords;

		return std::equal(s, s + kPageWords, dst.begin() + long(t.page) * kPageWords);
	}

	/* Give everything of @owner back as after any end of a request. */
	void GiveBack(uint64_t owner = kOwner)
	{
		std::vector<tdm_kv_ref> refs(pages);
		uint32_t n = tdm_kv_pool_drop(pool, owner, refs.data(), pages);

		EXPECT_EQ(tdm_kv_pool_ack(pool, owner, refs.data(), n, nullptr), 0);
		EXPECT_EQ(tdm_kv_pool_stats(pool).pages[TDM_KV_FREE], pages);
	}

	uint32_t pages;
	tdm_kv_pool *pool;
	tdm_kv_link *link;
	std::vector<tdm_kv_done> done;
};

class KvXfer : public testing::TestWithParam<std::string>
{
};

INSTANTIATE_TEST_SUITE_P(Net, KvXfer, testing::ValuesIn(Names()), net_test::TestName);

TEST_P(KvXfer, EveryByteArrivesLayerByLayer)
{
	constexpr uint32_t kLayers = 5, kLayerPages = 6, kPages = kLayers * kLayerPages;
	Rig r(GetParam(), kPages);
	std::vector<tdm_kv_ticket> t = r.Tickets(kPages);
	tdm_kv_xfer *x = r.Xfer(t, kLayerPages);
	uint64_t start = net_test::NowNs();

	for (uint32_t layer = 0; layer < kLayers; layer++) {
		EXPECT_EQ(tdm_kv_xfer_layer_left(x, layer), kLayerPages);
		for (uint32_t i = 0; i < kLayerPages; i++) {
			uint32_t page = layer * kLayerPages + i;

			EXPECT_EQ(r.Push(x, page, page), 0);
		}
		while (tdm_kv_xfer_layer_left(x, layer)) {
			ASSERT_GE(tdm_kv_link_poll(r.link), 0);
			ASSERT_EQ(tdm_kv_link_wait(r.link, net_test::Deadline()), 0);
		}
		EXPECT_EQ(r.Announce(x), kLayerPages);
		EXPECT_EQ(tdm_kv_pool_stats(r.pool).pages[TDM_KV_READY], (layer + 1) * kLayerPages);
	}
	struct tdm_kv_xfer_status s = tdm_kv_xfer_status(x);
	struct tdm_kv_xfer_stats st = tdm_kv_xfer_stats(x);
	uint32_t pieces = r.caps.max_msg == 1000 ? 5 : 1;

	EXPECT_EQ(s.state, uint32_t(TDM_KV_XFER_DONE));
	EXPECT_TRUE(s.settled && s.quiet);
	EXPECT_EQ(s.error, 0);
	EXPECT_EQ(st.pages, kPages);
	EXPECT_EQ(st.bytes, uint64_t(kPages) * kPageBytes);
	EXPECT_EQ(st.writes, uint64_t(kPages) * pieces);
	EXPECT_GE(st.first_post_ns, start);
	EXPECT_GE(st.last_done_ns, st.first_post_ns);
	EXPECT_GT(st.busy_ns, 0u);
	EXPECT_LE(st.busy_ns, st.last_done_ns - st.first_post_ns);
	for (const tdm_kv_done &d : r.done) {
		EXPECT_EQ(d.crc, 1000 + d.page);
		EXPECT_EQ(d.ticket.page, t[d.page].page);
		EXPECT_TRUE(r.Arrived(d.ticket, d.page));
	}
	EXPECT_EQ(tdm_kv_xfer_layer_left(x, kLayers), 0u);
	EXPECT_EQ(tdm_kv_xfer_destroy(x), 0);
	r.GiveBack();
}

/* A page that is announced is complete, at the moment it is announced. */
TEST_P(KvXfer, AnnouncedMeansComplete)
{
	Rig r(GetParam(), 40, { 16, 3 });
	std::vector<tdm_kv_ticket> t = r.Tickets(40);
	tdm_kv_xfer *x = r.Xfer(t);
	std::mt19937 rng(1);
	std::vector<uint32_t> order(40);
	tdm_kv_done d;
	uint32_t done = 0;

	std::generate(order.begin(), order.end(), [n = 0u]() mutable { return n++; });
	std::shuffle(order.begin(), order.end(), rng);
	for (uint32_t page : order)
		ASSERT_EQ(r.Push(x, page, page), 0);
	while (done < 40) {
		ASSERT_GE(tdm_kv_link_poll(r.link), 0);
		EXPECT_LE(tdm_kv_xfer_status(x).in_flight, 3u);
		EXPECT_LE(tdm_net_ep_open_wrs(r.a), 3u);
		while (tdm_kv_xfer_next(x, &d)) {
			EXPECT_TRUE(r.Arrived(d.ticket, d.page));
			done++;
		}
		ASSERT_EQ(tdm_kv_link_wait(r.link, net_test::Deadline()), 0);
	}
	EXPECT_EQ(tdm_kv_xfer_destroy(x), 0);
	r.GiveBack();
}

TEST_P(KvXfer, MalformedCallsAreRefused)
{
	Rig r(GetParam(), 4);
	std::vector<tdm_kv_ticket> t = r.Tickets(4);
	tdm_kv_xfer *x = r.Xfer(t);
	tdm_kv_xfer_attr attr = {};
	tdm_kv_source s = r.Source(0);
	tdm_error err = {};

	EXPECT_EQ(tdm_kv_xfer_create(r.link, &attr, &err), nullptr);
	EXPECT_EQ(err.code, -EINVAL);
	EXPECT_EQ(tdm_kv_xfer_push(x, 4, &s), -EINVAL);
	s.bytes = 0;
	EXPECT_EQ(tdm_kv_xfer_push(x, 0, &s), -EINVAL);
	s.bytes = kPageBytes + 1;
	EXPECT_EQ(tdm_kv_xfer_push(x, 0, &s), -EMSGSIZE);
	s.bytes = kPageBytes;
	EXPECT_EQ(tdm_kv_xfer_push(x, 0, &s), 0);
	EXPECT_EQ(tdm_kv_xfer_push(x, 0, &s), -EALREADY);
	EXPECT_EQ(tdm_kv_link_destroy(r.link), -EBUSY);
	tdm_kv_xfer_abort(x);
	EXPECT_EQ(tdm_kv_xfer_push(x, 1, &s), -ECANCELED);
	r.Settle(x);
	EXPECT_EQ(tdm_kv_xfer_status(x).state, uint32_t(TDM_KV_XFER_ABORTED));
	EXPECT_EQ(tdm_kv_xfer_stats(x).writes, 0u);
	EXPECT_EQ(tdm_kv_xfer_destroy(x), 0);
	EXPECT_EQ(tdm_kv_xfer_destroy(nullptr), 0);
	EXPECT_EQ(tdm_kv_link_destroy(nullptr), 0);
	r.GiveBack();
}

TEST_P(KvXfer, ShortPages)
{
	Rig r(GetParam(), 3);
	std::vector<tdm_kv_ticket> t = r.Tickets(3);
	tdm_kv_xfer *x = r.Xfer(t);
	const uint32_t bytes[3] = { 8, 2000, kPageBytes };

	for (uint32_t i = 0; i < 3; i++) {
		tdm_kv_source s = r.Source(i, bytes[i]);

		ASSERT_EQ(tdm_kv_xfer_push(x, i, &s), 0);
	}
	r.Settle(x);
	EXPECT_EQ(r.Announce(x), 3u);
	for (uint32_t i = 0; i < 3; i++) {
		const uint64_t *to = &r.dst[t[i].page * kPageWords];

		EXPECT_TRUE(std::equal(to, to + bytes[i] / 8, &r.src[i * kPageWords]));
		EXPECT_TRUE(std::all_of(to + bytes[i] / 8, to + kPageWords,
					[](uint64_t w) { return !w; }));
	}
	EXPECT_EQ(tdm_kv_xfer_stats(x).bytes, 8u + 2000 + kPageBytes);
	EXPECT_EQ(tdm_kv_xfer_destroy(x), 0);
	r.GiveBack();
}

/*
 * Abort after k completions, for every k: what was announced is there, the rest
 * goes through quarantine, and no page is lost.
 */
TEST_P(KvXfer, AbortAtEveryPoint)
{
	constexpr uint32_t kPages = 12;
	Rig r(GetParam(), kPages, { 16, 4 });

	for (uint32_t stop = 0; stop <= 2 * kPages; stop++) {
		std::vector<tdm_kv_ticket> t = r.Tickets(kPages);
		tdm_kv_xfer *x = r.Xfer(t, 3);
		uint32_t completions = 0;

		r.done.clear();
		std::fill(r.dst.begin(), r.dst.end(), 0);
		for (uint32_t i = 0; i < kPages; i++)
			ASSERT_EQ(r.Push(x, i, i), 0);
		while (completions < stop && !tdm_kv_xfer_status(x).settled) {
			int n = tdm_kv_link_poll(r.link);

			ASSERT_GE(n, 0);
			completions += uint32_t(n);
		}
		tdm_kv_xfer_abort(x);
		/* The receiver hears of it before the writes are over: quarantine. */
		r.Announce(x);
		std::vector<tdm_kv_ref> refs;

		for (uint32_t i = 0; i < kPages; i++) {
			auto same = [&](const tdm_kv_done &d) { return d.page == i; };

			if (std::none_of(r.done.begin(), r.done.end(), same))
				refs.push_back({ t[i].page, t[i].epoch });
		}
		ASSERT_EQ(tdm_kv_pool_abort(r.pool, kOwner, refs.data(), uint32_t(refs.size()),
					    nullptr),
			  0);
		EXPECT_EQ(tdm_kv_pool_stats(r.pool).pages[TDM_KV_DRAINING], refs.size());
		EXPECT_EQ(tdm_kv_pool_stats(r.pool).pages[TDM_KV_FREE], 0u);
		r.Settle(x);
		EXPECT_TRUE(tdm_kv_xfer_status(x).quiet);
		/* What came home after the abort is not taken any more. */
		for (tdm_kv_done d; tdm_kv_xfer_next(x, &d);)
			EXPECT_EQ(tdm_kv_pool_commit(r.pool, &d.ticket, d.crc, nullptr), -EINVAL);
		for (const tdm_kv_done &d : r.done)
			EXPECT_TRUE(r.Arrived(d.ticket, d.page));
		EXPECT_EQ(tdm_kv_pool_ack(r.pool, kOwner, refs.data(), uint32_t(refs.size()),
					  nullptr),
			  0);
		EXPECT_EQ(tdm_kv_xfer_destroy(x), 0);
		r.GiveBack();
	}
}

/* The receiver's key goes away after k completions: the transfer fails, nothing is lost. */
TEST_P(KvXfer, PeerErrorAtEveryPoint)
{
	constexpr uint32_t kPages = 6;

	for (uint32_t stop = 0; stop <= kPages; stop++) {
		Rig r(GetParam(), kPages, { 16, 2 });
		std::vector<tdm_kv_ticket> t = r.Tickets(kPages);
		tdm_kv_xfer *x = r.Xfer(t);
		uint32_t completions = 0;

		for (uint32_t i = 0; i < kPages; i++)
			ASSERT_EQ(r.Push(x, i, i), 0);
		while (completions < stop && !tdm_kv_xfer_status(x).settled) {
			int n = tdm_kv_link_poll(r.link);

			ASSERT_GE(n, 0);
			completions += uint32_t(n);
		}
		EXPECT_EQ(tdm_net_dereg_mr(r.dst_mr), 0);
		r.Settle(x);
		struct tdm_kv_xfer_status s = tdm_kv_xfer_status(x);

		if (s.state != TDM_KV_XFER_DONE) {
			EXPECT_EQ(s.state, uint32_t(TDM_KV_XFER_FAILED));
			EXPECT_EQ(s.error, int(TDM_NET_WC_REM_ACCESS_ERR));
			EXPECT_LT(s.error_page, kPages);
			EXPECT_FALSE(s.quiet);
			EXPECT_EQ(r.Announce(x), tdm_kv_xfer_stats(x).pages);
		}
		for (const tdm_kv_done &d : r.done)
			EXPECT_TRUE(r.Arrived(d.ticket, d.page));
		EXPECT_EQ(tdm_kv_xfer_destroy(x), 0);
		/* Not quiet: the receiver makes sure before it acknowledges. */
		tdm_net_ep_close(r.b);
		r.b = nullptr;
		r.GiveBack();
		r.dst_mr = r.Reg(r.dst, Pair::kBoth);
	}
}

/* The local side may be wrong as well: a source without a key. */
TEST_P(KvXfer, BadSource)
{
	Rig r(GetParam(), 3);
	std::vector<tdm_kv_ticket> t = r.Tickets(3);
	tdm_kv_xfer *x = r.Xfer(t);
	tdm_kv_source s = r.Source(1);

	s.lkey ^= 0x5a5a00;
	EXPECT_EQ(tdm_kv_xfer_push(x, 1, &s), 0);
	r.Settle(x);
	EXPECT_TRUE(r.IsStatus(uint32_t(tdm_kv_xfer_status(x).error), TDM_NET_WC_LOC_PROT_ERR));
	EXPECT_EQ(tdm_kv_xfer_status(x).error_page, 1u);
	EXPECT_EQ(tdm_kv_xfer_destroy(x), 0);
	r.GiveBack();
}

/* Cut off at once, by the endpoint: everything settles, and the link can go. */
TEST_P(KvXfer, FlushAndCloseSettle)
{
	for (bool close : { false, true }) {
		Rig r(GetParam(), 8);
		std::vector<tdm_kv_ticket> t = r.Tickets(8);
		tdm_kv_xfer *x = r.Xfer(t);
		tdm_kv_xfer *idle = r.Xfer(t);

		for (uint32_t i = 0; i < 8; i++)
			ASSERT_EQ(r.Push(x, i, i), 0);
		ASSERT_GE(tdm_kv_link_poll(r.link), 0);
		tdm_kv_xfer_abort(x);
		EXPECT_EQ(tdm_kv_xfer_destroy(x), tdm_kv_xfer_status(x).in_flight ? -EBUSY : 0);
		if (close) {
			tdm_net_ep_close(r.a);
			r.a = nullptr;
			tdm_kv_link_lost(r.link);
			EXPECT_EQ(tdm_kv_link_poll(r.link), 0);
			EXPECT_EQ(tdm_kv_link_wait(r.link, UINT64_MAX), 0);
			EXPECT_EQ(tdm_kv_xfer_status(idle).state, uint32_t(TDM_KV_XFER_FAILED));
			EXPECT_EQ(tdm_kv_xfer_status(idle).error, -ENOTCONN);
			EXPECT_TRUE(tdm_kv_xfer_status(x).settled);
			EXPECT_FALSE(tdm_kv_xfer_status(x).quiet);
			EXPECT_TRUE(tdm_kv_xfer_status(idle).quiet);
		} else {
			EXPECT_EQ(tdm_net_ep_flush(r.a), 0);
			r.Settle(x);
		}
		EXPECT_EQ(tdm_kv_xfer_destroy(x), 0);
		EXPECT_EQ(tdm_kv_xfer_destroy(idle), 0);
		r.GiveBack();
	}
}

/* Several requests on one link: each gets its turn, and its own completions. */
TEST_P(KvXfer, ManyTransfersShareALink)
{
	constexpr uint32_t kXfers = 4, kEach = 20;
	Rig r(GetParam(), kXfers * kEach, { 16, 5 });
	std::vector<tdm_kv_ticket> t[kXfers];
	tdm_kv_xfer *x[kXfers];

	for (uint32_t i = 0; i < kXfers; i++) {
		t[i] = r.Tickets(kEach, 100 + i);
		x[i] = r.Xfer(t[i], 0, 2);
		for (uint32_t k = 0; k < kEach; k++)
			ASSERT_EQ(r.Push(x[i], k, i * kEach + k), 0);
	}
	tdm_kv_xfer_abort(x[2]);
	for (bool all = false; !all;) {
		all = true;
		ASSERT_GE(tdm_kv_link_poll(r.link), 0);
		for (tdm_kv_xfer *one : x) {
			EXPECT_LE(tdm_kv_xfer_status(one).in_flight, 2u);
			all = all && tdm_kv_xfer_status(one).settled;
		}
		EXPECT_LE(tdm_net_ep_open_wrs(r.a), 5u);
		ASSERT_EQ(tdm_kv_link_wait(r.link, net_test::Deadline()), 0);
	}
	for (uint32_t i = 0; i < kXfers; i++) {
		uint32_t want = i == 2 ? TDM_KV_XFER_ABORTED : TDM_KV_XFER_DONE;

		EXPECT_EQ(tdm_kv_xfer_status(x[i]).state, want);
		r.done.clear();
		EXPECT_EQ(r.Announce(x[i]), i == 2 ? 0 : kEach);
		for (const tdm_kv_done &d : r.done)
			EXPECT_TRUE(r.Arrived(d.ticket, i * kEach + d.page));
		EXPECT_EQ(tdm_kv_xfer_destroy(x[i]), 0);
	}
	for (uint32_t i = 0; i < kXfers; i++) {
		std::vector<tdm_kv_ref> refs(kEach);
		uint32_t n = tdm_kv_pool_drop(r.pool, 100 + i, refs.data(), kEach);

		EXPECT_EQ(n, i == 2 ? kEach : 0);
		EXPECT_EQ(tdm_kv_pool_ack(r.pool, 100 + i, refs.data(), n, nullptr), 0);
	}
	EXPECT_EQ(tdm_kv_pool_stats(r.pool).pages[TDM_KV_FREE], kXfers * kEach);
}

/* A transfer that has much to send does not keep another from its turn. */
TEST_P(KvXfer, TurnsAreFair)
{
	Rig r(GetParam(), 120, { 128, 16 });
	std::vector<tdm_kv_ticket> big_t = r.Tickets(100, 1);
	std::vector<tdm_kv_ticket> small_t = r.Tickets(4, 2);
	tdm_kv_xfer *big = r.Xfer(big_t);
	tdm_kv_xfer *small = r.Xfer(small_t);

	for (uint32_t i = 0; i < 100; i++)
		ASSERT_EQ(r.Push(big, i, i), 0);
	for (uint32_t i = 0; i < 4; i++)
		ASSERT_EQ(r.Push(small, i, 100 + i), 0);
	r.Settle(small);
	EXPECT_LT(tdm_kv_xfer_stats(big).pages, 100u);
	r.Settle(big);
	EXPECT_EQ(tdm_kv_xfer_stats(big).pages, 100u);
	EXPECT_EQ(tdm_kv_xfer_destroy(big), 0);
	EXPECT_EQ(tdm_kv_xfer_destroy(small), 0);
	EXPECT_EQ(tdm_kv_pool_drop(r.pool, 1, nullptr, 0), 100u);
}

/* One poll posts all that the credits allow, though other transfers have nothing. */
TEST_P(KvXfer, PollUsesAllCredits)
{
	Rig r(GetParam(), 100, { 64, 64 });
	std::vector<tdm_kv_ticket> t = r.Tickets(100);
	tdm_kv_xfer *idle[2] = { r.Xfer(t), r.Xfer(t) };
	tdm_kv_xfer *x = r.Xfer(t);

	for (uint32_t i = 0; i < 100; i++)
		ASSERT_EQ(r.Push(x, i, i), 0);
	ASSERT_EQ(tdm_kv_link_poll(r.link), 0);
	EXPECT_EQ(tdm_kv_xfer_status(x).in_flight, 64u);
	tdm_kv_xfer_abort(x);
	r.Settle(x);
	EXPECT_EQ(tdm_kv_xfer_destroy(x), 0);
	EXPECT_EQ(tdm_kv_xfer_destroy(idle[0]), 0);
	EXPECT_EQ(tdm_kv_xfer_destroy(idle[1]), 0);
	r.GiveBack();
}

/* Registered once: no transfer registers anything. */
TEST_P(KvXfer, NothingIsRegisteredPerTransfer)
{
	Rig r(GetParam(), 4);
	uint64_t before = tdm_net_stats(r.net).mr_total;

	for (int i = 0; i < 10; i++) {
		std::vector<tdm_kv_ticket> t = r.Tickets(4);
		tdm_kv_xfer *x = r.Xfer(t);

		for (uint32_t k = 0; k < 4; k++)
			ASSERT_EQ(r.Push(x, k, k), 0);
		r.Settle(x);
		EXPECT_EQ(r.Announce(x), 4u);
		EXPECT_EQ(tdm_kv_xfer_destroy(x), 0);
		r.GiveBack();
	}
	EXPECT_EQ(tdm_net_stats(r.net).mr_total, before);
}

} // namespace
