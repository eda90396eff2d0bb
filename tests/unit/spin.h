/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TESTS_UNIT_SPIN_H
#define TESTS_UNIT_SPIN_H

#include <cstdio>
#include <string>

/*
 * What spin's verifier prints of tests/spin/@model, or "" when it could not be made.
 * @verifier, @options: its own, to the compiler and to itself
 */
inline std::string SpinRun(const std::string &model, const std::string &defines,
			   const std::string &verifier, const std::string &options)
{
	std::string script = "set -e; d=$(mktemp -d); trap 'rm -rf $d' EXIT; cd $d; spin -a " +
			     defines + " " TANDEM_SPIN "/" + model + " >&2; gcc " + verifier +
			     " -w -o pan pan.c; ./pan -m1000000 " + options;
	std::string out;
	char line[512];
	FILE *p = popen(script.c_str(), "r");
	while (fgets(line, sizeof(line), p))
		out += line;
	return pclose(p) ? "" : out;
}

/* Assertions and deadlocks. */
inline std::string SpinVerify(const std::string &model, const std::string &defines)
{
	return SpinRun(model, defines, "-O1 -DSAFETY", "");
}

/* The same where an error is near: what takes time is the compiler. */
inline std::string SpinFalsify(const std::string &model, const std::string &defines)
{
	return SpinRun(model, defines, "-O0 -DSAFETY", "");
}

/* Loops: in a model without a progress label anything that can go on for ever is one. */
inline std::string SpinLoops(const std::string &model, const std::string &defines)
{
	return SpinRun(model, defines, "-O1 -DNP -DNOFAIR", "-l");
}

#endif /* TESTS_UNIT_SPIN_H */
