// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * KV pages from the memory of a prefill device to that of a decode device: RDMA
 * writes through the software NIC beside memcpy between the same buffers.
 */
#include <stdio.h>
#include <string.h>

#include <tandem/buffer.h>
#include <tandem/net.h>

#include "bench.h"
#include "clock.h"
#include "pin.h"

#define PAGE_BYTES 65536U
#define DEPTH 64U

struct move {
	const struct bench *b;
	struct tdm_device *from_dev, *to_dev;
	struct tdm_buffer *from, *to;
	struct tdm_net *net;
	struct tdm_net_mr *from_mr, *to_mr;
	struct tdm_net_ep *ep, *peer;
	unsigned int pages;
};

static char *at(struct tdm_buffer *buf, unsigned int page)
{
	return (char *)tdm_buffer_ptr(buf) + (size_t)page * PAGE_BYTES;
}

static double bytes_per_s(const struct move *m, uint64_t start)
{
	return (double)m->pages * PAGE_BYTES / ((double)(now_ns() - start) / 1e9);
}

static double by_memcpy(void *ctx)
{
	struct move *m = ctx;
	uint64_t start;
	double rate;

	/* Where the NIC's thread copies. */
	pin_to(m->b->far);
	start = now_ns();
	for (unsigned int i = 0; i < m->pages; i++)
		memcpy(at(m->to, i), at(m->from, i), PAGE_BYTES);
	rate = bytes_per_s(m, start);
	pin_to(m->b->near);
	return rate;
}

static unsigned int post(struct move *m, unsigned int first)
{
	struct tdm_net_wr wr[DEPTH];
	unsigned int n = m->pages - first < DEPTH ? m->pages - first : DEPTH;
	int rc;

	for (unsigned int i = 0; i < n; i++)
		wr[i] = (struct tdm_net_wr){
			.wr_id = first + i,
			.addr = (uintptr_t)at(m->from, first + i),
			.remote_addr = (uintptr_t)at(m->to, first + i),
			.len = PAGE_BYTES,
			.lkey = tdm_net_mr_lkey(m->from_mr),
			.rkey = tdm_net_mr_rkey(m->to_mr),
			.op = TDM_NET_OP_WRITE,
		};
	rc = n ? tdm_net_post(m->ep, wr, n) : 0;
	return rc > 0 ? (unsigned int)rc : 0;
}

static double by_nic(void *ctx)
{
	struct move *m = ctx;
	unsigned int sent = 0, done = 0;
	struct tdm_net_wc wc[DEPTH];
	uint64_t start = now_ns();

	while (done < m->pages) {
		int n;

		sent += post(m, sent);
		n = tdm_net_poll(m->ep, wc, DEPTH);
		for (int i = 0; i < n; i++)
			if (wc[i].status != TDM_NET_WC_SUCCESS)
				bench_fail(tdm_net_status_name(wc[i].status), NULL);
		if (n < 0)
			bench_fail("the software NIC is gone; try again", NULL);
		done += (unsigned int)n;
		if (!n)
			relax();
	}
	return bytes_per_s(m, start);
}

/* Once, before anything is timed: each page is there, whole and in its place. */
static void check_arrival(struct move *m)
{
	for (unsigned int i = 0; i < m->pages; i++)
		memset(at(m->to, i), ~(int)i, PAGE_BYTES);
	by_nic(m);
	for (unsigned int i = 0; i < m->pages; i++)
		if (memcmp(at(m->to, i), at(m->from, i), PAGE_BYTES))
			bench_fail("a KV page did not arrive as it was sent; report this", NULL);
}

static struct tdm_buffer *memory(struct tdm_device *dev, unsigned int domain, unsigned int pages)
{
	struct tdm_error err = { 0 };
	struct tdm_buffer *buf = tdm_buffer_create(dev, domain, (uint64_t)pages * PAGE_BYTES,
						   TDM_ACCESS_READ | TDM_ACCESS_WRITE, &err);

	if (!buf)
		bench_fail("KV pages", &err);
	for (unsigned int i = 0; i < pages; i++)
		memset(at(buf, i), (int)i, PAGE_BYTES);
	return buf;
}

static void connect(struct move *m)
{
	struct tdm_error err = { 0 };
	uint32_t rights = TDM_NET_LOCAL_WRITE | TDM_NET_REMOTE_WRITE;
	struct tdm_net_addr a, b;

	m->net = tdm_net_open("soft:rc", &err);
	if (!m->net)
		bench_fail("the software NIC", &err);
	m->from_mr =
		tdm_net_reg_mr(m->net, tdm_buffer_ptr(m->from), tdm_buffer_bytes(m->from), 0, &err);
	m->to_mr = tdm_net_reg_mr(m->net, tdm_buffer_ptr(m->to), tdm_buffer_bytes(m->to), rights,
				  &err);
	m->ep = tdm_net_ep_create(m->net, DEPTH, &err);
	m->peer = tdm_net_ep_create(m->net, DEPTH, &err);
	if (!m->from_mr || !m->to_mr || !m->ep || !m->peer)
		bench_fail("the software NIC", &err);
	a = tdm_net_ep_addr(m->ep);
	b = tdm_net_ep_addr(m->peer);
	if (tdm_net_ep_connect(m->ep, &b, &err) < 0 || tdm_net_ep_connect(m->peer, &a, &err) < 0)
		bench_fail("the software NIC", &err);
}

static void disconnect(struct move *m)
{
	tdm_net_ep_close(m->ep);
	tdm_net_ep_close(m->peer);
	tdm_net_dereg_mr(m->from_mr);
	tdm_net_dereg_mr(m->to_mr);
	tdm_net_close(m->net);
}

void bench_pages(struct bench *b)
{
	struct move m = { .b = b, .pages = b->quick ? 64 : 16384 };
	struct figure *f;

	/* Devices do not take part: their memory does. */
	m.from_dev = bench_open(b, "soft:trn2");
	m.to_dev = bench_open(b, "soft:cs3");
	m.from = memory(m.from_dev, TDM_DOMAIN_DEVICE, m.pages);
	m.to = memory(m.to_dev, TDM_DOMAIN_HOST, m.pages);
	pin_to(b->far); /* where the NIC's thread is to run */
	connect(&m);
	pin_to(b->near);
	f = bench_figure(b, "kv_page_move", UNIT_BYTES_PER_S, "memcpy",
			 "%u MiB of 64 KiB pages, %s", m.pages / 16, tdm_net_name(m.net));
	check_arrival(&m);
	bench_measure(b, f, by_nic, &m, by_memcpy, &m);
	disconnect(&m);
	tdm_buffer_destroy(m.from);
	tdm_buffer_destroy(m.to);
	tdm_device_close(m.from_dev);
	tdm_device_close(m.to_dev);
	bench_page_path(b);
}
