#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# vm-debug-kernel.sh FOLDER: a kernel that checks itself, of Debian's own source of 6.12
# and tests/vm/debug-kernel.{config,patch}. Built once: again when these change.
set -eu

folder=$1
here=$(cd "$(dirname "$0")" && pwd)
config=$here/../../tests/vm/debug-kernel.config
patch=$here/../../tests/vm/debug-kernel.patch
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
if [ -e "$folder/release" ] && cmp -s "$config" "$folder/config-built" &&
	cmp -s "$patch" "$folder/patch-built"; then
	exit 0
fi
rm -f "$folder/release"
log=$folder/build.log
fail() {
	tail -n 20 "$log" >&2
	echo "vm-debug-kernel: $1; the whole log is $log" >&2
	exit 1
}

source=$folder/source
cmp -s "$patch" "$folder/patch-built" || rm -rf "$source"
if [ ! -e "$source/Makefile" ]; then
	apt=$folder/apt
	echo "Fetching Debian's kernel source 6.12 into $folder"
	rm -rf "$apt" "$folder/deb" "$source" "$source.part"
	mkdir -p "$apt"
	(cd "$apt" && "$here/vm-apt.sh" . apt-get -qq download linux-source-6.12) >"$log" 2>&1 ||
		fail "the download of linux-source-6.12 failed; go online once"
	dpkg -x "$apt"/linux-source-6.12_*.deb "$folder/deb"
	mkdir -p "$source.part"
	tar -x --strip-components=1 -C "$source.part" \
		-f "$folder/deb/usr/src/linux-source-6.12.tar.xz" || fail "the source does not unpack"
	rm -rf "$apt" "$folder/deb"
	patch -s -d "$source.part" -p1 --fuzz=0 <"$patch" || fail "$patch does not apply"
	cp "$patch" "$folder/patch-built"
	mv "$source.part" "$source"
fi

echo "Building the debug kernel, once, which takes long; its log is $log"
{
	make -C "$source" x86_64_defconfig &&
		(cd "$source" && scripts/kconfig/merge_config.sh -m .config "$config") &&
		make -C "$source" olddefconfig &&
		nice -n 19 make -C "$source" -j "$(nproc)" bzImage modules
} >"$log" 2>&1 || fail "the build failed"

# An option that Kconfig dropped would be a check that is not made.
grep '^CONFIG_' "$config" | while read -r line; do
	case $line in
	*=n) ! grep -q "^${line%=n}=" "$source/.config" ;;
	*) grep -qxF "$line" "$source/.config" ;;
	esac || echo "$line"
done >"$folder/dropped"
[ ! -s "$folder/dropped" ] || fail "Kconfig dropped: $(tr '\n' ' ' <"$folder/dropped")"

release=$(make -s -C "$source" kernelrelease)
rm -rf "$folder/root"
mkdir -p "$folder/root/boot"
make -C "$source" "INSTALL_MOD_PATH=$folder/root" modules_install >>"$log" 2>&1 ||
	fail "the modules do not install"
cp "$source/arch/x86/boot/bzImage" "$folder/root/boot/vmlinuz-$release"
echo "$source" >"$folder/headers"
echo 5 >"$folder/slow"
cp "$config" "$folder/config-built"
echo "$release" >"$folder/release"
