#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# vm-report.sh OUT PLAN RESULTS TIER: what the guest's suites came to. Their own reports
# go to RESULTS/TIER-NAME.json; the harness's go to RESULTS/TIER-guest.json in the same
# form: per suite its exit, its kernel log, and the kernel's taint.
set -eu

out=$1
plan=$2
results=$3
tier=$4
patterns=$(dirname "$0")/../../tests/vm/log-patterns
mkdir -p "$results" "$out/reports"

# One tar after another; what a dead guest left unfinished is not a report.
if [ -s "$out/results.tar" ]; then
	tar -x -i -f "$out/results.tar" -C "$out/reports" 2>"$out/tar.log" || true
fi
for report in "$out"/reports/*.json; do
	[ -e "$report" ] || continue
	if python3 -m json.tool "$report" >/dev/null 2>&1; then
		cp "$report" "$results/$tier-${report##*/}"
	fi
done

text=$out/kernel.txt
tr -d '\r' <"$out/kernel.log" >"$text"
failures=0
tests=
escape() {
	printf '%s' "$1" | tr '\n\t' '  ' | tr -d '\000-\037' | sed 's/\\/\\\\/g; s/"/\\"/g'
}
check() { # NAME MESSAGE: a message is a failure
	entry="{\"name\":\"$1\",\"status\":\"RUN\",\"result\":\"COMPLETED\""
	if [ -n "$2" ]; then
		failures=$((failures + 1))
		entry="$entry,\"failures\":[{\"failure\":\"$(escape "$2")\"}]"
		echo "FAIL  $tier $1: $2"
	fi
	tests="$tests${tests:+,}$entry}"
}
# What the kernel said from one mark to the next; the part after a suite is that suite's.
part() { # NAME
	awk -v name="$1" '
		/tandem-vm: (begin|ready)/ { on = 0 }
		name == "boot" && NR == 1 { on = 1 }
		$0 ~ "tandem-vm: begin " name "$" { on = 1 }
		on' "$text"
}
complaint() { # NAME
	part "$1" | grep -E -m 1 -f "$patterns" || true
}

message=$(complaint boot)
grep -q 'tandem-vm: ready' "$text" || message="${message:-the guest did not get to its suites}"
check boot "$message"
stood=$(cat "$out/stood" 2>/dev/null || true)
known=12288 # out of tree, unsigned
names=$(awk '!/^#/ && NF { print $1 }' "$plan")
for name in $names; do
	ended=$(sed -n "s/.*tandem-vm: end $name //p" "$text")
	status=$(printf '%s' "$ended" | sed -n 's/.*status=\([0-9]*\).*/\1/p')
	taint=$(printf '%s' "$ended" | sed -n 's/.*taint=\([0-9]*\).*/\1/p')
	found=$(complaint "$name")
	message=
	if [ -n "$found" ]; then
		message="the kernel says: $found"
	elif ! grep -q "tandem-vm: begin $name\$" "$text"; then
		message="did not run: the guest ended before"
	elif [ -z "$ended" ] && [ -n "$stood" ]; then
		message="the guest stood still in $stood"
	elif [ -z "$ended" ]; then
		message="the guest ended in it"
	elif [ "$status" = 124 ]; then
		message="ran past its limit, and was killed"
	elif [ "$status" != 0 ]; then
		message="exit status $status"
	elif [ $((taint & ~known)) != 0 ]; then
		message="it tainted the kernel: $((taint & ~known))"
	fi
	known=$((known | ${taint:-0}))
	check "$name" "$message"
done
message=
grep -q 'tandem-vm: done' "$text" || message="the guest did not end by itself"
check end "$message"

printf '{"testsuites":[{"name":"Guest","testsuite":[%s]}]}\n' "$tests" \
	>"$results/$tier-guest.json"
if [ $failures != 0 ]; then
	echo "      the kernel's log: $out/kernel.log; the suites' output: $out/output.log"
	exit 1
fi
