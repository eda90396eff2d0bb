// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The fake's objects: made, checked, counted. fake_engine.cc moves the bytes.
 */
#include "support/efa/fake_objects.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace
{

FakeEfa *g_here;

template <class T>
void ExpectNoneLeft(const std::vector<std::unique_ptr<T>> &list, const char *what)
{
	size_t left = 0;

	for (const auto &one : list)
		left += one->live;
	EXPECT_EQ(left, 0u) << what << " that nobody destroyed";
}

bool IsMapped(void *addr, size_t len)
{
	const uintptr_t page = size_t(sysconf(_SC_PAGESIZE));
	uintptr_t from = reinterpret_cast<uintptr_t>(addr) / page * page;
	uintptr_t to = reinterpret_cast<uintptr_t>(addr) + len;
	std::vector<unsigned char> in((to - from + page - 1) / page);

	return !mincore(reinterpret_cast<void *>(from), to - from, in.data());
}

} // namespace

FakeEfa::FakeEfa(const FakeEfaOptions &options) : options_(options), random_(options.seed)
{
	EXPECT_EQ(g_here, nullptr) << "one at a time";
	g_here = this;
	snprintf(device_.name, sizeof(device_.name), "%s", options.name.c_str());
	device_.node_type = IBV_NODE_UNSPECIFIED;
	list_[0] = &device_;
}

FakeEfa::~FakeEfa()
{
	EXPECT_EQ(lists_, 0u) << "lists of devices that nobody freed";
	ExpectNoneLeft(contexts_, "contexts");
	ExpectNoneLeft(pds_, "protection domains");
	ExpectNoneLeft(mrs_, "memory regions");
	ExpectNoneLeft(ahs_, "address handles");
	ExpectNoneLeft(channels_, "completion channels");
	ExpectNoneLeft(cqs_, "completion queues");
	ExpectNoneLeft(qps_, "queue pairs");
	for (const auto &channel : channels_)
		close(channel->fd);
	g_here = nullptr;
}

FakeEfa *FakeEfa::Here()
{
	return g_here;
}

void FakeEfa::Silence(uint32_t qpn)
{
	silent_.insert(qpn);
}

void FakeEfa::RefusePosts(uint32_t n)
{
	refuse_ = n;
}

void FakeEfa::Hold(bool hold)
{
	hold_ = hold;
}

void FakeEfa::Lie(uint32_t qpn, uint64_t wr_id)
{
	for (const auto &qp : qps_)
		if (qp->live && qp->ex.qp_base.qp_num == qpn)
			qp->cq->ready.push_back(Completion(qp.get(), wr_id, 0));
}

/* splitmix64, Steele et al. 2014 */
uint32_t FakeEfa::Dice(uint32_t below)
{
	uint64_t z = (random_ += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return uint32_t((z ^ (z >> 31)) % below);
}

bool FakeEfa::Happens(uint32_t in_a_million)
{
	return in_a_million && Dice(1000000) < in_a_million;
}

ibv_device **FakeEfa::List(int *n)
{
	lists_++;
	if (n)
		*n = 1;
	return list_;
}

bool FakeEfa::IsList(ibv_device **list) const
{
	return list == list_;
}

void FakeEfa::FreeList()
{
	EXPECT_GT(lists_, 0u);
	lists_--;
}

bool FakeEfa::Is(const ibv_device *device) const
{
	return device == &device_;
}

bool FakeEfa::Is(const ibv_context *ctx) const
{
	for (const auto &one : contexts_)
		if (&one->ctx == ctx)
			return true;
	return false;
}

ibv_context *FakeEfa::Open()
{
	auto one = std::make_unique<Context>();

	one->ctx.device = &device_;
	one->ctx.ops.poll_cq = [](ibv_cq *cq, int n, ibv_wc *wc) {
		return g_here->Poll(cq, n, wc);
	};
	one->ctx.ops.req_notify_cq = [](ibv_cq *cq, int solicited) {
		return g_here->Arm(cq, solicited);
	};
	contexts_.push_back(std::move(one));
	return &contexts_.back()->ctx;
}

int FakeEfa::Close(ibv_context *ctx)
{
	for (const auto &pd : pds_)
		EXPECT_FALSE(pd->live && pd->context == ctx) << "closed with something in it";
	for (const auto &one : contexts_) {
		if (&one->ctx == ctx) {
			EXPECT_TRUE(one->live) << "closed twice";
			one->live = false;
		}
	}
	return 0;
}

int FakeEfa::Query(ibv_context *, ibv_device_attr *attr)
{
	*attr = {};
	attr->max_qp_wr = 4096;
	attr->max_cqe = 8192;
	attr->max_sge = 2;
	attr->max_sge_rd = 1;
	attr->max_ah = options_.max_ah;
	attr->max_qp = 256;
	attr->phys_port_cnt = 1;
	return 0;
}

int FakeEfa::Query(ibv_context *, efadv_device_attr *attr)
{
	if (!options_.efa)
		return EOPNOTSUPP;
	*attr = {};
	attr->max_sq_wr = options_.max_sq_wr;
	attr->max_rq_wr = 1024;
	attr->max_sq_sge = options_.max_sq_sge;
	attr->max_rq_sge = 3;
	attr->device_caps = options_.caps;
	attr->max_rdma_size = options_.max_rdma_size;
	return 0;
}

int FakeEfa::QueryPort(uint8_t port, ibv_port_attr *attr)
{
	if (port != 1)
		return EINVAL;
	attr->state = options_.active ? IBV_PORT_ACTIVE : IBV_PORT_DOWN;
	attr->gid_tbl_len = 1;
	attr->max_msg_sz = 8928; /* of a send; RDMA has its own */
	return 0;
}

int FakeEfa::QueryGid(uint8_t port, int index, union ibv_gid *gid)
{
	if (port != 1 || index)
		return -1;
	*gid = {};
	gid->raw[0] = 0xfe;
	gid->raw[1] = 0x80;
	gid->raw[15] = 7;
	return 0;
}

ibv_pd *FakeEfa::AllocPd(ibv_context *ctx)
{
	pds_.push_back(std::make_unique<Pd>());
	pds_.back()->context = ctx;
	return pds_.back().get();
}

int FakeEfa::DeallocPd(ibv_pd *pd)
{
	for (const auto &mr : mrs_)
		EXPECT_FALSE(mr->live && mr->pd == pd) << "a region is left in it";
	for (const auto &ah : ahs_)
		EXPECT_FALSE(ah->live && ah->pd == pd) << "an address handle is left in it";
	for (const auto &qp : qps_)
		EXPECT_FALSE(qp->live && qp->ex.qp_base.pd == pd) << "a queue pair is left in it";
	Find(pds_, pd)->live = false;
	return 0;
}

uint32_t FakeEfa::NewKey()
{
	uint32_t key;

	if (!options_.recycle_keys || free_keys_.empty())
		return ++keys_ << 8;
	key = free_keys_.back();
	free_keys_.pop_back();
	return key;
}

ibv_mr *FakeEfa::Enroll(ibv_pd *pd, void *addr, size_t len, uint32_t access)
{
	uint32_t known = IBV_ACCESS_LOCAL_WRITE;

	Find(pds_, pd);
	known |= options_.caps & 1 ? IBV_ACCESS_REMOTE_READ : 0;
	known |= options_.caps & 8 ? IBV_ACCESS_REMOTE_WRITE : 0;
	if (access & ~known) {
		errno = EOPNOTSUPP;
		return nullptr;
	}
	mrs_.push_back(std::make_unique<Mr>());
	Mr *mr = mrs_.back().get();

	mr->context = pd->context;
	mr->pd = pd;
	mr->addr = addr;
	mr->length = len;
	mr->lkey = mr->rkey = NewKey();
	mr->access = access;
	counts.mrs++;
	return mr;
}

ibv_mr *FakeEfa::Reg(ibv_pd *pd, void *addr, size_t len, uint32_t access)
{
	if (!IsMapped(addr, len)) {
		errno = EFAULT;
		return nullptr;
	}
	return Enroll(pd, addr, len, access);
}

ibv_mr *FakeEfa::RegDmabuf(ibv_pd *pd, uint64_t offset, size_t len, uint64_t iova, int fd,
			   uint32_t access)
{
	struct stat st;

	errno = EOPNOTSUPP;
	if (!options_.dmabuf || fstat(fd, &st) || uint64_t(st.st_size) < offset + len)
		return nullptr;
	ibv_mr *mr = Enroll(pd, reinterpret_cast<void *>(iova), len, access);

	counts.dmabufs += !!mr;
	return mr;
}

int FakeEfa::Dereg(ibv_mr *mr)
{
	Find(mrs_, mr)->live = false;
	free_keys_.push_back(mr->lkey);
	return 0;
}

ibv_ah *FakeEfa::CreateAh(ibv_pd *pd, const ibv_ah_attr *attr)
{
	int live = 0;

	Find(pds_, pd);
	EXPECT_EQ(attr->is_global, 1);
	EXPECT_EQ(attr->port_num, 1);
	EXPECT_EQ(attr->grh.sgid_index, 0);
	for (const auto &ah : ahs_) {
		live += ah->live;
		EXPECT_FALSE(ah->live && ah->pd == pd &&
			     !memcmp(ah->gid, attr->grh.dgid.raw, sizeof(ah->gid)))
			<< "a second handle for one GID in one domain";
	}
	if (live == options_.max_ah) {
		errno = ENOMEM;
		return nullptr;
	}
	ahs_.push_back(std::make_unique<Ah>());
	ahs_.back()->context = pd->context;
	ahs_.back()->pd = pd;
	memcpy(ahs_.back()->gid, attr->grh.dgid.raw, sizeof(ahs_.back()->gid));
	counts.ahs++;
	return ahs_.back().get();
}

int FakeEfa::DestroyAh(ibv_ah *ah)
{
	for (const auto &qp : qps_)
		for (const Wr &wr : qp->open)
			EXPECT_FALSE(qp->live && wr.ah == ah) << "a request still names it";
	Find(ahs_, ah)->live = false;
	return 0;
}

ibv_comp_channel *FakeEfa::CreateChannel(ibv_context *ctx)
{
	channels_.push_back(std::make_unique<Channel>());
	channels_.back()->context = ctx;
	channels_.back()->fd = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
	return channels_.back().get();
}

int FakeEfa::DestroyChannel(ibv_comp_channel *channel)
{
	EXPECT_EQ(Find(channels_, channel)->cq, nullptr) << "a completion queue still uses it";
	Find(channels_, channel)->live = false;
	return 0;
}

ibv_cq *FakeEfa::CreateCq(ibv_context *ctx, int cqe, ibv_comp_channel *channel)
{
	if (channel && !options_.events) {
		errno = EOPNOTSUPP;
		return nullptr;
	}
	EXPECT_GE(cqe, 1);
	EXPECT_LE(cqe, 8192);
	cqs_.push_back(std::make_unique<Cq>());
	Cq *cq = cqs_.back().get();

	cq->context = ctx;
	cq->channel = channel;
	cq->cqe = cqe;
	if (channel)
		Find(channels_, channel)->cq = cq;
	return cq;
}

int FakeEfa::DestroyCq(ibv_cq *ibv)
{
	Cq *cq = Find(cqs_, ibv);

	EXPECT_EQ(cq->unacked, 0u) << "this would wait for ever";
	for (const auto &qp : qps_)
		EXPECT_FALSE(qp->live && qp->cq == cq) << "a queue pair still uses it";
	if (cq->channel)
		Find(channels_, cq->channel)->cq = nullptr;
	cq->live = false;
	return 0;
}

ibv_qp *FakeEfa::CreateQp(ibv_context *ctx, const ibv_qp_init_attr_ex *attr,
			  const efadv_qp_init_attr *efa)
{
	uint64_t ops = (options_.caps & 1 ? IBV_QP_EX_WITH_RDMA_READ : 0) |
		       (options_.caps & 8 ? IBV_QP_EX_WITH_RDMA_WRITE : 0);

	EXPECT_EQ(attr->qp_type, IBV_QPT_DRIVER);
	EXPECT_EQ(efa->driver_qp_type, uint32_t(EFADV_QP_DRIVER_TYPE_SRD));
	EXPECT_EQ(attr->comp_mask, uint32_t(IBV_QP_INIT_ATTR_PD | IBV_QP_INIT_ATTR_SEND_OPS_FLAGS));
	EXPECT_GE(attr->cap.max_recv_sge, 1u) << "libefa divides by it";
	EXPECT_GE(attr->cap.max_recv_wr, 1u);
	EXPECT_LE(attr->cap.max_send_wr, options_.max_sq_wr);
	EXPECT_LE(attr->cap.max_send_sge, options_.max_sq_sge);
	EXPECT_EQ(attr->cap.max_inline_data, 0u);
	EXPECT_TRUE(attr->sq_sig_all);
	if (attr->send_ops_flags & ~ops) {
		errno = EOPNOTSUPP;
		return nullptr;
	}
	qps_.push_back(std::make_unique<Qp>());
	Qp *qp = qps_.back().get();

	qp->cq = Find(cqs_, attr->send_cq);
	EXPECT_EQ(attr->recv_cq, attr->send_cq);
	qp->pd = Find(pds_, attr->pd);
	qp->depth = attr->cap.max_send_wr;
	qp->ex.qp_base.context = ctx;
	qp->ex.qp_base.pd = attr->pd;
	qp->ex.qp_base.qp_type = attr->qp_type;
	qp->ex.qp_base.state = IBV_QPS_RESET;
	qp->ex.qp_base.qp_num = ++qpns_;
	if (options_.recycle_qpns && !free_qpns_.empty()) {
		qp->ex.qp_base.qp_num = free_qpns_.back();
		free_qpns_.pop_back();
	}
	qp->ex.wr_start = WrStart;
	qp->ex.wr_complete = WrComplete;
	qp->ex.wr_set_ud_addr = WrAddr;
	qp->ex.wr_set_sge = WrSge;
	if (attr->send_ops_flags & IBV_QP_EX_WITH_RDMA_WRITE)
		qp->ex.wr_rdma_write = WrWrite;
	if (attr->send_ops_flags & IBV_QP_EX_WITH_RDMA_READ)
		qp->ex.wr_rdma_read = WrRead;
	return &qp->ex.qp_base;
}

ibv_qp_ex *FakeEfa::ToEx(ibv_qp *qp)
{
	return &FindQp(qp)->ex;
}

/* As drivers/infiniband/hw/efa's srd_qp_state_table says. */
int FakeEfa::Modify(ibv_qp *ibv, const ibv_qp_attr *attr, int mask)
{
	Qp *qp = FindQp(ibv);
	const int from = ibv->state, to = attr->qp_state;
	int needs = -1;

	if (from == IBV_QPS_RESET && to == IBV_QPS_INIT)
		needs = IBV_QP_PKEY_INDEX | IBV_QP_PORT | IBV_QP_QKEY;
	else if (from == IBV_QPS_INIT && to == IBV_QPS_RTR)
		needs = 0;
	else if (from == IBV_QPS_RTR && to == IBV_QPS_RTS)
		needs = IBV_QP_SQ_PSN;
	else if (to == IBV_QPS_ERR)
		needs = 0;
	if (needs < 0 || mask != (needs | IBV_QP_STATE))
		return EINVAL;
	if (mask & IBV_QP_PORT && (attr->port_num != 1 || attr->pkey_index))
		return EOPNOTSUPP;
	if (mask & IBV_QP_QKEY) {
		EXPECT_LT(attr->qkey, 0x80000000u) << "for privileged users";
		qp->qkey = attr->qkey;
	}
	ibv->state = attr->qp_state;
	return 0;
}

/*
 * What was open is forgotten, but any of it may have landed before. What the completion
 * queue still says of it is an error to libefa.
 */
int FakeEfa::DestroyQp(ibv_qp *ibv)
{
	Qp *qp = FindQp(ibv);

	for (const Wr &wr : qp->open)
		if (!Dice(3))
			Send(qp, wr);
	qp->cq->stale = qp->cq->stale || !qp->open.empty() || !qp->cq->pending.empty();
	qp->open.clear();
	qp->live = false;
	ibv->state = IBV_QPS_ERR;
	free_qpns_.push_back(ibv->qp_num);
	return 0;
}
