#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# lint.sh FOLDER: every rule that has a mechanical check.
set -u

build=$1
status=0
check() { # NAME COMMAND...
	name=$1
	shift
	if out=$("$@" 2>&1); then
		echo "ok    $name${out:+ ($(printf '%s' "$out" | tail -n 1))}"
	else
		echo "FAIL  $name"
		printf '%s\n' "$out" | head -n 60
		status=1
	fi
}

tools/build/build.sh "$build/plain" || exit 1
# The driver follows the kernel's checkpatch.pl, which clang-format does not satisfy.
check format sh -c 'tools/lint/files.sh | grep -v ^driver/ | xargs clang-format --dry-run -Werror'
check licences reuse lint -q
check headers tools/lint/headers.sh
check length tools/lint/length.sh
check names tools/lint/names.sh "$build/plain/libruntime/libtandem.so"
check spelling tools/lint/spelling.sh
check errors tools/lint/errors.sh
check kernel-6.12 tools/lint/kernel.sh "$build" 6.12
check kernel-6.1 tools/lint/kernel.sh "$build" 6.1
check checkpatch tools/lint/checkpatch.sh "$build"
check man tools/lint/man.sh "$build/plain"
check shell sh -c 'git ls-files "*.sh" .ci/run | xargs shellcheck'
check clang-tidy sh -c "git ls-files '*.c' | grep -v -e ^driver/ -e ^tests/vm/ |
	xargs -P2 -n8 clang-tidy -p '$build/plain' --quiet 2>/dev/null"
exit $status
