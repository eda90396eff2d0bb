#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# No file over 700 lines: it would be more than one job.
set -eu

tools/lint/files.sh | xargs wc -l | sed '/ total$/d' | sort -n | awk '
	{ lines[NR] = $1; if ($1 > 700) { print $2 ": " $1 " lines, over 700; split it"; bad = 1 } }
	END { print "files: " NR ", median " lines[int((NR + 1) / 2)] " lines"; exit bad }'
