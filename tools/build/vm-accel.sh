#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# vm-accel.sh FOLDER: QEMU's options for the fastest accelerator that boots the kernel in
# FOLDER. A /dev/kvm that is there may still not work: only trying tells.
set -eu

folder=$1
release=$(cat "$folder/release")
boot_id=$(cat /proc/sys/kernel/random/boot_id)
kept=$folder/accel-$boot_id
if [ ! -e "$kept" ]; then
	log=$folder/kvm.log
	rm -f "$folder"/accel-* "$log"
	options="-accel tcg,thread=multi -cpu max"
	if [ -w /dev/kvm ]; then
		timeout -k 2 15 qemu-system-x86_64 -accel kvm -cpu host -m 256 -display none \
			-nodefaults -no-reboot -serial "file:$log" \
			-kernel "$folder/root/boot/vmlinuz-$release" \
			-append "console=ttyS0 panic=-1" </dev/null >"$log.qemu" 2>&1 || true
		if grep -q 'Linux version' "$log" 2>/dev/null; then
			options="-accel kvm -cpu host"
		fi
	fi
	echo "$options" >"$kept"
fi
cat "$kept"
