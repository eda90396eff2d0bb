#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# fuzz.sh FOLDER SECONDS [TARGET] [RESULTS]: build the fuzz targets and run one or
# all for that long each, from the committed corpus and what earlier runs found.
# FOLDER/fuzz keeps both, and the crashes. SEED chooses the exploration. RESULTS:
# a folder for a report in the form of googletest's, which count.py reads.
set -eu

build=$1
seconds=$2
targets=${3:-gguf tokenizer command ioctl wire decode}
results=${4:-}
here=$(dirname "$0")
corpus=$here/../../tests/fuzz/corpus
seed=${SEED:-$(date +%s)}

export ASAN_OPTIONS=allocator_may_return_null=1:detect_stack_use_after_return=0
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1

"$here/build.sh" "$build/fuzz" -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ \
	-DTANDEM_SANITIZE=address,undefined -DTANDEM_FUZZ=ON

status=0
tests=
for target in $targets; do
	[ -d "$corpus/$target" ] || {
		echo "fuzz: no target '$target'; take gguf, tokenizer, command, ioctl, wire or decode" >&2
		exit 2
	}
	found=$build/fuzz/corpus/$target
	crashes=$build/fuzz/crashes/$target
	log=$build/fuzz/$target.log
	mkdir -p "$found" "$crashes"
	if "$build/fuzz/tests/fuzz/tandem-fuzz-$target" -max_total_time="$seconds" -seed="$seed" \
		-timeout=30 -rss_limit_mb=4096 -artifact_prefix="$crashes/" \
		-print_final_stats=1 "$found" "$corpus/$target" >"$log" 2>&1; then
		echo "fuzz: $target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
			"inputs, $(sed -n 's/^stat::average_exec_per_sec: *//p' "$log") a second," \
			"seed $seed"
		failures=
	else
		status=1
		tail -n 40 "$log" >&2
		echo "fuzz: $target failed, seed $seed; the input is in $crashes/" >&2
		failures=', "failures": [{ "failure": "see the log" }]'
	fi
	tests="$tests${tests:+,}
	{ \"name\": \"$target\", \"status\": \"RUN\", \"result\": \"COMPLETED\"$failures }"
done
[ -z "$results" ] || cat >"$results/fuzz.json" <<END
{ "testsuites": [{ "name": "Fuzz", "testsuite": [$tests
] }] }
END
exit $status
