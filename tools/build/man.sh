#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# man.sh BIN FOLDER: the man pages of the tools in BIN, made of their own --help and of
# what tools/man adds to it.
set -eu

bin=$1
folder=$2
extra=$(dirname "$0")/../man
version=$("$bin/tandem" --version)
# The same tree gives the same pages.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y "$extra")
export SOURCE_DATE_EPOCH
mkdir -p "$folder"

page() { # PAGE SECTION TOOL HELP-OPTION [INCLUDE]
	help2man --no-info --section "$2" --version-string "$version" --help-option "$4" \
		--include "$extra/$1.h2m" ${5:+--include "$extra/$5"} \
		--output "$folder/$1.$2" "$bin/$3"
}

page tandem 1 tandem --help exit-status.inc
for subcommand in "$extra"/tandem-*.h2m; do
	name=$(basename "$subcommand" .h2m)
	[ "$name" = tandem-emu ] ||
		page "$name" 1 tandem "${name#tandem-} --help" exit-status.inc
done
page tandem-emu 8 tandem-emu --help
