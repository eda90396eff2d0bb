// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Metrics over HTTP. One thread, this one, so that a reading is never two at a time;
 * who connects and is silent is dropped after ten seconds, and holds up nobody.
 */
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "interrupt.h"
#include "metrics/metrics.h"

#define SILENCE_S 10
#define CONNECTIONS 32

static const char page[] = "<!DOCTYPE html><title>tandem</title>"
			   "<p><a href=\"/metrics\">metrics</a> of the devices of this host\n";

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned int code,
			      const char *type, struct MHD_Response *response)
{
	enum MHD_Result rc = MHD_NO;

	if (response && MHD_add_response_header(response, "Content-Type", type) == MHD_YES)
		rc = MHD_queue_response(connection, code, response);
	if (response)
		MHD_destroy_response(response);
	return rc;
}

/* @text: static */
static enum MHD_Result say(struct MHD_Connection *connection, unsigned int code, const char *type,
			   const char *text)
{
	return answer(connection, code, type,
		      MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text,
						      MHD_RESPMEM_PERSISTENT));
}

static enum MHD_Result send_metrics(struct MHD_Connection *connection)
{
	struct MHD_Response *response;
	struct tdm_error err;
	size_t len;
	char *text = metrics_text(&len, &err);

	if (!text)
		return say(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "text/plain",
			   "out of memory\n");
	response = MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE);
	if (!response)
		free(text);
	return answer(connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8",
		      response);
}

static enum MHD_Result handle(void *data, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_len, void **seen_before)
{
	static int once;

	(void)data, (void)version, (void)upload;
	/* The first call has the headers alone, and must not answer yet. */
	if (!*seen_before) {
		*seen_before = &once;
		return MHD_YES;
	}
	/* What is sent to us is read away, and dropped. */
	if (*upload_len) {
		*upload_len = 0;
		return MHD_YES;
	}
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return say(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain",
			   "only GET and HEAD\n");
	if (!strcmp(url, "/metrics"))
		return send_metrics(connection);
	if (!strcmp(url, "/"))
		return say(connection, MHD_HTTP_OK, "text/html; charset=utf-8", page);
	return say(connection, MHD_HTTP_NOT_FOUND, "text/plain", "only / and /metrics\n");
}

/* getaddrinfo() takes what is above for the rest of it by 65536. */
static bool is_port(const char *text)
{
	size_t len = strspn(text, "0123456789");

	return len > 0 && len <= 5 && !text[len] && strtoul(text, NULL, 10) <= 65535;
}

/* "ADDR:PORT" or "[ADDR]:PORT", numbers both. Return: NULL with @err */
static struct addrinfo *resolve(const char *listen, struct tdm_error *err)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
					.ai_socktype = SOCK_STREAM };
	const char *colon = strrchr(listen, ':');
	struct addrinfo *found = NULL;
	char host[64];
	size_t len;

	if (colon && is_port(colon + 1) && colon != listen) {
		len = (size_t)(colon - listen);
		if (listen[0] == '[' && colon[-1] == ']') {
			listen++;
			len -= 2;
		}
		if (snprintf(host, sizeof(host), "%.*s", (int)len, listen) < (int)sizeof(host) &&
		    !getaddrinfo(host, colon + 1, &hints, &found))
			return found;
	}
	tdm_error_set(err, -EINVAL,
		      "--listen: no address and port; take numbers, as 127.0.0.1:9400 or "
		      "[::1]:9400");
	return NULL;
}

/* Return: a socket or -errno with @err */
static int open_socket(const char *listen_at, struct tdm_error *err)
{
	struct addrinfo *at = resolve(listen_at, err);
	const int yes = 1;
	int fd, rc = 0;

	if (!at)
		return err->code;
	fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) ||
	    bind(fd, at->ai_addr, at->ai_addrlen) || listen(fd, CONNECTIONS))
		rc = -errno;
	freeaddrinfo(at);
	if (!rc)
		return fd;
	if (fd >= 0)
		close(fd);
	return tdm_error_set(err, rc, "--listen %s: %s; take another address or port", listen_at,
			     strerror(-rc));
}

/* To standard error: a port that the kernel chose is known by this alone. */
static void say_where(int fd)
{
	struct sockaddr_storage at = { 0 };
	socklen_t len = sizeof(at);
	char host[64], port[16];

	if (getsockname(fd, (struct sockaddr *)&at, &len) ||
	    getnameinfo((struct sockaddr *)&at, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		return;
	fprintf(stderr,
		at.ss_family == AF_INET6 ? "serving http://[%s]:%s/metrics\n"
					 : "serving http://%s:%s/metrics\n",
		host, port);
}

static void loop(struct MHD_Daemon *daemon, int epoll)
{
	while (!*interrupt_word()) {
		struct pollfd ready = { .fd = epoll, .events = POLLIN };
		unsigned long long left;
		int ms = 250;

		if (MHD_get_timeout(daemon, &left) == MHD_YES && left < (unsigned int)ms)
			ms = (int)left;
		poll(&ready, 1, ms);
		MHD_run(daemon);
	}
}

int metrics_serve(const char *listen_at, struct tdm_error *err)
{
	const union MHD_DaemonInfo *info;
	struct MHD_Daemon *daemon;
	int fd = open_socket(listen_at, err);

	if (fd < 0)
		return fd;
	daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, handle, NULL,
				  MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_TIMEOUT,
				  (unsigned int)SILENCE_S, MHD_OPTION_CONNECTION_LIMIT,
				  (unsigned int)CONNECTIONS, MHD_OPTION_END);
	info = daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
	if (!info) {
		if (daemon)
			MHD_stop_daemon(daemon);
		else
			close(fd);
		return tdm_error_set(err, -ENOMEM,
				     "--listen %s: the server does not start; free some memory",
				     listen_at);
	}
	say_where(fd);
	loop(daemon, info->epoll_fd);
	MHD_stop_daemon(daemon);
	return 0;
}
