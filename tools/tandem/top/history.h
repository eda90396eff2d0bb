/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TANDEM_TOP_HISTORY_H
#define TANDEM_TOP_HISTORY_H

#include "top/draw.h"
#include "top/pen.h"

/* Of one device: busy time, tokens of both phases, bytes moved. */
#define TOP_HISTORIES 4

/** top_history_draw - bars of the selected device, the first @lines of its histories */
void top_history_draw(const struct top_state *state, struct pen *pen, unsigned int lines);

#endif /* TANDEM_TOP_HISTORY_H */
