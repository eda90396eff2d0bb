#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# vm-run.sh FOLDER INITRAMFS test PLAN OUT | vm-run.sh FOLDER INITRAMFS shell|demo|bench
#
# Boots the kernel in FOLDER. As a test, OUT gets kernel.log, output.log and results.tar
# always: a guest that stands still is ended after its suite's limit and 60 s more.
# TANDEM_VM_QEMU and TANDEM_VM_APPEND are more options for QEMU and the kernel.
set -eu

folder=$1
initramfs=$2
mode=$3
release=$(cat "$folder/release")
accel=$("$(dirname "$0")/vm-accel.sh" "$folder")
args="console=ttyS0 ignore_loglevel printk.devkmsg=on panic=-1 oops=panic"
# Debian's kernel zeroes every page by itself, and so would hide a driver that does not.
args="$args init_on_alloc=0"
# An emulated timer may come late on a busy machine; the kernel would call it broken.
args="$args no_timer_check"
args="$args sysctl.kernel.hung_task_timeout_secs=45 TANDEM_MODE=$mode"
# A kernel that checks itself takes so many times as long.
slow=1
[ ! -e "$folder/slow" ] || slow=$(cat "$folder/slow")
args="$args TANDEM_SLOW=$slow ${TANDEM_VM_APPEND:-}"
case $mode in
shell | demo | bench) args="console=ttyS0 quiet panic=-1 TANDEM_MODE=$mode" ;;
esac
if size=$(stty size 2>/dev/null); then
	args="$args TANDEM_ROWS=${size% *} TANDEM_COLUMNS=${size#* }"
fi

# shellcheck disable=SC2086 # lists of words
qemu() {
	exec qemu-system-x86_64 $accel ${TANDEM_VM_QEMU:-} -smp 2 -m 2G -nodefaults -display none -no-reboot \
		-kernel "$folder/root/boot/vmlinuz-$release" -initrd "$initramfs" \
		-append "$args" "$@"
}

if [ "$mode" != test ]; then
	# The terminal is the guest's; ^A X ends it by force.
	qemu -chardev stdio,id=console,mux=on,signal=off -serial chardev:console \
		-mon chardev=console
fi

plan=$4
out=$5
rm -rf "$out"
mkdir -p "$out"
: >"$out/kernel.log"
# The kernel unpacks one archive after another.
mkdir "$out/plan.d"
cp "$plan" "$out/plan.d/plan"
cp "$initramfs" "$out/initramfs"
(cd "$out/plan.d" && echo plan | cpio --quiet -o -H newc | gzip -1) >>"$out/initramfs"
initramfs=$out/initramfs
(qemu -serial "file:$out/kernel.log" -serial "file:$out/output.log" \
	-serial "file:$out/results.tar" </dev/null >"$out/qemu.log" 2>&1) &
guest=$!
trap 'kill $guest 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM

limit_of() { # NAME
	awk -v name="$1" -v slow="$slow" '$1 == name { print $2 * slow }' "$plan"
}
now() {
	cut -d. -f1 /proc/uptime
}

at=boot
seen=
since=$(now)
limit=$((${TANDEM_VM_BOOT_LIMIT:-240} * slow))
grace=${TANDEM_VM_GRACE:-60}
while kill -0 $guest 2>/dev/null; do
	sleep 1
	last=$(tr -d '\r' <"$out/kernel.log" |
		sed -n 's/.*tandem-vm: \(begin\|end\|done\|ready\)/\1/p' | tail -n 1)
	if [ "$last" != "$seen" ]; then
		seen=$last
		since=$(now)
		case $last in
		begin*)
			at=${last#begin }
			limit=$(limit_of "$at")
			echo "   $at ($limit s at most)"
			;;
		*) limit=$((30 * slow)) ;;
		esac
	fi
	if [ $(($(now) - since)) -gt $((limit + grace)) ]; then
		kill $guest
		test=$(tr -d '\r' <"$out/output.log" | sed -n 's/^\[ RUN *\] //p' | tail -n 1)
		echo "$at${test:+, in $test}" >"$out/stood"
		echo "vm-run: the guest stands still; ended at: $at${test:+, in $test}" >&2
		break
	fi
done
wait $guest || echo "$?" >"$out/qemu-status"
rm -r "$initramfs" "$out/plan.d"
