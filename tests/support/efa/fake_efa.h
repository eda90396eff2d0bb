/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * An EFA device that is none, behind libibverbs' and libefa's own functions: what the
 * product calls is the same, the linker leads it here (fake_calls.cc).
 *
 * It moves bytes for real, within the process, by SRD's rules as rdma-core and the
 * kernel's driver write them down: any order of landing and completing, errors that are
 * one request's alone, answers only to whom there is an address handle for, error codes
 * of its own. It has no thread: work is done while the product polls, waits or destroys,
 * how much and in which order the seed says. What the product must not do (overflow a
 * queue, use a handle that is destroyed, leave something behind) fails the test.
 */
#ifndef TESTS_SUPPORT_EFA_FAKE_EFA_H
#define TESTS_SUPPORT_EFA_FAKE_EFA_H

#include <infiniband/efadv.h>
#include <infiniband/verbs.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

struct FakeEfaOptions {
	uint64_t seed = 1;
	std::string name = "fake0";
	uint32_t caps = 1 | 8; /* EFADV_DEVICE_ATTR_CAPS_RDMA_READ, _WRITE */
	uint32_t max_sq_wr = 256;
	uint16_t max_sq_sge = 2;
	uint32_t max_rdma_size = 1 << 20;
	int max_ah = 8;
	bool efa = true; /* else a device of another kind, which opens */
	bool active = true;
	bool events = true;	   /* completion queues can have a channel */
	bool dmabuf = true;	   /* takes any descriptor that is large enough */
	bool old_words = false;	   /* errors as libefa 44 translates them */
	bool recycle_keys = false; /* the key that ended last comes first */
	bool recycle_qpns = false;
	/* Of a million requests so many ... */
	uint32_t errors = 0; /* end in an error, and have moved nothing */
	uint32_t late = 0;   /* end in one, and a write's bytes arrive later for all that */
	uint32_t full = 0;   /* posts find no room, though there is some */
};

class FakeEfa
{
public:
	explicit FakeEfa(const FakeEfaOptions &options = {});
	/* Nothing that was made is left, or the test fails. */
	~FakeEfa();
	FakeEfa(const FakeEfa &) = delete;
	FakeEfa &operator=(const FakeEfa &) = delete;

	/* The one that is plugged in, or NULL. */
	static FakeEfa *Here();

	/* That queue pair answers nobody any more, as if its host had died. */
	void Silence(uint32_t qpn);
	/* So many posts find no room, though there is some. */
	void RefusePosts(uint32_t n);
	/* Bring a completion of a request that nobody posted. */
	void Lie(uint32_t qpn, uint64_t wr_id);
	/* Nothing moves but what is destroyed; polls find nothing. */
	void Hold(bool hold);

	struct Counts {
		uint64_t writes, reads, errors, late, events, mrs, dmabufs, ahs;
	};
	Counts counts = {};

	/* Held while one of the functions below runs, but for GetEvent(), which sleeps. */
	std::recursive_mutex &Lock()
	{
		return lock_;
	}

	/* What the device is asked for; errors by errno, or as the function returns them. */
	ibv_device **List(int *n);
	bool IsList(ibv_device **list) const;
	void FreeList();
	bool Is(const ibv_device *device) const;
	bool Is(const ibv_context *ctx) const;
	const char *Name() const
	{
		return device_.name;
	}
	ibv_context *Open();
	int Close(ibv_context *ctx);
	int Query(ibv_context *ctx, ibv_device_attr *attr);
	int Query(ibv_context *ctx, efadv_device_attr *attr);
	int QueryPort(uint8_t port, ibv_port_attr *attr);
	int QueryGid(uint8_t port, int index, union ibv_gid *gid);
	ibv_pd *AllocPd(ibv_context *ctx);
	int DeallocPd(ibv_pd *pd);
	ibv_mr *Reg(ibv_pd *pd, void *addr, size_t len, uint32_t access);
	ibv_mr *RegDmabuf(ibv_pd *pd, uint64_t offset, size_t len, uint64_t iova, int fd,
			  uint32_t access);
	int Dereg(ibv_mr *mr);
	ibv_ah *CreateAh(ibv_pd *pd, const ibv_ah_attr *attr);
	int DestroyAh(ibv_ah *ah);
	ibv_comp_channel *CreateChannel(ibv_context *ctx);
	int DestroyChannel(ibv_comp_channel *channel);
	ibv_cq *CreateCq(ibv_context *ctx, int cqe, ibv_comp_channel *channel);
	int DestroyCq(ibv_cq *cq);
	int Poll(ibv_cq *cq, int n, ibv_wc *wc);
	int Arm(ibv_cq *cq, int solicited);
	int GetEvent(ibv_comp_channel *channel, ibv_cq **cq, void **ctx);
	void Ack(ibv_cq *cq, unsigned int n);
	ibv_qp *CreateQp(ibv_context *ctx, const ibv_qp_init_attr_ex *attr,
			 const efadv_qp_init_attr *efa);
	ibv_qp_ex *ToEx(ibv_qp *qp);
	int Modify(ibv_qp *qp, const ibv_qp_attr *attr, int mask);
	int DestroyQp(ibv_qp *qp);

private:
	struct Pd;
	struct Mr;
	struct Ah;
	struct Channel;
	struct Cq;
	struct Wr;
	struct Qp;
	struct Late;
	struct Context;

	template <class T, class Handle>
	static T *Find(const std::vector<std::unique_ptr<T>> &all, const Handle *handle);
	Qp *FindQp(const ibv_qp *qp);
	static Qp *ToQp(ibv_qp_ex *qp);
	static void WrStart(ibv_qp_ex *qp);
	static void WrWrite(ibv_qp_ex *qp, uint32_t rkey, uint64_t addr);
	static void WrRead(ibv_qp_ex *qp, uint32_t rkey, uint64_t addr);
	static void WrAddr(ibv_qp_ex *qp, ibv_ah *ah, uint32_t qpn, uint32_t qkey);
	static void WrSge(ibv_qp_ex *qp, uint32_t lkey, uint64_t addr, uint32_t len);
	static int WrComplete(ibv_qp_ex *qp);
	void NewWr(Qp *qp, uint32_t op, uint32_t rkey, uint64_t addr);
	uint32_t Dice(uint32_t below);
	bool Happens(uint32_t in_a_million);
	ibv_mr *Enroll(ibv_pd *pd, void *addr, size_t len, uint32_t access);
	uint32_t NewKey();
	Mr *Allowed(uint32_t key, const ibv_pd *pd, uint64_t addr, uint32_t len, uint32_t need);
	uint32_t Send(Qp *qp, const Wr &wr);
	uint32_t Land(const Wr &wr, void *bytes);
	void LandLate();
	void Execute(Qp *qp);
	void Work(const Cq *cq, uint32_t n);
	ibv_wc TakePending(Cq *cq);
	void RaiseEvent(Cq *cq);
	ibv_wc Completion(const Qp *qp, uint64_t wr_id, uint32_t code) const;

	FakeEfaOptions options_;
	std::recursive_mutex lock_;
	uint64_t random_;
	ibv_device device_ = {};
	ibv_device *list_[2] = {};
	bool hold_ = false;
	uint32_t refuse_ = 0;
	uint32_t lists_ = 0;
	uint32_t keys_ = 0;
	uint32_t qpns_ = 0x100;
	std::vector<uint32_t> free_keys_;
	std::vector<uint32_t> free_qpns_;
	std::set<uint32_t> silent_;
	/* All there ever were: what is destroyed stays, to be known when it is used. */
	std::vector<std::unique_ptr<Context>> contexts_;
	std::vector<std::unique_ptr<Pd>> pds_;
	std::vector<std::unique_ptr<Mr>> mrs_;
	std::vector<std::unique_ptr<Ah>> ahs_;
	std::vector<std::unique_ptr<Channel>> channels_;
	std::vector<std::unique_ptr<Cq>> cqs_;
	std::vector<std::unique_ptr<Qp>> qps_;
	std::vector<Late> late_; /* on the wire, whatever becomes of who sent it */
};

#endif /* TESTS_SUPPORT_EFA_FAKE_EFA_H */
