#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# vm-module.sh FOLDER: tandem.ko and the harness's own test module for the kernel in
# FOLDER, built in a copy below it: two kernels build from one source at once.
set -eu

folder=$(cd "$1" && pwd)
top=$(cd "$(dirname "$0")/../.." && pwd)
release=$(cat "$folder/release")
headers=$folder/root/usr/src/linux-headers-$release
[ -d "$headers" ] || headers=$(cat "$folder/headers")

# Only what changed is copied, so that Kbuild builds only that again.
mirror() { # FROM TO PATTERN...
	from=$1
	to=$2
	mkdir -p "$to"
	for file in "$from"/*.[ch] "$from"/Kbuild; do
		[ -f "$file" ] || continue
		cmp -s "$file" "$to/${file##*/}" || cp "$file" "$to/"
	done
}
build() { # FOLDER
	# KCOV_INSTRUMENT counts on the debug kernel alone.
	if ! make -C "$headers" "M=$1" KCOV_INSTRUMENT=y modules >"$1/build.log" 2>&1; then
		grep -E 'error|warning|ERROR|\*\*\*' "$1/build.log" | head -n 40 >&2 || true
		echo "vm-module: failed; the whole log is $1/build.log" >&2
		exit 1
	fi
}

mkdir -p "$folder/module" "$folder/self-test"
cmp -s "$top/Kbuild" "$folder/module/Kbuild" || cp "$top/Kbuild" "$folder/module/"
mirror "$top/driver" "$folder/module/driver"
mirror "$top/uapi" "$folder/module/uapi"
mirror "$top/tests/vm/self-test" "$folder/self-test"
build "$folder/module"
build "$folder/self-test"
