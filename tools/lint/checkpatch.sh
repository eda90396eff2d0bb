#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# checkpatch.sh FOLDER: the kernel's own checkpatch.pl --strict over driver/ and uapi/.
# The script is only in Debian's source of the kernel: fetched once, kept in FOLDER.
set -eu

build=$1
top=$(cd "$(dirname "$0")/../.." && pwd)
folder=$build/checkpatch

fetch() {
	rm -rf "$folder"
	mkdir -p "$folder/apt"
	(
		cd "$folder/apt"
		"$top/tools/build/vm-apt.sh" . apt-get -qq download linux-source-6.12
		dpkg -x linux-source-6.12_*.deb deb
		tar -x --wildcards --strip-components=2 -f deb/usr/src/linux-source-6.12.tar.xz \
			'*/scripts/checkpatch.pl' '*/scripts/spelling.txt' \
			'*/scripts/const_structs.checkpatch'
		mv checkpatch.pl spelling.txt const_structs.checkpatch ..
	) >"$folder/log" 2>&1 || {
		tail -n 5 "$folder/log"
		echo "linux-source-6.12 cannot be fetched; go online once"
		exit 1
	}
	rm -rf "$folder/apt"
}
[ -e "$folder/const_structs.checkpatch" ] || fetch

# What it asks for and is not done, each with its reason:
# LINUX_VERSION_CODE	compat.h, the one file that may, since two kernels are built for
# MACRO_ARG_UNUSED	compat.h: what one kernel's function takes and the other's does not
# BIT_MACRO		uapi headers are for user space, which has no BIT_ULL()
# CAMELCASE		it takes _Static_assert for a name of ours
# PARENTHESIS_ALIGNMENT, OPEN_ENDED_LINE	long calls and INTERVAL_TREE_DEFINE()
# CONSTANT_COMPARISON	"first <= x && x < end" reads in the order of the numbers
# It leaves a list of names behind where it runs.
cd "$folder"
if perl ./checkpatch.pl --no-tree --strict --terse --quiet --show-types \
	--max-line-length=100 --ignore LINUX_VERSION_CODE,MACRO_ARG_UNUSED,BIT_MACRO,CAMELCASE \
	--ignore PARENTHESIS_ALIGNMENT,OPEN_ENDED_LINE,CONSTANT_COMPARISON \
	-f "$top"/driver/*.[ch] "$top"/uapi/*.h >found 2>log; then
	exit 0
fi
sed -n "/^total: /!s#^$top/##p" found
exit 1
