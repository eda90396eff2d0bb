#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# vm-two.sh BUILD FOLDER KERNEL: two guests of that kernel as two hosts. Host 1 runs the
# suites of tests/vm/plan2 and tells host 2 what to do. Two links join them, each a
# stream socket between the two QEMUs: one for RDMA, one for orders. Host 2 is booted
# again whenever it goes off.
set -eu

build=$1
folder=$2
kernel=$3
here=$(dirname "$0")
plan=$here/../../tests/vm/plan2
accel=$("$here/vm-accel.sh" "$folder")
out=$folder/out2
results=$folder/results2
sockets=$(mktemp -d)
release=$(cat "$folder/release")

rm -rf "$results" "$out.b"
mkdir -p "$results" "$build/results" "$out.b"
rm -f "$build/results/vm2-$kernel"-*.json

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
			TANDEM_MODE=orders TANDEM_HOST=2" \
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

echo "== vm2-$kernel: two hosts of $release, $accel"
host2_again &
loop=$!
trap finish EXIT
trap 'exit 130' INT TERM
TANDEM_VM_QEMU=$(links 1 server=on) TANDEM_VM_APPEND="TANDEM_HOST=1" \
	"$here/vm-run.sh" "$folder" "$folder/initramfs" test "$plan" "$out"
status=0
"$here/vm-report.sh" "$out" "$plan" "$results" "vm2-$kernel" || status=1
# Host 2's kernel must not complain, either.
if grep -a -E -f "$here/../../tests/vm/log-patterns" "$out".b/kernel*.log; then
	echo "FAIL  vm2-$kernel: host 2's kernel complains; see $out.b" >&2
	status=1
fi
cp "$results"/*.json "$build/results/"
python3 "$here/count.py" "$results" || status=1
exit $status
