/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TESTS_UNIT_SPIN_H
#define TESTS_UNIT_SPIN_H

#include <cstdio>
#include <string>

/* What spin's verifier prints of tests/spin/@model, or "" when it could not be made. */
inline std::string SpinVerify(const std::string &model, const std::string &defines)
{
	std::string script = "set -e; d=$(mktemp -d); trap 'rm -rf $d' EXIT; cd $d; spin -a " +
			     defines + " " TANDEM_SPIN "/" + model +
			     " >&2; gcc -O2 -DSAFETY -w -o pan pan.c; ./pan -m1000000";
	std::string out;
	char line[512];
	FILE *p = popen(script.c_str(), "r");
	while (fgets(line, sizeof(line), p))
		out += line;
	return pclose(p) ? "" : out;
}

#endif /* TESTS_UNIT_SPIN_H */
