#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# vm.sh test|test2|shell|demo|bench|self BUILD KERNEL: the guest, with everything built for it.
set -eu

mode=$1
build=$2
kernel=$3
here=$(dirname "$0")
folder=$build/vm/$kernel
tests=$here/../../tests/vm
mkdir -p "$folder"

"$here/build.sh" "$build/plain"
if [ "$kernel" = debug ]; then
	"$here/vm-debug-kernel.sh" "$folder"
else
	"$here/vm-fetch.sh" "$kernel" "$folder"
fi
"$here/vm-module.sh" "$folder"
"$here/vm-initramfs.sh" "$folder" "$build/plain" "$folder/initramfs"

plan=$tests/plan
case $mode in
self) exec "$here/vm-self.sh" "$build" "$folder" "$kernel" ;;
test2) exec "$here/vm-two.sh" "$build" "$folder" "$kernel" ;;
shell | demo | bench) exec "$here/vm-run.sh" "$folder" "$folder/initramfs" "$mode" ;;
esac

results=$folder/results
rm -rf "$results"
mkdir -p "$results" "$build/results"
rm -f "$build/results/vm-$kernel"-*.json
if [ "$kernel" = debug ]; then
	cat "$tests/plan" "$tests/plan-debug" >"$folder/plan"
	plan=$folder/plan
fi
echo "== vm-$kernel: $(cat "$folder/release"), $("$here/vm-accel.sh" "$folder")"
# QEMU's emulation of several processors may run a breakpoint that the kernel has just
# patched away again. At boot that says nothing of what is tested; later it is a failure.
tripped() {
	! grep -a -q 'tandem-vm: ready' "$folder/out/kernel.log" &&
		grep -a -q 'Oops: int3:' "$folder/out/kernel.log"
}
for try in 1 2 3; do
	"$here/vm-run.sh" "$folder" "$folder/initramfs" test "$plan" "$folder/out"
	if [ $try = 3 ] || ! tripped; then
		break
	fi
	echo "   the emulator tripped over code that the kernel patched as it booted: again"
done
status=0
"$here/vm-report.sh" "$folder/out" "$plan" "$results" "vm-$kernel" || status=1
cp "$results"/*.json "$build/results/"
python3 "$here/count.py" "$results" || status=1
exit $status
