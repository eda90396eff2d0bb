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
for plan in "$plans"/plan-*; do
	name=${plan##*/plan-}
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
	reason=$(sed -n 's/^# reason: //p' "$plan")
	if [ "$found" = "$wanted " ] && printf '%s\n' "$said" | grep -q -- "$reason" &&
		[ "$code" = "$(sed -n 's/^# exit: //p' "$plan")" ] && [ "$code" = "$count" ]; then
		echo "ok    $name: ${wanted}"
	else
		echo "WRONG $name: wanted '$wanted' to fail with '$reason'; the report was:"
		printf '%s\n' "$said" | sed 's/^/      /'
		status=1
	fi
done
exit $status
