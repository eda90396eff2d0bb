// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Where links from other processes' NICs come in: one thread takes them, one each serves
 * a link (soft_target.h).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/soft.h"
#include "net/soft_link.h"
#include "net/soft_socket.h"
#include "net/soft_target.h"
#include "util/signals.h"

#define BACKLOG 16
#define MAX_LINKS 64

struct served {
	struct served *next;
	struct soft_server *server;
	pthread_t thread;
	int fd;
	bool over; /* under lock: the thread is about to end */
};

struct soft_server {
	struct soft_nic *nic;
	int fd;
	pthread_t thread;
	atomic_uint_least64_t taken; /* struct soft_maps */
	/* Guards @links and what is in them, but fd, which does not change. */
	pthread_mutex_t lock;
	struct served *links;
	uint32_t nr_links;
	bool stop;
};

static void *serve_link(void *arg)
{
	struct served *s = arg;

	soft_target_serve(s->server->nic, s->fd, &s->server->taken);
	pthread_mutex_lock(&s->server->lock);
	s->over = true;
	shutdown(s->fd, SHUT_RDWR);
	pthread_mutex_unlock(&s->server->lock);
	return NULL;
}

/* Threads that have ended are joined here; with @all, those that have not as well. */
static void reap(struct soft_server *server, bool all)
{
	pthread_mutex_lock(&server->lock);
	for (struct served **at = &server->links, *s = *at; s; s = *at) {
		if (!all && !s->over) {
			at = &s->next;
			continue;
		}
		shutdown(s->fd, SHUT_RDWR);
		pthread_mutex_unlock(&server->lock);
		pthread_join(s->thread, NULL);
		pthread_mutex_lock(&server->lock);
		/* Only this thread changes the list. */
		*at = s->next;
		server->nr_links--;
		close(s->fd);
		free(s);
	}
	pthread_mutex_unlock(&server->lock);
}

static void take_link(struct soft_server *server, int fd)
{
	struct served *s = server->nr_links < MAX_LINKS && soft_socket_is_ours(fd)
				   ? calloc(1, sizeof(*s))
				   : NULL;
	if (!s) {
		close(fd);
		return;
	}
	s->server = server;
	s->fd = fd;
	pthread_mutex_lock(&server->lock);
	if (pthread_create(&s->thread, NULL, serve_link, s)) {
		close(fd);
		free(s);
	} else {
		s->next = server->links;
		server->links = s;
		server->nr_links++;
	}
	pthread_mutex_unlock(&server->lock);
}

static bool is_stopped(struct soft_server *server)
{
	bool stop;

	pthread_mutex_lock(&server->lock);
	stop = server->stop;
	pthread_mutex_unlock(&server->lock);
	return stop;
}

static void *take_links(void *arg)
{
	struct soft_server *server = arg;

	while (!is_stopped(server)) {
		int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);

		reap(server, false);
		if (fd >= 0)
			take_link(server, fd);
		else if (errno != EINTR && errno != ECONNABORTED)
			usleep(10000);
	}
	reap(server, true);
	return NULL;
}

static int open_socket(const struct soft_nic *nic)
{
	struct sockaddr_un at;
	socklen_t len = soft_socket_name(nic->gid, &at);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;

	if (fd < 0)
		return -errno;
	if (!bind(fd, (struct sockaddr *)&at, len) && !listen(fd, BACKLOG))
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

struct soft_server *soft_serve(struct soft_nic *nic, struct tdm_error *err)
{
	struct soft_server *server = calloc(1, sizeof(*server));
	sigset_t old;
	int rc = -ENOMEM;

	if (!server)
		goto bad;
	server->nic = nic;
	server->fd = open_socket(nic);
	rc = server->fd < 0 ? server->fd : -pthread_mutex_init(&server->lock, NULL);
	if (rc)
		goto bad;
	old = signals_block();
	rc = -pthread_create(&server->thread, NULL, take_links, server);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!rc)
		return server;
	pthread_mutex_destroy(&server->lock);
bad:
	if (server && server->fd >= 0)
		close(server->fd);
	free(server);
	tdm_error_set(err, rc,
		      "network device 'soft': no socket or thread for peers (%s); raise the "
		      "limits of files and threads",
		      strerror(-rc));
	return NULL;
}

void soft_serve_end(struct soft_server *server)
{
	if (!server)
		return;
	pthread_mutex_lock(&server->lock);
	server->stop = true;
	pthread_mutex_unlock(&server->lock);
	shutdown(server->fd, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	pthread_mutex_destroy(&server->lock);
	close(server->fd);
	free(server);
}
