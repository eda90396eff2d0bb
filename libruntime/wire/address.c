// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "wire/address.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define HOST_MAX 256
#define PORT_MAX 65535

static int malformed(const char *address, struct tdm_error *err)
{
	return tdm_error_set(err, -EINVAL,
			     "address '%s': not HOST:PORT; give one as 10.0.0.1:7470 or [::1]:7470",
			     address);
}

/* Return: the port, or NULL; @host as it stands, "" for any */
static const char *split(const char *address, char *host)
{
	const char *colon = strrchr(address, ':');
	size_t len;

	if (!colon || !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
	    strtoul(colon + 1, NULL, 10) > PORT_MAX)
		return NULL;
	len = (size_t)(colon - address);
	if (*address == '[') {
		if (len < 2 || address[len - 1] != ']')
			return NULL;
		address++;
		len -= 2;
	} else if (memchr(address, ':', len)) {
		return NULL;
	}
	if (len >= HOST_MAX)
		return NULL;
	memcpy(host, address, len);
	host[len] = '\0';
	return colon + 1;
}

struct addrinfo *wire_resolve(const char *address, bool listen, struct tdm_error *err)
{
	struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV | (listen ? AI_PASSIVE : 0),
	};
	struct addrinfo *list = NULL;
	char host[HOST_MAX];
	const char *port = split(address, host);
	int rc;

	if (!port || (!*host && !listen)) {
		malformed(address, err);
		return NULL;
	}
	rc = getaddrinfo(*host ? host : NULL, port, &hints, &list);
	if (!rc)
		return list;
	tdm_error_set(err, rc == EAI_SERVICE ? -EINVAL : -EHOSTUNREACH,
		      "address '%s': %s; give a host and port that there are", address,
		      gai_strerror(rc));
	return NULL;
}

void wire_address_text(const struct sockaddr *addr, socklen_t len, char *text, size_t room)
{
	char host[64], port[8];

	if (addr->sa_family == AF_UNIX ||
	    getnameinfo(addr, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		snprintf(text, room, "local");
	else if (addr->sa_family == AF_INET6)
		snprintf(text, room, "[%s]:%s", host, port);
	else
		snprintf(text, room, "%s:%s", host, port);
}
