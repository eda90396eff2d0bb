#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# build.sh FOLDER [CMAKE-OPTION...]: configure and build, quiet unless it fails.
set -eu

folder=$1
shift
log=$folder/build.log
mkdir -p "$folder"
if ! { cmake -S "$(dirname "$0")/../.." -B "$folder" -G Ninja "$@" &&
	ninja -C "$folder" -j "$(nproc)"; } >"$log" 2>&1; then
	grep -E 'error|warning|FAILED|undefined' "$log" | head -n 40 >&2 || true
	echo "build: failed; the whole log is $log" >&2
	exit 1
fi
