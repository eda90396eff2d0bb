#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# vm-fetch.sh 6.1|6.12 FOLDER: Debian's newest kernel of that series with its modules and
# headers, unpacked into FOLDER/root; its release goes to FOLDER/release. Kept: remove
# FOLDER to fetch again.
set -eu

series=$1
folder=$2
here=$(cd "$(dirname "$0")" && pwd)
case $series in
6.1 | 6.12) ;;
*)
	echo "vm-fetch: KERNEL=$series is not known; use 6.1 or 6.12" >&2
	exit 1
	;;
esac
[ ! -e "$folder/release" ] || exit 0

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
apt=$folder/apt
rm -rf "$apt" "$folder/root"

echo "Fetching Debian's kernel $series into $folder"
madison=$("$here/vm-apt.sh" "$apt" apt-cache madison linux-image-amd64)
newest=$(printf '%s\n' "$madison" |
	awk -F'|' -v series="$series." '{ gsub(/ /, "", $2) } index($2, series) == 1 { print $2 }' |
	sort -V | tail -n 1)
if [ -z "$newest" ]; then
	echo "vm-fetch: the mirror has no kernel $series; try another mirror" >&2
	exit 1
fi
release=$("$here/vm-apt.sh" "$apt" apt-cache show "linux-image-amd64=$newest" |
	sed -n 's/^Depends: linux-image-\([^ ,]*\).*/\1/p' | head -n 1)
# The compiler's package only names a compiler: the host's is used.
packages="linux-image-$release linux-headers-$release
	$("$here/vm-apt.sh" "$apt" apt-cache depends "linux-headers-$release" |
	sed -n 's/.*Depends: \(linux-.*\)/\1/p' | grep -v -e -compiler-)"
# shellcheck disable=SC2086 # a list of words
if ! (cd "$apt" && "$here/vm-apt.sh" . apt-get -qq download $packages) \
	>"$folder/fetch.log" 2>&1; then
	tail -n 5 "$folder/fetch.log" >&2
	echo "vm-fetch: the download failed; go online and run it again" >&2
	exit 1
fi
for package in "$apt"/*.deb; do
	dpkg -x "$package" "$folder/root"
done
rm -rf "$apt"
# The one absolute path in the headers.
sed -i "s#/usr/src/#$folder/root/usr/src/#g" \
	"$folder/root/usr/src/linux-headers-$release/Makefile"
PATH=$PATH:/usr/sbin:/sbin depmod -b "$folder/root" "$release"
echo "$release" >"$folder/release"
