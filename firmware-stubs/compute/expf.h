/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef FW_EXPF_H
#define FW_EXPF_H

/* exp of one float, the same bits as the kernels' */
float fw_expf(float x);

#endif /* FW_EXPF_H */
