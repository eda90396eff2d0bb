#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# vm-initramfs.sh FOLDER USERSPACE OUT: a root file system for the kernel in FOLDER: the
# host's own programs that the suites need with their libraries, the modules with what
# they depend on, and what was built in USERSPACE.
set -eu

folder=$(cd "$1" && pwd)
userspace=$(cd "$2" && pwd)
out=$3
top=$(cd "$(dirname "$0")/../.." && pwd)
release=$(cat "$folder/release")
PATH=$PATH:/usr/sbin:/sbin
root=$out.d
rm -rf "$root"
mkdir -p "$root/bin" "$root/sbin" "$root/tests" "$root/etc"

fail() {
	echo "vm-initramfs: $1" >&2
	exit 1
}

# A file at its own place, and every library that it is linked with.
with_libraries() { # FILE TARGET
	mkdir -p "$root/$(dirname "$2")"
	cp -L "$1" "$root/$2"
	ldd "$1" 2>/dev/null | grep -o '/[^ ]*' | while read -r library; do
		[ -e "$root/$library" ] && continue
		mkdir -p "$root/$(dirname "$library")"
		cp -L "$library" "$root/$library"
	done
}

cp "$(command -v busybox)" "$root/bin/busybox"
! ldd "$root/bin/busybox" >/dev/null 2>&1 || fail "busybox is not static; install busybox-static"
for program in kmod ip tc rdma ibv_devinfo ethtool ib_write_bw ib_write_lat; do
	file=$(command -v $program) || fail "no $program here; run tools/build/deps.sh vm"
	with_libraries "$(readlink -f "$file")" "sbin/$program"
done
for name in modprobe insmod rmmod lsmod modinfo depmod; do
	ln -s kmod "$root/sbin/$name"
done

# What tandem-emu becomes.
printf 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n' >"$root/etc/passwd"
printf 'root:x:0:\nrender:x:104:\nnogroup:x:65534:\n' >"$root/etc/group"

# Libibverbs opens its providers by name.
for provider in /usr/lib/*/libibverbs/librxe-*.so; do
	with_libraries "$provider" "$provider"
done
mkdir -p "$root/etc/libibverbs.d"
cp /etc/libibverbs.d/rxe.driver "$root/etc/libibverbs.d/"

# Tests know the command and the models by the places they were built at.
with_libraries "$userspace/tandem" "$userspace/tandem"
ln -s "$userspace/tandem" "$root/sbin/tandem"
with_libraries "$userspace/tandem-bench" sbin/tandem-bench
if [ -x "$userspace/tandem-emu" ]; then
	with_libraries "$userspace/tandem-emu" sbin/tandem-emu
fi
for program in "$userspace"/tests/tandem-test-*; do
	[ -x "$program" ] || continue
	with_libraries "$program" "tests/$(basename "$program")"
	strip -S "$root/tests/$(basename "$program")"
done
mkdir -p "$root$top/tests"
cp -r "$top/tests/models" "$root$top/tests/"
ln -s "$top/tests/models/tales.gguf" "$root/model.gguf"

modules=$root/lib/modules/$release
mkdir -p "$modules/updates"
cp "$folder/root/lib/modules/$release"/modules.builtin* \
	"$folder/root/lib/modules/$release/modules.order" "$modules/"
for module in crc32_generic crc32-pclmul crc32c_generic crc32c-intel veth rdma_rxe ib_uverbs \
	rdma_ucm drm drm_shmem_helper vgem virtio_pci virtio_net sch_netem; do
	modprobe -d "$folder/root" -S "$release" --show-depends $module 2>/dev/null |
		sed -n 's/^insmod \([^ ]*\).*/\1/p'
done | sort -u | while read -r file; do
	target=$root${file#"$folder/root"}
	mkdir -p "$(dirname "$target")"
	case $file in
	*.xz) xz -dc "$file" >"${target%.xz}" ;;
	*) cp "$file" "$target" ;;
	esac
done
for module in "$folder"/module/*.ko "$folder"/self-test/*.ko; do
	cp "$module" "$modules/updates/"
	strip --strip-debug "$modules/updates/${module##*/}"
done
depmod -b "$root" "$release"

cc -O2 -static -o "$root/sbin/run" "$top/tests/vm/run.c"
install -m 755 "$top/tests/vm/init.sh" "$root/init"
install -m 755 "$top/tests/vm/demo.sh" "$root/demo"
install -m 755 "$top/tests/vm/explain.sh" "$root/explain"
install -m 755 "$top/tests/vm/two-hosts.sh" "$root/two-hosts"
install -m 755 "$top/tests/vm/bench.sh" "$root/bench"
(cd "$root" && find . | cpio --quiet -o -H newc | gzip -1) >"$out"
rm -rf "$root"
