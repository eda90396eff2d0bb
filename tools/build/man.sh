#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# man.sh TOOL FOLDER: the man pages, made of the tool's own --help and of what
# tools/man adds to it.
set -eu

tool=$1
folder=$2
extra=$(dirname "$0")/../man
version=$("$tool" --version)
# The same tree gives the same pages.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y "$extra")
export SOURCE_DATE_EPOCH
mkdir -p "$folder"

for include in "$extra"/*.h2m; do
	page=$(basename "$include" .h2m)
	subcommand=${page#tandem}
	help2man --no-info --section 1 --version-string "$version" \
		--help-option "${subcommand#-} --help" \
		--include "$include" --include "$extra/exit-status.inc" \
		--output "$folder/$page.1" "$tool"
done
