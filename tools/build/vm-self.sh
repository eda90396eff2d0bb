#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# vm-self.sh BUILD FOLDER KERNEL: the harness's own test: guests that warn, panic, stand
# still, and suites that fail; a second host that does not boot, or dies. Each must be
# reported as a failure, by name and with its reason, and nothing else must be.
set -eu

build=$1
folder=$2
kernel=$3
here=$(dirname "$0")
plans=$here/../../tests/vm/self-test
status=0
only=
[ "${folder##*/}" != debug ] || only=debug
# Every reason must be in what was said.
says_all() { # PLAN SAID
	sed -n 's/^# reason: //p' "$1" | while read -r reason; do
		printf '%s\n' "$2" | grep -q -- "$reason" || exit 1
	done
}
judge() { # NAME PLAN SAID CODE
	wanted=$(sed -n 's/^# expect: //p' "$2")
	found=$(printf '%s\n' "$3" | sed -n 's/^FAIL  self-[a-z]* \([a-z]*\):.*/\1/p' | tr '\n' ' ')
	if [ "$found" = "$wanted " ] && says_all "$2" "$3" &&
		[ "$4" = "$(sed -n 's/^# exit: //p' "$2")" ]; then
		echo "ok    $1: ${wanted}"
	else
		echo "WRONG $1: wanted '$wanted' to fail for the plan's reasons; the report was:"
		printf '%s\n' "$3" | sed 's/^/      /'
		status=1
	fi
}

mkdir -p "$folder/self"
for plan in "$plans"/plan-*; do
	name=${plan##*/plan-}
	# Some are for one kernel, and that one needs no others.
	[ "$(sed -n 's/^# kernel: //p' "$plan")" = "$only" ] || continue
	out=$folder/self/$name
	TANDEM_VM_GRACE=10 "$here/vm-run.sh" "$folder" "$folder/initramfs" test "$plan" "$out" \
		>"$out.run" 2>&1 || true
	code=0
	said=$("$here/vm-report.sh" "$out" "$plan" "$out/results" "self-$name" 2>&1) || code=$?
	count=0
	python3 "$here/count.py" "$out/results" >/dev/null || count=$?
	[ "$code" = "$count" ] || code="$code, but $count in the count"
	judge "$name" "$plan" "$said" "$code"
done
for plan in "$plans"/two-*; do
	[ ! "$only" ] || continue
	name=${plan##*/two-}
	code=0
	said=$(TANDEM_VM2_APPEND=$(sed -n 's/^# append: //p' "$plan") "$here/vm-two.sh" "$build" \
		"$folder" "$kernel" "$plan" "self-$name" "$folder/self/two-$name" 2>&1) || code=$?
	judge "$name" "$plan" "$said" "$code"
done
exit $status
