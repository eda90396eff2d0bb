// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What a request that failed on EFA ended in, in this library's words.
 *
 * The device's own code comes as vendor_err. It says more than libefa's translation,
 * which changed: a bad remote key is GENERAL_ERR until rdma-core 52, and a peer that
 * never answered is until 55.
 */
#include "net/efa.h"

/* enum efa_io_comp_status of rdma-core's providers/efa; what is not here is translated well. */
#define IO_REMOTE_BAD_ADDRESS 7	  /* key unknown, stale, out of bounds or without the right */
#define IO_REMOTE_ABORT 8	  /* the peer reset the connection under it */
#define IO_REMOTE_BAD_QPN 9	  /* no such queue pair, or in the error state */
#define IO_UNRESPONSIVE 13	  /* it answered before */
#define IO_REMOTE_UNKNOWN_PEER 14 /* it has no address handle for this NIC */
#define IO_UNREACHABLE 15	  /* it never answered */

uint32_t efa_status(enum ibv_wc_status status, uint32_t vendor_err)
{
	if (status == IBV_WC_SUCCESS)
		return TDM_NET_WC_SUCCESS;
	switch (vendor_err) {
	case IO_REMOTE_BAD_ADDRESS:
		return TDM_NET_WC_REM_ACCESS_ERR;
	case IO_REMOTE_ABORT:
	case IO_REMOTE_BAD_QPN:
	case IO_UNRESPONSIVE:
	case IO_UNREACHABLE:
		return TDM_NET_WC_RESP_TIMEOUT_ERR;
	case IO_REMOTE_UNKNOWN_PEER:
		return TDM_NET_WC_REM_OP_ERR;
	default:
		return status;
	}
}
