// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The fake's data path: posting, moving bytes, completions and events.
 */
#include "support/efa/fake_objects.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <unistd.h>

namespace
{

/* enum efa_io_comp_status */
enum : uint32_t {
	kOk = 0,
	kInvalidAh = 4,
	kInvalidLkey = 5,
	kBadLength = 6,
	kBadAddress = 7,
	kBadQpn = 9,
	kUnresponsive = 13,
	kUnknownPeer = 14,
	kUnreachable = 15,
};

/* Requests that others may overtake at a time. */
constexpr uint32_t kWindow = 32;

} // namespace

FakeEfa::Qp *FakeEfa::FindQp(const ibv_qp *ibv)
{
	for (const auto &qp : qps_) {
		if (&qp->ex.qp_base != ibv)
			continue;
		EXPECT_TRUE(qp->live) << "used after it was destroyed";
		return qp.get();
	}
	ADD_FAILURE() << "a queue pair that was never given out";
	abort();
}

FakeEfa::Qp *FakeEfa::ToQp(ibv_qp_ex *qp)
{
	return Here()->FindQp(&qp->qp_base);
}

void FakeEfa::WrStart(ibv_qp_ex *ex)
{
	Here()->lock_.lock();
	Qp *qp = ToQp(ex);

	qp->session.clear();
	qp->error = 0;
}

void FakeEfa::NewWr(Qp *qp, uint32_t op, uint32_t rkey, uint64_t addr)
{
	Wr wr;

	if (qp->ex.qp_base.state != IBV_QPS_RTS || qp->ex.wr_flags != IBV_SEND_SIGNALED)
		qp->error = EINVAL;
	EXPECT_LT(qp->used + qp->session.size(), qp->depth) << "more than the queue holds";
	wr.id = qp->ex.wr_id;
	wr.op = op;
	wr.rkey = rkey;
	wr.remote = addr;
	qp->session.push_back(wr);
}

void FakeEfa::WrWrite(ibv_qp_ex *ex, uint32_t rkey, uint64_t addr)
{
	Here()->NewWr(ToQp(ex), 0, rkey, addr);
}

void FakeEfa::WrRead(ibv_qp_ex *ex, uint32_t rkey, uint64_t addr)
{
	Here()->NewWr(ToQp(ex), 1, rkey, addr);
}

void FakeEfa::WrAddr(ibv_qp_ex *ex, ibv_ah *ah, uint32_t qpn, uint32_t qkey)
{
	Wr &wr = ToQp(ex)->session.back();

	EXPECT_EQ(Here()->Find(Here()->ahs_, ah)->pd, ex->qp_base.pd);
	EXPECT_LE(qpn, 0xffffu) << "16 bits in a descriptor";
	wr.ah = ah;
	wr.qpn = qpn;
	wr.qkey = qkey;
}

void FakeEfa::WrSge(ibv_qp_ex *ex, uint32_t lkey, uint64_t addr, uint32_t len)
{
	Wr &wr = ToQp(ex)->session.back();

	wr.ranges++;
	wr.lkey = lkey;
	wr.addr = addr;
	wr.len = len;
}

/* All of it or nothing, as in libefa. */
int FakeEfa::WrComplete(ibv_qp_ex *ex)
{
	FakeEfa *fake = Here();
	Qp *qp = ToQp(ex);

	if (!qp->error && (fake->refuse_ || fake->Happens(fake->options_.full))) {
		fake->refuse_ -= !!fake->refuse_;
		qp->error = ENOMEM;
	}
	for (const Wr &wr : qp->session) {
		if (qp->error)
			break;
		EXPECT_TRUE(wr.ah && wr.ranges == 1) << "half a request";
		EXPECT_LE(wr.len, fake->options_.max_rdma_size);
		EXPECT_GT(wr.len, 0u);
		qp->open.push_back(wr);
		qp->used++;
	}
	const int error = qp->error;

	fake->lock_.unlock();
	return error;
}

FakeEfa::Mr *FakeEfa::Allowed(uint32_t key, const ibv_pd *pd, uint64_t addr, uint32_t len,
			      uint32_t need)
{
	for (const auto &mr : mrs_) {
		uint64_t from = reinterpret_cast<uintptr_t>(mr->addr);

		if (!mr->live || mr->lkey != key)
			continue;
		if (mr->pd != pd || (mr->access & need) != need || addr < from ||
		    len > mr->length || addr - from > mr->length - len)
			return nullptr;
		return mr.get();
	}
	return nullptr;
}

/* What the sender's side does. Return: enum efa_io_comp_status */
uint32_t FakeEfa::Send(Qp *qp, const Wr &wr)
{
	const Ah *ah = Find(ahs_, wr.ah);
	union ibv_gid here;
	void *bytes = reinterpret_cast<void *>(wr.addr);

	QueryGid(1, 0, &here);
	if (!ah->live)
		return kInvalidAh;
	if (wr.len > options_.max_rdma_size)
		return kBadLength;
	if (!Allowed(wr.lkey, qp->pd, wr.addr, wr.len, wr.op ? IBV_ACCESS_LOCAL_WRITE : 0))
		return kInvalidLkey;
	if (memcmp(ah->gid, here.raw, sizeof(ah->gid)) != 0)
		return kUnreachable;
	if (silent_.count(wr.qpn) || Happens(options_.errors))
		return kUnresponsive;
	if (!wr.op && Happens(options_.late)) {
		auto from = static_cast<const uint8_t *>(bytes);

		late_.push_back({ wr, { from, from + wr.len } });
		return kUnresponsive;
	}
	return Land(wr, bytes);
}

/* What the peer's side does. Return: as Send() */
uint32_t FakeEfa::Land(const Wr &wr, void *bytes)
{
	void *there = reinterpret_cast<void *>(wr.remote);
	const Qp *to = nullptr;
	union ibv_gid here;

	QueryGid(1, 0, &here);
	for (const auto &one : qps_)
		if (one->live && one->ex.qp_base.qp_num == wr.qpn)
			to = one.get();
	if (!to || to->ex.qp_base.state != IBV_QPS_RTS || to->qkey != wr.qkey)
		return kBadQpn;
	if (std::none_of(ahs_.begin(), ahs_.end(), [&](const auto &one) {
		    return one->live && one->pd == to->pd &&
			   !memcmp(one->gid, here.raw, sizeof(one->gid));
	    }))
		return kUnknownPeer;
	if (!Allowed(wr.rkey, to->pd, wr.remote, wr.len,
		     wr.op ? IBV_ACCESS_REMOTE_READ : IBV_ACCESS_REMOTE_WRITE))
		return kBadAddress;
	memmove(wr.op ? bytes : there, wr.op ? there : bytes, wr.len);
	(wr.op ? counts.reads : counts.writes)++;
	return kOk;
}

/* One of those that are on the wire for long. */
void FakeEfa::LandLate()
{
	if (late_.empty() || Dice(8))
		return;
	auto at = late_.begin() + Dice(uint32_t(late_.size()));
	Late late = std::move(*at);

	late_.erase(at);
	counts.late += Land(late.wr, late.bytes.data()) == kOk;
}

/* As libefa's to_ibv_status(), of rdma-core 55 or of 44. */
ibv_wc FakeEfa::Completion(const Qp *qp, uint64_t wr_id, uint32_t code) const
{
	const bool old = options_.old_words;
	ibv_wc wc = {};

	wc.wr_id = wr_id;
	wc.qp_num = qp->ex.qp_base.qp_num;
	wc.vendor_err = code;
	switch (code) {
	case kOk:
		wc.status = IBV_WC_SUCCESS;
		break;
	case kInvalidAh:
		wc.status = IBV_WC_LOC_QP_OP_ERR;
		break;
	case kInvalidLkey:
		wc.status = IBV_WC_LOC_PROT_ERR;
		break;
	case kBadLength:
		wc.status = IBV_WC_LOC_LEN_ERR;
		break;
	case kBadAddress:
		wc.status = old ? IBV_WC_GENERAL_ERR : IBV_WC_REM_ACCESS_ERR;
		break;
	case kBadQpn:
		wc.status = IBV_WC_REM_INV_RD_REQ_ERR;
		break;
	case kUnresponsive:
		wc.status = IBV_WC_RESP_TIMEOUT_ERR;
		break;
	case kUnknownPeer:
		wc.status = old ? IBV_WC_GENERAL_ERR : IBV_WC_REM_OP_ERR;
		break;
	case kUnreachable:
		wc.status = old ? IBV_WC_GENERAL_ERR : IBV_WC_RESP_TIMEOUT_ERR;
		break;
	default:
		wc.status = IBV_WC_GENERAL_ERR;
	}
	return wc;
}

/* One of its first requests, whichever. */
void FakeEfa::Execute(Qp *qp)
{
	uint32_t window = std::min(kWindow, uint32_t(qp->open.size()));
	auto at = qp->open.begin() + Dice(window);
	const Wr wr = *at;
	Cq *cq = qp->cq;

	qp->open.erase(at);
	uint32_t code = Send(qp, wr);

	counts.errors += code != kOk;
	cq->pending.push_back(Completion(qp, wr.id, code));
	EXPECT_LE(cq->pending.size() + cq->held.size() + cq->ready.size(), size_t(cq->cqe))
		<< "the completion queue overflows";
}

/* Up to @n requests, of that completion queue or of any. */
void FakeEfa::Work(const Cq *cq, uint32_t n)
{
	std::vector<Qp *> busy;

	for (; n; n--) {
		busy.clear();
		for (const auto &qp : qps_)
			if (qp->live && !qp->open.empty() && (!cq || qp->cq == cq))
				busy.push_back(qp.get());
		if (busy.empty())
			return;
		Execute(busy[Dice(uint32_t(busy.size()))]);
	}
}

ibv_wc FakeEfa::TakePending(Cq *cq)
{
	auto at = cq->pending.begin() + Dice(uint32_t(cq->pending.size()));
	const ibv_wc wc = *at;

	cq->pending.erase(at);
	return wc;
}

void FakeEfa::RaiseEvent(Cq *cq)
{
	const uint64_t one = 1;

	cq->armed = false;
	counts.events++;
	EXPECT_EQ(write(cq->channel->fd, &one, sizeof(one)), ssize_t(sizeof(one)));
}

int FakeEfa::Poll(ibv_cq *ibv, int n, ibv_wc *wc)
{
	std::lock_guard<std::recursive_mutex> hold(lock_);
	Cq *cq = Find(cqs_, ibv);
	int got = 0;

	if (!hold_) {
		Work(nullptr, Dice(5));
		LandLate();
	}
	for (uint32_t i = hold_ ? 0 : Dice(5); i && !cq->pending.empty(); i--) {
		cq->ready.push_back(TakePending(cq));
		if (cq->armed)
			RaiseEvent(cq);
	}
	/* On real hardware it is there as soon as its event. */
	if (!cq->held.empty() && !Dice(3)) {
		cq->ready.push_back(cq->held.front());
		cq->held.pop_front();
	}
	if (cq->stale)
		return -EINVAL;
	for (; got < n && !cq->ready.empty(); got++) {
		wc[got] = cq->ready.front();
		cq->ready.pop_front();
		for (const auto &qp : qps_)
			if (qp->live && qp->ex.qp_base.qp_num == wc[got].qp_num && qp->used)
				qp->used--;
	}
	return got;
}

/* The next completion makes an event, or it comes just before and makes none. */
int FakeEfa::Arm(ibv_cq *ibv, int solicited)
{
	std::lock_guard<std::recursive_mutex> hold(lock_);
	Cq *cq = Find(cqs_, ibv);

	EXPECT_EQ(solicited, 0) << "EFA has no solicited events";
	cq->armed = true;
	if (hold_ || !cq->ready.empty())
		return 0;
	if (cq->pending.empty())
		Work(cq, 1);
	if (cq->pending.empty())
		return 0;
	if (Dice(2)) {
		cq->ready.push_back(TakePending(cq));
		return 0;
	}
	cq->held.push_back(TakePending(cq));
	RaiseEvent(cq);
	return 0;
}

int FakeEfa::GetEvent(ibv_comp_channel *ibv, ibv_cq **cq, void **ctx)
{
	uint64_t one;

	/* Not with the lock held: it may sleep. */
	if (read(ibv->fd, &one, sizeof(one)) != ssize_t(sizeof(one)))
		return -1;
	std::lock_guard<std::recursive_mutex> hold(lock_);
	Cq *mine = Find(channels_, ibv)->cq;

	for (const ibv_wc &wc : mine->held)
		mine->ready.push_back(wc);
	mine->held.clear();
	mine->unacked++;
	*cq = mine;
	*ctx = mine->cq_context;
	return 0;
}

void FakeEfa::Ack(ibv_cq *ibv, unsigned int n)
{
	Cq *cq = Find(cqs_, ibv);

	EXPECT_GE(cq->unacked, n);
	cq->unacked -= n;
}
