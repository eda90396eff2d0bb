#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# vm-two.sh BUILD FOLDER KERNEL [PLAN TIER OUT]: two guests of that kernel as two hosts.
# Host 1 runs the suites of tests/vm/plan2 and tells host 2 what to do. Two links join
# them, each a stream socket between the two QEMUs: one for RDMA, one for orders. Host 2
# is booted again whenever it goes off; going off without being told to is a failure, and
# so is not to come up. With a PLAN of its own the harness is tested: see vm-self.sh.
# TANDEM_VM2_APPEND is for host 2's kernel.
set -eu

build=$1
folder=$2
kernel=$3
here=$(dirname "$0")
plan=${4:-$here/../../tests/vm/plan2}
tier=${5:-vm2-$kernel}
accel=$("$here/vm-accel.sh" "$folder")
out=${6:-$folder/out2}
results=$out.results
sockets=$(mktemp -d)
release=$(cat "$folder/release")

rm -rf "$results" "$out.b"
mkdir -p "$results" "$build/results" "$out.b"
[ $# -gt 3 ] || rm -f "$build/results/$tier"-*.json

links() { # HOST OPTION: the same place is the same card in both
	for link in 0 1; do
		printf ' -netdev stream,id=n%s,%s,addr.type=unix,addr.path=%s/%s' "$link" "$2" "$sockets" "$link"
		printf ' -device virtio-net-pci,netdev=n%s,mac=52:54:00:00:0%s:0%s,addr=0x1%s' \
			"$link" "$link" "$1" "$link"
	done
}

host2() { # once; N: its boot
	# shellcheck disable=SC2046,SC2086 # lists of words
	qemu-system-x86_64 $accel $(links 2 server=off) -smp 2 -m 1G -nodefaults -display none \
		-no-reboot -kernel "$folder/root/boot/vmlinuz-$release" -initrd "$folder/initramfs" \
		-append "console=ttyS0 ignore_loglevel panic=-1 oops=panic no_timer_check \
			TANDEM_MODE=orders TANDEM_HOST=2 ${TANDEM_VM2_APPEND:-}" \
		-serial "file:$out.b/kernel$1.log" -serial "file:$out.b/output$1.log" \
		</dev/null >>"$out.b/qemu.log" 2>&1 &
	echo $! >"$out.b/pid"
	wait $! || true
}

host2_again() {
	n=0
	while [ ! -e "$out.b/over" ]; do
		n=$((n + 1))
		if [ -S "$sockets/1" ]; then
			host2 $n
		fi
		sleep 1
	done
}

# shellcheck disable=SC2317 # by the trap
finish() {
	touch "$out.b/over"
	[ ! -e "$out.b/pid" ] || kill "$(cat "$out.b/pid")" 2>/dev/null || true
	wait "$loop" 2>/dev/null || true
	rm -rf "$sockets"
}

# What became of host 2, boot by boot: a line for what should not have happened.
host2_complaint() {
	if grep -a -h -E -m 1 -f "$here/../../tests/vm/log-patterns" "$out.b"/kernel*.log \
		>"$out.b/found" 2>/dev/null; then
		echo "host 2's kernel says: $(head -n 1 "$out.b/found" | tr -d '\r')"
		return
	fi
	# One that found host 1 not there yet has no log.
	last=
	for log in $(find "$out.b" -name 'kernel*.log' | sort -V); do
		if [ "$last" ] && ! grep -a -q 'sysrq: Power Off' "$last"; then
			echo "host 2 went off by itself; see $last"
			return
		fi
		last=$log
	done
	# The last boot may have been cut short by the end.
	cat "$out.b"/kernel*.log 2>/dev/null | grep -a -q 'tandem-vm: ready' ||
		echo "host 2 did not come up; see $out.b"
}

# In the form of the suites' own reports, so that it is counted with them.
report_host2() {
	message=$(host2_complaint)
	entry='"name":"host","status":"RUN","result":"COMPLETED"'
	if [ -n "$message" ]; then
		echo "FAIL  $tier host: $message"
		text=$(printf '%s' "$message" | tr -d '\000-\037' | sed 's/\\/\\\\/g; s/"/\\"/g')
		entry="$entry,\"failures\":[{\"failure\":\"$text\"}]"
	fi
	printf '{"testsuites":[{"name":"Host","testsuite":[{%s}]}]}\n' "$entry" \
		>"$results/$tier-host.json"
	[ -z "$message" ]
}

echo "== $tier: two hosts of $release, $accel"
host2_again &
loop=$!
trap finish EXIT
trap 'exit 130' INT TERM
TANDEM_VM_QEMU=$(links 1 server=on) TANDEM_VM_APPEND="TANDEM_HOST=1" \
	"$here/vm-run.sh" "$folder" "$folder/initramfs" test "$plan" "$out"
status=0
"$here/vm-report.sh" "$out" "$plan" "$results" "$tier" || status=1
# Why, in the suites' own words.
tr -d '\r' <"$out/output.log" | grep -a '^two-hosts: ' | sed 's/^/      /' || true
report_host2 || status=1
[ $# -gt 3 ] || cp "$results"/*.json "$build/results/"
python3 "$here/count.py" "$results" || status=1
exit $status
