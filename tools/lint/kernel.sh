#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# kernel.sh FOLDER KERNEL: the driver compiles for that kernel without a word from gcc
# with W=1 or from sparse, and asks for a kernel's version in compat.h alone.
set -eu

build=$1
kernel=$2
top=$(cd "$(dirname "$0")/../.." && pwd)
folder=$build/vm/$kernel

if grep -ln -e LINUX_VERSION_CODE -e KERNEL_VERSION "$top"/driver/*.[ch] "$top"/uapi/*.h |
	grep -v '/compat\.h$'; then
	echo "asks for a kernel's version; only driver/compat.h may"
	exit 1
fi
"$top/tools/build/vm-fetch.sh" "$kernel" "$folder" >/dev/null
folder=$(cd "$folder" && pwd)
release=$(cat "$folder/release")
copy=$folder/lint
rm -rf "$copy"
mkdir -p "$copy"
cp -r "$top/Kbuild" "$top/driver" "$top/uapi" "$copy/"
log=$folder/lint.log
if ! make -j"$(nproc)" -C "$folder/root/usr/src/linux-headers-$release" "M=$copy" W=1 C=2 \
	modules >"$log" 2>&1; then
	tail -n 30 "$log"
	exit 1
fi
if grep -E '(warning|error):' "$log"; then
	exit 1
fi
echo "$release, $(grep -c '^ *CHECK' "$log") files"
