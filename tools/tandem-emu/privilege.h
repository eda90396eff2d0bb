/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef EMU_PRIVILEGE_H
#define EMU_PRIVILEGE_H

#include <tandem/error.h>

/**
 * privilege_drop - give up what serving does not need
 * @user: who to be from now on, where this is root; ignored where not
 *
 * Afterwards there is no capability, no group and no way to get one by exec.
 * What is open stays: the control node asks for rights when it is opened. Before
 * any thread is started.
 *
 * Return: 0 or -errno with @err
 */
int privilege_drop(const char *user, struct tdm_error *err);

#endif /* EMU_PRIVILEGE_H */
