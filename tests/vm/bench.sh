#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# shellcheck shell=dash
# Pages over rxe, by the transfer agent and by perftest, by turns: bytes by ib_write_bw,
# messages by its rate at the same size and queue depth, one page by ib_write_lat.
echo "Everything here is emulated, the processor as well: only the ratios mean something."

turns=7
ratios=/tmp/ratios
mkdir -p $ratios

perftest() { # PROGRAM BYTES COLUMN OPTIONS: of its one line of figures
	program=$1 bytes=$2 column=$3
	shift 3
	set -- -d rxe0 -x 1 -s "$bytes" "$@"
	"$program" "$@" >/dev/null 2>&1 &
	sleep 2
	"$program" "$@" 127.0.0.1 2>/dev/null |
		awk -v bytes="$bytes" -v column="$column" '$1 == bytes { print $column }'
	wait
}

agent() { # all its figures, one JSON object
	tandem-bench --only transfer --net verbs:rxe0 --runs 1 --quick --json 2>/dev/null | tr -d ' \n'
}

value() { # NAME UNIT SCALE: of $figures
	echo "$figures" | sed -n "s/.*\"name\":\"$1\"[^}]*\"value_$2\":\([0-9.e+-]*\).*/\1/p" |
		awk -v scale="$3" '{ print $1 * scale }'
}

compare() { # NAME WHAT OURS THEIRS UNIT: one line, and a ratio for the median
	ratio=$(echo "$3 $4" | awk '$1 > 0 && $2 > 0 { printf "%.3f", $1 / $2 }')
	echo "turn $turn: $2: agent $3, perftest $4 $5: ratio ${ratio:-none}"
	[ -z "$ratio" ] || echo "$ratio" >>"$ratios/$1"
}

median() { # NAME WHAT
	sort -n "$ratios/$1" 2>/dev/null | awk -v what="$2" '
		{ r[NR] = $1 }
		END {
			if (NR)
				printf "median of %d: %s: ratio %s\n", NR, what, r[int((NR + 1) / 2)]
			else
				printf "%s: not measured\n", what
		}'
}

turn=0
while [ $turn -lt $turns ]; do
	turn=$((turn + 1))
	# As many writes in flight as the agent has: its pages, or its endpoint's depth.
	bytes=$(perftest ib_write_bw 65536 4 -n 256 -t 64)
	small=$(perftest ib_write_bw 256 5 -n 2048 -t 256)
	middle=$(perftest ib_write_bw 4096 5 -n 1024 -t 256)
	page=$(perftest ib_write_lat 65536 5 -n 200)
	figures=$(agent)
	compare bytes "64 KiB pages" "$(value transfer_push bytes_per_s 0.00000095367)" "$bytes" MiB/s
	compare small "256 B pages" "$(value transfer_pages_256 per_s 0.001)" \
		"$(echo "$small" | awk '{ print $1 * 1000 }')" "thousand/s"
	compare middle "4 KiB pages" "$(value transfer_pages_4096 per_s 0.001)" \
		"$(echo "$middle" | awk '{ print $1 * 1000 }')" "thousand/s"
	compare page "one 64 KiB page, reserve to commit" "$(value transfer_page ns 0.001)" "$page" us
done
median bytes "64 KiB pages, bytes a second beside ib_write_bw"
median small "256 B pages a second beside ib_write_bw's messages"
median middle "4 KiB pages a second beside ib_write_bw's messages"
median page "one 64 KiB page, reserve to commit, beside ib_write_lat's write (more is slower)"
