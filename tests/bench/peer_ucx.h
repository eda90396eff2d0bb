/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * UCX's own measurement of a put over shared memory, between two processes of it.
 */
#ifndef PEER_UCX_H
#define PEER_UCX_H

/* Bytes a second, NAN when there is no ucx_perftest (package ucx-utils) or it fails. */
double ucx_put_bytes_per_s(unsigned int bytes, unsigned int puts);

#endif /* PEER_UCX_H */
