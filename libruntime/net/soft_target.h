/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The target's half of a link: one thread takes requests, checks them, moves the bytes
 * and answers. It waits for its own peer alone, and holds nothing while it does.
 */
#ifndef NET_SOFT_TARGET_H
#define NET_SOFT_TARGET_H

#include <stdatomic.h>
#include <stdint.h>

struct soft_nic;

/*
 * Serve a link until it ends. @sock stays the caller's; a shutdown() of it ends this.
 * @taken: see struct soft_maps
 */
void soft_target_serve(struct soft_nic *nic, int sock, atomic_uint_least64_t *taken);

#endif /* NET_SOFT_TARGET_H */
