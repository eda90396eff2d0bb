#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# vm-self.sh FOLDER: the harness's own test: guests that warn, panic, stand still, and
# suites that fail. Each must be reported as a failure, by name and with its reason, and
# nothing else must be.
set -eu

folder=$1
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
for plan in "$plans"/plan-*; do
	name=${plan##*/plan-}
	# Some are for one kernel, and that one needs no others.
	[ "$(sed -n 's/^# kernel: //p' "$plan")" = "$only" ] || continue
	out=$folder/self/$name
	mkdir -p "$folder/self"
	TANDEM_VM_GRACE=10 "$here/vm-run.sh" "$folder" "$folder/initramfs" test "$plan" "$out" \
		>"$out.run" 2>&1 || true
	code=0
	said=$("$here/vm-report.sh" "$out" "$plan" "$out/results" "self-$name" 2>&1) || code=$?
	count=0
	python3 "$here/count.py" "$out/results" >/dev/null || count=$?
	wanted=$(sed -n 's/^# expect: //p' "$plan")
	found=$(printf '%s\n' "$said" | sed -n 's/^FAIL  self-[a-z]* \([a-z]*\):.*/\1/p' | tr '\n' ' ')
	if [ "$found" = "$wanted " ] && says_all "$plan" "$said" &&
		[ "$code" = "$(sed -n 's/^# exit: //p' "$plan")" ] && [ "$code" = "$count" ]; then
		echo "ok    $name: ${wanted}"
	else
		echo "WRONG $name: wanted '$wanted' to fail for the plan's reasons; the report was:"
		printf '%s\n' "$said" | sed 's/^/      /'
		status=1
	fi
done
exit $status
