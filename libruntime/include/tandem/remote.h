/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A request over several processes or hosts: a prefill worker and a decode worker,
 * each with one device and the model on it, and a client that has neither.
 *
 *	client --- PREFILL: prompt ---> prefill worker
 *	   \                               | KV pages: RDMA writes (agent.h)
 *	    `----- DECODE: room ---------> decode worker --- tokens ---> client
 *
 * Control connections are TCP, and both sides prove that they have the shared key.
 * A worker runs one request at a time; more wait in line. When a client, or the other
 * worker, is gone, the request ends, and its pages are free again.
 *
 * Threads: a worker and a remote belong to one thread at a time; their stop words may
 * be stored by any thread and by a signal handler, as an engine's.
 */
#ifndef TANDEM_REMOTE_H
#define TANDEM_REMOTE_H

#include <tandem/agent.h>
#include <tandem/engine.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tdm_worker;
struct tdm_remote;

enum tdm_role {
	TDM_ROLE_PREFILL = 0,
	TDM_ROLE_DECODE = 1,
};

/**
 * struct tdm_worker_options
 * @size: sizeof(struct tdm_worker_options)
 * @role: enum tdm_role
 * @device: for tdm_device_open()
 * @net: for tdm_net_open(), or NULL
 * @listen: HOST:PORT for clients; port 0: any free one
 * @pages: HOST:PORT for prefill workers' pages; NULL: the host of @listen, any free
 *	   port. Not used by a prefill worker
 * @key_file: the shared key, see README
 * @ctx_len, @kv_page_tokens: as in struct tdm_engine_options
 * @lease_ns: a peer that is silent for so long has died; 0: 5 s
 * @senders: prefill workers that can send to it at once; 0: 4
 * @stop: the caller's stop word; not NULL
 * @trace: as in struct tdm_engine_options
 */
struct tdm_worker_options {
	uint32_t size;
	uint32_t role;
	const char *device;
	const char *net;
	const char *listen;
	const char *pages;
	const char *key_file;
	uint32_t ctx_len;
	uint32_t kv_page_tokens;
	uint64_t lease_ns;
	uint32_t senders;
	uint32_t reserved;
	const uint32_t *stop;
	struct tdm_trace *trace;
};

/**
 * tdm_worker_create - open the device, load the model on it, and listen
 * @model: must outlive the worker
 * Return: NULL on error
 */
struct tdm_worker *tdm_worker_create(const struct tdm_model *model,
				     const struct tdm_worker_options *opts, struct tdm_error *err);
void tdm_worker_destroy(struct tdm_worker *worker);

/** tdm_worker_address - where it listens for clients */
const char *tdm_worker_address(const struct tdm_worker *worker);
/** tdm_worker_pages - where it listens for pages, NULL for a prefill worker */
const char *tdm_worker_pages(const struct tdm_worker *worker);
/** tdm_worker_agent - its transfer agent, for names and counters */
const struct tdm_agent *tdm_worker_agent(const struct tdm_worker *worker);
/** tdm_worker_device - its device's name */
const char *tdm_worker_device(const struct tdm_worker *worker);

/**
 * struct tdm_worker_event - what a worker has to tell
 * @text: one line
 */
struct tdm_worker_event {
	const char *text;
};

/**
 * tdm_worker_run - serve until the stop word is set
 * @log: told each request's end and each lost peer, or NULL
 * Return: 0, or -errno when the device or the NIC is gone
 */
int tdm_worker_run(struct tdm_worker *worker,
		   void (*log)(void *ctx, const struct tdm_worker_event *event), void *ctx,
		   struct tdm_error *err);

/**
 * struct tdm_remote_options
 * @size: sizeof(struct tdm_remote_options)
 * @retries: how often a request that failed by a worker or the network is run again
 * @prefill, @decode: HOST:PORT of the workers
 * @key_file: the shared key
 * @lease_ns: as the workers'
 * @fused_fallback: after the last retry run it on the decode worker alone
 * @stop: the caller's stop word, or NULL
 * @retry: told why a run failed that is tried again, or NULL
 * @retry_ctx: handed to it
 * @trace: told of requests, retries and tokens, or NULL; outlives the client
 */
struct tdm_remote_options {
	uint32_t size;
	uint32_t retries;
	const char *prefill;
	const char *decode;
	const char *key_file;
	uint64_t lease_ns;
	bool fused_fallback;
	const uint32_t *stop;
	void (*retry)(void *ctx, const char *why);
	void *retry_ctx;
	struct tdm_trace *trace;
};

/** tdm_remote_create - nothing is connected before the first request */
struct tdm_remote *tdm_remote_create(const struct tdm_remote_options *opts, struct tdm_error *err);
void tdm_remote_destroy(struct tdm_remote *remote);

/**
 * tdm_remote_run - as tdm_engine_run(), by the workers
 *
 * A token is told once, whatever is run again: every run makes the same tokens.
 * Return: 0 or -errno; -ECANCELED when the stop word ended it.
 */
int tdm_remote_run(struct tdm_remote *remote, const struct tdm_request *req,
		   struct tdm_result *result, struct tdm_error *err);

/** tdm_remote_device - name of the device of a phase, "" before it is known */
const char *tdm_remote_device(const struct tdm_remote *remote, bool decode);
/** tdm_remote_net - name of the decode worker's NIC, "" before it is known */
const char *tdm_remote_net(const struct tdm_remote *remote);
/** tdm_remote_fell_back - the last request ended on the decode worker alone */
bool tdm_remote_fell_back(const struct tdm_remote *remote);

#ifdef __cplusplus
}
#endif

#endif /* TANDEM_REMOTE_H */
