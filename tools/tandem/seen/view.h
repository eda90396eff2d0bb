/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Parts that several commands show of what was seen.
 */
#ifndef TANDEM_SEEN_VIEW_H
#define TANDEM_SEEN_VIEW_H

#include "seen/seen.h"
#include "view/view.h"

/**
 * seen_view_processes - who has nodes open
 * @device: of that one alone, or NULL
 * @before: an earlier reading, for rates; NULL: none are shown
 */
void seen_view_processes(struct view *view, const struct seen *seen,
			 const struct seen_device *device, const struct seen *before);

/** seen_view_hidden - a note that there may be more processes than these */
void seen_view_hidden(struct view *view, const struct seen *seen);

/** seen_view_health - a note for each thing that is wrong with a device, and what to do */
void seen_view_health(struct view *view, const struct seen *seen, const struct seen_device *device);

/** seen_view_links - a note for each NIC of a process whose link is ordered to be down */
void seen_view_links(struct view *view, const struct seen *seen);

/** seen_view_paths - between devices and RDMA ports; @device: that one alone, or NULL */
void seen_view_paths(struct view *view, const struct seen *seen, const struct seen_device *device);

/** seen_unknown - the error of a name that is none, with those that there are */
int seen_unknown(const struct seen *seen, const char *name, struct tdm_error *err);

#endif /* TANDEM_SEEN_VIEW_H */
