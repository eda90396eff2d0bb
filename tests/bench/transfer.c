// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The transfer agent: pages reserved, pushed, announced, taken and given back, beside
 * what moves the same bytes without any of that.
 */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <tandem/agent.h>

#include "bench.h"
#include "clock.h"
#include "peer_ucx.h"
#include "pin.h"

#define PAGE_BYTES 65536U
#define LANDING_PAGES 256U

struct transfer {
	struct tdm_net *nic;	 /* of the sender, and of the receiver unless it has its own */
	struct tdm_net *far_nic; /* NULL: the same */
	struct tdm_agent *send, *recv;
	struct tdm_peer *peer;
	char *from, *to, *copy;
	unsigned int pages; /* of a request */
	uint64_t id;
};

static struct tdm_net *open_nic(const char *name)
{
	struct tdm_error err = { 0 };
	struct tdm_net *nic = tdm_net_open(name, &err);

	if (!nic)
		bench_fail(name, &err);
	return nic;
}

static struct tdm_agent *make_agent(struct tdm_net *nic)
{
	static const char secret[] = "of one process alone";
	const struct tdm_agent_attr attr = {
		.size = sizeof(attr),
		.page_units = 1,
		.unit_bytes = PAGE_BYTES,
		.nic = nic,
		.secret = secret,
		.secret_len = sizeof(secret),
		.streams = 1,
	};
	struct tdm_error err = { 0 };
	struct tdm_agent *agent = tdm_agent_create(&attr, &err);

	if (!agent)
		bench_fail("agent", &err);
	return agent;
}

/* A memfd, as soft devices' buffers are, so that NICs apart share it. */
static char *source_memory(size_t bytes, int value, int *fd)
{
	char *m = MAP_FAILED;

	*fd = memfd_create("tandem-bench", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (*fd >= 0 && !ftruncate(*fd, (off_t)bytes) && !fcntl(*fd, F_ADD_SEALS, F_SEAL_SHRINK))
		m = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	if (m == MAP_FAILED)
		bench_fail("memory for pages; free some", NULL);
	memset(m, value, bytes);
	return m;
}

static char *memory(size_t bytes, int value)
{
	char *m = aligned_alloc(4096, bytes);

	if (!m)
		bench_fail("memory for pages; free some", NULL);
	memset(m, value, bytes);
	return m;
}

static void poll_both(struct transfer *t)
{
	if (tdm_agent_poll(t->send) < 0 || tdm_agent_poll(t->recv) < 0)
		bench_fail("the NIC is gone; try again", NULL);
}

static void set_up(struct transfer *t, const char *net, bool apart)
{
	struct tdm_error err = { 0 };
	struct tdm_net_mem mem = { .fd = -1 };

	t->nic = open_nic(net);
	t->far_nic = apart ? open_nic(net) : NULL;
	t->send = make_agent(t->nic);
	t->recv = make_agent(apart ? t->far_nic : t->nic);
	t->from = source_memory((size_t)t->pages * PAGE_BYTES, 1, &mem.fd);
	t->copy = memory((size_t)t->pages * PAGE_BYTES, 2);
	t->to = memory((size_t)LANDING_PAGES * PAGE_BYTES, 3);
	mem.addr = t->from;
	mem.len = (size_t)t->pages * PAGE_BYTES;
	if (tdm_agent_add_source(t->send, &mem, &err) < 0)
		bench_fail("pages to send", &err);
	close(mem.fd);
	mem.fd = -1;
	mem.addr = t->to;
	mem.len = (size_t)LANDING_PAGES * PAGE_BYTES;
	if (tdm_agent_land(t->recv, &mem, PAGE_BYTES, 1, &err))
		bench_fail("landing pages", &err);
	t->peer = tdm_agent_pair(t->send, t->recv, &err);
	if (!t->peer)
		bench_fail("agents", &err);
	while (tdm_peer_state(t->peer) == TDM_PEER_OPENING)
		poll_both(t);
	if (tdm_peer_state(t->peer) != TDM_PEER_UP)
		bench_fail("agents", tdm_peer_error(t->peer));
}

static void take_down(struct transfer *t)
{
	tdm_peer_close(t->peer);
	tdm_agent_destroy(t->send);
	tdm_agent_destroy(t->recv);
	(void)tdm_net_close(t->nic);
	(void)tdm_net_close(t->far_nic);
	munmap(t->from, (size_t)t->pages * PAGE_BYTES);
	free(t->to);
	free(t->copy);
}

/* One request, from its open to its commit. */
static void move(struct transfer *t, unsigned int pages)
{
	const struct tdm_send_attr attr = { .id = ++t->id, .pages = pages };
	struct tdm_error err = { 0 };
	struct tdm_send *send = tdm_send_open(t->peer, &attr, &err);
	struct tdm_recv *recv = NULL;
	struct tdm_landed landed;

	if (!send)
		bench_fail("request", &err);
	for (unsigned int i = 0; i < pages; i++) {
		const struct tdm_send_page page = { .offset = (uint64_t)i * PAGE_BYTES,
						    .bytes = PAGE_BYTES };

		if (tdm_send_push(send, i, &page))
			bench_fail("a page was not taken; report this", NULL);
	}
	(void)tdm_send_finish(send, NULL, 0);
	while (tdm_send_state(send) == TDM_SEND_RUNNING) {
		poll_both(t);
		if (!recv) {
			recv = tdm_agent_accept(t->recv);
			if (recv)
				(void)tdm_recv_start(recv);
		}
		while (recv && tdm_recv_next(recv, &landed))
			(void)tdm_recv_done(recv, landed.index, true);
	}
	if (tdm_send_state(send) != TDM_SEND_DONE)
		bench_fail("request", tdm_send_error(send));
	tdm_recv_close(recv);
	(void)tdm_send_close(send);
}

static double rate_of(const struct transfer *t, uint64_t start)
{
	return (double)t->pages * PAGE_BYTES / ((double)(now_ns() - start) / 1e9);
}

static double by_agent(void *ctx)
{
	struct transfer *t = ctx;
	uint64_t start = now_ns();

	move(t, t->pages);
	return rate_of(t, start);
}

static double by_memcpy(void *ctx)
{
	struct transfer *t = ctx;
	uint64_t start = now_ns();

	for (unsigned int i = 0; i < t->pages; i++)
		memcpy(t->copy + (size_t)i * PAGE_BYTES, t->from + (size_t)i * PAGE_BYTES,
		       PAGE_BYTES);
	return rate_of(t, start);
}

static double by_ucx(void *ctx)
{
	const struct transfer *t = ctx;

	return ucx_put_bytes_per_s(PAGE_BYTES, t->pages);
}

/* One page there, from its reservation to its commit. */
static double one_page(void *ctx)
{
	const unsigned int n = 200;
	uint64_t start = now_ns();

	for (unsigned int i = 0; i < n; i++)
		move(ctx, 1);
	return (double)(now_ns() - start) / n;
}

static double one_copy(void *ctx)
{
	struct transfer *t = ctx;
	const unsigned int n = 200;
	uint64_t start = now_ns();

	for (unsigned int i = 0; i < n; i++)
		memcpy(t->copy, t->from, PAGE_BYTES);
	return (double)(now_ns() - start) / n;
}

static void measure(struct bench *b, const char *net, bool apart)
{
	struct transfer t = { .pages = b->quick ? 64 : 4096 };
	bool soft = !strncmp(net, "soft", 4);
	struct figure *f;

	set_up(&t, net, apart);
	f = bench_figure(b, apart ? "transfer_apart" : "transfer_push", UNIT_BYTES_PER_S, "memcpy",
			 "%u MiB of 64 KiB pages by agents, %s%s", t.pages / 16,
			 tdm_net_name(t.nic), apart ? ", two NICs" : "");
	bench_measure(b, f, by_agent, &t, by_memcpy, &t);
	if (soft) {
		f = bench_figure(b, apart ? "transfer_apart_ucx" : "transfer_push_ucx",
				 UNIT_BYTES_PER_S, "UCX put", "the same, UCX over shared memory");
		bench_measure(b, f, by_agent, &t, by_ucx, &t);
		if (isnan(f->peer_value))
			snprintf(f->note, sizeof(f->note), "no ucx_perftest; install ucx-utils");
		else
			snprintf(f->note, sizeof(f->note), "UCX puts one 64 KiB again and again");
	}
	f = bench_figure(b, apart ? "transfer_apart_page" : "transfer_page", UNIT_NS, "memcpy",
			 "one 64 KiB page, reserve to commit%s", apart ? ", two NICs" : "");
	bench_measure(b, f, one_page, &t, one_copy, &t);
	take_down(&t);
}

void bench_transfer(struct bench *b)
{
	pin_release(&b->allowed);
	measure(b, b->net ? b->net : "soft", false);
	measure(b, b->net ? b->net : "soft", true);
}
