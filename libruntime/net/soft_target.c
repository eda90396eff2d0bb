// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "net/soft_target.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/soft.h"
#include "net/soft_memfd.h"
#include "net/soft_socket.h"
#include "net/soft_wire.h"

/* Answers that wait for one another while there are requests: a wake-up of the peer for all. */
#define ANSWERS 8

struct target {
	struct soft_nic *nic;
	uint8_t gid[16]; /* of the initiator */
	struct soft_reader reader;
	struct soft_maps maps;
	void *bytes; /* of one request, that go through the socket */
	struct soft_answer answers[ANSWERS];
	uint32_t nr_answers;
};

static bool send_answers(struct target *t)
{
	size_t len = t->nr_answers * sizeof(t->answers[0]);

	t->nr_answers = 0;
	return !len || soft_socket_send(t->reader.sock, t->answers, len);
}

static bool answer(struct target *t, uint32_t status, uint32_t len)
{
	t->answers[t->nr_answers++] = (struct soft_answer){ .status = status, .len = len };
	if (!len && t->nr_answers < ANSWERS &&
	    soft_reader_has(&t->reader, sizeof(struct soft_request)))
		return true;
	return send_answers(t);
}

/* With the tables held: the queue pair that a request is for, if that answers. */
static struct soft_qp *answering(const struct target *t, const struct soft_request *r)
{
	const struct soft_nic *nic = t->nic;
	struct soft_qp *to = soft_qp_find(nic, r->to);
	const uint8_t *gid = to && to->nr_peers && to->links[0] ? to->links[0]->gid : NULL;

	if (!to || atomic_load(&to->stopped))
		return NULL;
	/* An RC queue pair answers its own peer alone. */
	if (nic->ordered &&
	    (!gid || memcmp(gid, t->gid, sizeof(t->gid)) != 0 || to->peers[0] != r->from))
		return NULL;
	/* What comes after a packet that got lost is not let in either. */
	if (net_link_is_down(&nic->base) && nic->ordered)
		atomic_store(&to->deaf, true);
	return net_link_is_down(&nic->base) || atomic_load(&to->deaf) ? NULL : to;
}

/* With the tables held. Return: enum tdm_net_wc_status */
static uint32_t check(const struct target *t, const struct soft_request *r, uint32_t need)
{
	const struct soft_nic *nic = t->nic;
	struct soft_qp *to = answering(t, r);

	/* Nobody answers: what the initiator would find out by itself on a real wire. */
	if (!to)
		return nic->ordered ? TDM_NET_WC_RETRY_EXC_ERR : TDM_NET_WC_RESP_TIMEOUT_ERR;
	if (soft_mr_allows(&nic->mrs, r->rkey, true, r->addr, r->len, need))
		return TDM_NET_WC_SUCCESS;
	if (nic->ordered)
		atomic_store(&to->stopped, true);
	return TDM_NET_WC_REM_ACCESS_ERR;
}

static uint32_t put(struct target *t, const struct soft_request *r, const void *bytes)
{
	uint32_t status;

	pthread_rwlock_rdlock(&t->nic->tables);
	status = check(t, r, TDM_NET_REMOTE_WRITE);
	/* Both may be the same memory: a process that writes to itself by two NICs. */
	if (status == TDM_NET_WC_SUCCESS)
		memmove((void *)(uintptr_t)r->addr, bytes, r->len);
	pthread_rwlock_unlock(&t->nic->tables);
	return status;
}

static uint32_t get(struct target *t, const struct soft_request *r)
{
	uint32_t status;

	pthread_rwlock_rdlock(&t->nic->tables);
	status = check(t, r, TDM_NET_REMOTE_READ);
	if (status == TDM_NET_WC_SUCCESS)
		memcpy(t->bytes, (const void *)(uintptr_t)r->addr, r->len);
	pthread_rwlock_unlock(&t->nic->tables);
	return status;
}

static bool serve_read(struct target *t, const struct soft_request *r)
{
	uint32_t status = get(t, r);

	if (status != TDM_NET_WC_SUCCESS)
		return answer(t, status, 0);
	return answer(t, status, r->len) && soft_socket_send(t->reader.sock, t->bytes, r->len);
}

/* Return: false when the link is to end; who hung up may have other bytes there by now */
static bool serve_copy(struct target *t, const struct soft_request *r)
{
	const void *bytes = soft_maps_find(&t->maps, r->region, r->offset, r->len);

	return bytes && !soft_socket_hung_up(t->reader.sock) && answer(t, put(t, r, bytes), 0);
}

static bool share(struct target *t, const struct soft_request *r)
{
	int fd = soft_reader_take_fd(&t->reader);
	bool mapped;

	if (fd < 0)
		return false;
	mapped = soft_maps_add(&t->maps, r->region, fd, r->offset, r->span);
	close(fd);
	return answer(t, mapped ? TDM_NET_WC_SUCCESS : TDM_NET_WC_GENERAL_ERR, 0);
}

static bool serve_region(struct target *t, const struct soft_request *r)
{
	if (r->region >= SOFT_WIRE_REGIONS)
		return false;
	if (r->op == SOFT_WIRE_SHARE)
		return share(t, r);
	soft_maps_remove(&t->maps, r->region);
	return answer(t, TDM_NET_WC_SUCCESS, 0);
}

/* Return: false when the link is to end */
static bool serve_one(struct target *t)
{
	struct soft_request r;

	if (!soft_reader_get(&t->reader, &r, sizeof(r)))
		return false;
	if (r.op == SOFT_WIRE_SHARE || r.op == SOFT_WIRE_FORGET)
		return serve_region(t, &r);
	if (!r.len || r.len > t->nic->base.caps.max_msg)
		return false;
	switch (r.op) {
	case SOFT_WIRE_WRITE:
		return soft_reader_get(&t->reader, t->bytes, r.len) &&
		       answer(t, put(t, &r, t->bytes), 0);
	case SOFT_WIRE_READ:
		return serve_read(t, &r);
	case SOFT_WIRE_COPY:
		return serve_copy(t, &r);
	default:
		return false;
	}
}

static bool greet(struct target *t)
{
	struct soft_hello hello;

	if (!soft_reader_get(&t->reader, &hello, sizeof(hello)) || hello.magic != SOFT_WIRE_MAGIC)
		return false;
	memcpy(t->gid, hello.gid, sizeof(t->gid));
	return true;
}

void soft_target_serve(struct soft_nic *nic, int sock, atomic_uint_least64_t *taken)
{
	struct target *t = calloc(1, sizeof(*t));

	if (!t)
		return;
	t->nic = nic;
	t->maps.taken = taken;
	soft_reader_init(&t->reader, sock);
	t->bytes = malloc(nic->base.caps.max_msg);
	if (t->bytes && greet(t))
		while (serve_one(t))
			;
	free(t->bytes);
	soft_reader_fini(&t->reader);
	soft_maps_fini(&t->maps);
	free(t);
}
