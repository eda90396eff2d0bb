// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The software NIC: opening and closing it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "net/options.h"
#include "net/soft.h"
#include "util/signals.h"

#define DEFAULT_MAX_MSG (8U << 20)
#define LARGEST_MSG (1U << 30) /* EFA's and RC's order of size */
#define MAX_DEPTH 4096
#define NS_PER_S 1000000000ULL
/* A target that is silent for so long does not answer: as RC's retries. */
#define DEFAULT_ANSWER_S 2
#define LONGEST_ANSWER_S 3600

static int read_name(struct soft_nic *nic, const char *args, struct tdm_error *err)
{
	uint64_t max_msg = DEFAULT_MAX_MSG;
	uint64_t depth = MAX_DEPTH;
	uint64_t answer_s = DEFAULT_ANSWER_S;
	const struct net_option options[] = {
		{ "seed", &nic->seed, 0, UINT64_MAX },
		{ "max_msg", &max_msg, 1, LARGEST_MSG },
		{ "depth", &depth, 1, NET_MAX_DEPTH },
		{ "step", &nic->stepped, 0, 1 },
		{ "answer", &answer_s, 1, LONGEST_ANSWER_S },
		{ "error", &nic->faults.error, 0, 1000000 },
		{ "late", &nic->faults.late, 0, 1000000 },
		{ "corrupt", &nic->faults.corrupt, 0, 1000000 },
		{ "full", &nic->faults.full, 0, 999999 },
		{ "drop", &nic->faults.drop, 0, 1000000 },
		{ "delay", &nic->faults.delay, 0, 1000000 },
	};
	char mode[16];
	int rc;

	rc = net_options_parse("soft", args, mode, sizeof(mode), options,
			       sizeof(options) / sizeof(options[0]), err);
	if (rc)
		return rc;
	if (*mode && strcmp(mode, "rc") && strcmp(mode, "srd"))
		return tdm_error_set(err, -EINVAL,
				     "network device 'soft:%s': no such mode; use rc or srd", mode);
	if (depth & (depth - 1))
		return tdm_error_set(err, -EINVAL,
				     "network device 'soft': depth %llu is no power of two; "
				     "give one",
				     (unsigned long long)depth);
	nic->answer_ns = answer_s * NS_PER_S;
	soft_fault_init(&nic->faults, nic->seed);
	nic->ordered = strcmp(mode, "srd") != 0;
	nic->base.caps = (struct tdm_net_caps){
		.flags = TDM_NET_CAP_READ |
			 (nic->ordered ? TDM_NET_CAP_ORDERED | TDM_NET_CAP_ERROR_STOPS : 0),
		.max_outstanding = (uint32_t)depth,
		.max_sge = 1,
		.max_peers = nic->ordered ? 1 : SOFT_MAX_PEERS,
		.max_msg = max_msg,
	};
	snprintf(nic->base.name, sizeof(nic->base.name), "soft:%s", nic->ordered ? "rc" : "srd");
	return 0;
}

/* The application's signals are not for the engine. */
static int start_thread(struct soft_nic *nic)
{
	sigset_t old = signals_block();
	int rc = pthread_create(&nic->thread, NULL, soft_engine, nic);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -rc;
}

/* Peers in other processes read it all the time: they must not keep control out. */
static int init_tables(pthread_rwlock_t *tables)
{
	pthread_rwlockattr_t attr;
	int rc = pthread_rwlockattr_init(&attr);

	if (rc)
		return -rc;
	rc = pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	if (!rc)
		rc = pthread_rwlock_init(tables, &attr);
	pthread_rwlockattr_destroy(&attr);
	return -rc;
}

static int start(struct soft_nic *nic)
{
	int rc = init_tables(&nic->tables);

	if (rc)
		return rc;
	rc = soft_gate_init(&nic->gate);
	if (rc)
		goto no_gate;
	rc = nic->stepped ? 0 : start_thread(nic);
	if (!rc)
		return 0;
	soft_gate_fini(&nic->gate);
no_gate:
	pthread_rwlock_destroy(&nic->tables);
	return rc;
}

static void soft_close(struct tdm_net *net)
{
	struct soft_nic *nic = soft_nic(net);

	soft_serve_end(nic->server);
	atomic_store(&nic->stop, true);
	soft_gate_wake(&nic->gate);
	if (!nic->stepped)
		pthread_join(nic->thread, NULL);
	soft_gate_fini(&nic->gate);
	pthread_rwlock_destroy(&nic->tables);
	soft_fault_fini(&nic->faults);
	free(nic);
}

static struct tdm_net *soft_open(const char *args, struct tdm_error *err)
{
	struct soft_nic *nic = calloc(1, sizeof(*nic));
	int rc;

	if (!nic) {
		tdm_error_set(err, -ENOMEM, "network device 'soft': out of memory; free some");
		return NULL;
	}
	nic->base.ops = &net_soft_ops;
	rc = read_name(nic, args, err);
	if (rc)
		goto bad;
	if (getrandom(nic->gid, sizeof(nic->gid), 0) != (ssize_t)sizeof(nic->gid)) {
		tdm_error_set(err, -EIO, "network device 'soft': no random number; try again");
		goto bad;
	}
	soft_mr_init(&nic->mrs);
	rc = start(nic);
	if (!rc) {
		nic->server = nic->stepped ? NULL : soft_serve(nic, err);
		if (nic->server || nic->stepped)
			return &nic->base;
		soft_close(&nic->base);
		return NULL;
	}
	tdm_error_set(err, rc, "network device 'soft': no thread (%s); raise the limit of threads",
		      strerror(-rc));
bad:
	free(nic);
	return NULL;
}

const struct tdm_net_ops net_soft_ops = {
	.prefix = "soft",
	.emulated = true,
	.open = soft_open,
	.close = soft_close,
	.reg_mr = soft_reg_mr,
	.dereg_mr = soft_dereg_mr,
	.create_qp = soft_qp_create,
	.connect = soft_qp_connect,
	.post = soft_qp_post,
	.poll_cq = soft_qp_poll,
	.wait_cq = soft_qp_wait,
	.flush = soft_qp_flush,
	.destroy_qp = soft_qp_destroy,
};
