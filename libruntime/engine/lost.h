/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef ENGINE_LOST_H
#define ENGINE_LOST_H

struct tdm_device;
struct tdm_error;

/*
 * @rc: what a call of a device answered that is lost. Return: @rc, with @err: which
 * device of which process, and why, as far as that can be seen
 */
int lost_error(struct tdm_device *dev, int rc, struct tdm_error *err);

#endif /* ENGINE_LOST_H */
