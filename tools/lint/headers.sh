#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# Every public header compiles alone, in C11 and in C++17.
set -eu

status=0
for header in uapi/*.h libruntime/include/tandem/*.h; do
	for language in "c -std=gnu11" "c++ -std=c++17"; do
		# shellcheck disable=SC2086 # two words
		gcc -x $language -Wall -Wextra -Werror -fsyntax-only -Iuapi \
			-Ilibruntime/include "$header" || status=1
	done
done
exit $status
