// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * RDMA loopback: the device's memory, registered with a NIC, written through a queue
 * pair to memory of the same device, and checked by the device itself.
 */
#include <string.h>

#include <tandem/net.h>

#include "selftest/selftest.h"

#define LEN (64U << 10)
#define TARGET (512U << 10)

struct loop {
	struct rig *rig;
	struct tdm_net *net;
	struct tdm_net_ep *ep[2];
	struct tdm_net_mr *mr;
};

static void close_loop(struct loop *l)
{
	tdm_net_ep_close(l->ep[0]);
	tdm_net_ep_close(l->ep[1]);
	if (l->mr)
		tdm_net_dereg_mr(l->mr);
	if (l->net)
		tdm_net_close(l->net);
}

/* Return: 0 or -errno with @err */
static int open_loop(struct loop *l, struct tdm_error *err)
{
	struct tdm_net_addr addr[2];

	l->net = tdm_net_open(l->rig->net, err);
	if (!l->net)
		return err->code;
	l->mr = tdm_net_reg_mr(l->net, tdm_buffer_ptr(l->rig->mem), RIG_BYTES,
			       TDM_NET_LOCAL_WRITE | TDM_NET_REMOTE_WRITE, err);
	if (!l->mr)
		return err->code;
	for (int i = 0; i < 2; i++) {
		l->ep[i] = tdm_net_ep_create(l->net, 16, err);
		if (!l->ep[i])
			return err->code;
		addr[i] = tdm_net_ep_addr(l->ep[i]);
	}
	for (int i = 0; i < 2; i++)
		if (tdm_net_ep_connect(l->ep[i], &addr[1 - i], err) < 0)
			return err->code;
	return 0;
}

static struct tdm_net_wc write_once(struct loop *l, uint32_t rkey)
{
	const struct tdm_net_wr wr = {
		.wr_id = 1,
		.addr = (uint64_t)(uintptr_t)rig_ptr(l->rig, 0),
		.remote_addr = (uint64_t)(uintptr_t)rig_ptr(l->rig, TARGET),
		.len = LEN,
		.lkey = tdm_net_mr_lkey(l->mr),
		.rkey = rkey,
	};
	struct tdm_net_wc wc = { .status = TDM_NET_WC_GENERAL_ERR };

	if (tdm_net_post(l->ep[0], &wr, 1) != 1 ||
	    tdm_net_wait(l->ep[0], rig_now_ns() + RIG_WAIT_NS) ||
	    tdm_net_poll(l->ep[0], &wc, 1) != 1)
		wc.status = TDM_NET_WC_GENERAL_ERR;
	return wc;
}

static struct selftest_outcome check_loop(struct loop *l)
{
	struct tdm_cmd crc = rig_command(TDM_OP_CRC32C);
	uint64_t seed = l->rig->seed, *words = rig_ptr(l->rig, 0);
	struct tdm_cqe sent, landed;
	struct tdm_net_wc wc;

	for (size_t i = 0; i < LEN / sizeof(*words); i++)
		words[i] = rig_random(&seed);
	memset(rig_ptr(l->rig, TARGET), 0, LEN);
	wc = write_once(l, tdm_net_mr_rkey(l->mr));
	SELFTEST_CHECK(wc.status == TDM_NET_WC_SUCCESS, "%s: the write ended in %s",
		       tdm_net_name(l->net), tdm_net_status_name(wc.status));
	crc.crc32c.src = rig_dva(l->rig, 0);
	crc.crc32c.len = LEN;
	sent = rig_run(l->rig, &crc);
	crc.crc32c.src = rig_dva(l->rig, TARGET);
	landed = rig_run(l->rig, &crc);
	if (sent.status != TDM_ST_OK || landed.status != TDM_ST_OK)
		return rig_failed("crc32c", sent.status != TDM_ST_OK ? &sent : &landed);
	SELFTEST_CHECK(sent.result == landed.result, "%s: the device sees other bytes landed",
		       tdm_net_name(l->net));
	/* A key that is none. */
	wc = write_once(l, tdm_net_mr_rkey(l->mr) ^ 0x5a5a00);
	SELFTEST_CHECK(wc.status == TDM_NET_WC_REM_ACCESS_ERR,
		       "%s: a write with a wrong key ended in %s", tdm_net_name(l->net),
		       tdm_net_status_name(wc.status));
	return selftest_say(SELFTEST_PASS, "by %s", tdm_net_name(l->net));
}

static struct selftest_outcome test_loopback(struct rig *rig)
{
	struct loop loop = { .rig = rig };
	struct selftest_outcome outcome;
	struct tdm_error err;

	if (!(tdm_device_info(rig->dev)->host_props & TDM_MEM_PINNABLE))
		return selftest_say(SELFTEST_SKIP, "this device's memory cannot be pinned");
	if (open_loop(&loop, &err))
		outcome = selftest_say(SELFTEST_ERROR, "%.180s", err.msg);
	else
		outcome = check_loop(&loop);
	close_loop(&loop);
	return outcome;
}

const struct selftest selftest_net[] = {
	{ "net", "loopback", "device memory by RDMA to device memory, and a wrong key",
	  SELFTEST_QUICK, test_loopback },
	{ 0 },
};
