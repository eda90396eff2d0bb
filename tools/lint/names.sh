#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# names.sh LIBTANDEM: the shared library shows tdm_* and nothing else, and all
# of that is declared in a public header.
set -eu

status=0
for name in $(nm -D --defined-only "$1" | awk '$2 == "T" || $2 == "D" || $2 == "B" { print $3 }' |
	sed 's/@.*//'); do
	case $name in
	tdm_*)
		grep -qw "$name" libruntime/include/tandem/*.h || {
			echo "$name: exported, but in no public header"
			status=1
		}
		;;
	*)
		echo "$name: exported, but does not begin with tdm_"
		status=1
		;;
	esac
done
exit $status
