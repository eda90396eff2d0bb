// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "transfer_rig.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

#define LANDING_PAGES 256U

static struct tdm_net *open_nic(const char *name)
{
	struct tdm_error err = { 0 };
	struct tdm_net *nic = tdm_net_open(name, &err);

	if (!nic)
		bench_fail(name, &err);
	return nic;
}

static struct tdm_agent *make_agent(struct tdm_net *nic, unsigned int page_bytes)
{
	static const char secret[] = "of one process alone";
	const struct tdm_agent_attr attr = {
		.size = sizeof(attr),
		.page_units = 1,
		.unit_bytes = page_bytes,
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

static struct tdm_net_mem as_mem(char *at, size_t bytes, int fd)
{
	return (struct tdm_net_mem){ .addr = at, .len = bytes, .fd = fd };
}

static void give_memory(struct transfer *t)
{
	const size_t bytes = (size_t)t->pages * t->page_bytes;
	const size_t landing = (size_t)t->landing_pages * t->page_bytes;
	struct tdm_error err = { 0 };
	struct tdm_net_mem mem;
	int fd;

	t->from = source_memory(bytes, 1, &fd);
	t->copy = memory(bytes, 2);
	t->to = memory(landing, 3);
	mem = as_mem(t->from, bytes, fd);
	if (tdm_agent_add_source(t->send, &mem, &err) < 0)
		bench_fail("pages to send", &err);
	close(fd);
	mem = as_mem(t->to, landing, -1);
	if (tdm_agent_land(t->recv, &mem, t->page_bytes, 1, &err))
		bench_fail("landing pages", &err);
}

struct transfer transfer_make(const char *net, bool apart, unsigned int page_bytes,
			      unsigned int pages)
{
	struct transfer t = {
		.page_bytes = page_bytes,
		.pages = pages,
		.landing_pages = LANDING_PAGES,
		.nic = open_nic(net),
		.far_nic = apart ? open_nic(net) : NULL,
	};
	struct tdm_error err = { 0 };

	t.send = make_agent(t.nic, page_bytes);
	t.recv = make_agent(apart ? t.far_nic : t.nic, page_bytes);
	give_memory(&t);
	t.peer = tdm_agent_pair(t.send, t.recv, &err);
	if (!t.peer)
		bench_fail("agents", &err);
	while (tdm_peer_state(t.peer) == TDM_PEER_OPENING)
		poll_both(&t);
	if (tdm_peer_state(t.peer) != TDM_PEER_UP)
		bench_fail("agents", tdm_peer_error(t.peer));
	return t;
}

void transfer_drop(struct transfer *t)
{
	tdm_peer_close(t->peer);
	tdm_agent_destroy(t->send);
	tdm_agent_destroy(t->recv);
	(void)tdm_net_close(t->nic);
	(void)tdm_net_close(t->far_nic);
	munmap(t->from, (size_t)t->pages * t->page_bytes);
	free(t->to);
	free(t->copy);
}

void transfer_move(struct transfer *t, unsigned int pages)
{
	const struct tdm_send_attr attr = { .id = ++t->id, .pages = pages };
	struct tdm_error err = { 0 };
	struct tdm_send *send = tdm_send_open(t->peer, &attr, &err);
	struct tdm_recv *recv = NULL;
	struct tdm_landed landed;

	if (!send)
		bench_fail("request", &err);
	for (unsigned int i = 0; i < pages; i++) {
		const struct tdm_send_page page = { .offset = (uint64_t)i * t->page_bytes,
						    .bytes = t->page_bytes };

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
