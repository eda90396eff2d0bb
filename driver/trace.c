// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "compat.h"

#define CREATE_TRACE_POINTS
#include "trace.h"
