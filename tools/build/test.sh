#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# test.sh FOLDER: every suite plain and under ASan and UBSan; what has threads
# under TSan as well; then those of the guest, on both kernels. Ends with one line of all
# counts.
set -eu

build=$1
here=$(dirname "$0")
results=$build/results
rm -rf "$results"
mkdir -p "$results"

# Newer kernels lay out memory in a way that TSan of gcc 12 does not know.
setarch=
if setarch "$(uname -m)" -R true 2>/dev/null; then
	setarch="setarch $(uname -m) -R"
fi

export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1

status=0
run_tier() { # TIER WRAPPER SUITE...
	tier=$1
	wrapper=$2
	shift 2
	for suite in "$@"; do
		program=$build/$tier/tests/tandem-test-$suite
		[ -x "$program" ] || continue
		echo "== $tier: $suite"
		# shellcheck disable=SC2086 # a command and its words
		$wrapper "$program" --gtest_brief=1 \
			--gtest_output="json:$results/$tier-$suite.json" || status=1
	done
}

"$here/build.sh" "$build/plain"
run_tier plain "" unit fw runtime e2e
"$here/build.sh" "$build/asan" -DTANDEM_SANITIZE=address,undefined
run_tier asan "" unit fw runtime e2e
"$here/build.sh" "$build/tsan" -DTANDEM_SANITIZE=thread
run_tier tsan "$setarch" fw runtime e2e

# From the same seed every time; make fuzz explores from any.
echo "== fuzz"
SEED=1 "$here/fuzz.sh" "$build" 10 "" "$results" || status=1

guest() { # KERNEL
	"$here/vm.sh" test "$build" "$1" >"$results/guest-$1.log" 2>&1
}

# A program that has timers: every call of the devices' tests is interrupted. It waits most
# of the time, and so do not the guests.
guest 6.12 &
guest=$!
echo "== alarm: runtime"
TANDEM_TEST_ALARM_US=1000 "$build/plain/tests/tandem-test-runtime" --gtest_brief=1 \
	--gtest_filter='Attach/*' --gtest_output="json:$results/alarm-runtime.json" || status=1
wait $guest || status=1
cat "$results/guest-6.12.log"
guest 6.1 || status=1
cat "$results/guest-6.1.log"

echo "== all"
python3 "$here/count.py" "$results" || status=1
exit $status
