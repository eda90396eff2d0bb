#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# deps.sh PURPOSE...: make sure that the Debian packages for these purposes are
# installed; installs them where that is possible, says what to do otherwise.
set -eu

here=$(dirname "$0")
wanted=
for purpose in "$@"; do
	wanted="$wanted $(sed -n "s/^$purpose //p" "$here/packages.txt" | tr '\n' ' ')"
done

if ! command -v dpkg-query >/dev/null 2>&1; then
	echo "deps: not a Debian system; what is needed is, in Debian's names:$wanted" >&2
	exit 0
fi

missing=
# shellcheck disable=SC2086 # a list of words
installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null || true)
for package in $wanted; do
	case "
$installed
" in
	*"
$package installed
"*) ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
	as_root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
	as_root=sudo
else
	echo "deps: packages are missing; install them with" >&2
	echo "  sudo apt-get install$missing" >&2
	exit 1
fi

echo "Installing Debian packages:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy "$@"
}
# shellcheck disable=SC2086 # a list of words
if ! { apt update && apt --no-install-recommends install $missing; } >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	echo "deps: apt-get failed; its last lines are above" >&2
	exit 1
fi
