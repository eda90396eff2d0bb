/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef EMU_OPTIONS_H
#define EMU_OPTIONS_H

#define EMU_DEVICES_MAX 16

/* What the command line says. Names point into it. */
struct emu_options {
	const char *node;
	const char *user;
	unsigned int threads;
	unsigned int bound_ms; /* 0: the firmware's own */
	const char *models[EMU_DEVICES_MAX];
	unsigned int n_models;
};

/* Exits with 2 for what it does not understand. */
struct emu_options emu_options_parse(int argc, char **argv);

#endif /* EMU_OPTIONS_H */
