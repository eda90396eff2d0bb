#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# Spelling. Ned is a person in a story, Nd a class of characters, NowNs a clock, filp a file of the kernel's,
# renderD the name of a node, inout a word of syzlang.
git ls-files | grep -v -e LICENSES -e '\.gguf$' -e /corpus/ |
	xargs codespell -q 3 -L ned,nd,nowns,filp,renderd,inout
