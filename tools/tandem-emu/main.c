// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem-emu: a process that is devices, for as long as it lives.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "device.h"
#include "lost.h"
#include "options.h"
#include "privilege.h"

#define EXIT_FAILED 1

struct watcher {
	pthread_t thread;
	struct emu_device *dev;
	pthread_t main;
};

static int failed(const struct tdm_error *err)
{
	fprintf(stderr, "tandem-emu: %s\n", err->msg);
	return EXIT_FAILED;
}

/* A device that ends before it was stopped ends all: a supervisor starts them anew. */
static void *watch(void *arg)
{
	struct watcher *w = arg;

	emu_device_watch(w->dev);
	pthread_kill(w->main, SIGUSR1);
	return NULL;
}

static sigset_t block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return set;
}

/* Return: exit code */
static int serve(struct emu_device **devs, unsigned int n, const sigset_t *signals)
{
	struct watcher watchers[EMU_DEVICES_MAX];
	unsigned int started;
	int sig = 0;

	for (started = 0; started < n; started++) {
		watchers[started] =
			(struct watcher){ .dev = devs[started], .main = pthread_self() };
		if (pthread_create(&watchers[started].thread, NULL, watch, &watchers[started]))
			break;
	}
	if (started == n)
		sigwait(signals, &sig);
	else
		fputs("tandem-emu: no thread could be started; raise the limit (ulimit -u)\n",
		      stderr);
	for (unsigned int i = 0; i < n; i++)
		emu_device_stop(devs[i]);
	for (unsigned int i = 0; i < started; i++)
		pthread_join(watchers[i].thread, NULL);
	if (sig != SIGINT && sig != SIGTERM)
		return EXIT_FAILED;
	fprintf(stderr, "tandem-emu: stopped by SIG%s; its devices are removed\n",
		sigabbrev_np(sig));
	return 0;
}

static int start(struct emu_device **devs, const struct emu_options *o, struct tdm_error *err)
{
	int rc;

	for (unsigned int i = 0; i < o->n_models; i++) {
		devs[i] = emu_device_create(o->models[i], o->node, err);
		if (!devs[i])
			return -1;
	}
	rc = privilege_drop(o->user, err);
	for (unsigned int i = 0; !rc && i < o->n_models; i++)
		rc = emu_device_start(devs[i], o, err);
	return rc;
}

int main(int argc, char **argv)
{
	struct emu_options o = emu_options_parse(argc, argv);
	struct emu_device *devs[EMU_DEVICES_MAX] = { 0 };
	sigset_t signals = block_signals();
	struct tdm_error err = { 0 };
	int rc = emu_lost_install();

	if (rc)
		tdm_error_set(&err, rc, "SIGBUS: no handler: %s; run it without a filter",
			      strerror(-rc));
	else
		rc = start(devs, &o, &err);
	rc = rc ? failed(&err) : serve(devs, o.n_models, &signals);
	for (unsigned int i = 0; i < o.n_models; i++)
		emu_device_destroy(devs[i]);
	return rc;
}
