/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * That this process can be looked at by 'tandem ps' and its like. Where that is not to
 * be had a line on standard error says so, and nothing else is different.
 */
#ifndef TANDEM_SHOWN_H
#define TANDEM_SHOWN_H

#include <stdbool.h>

#include <tandem/observe.h>

/* @off: as the user wants it. Return: NULL without, which all of an observer takes */
struct tdm_observer *shown_start(const char *program, bool off);

/* @rc: of tdm_observer_add_...() */
void shown_added(int rc);

#endif /* TANDEM_SHOWN_H */
