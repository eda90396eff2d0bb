#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# shellcheck shell=dash
# Pages over rxe, by the transfer agent and by perftest's ib_write_bw, by turns.
echo "Everything here is emulated, the processor as well: only the ratios mean something."

perftest() { # BYTES ITERATIONS: MiB a second
	ib_write_bw -d rxe0 -x 1 -s "$1" -n "$2" >/dev/null 2>&1 &
	sleep 2
	ib_write_bw -d rxe0 -x 1 -s "$1" -n "$2" 127.0.0.1 2>/dev/null |
		awk -v bytes="$1" '$1 == bytes { print $4 }'
	wait
}

agent() { # MiB a second
	tandem-bench --only transfer --net verbs:rxe0 --runs 1 --quick --json 2>/dev/null |
		tr -d ' \n' | sed 's/.*"name":"transfer_push"[^}]*"value_bytes_per_s":\([0-9.e+]*\).*/\1/' |
		awk '{ print $1 / 1048576 }'
}

for i in 1 2 3 4 5; do
	theirs=$(perftest 65536 200)
	ours=$(agent)
	ratio=$(echo "$ours $theirs" | awk '$2 > 0 { printf "%.3f", $1 / $2 }')
	echo "run $i: agent $ours MiB/s, ib_write_bw $theirs MiB/s, 64 KiB pages: ratio $ratio"
	echo "$ratio" >>/tmp/ratios
done
echo "median ratio $(sort -n /tmp/ratios | sed -n 3p)"
tandem-bench --only transfer --net verbs:rxe0 --runs 3 --quick 2>/dev/null
