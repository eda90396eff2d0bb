#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# man.sh BIN: the man pages can be made, and mandoc finds nothing in them but
# help2man's own way of writing a date.
set -eu

pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT
"$(dirname "$0")/../build/man.sh" "$1" "$pages"
if mandoc -T lint -W warning "$pages"/*.[18] | grep -v 'cannot parse date'; then
	exit 1
fi
