#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# vm-apt.sh FOLDER apt-get|apt-cache ARGUMENT...: apt over bookworm and its backports, at
# the host's own mirror and with its proxies and keys. Everything that is written goes
# below FOLDER; the host's configuration and lists are left alone.
set -eu

mkdir -p "$1/lists/partial" "$1/cache/archives/partial" "$1/none"
folder=$(cd "$1" && pwd)
command=$2
shift 2

apt() {
	apt_command=$1
	shift
	"$apt_command" -o "Dir::Etc::sourcelist=$folder/sources.list" \
		-o "Dir::Etc::sourceparts=$folder/none" -o Dir::Etc::preferences=none \
		-o "Dir::Etc::preferencesparts=$folder/none" \
		-o "Dir::State::lists=$folder/lists" -o "Dir::Cache=$folder/cache" \
		-o APT::Sandbox::User=root "$@"
}

if [ ! -e "$folder/updated" ]; then
	# shellcheck disable=SC2016 # apt's own placeholders
	targets=$(apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' | sort -u)
	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	site=$(printf '%s\n' "$targets" | sed -n "s/ $codename main\$//p" | head -n 1)
	security=$(printf '%s\n' "$targets" |
		sed -n "s/ $codename-security main\$//p" | head -n 1)
	if [ -z "$site" ]; then
		echo "vm-apt: the host's apt has no mirror of Debian's main; add one" >&2
		exit 1
	fi
	keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	signed=
	[ ! -e $keyring ] || signed="[signed-by=$keyring] "
	{
		echo "deb $signed$site bookworm main"
		echo "deb $signed$site bookworm-backports main"
		[ -z "$security" ] || echo "deb $signed$security bookworm-security main"
	} >"$folder/sources.list"
	if ! apt apt-get -qq --error-on=any update >"$folder/update.log" 2>&1; then
		tail -n 5 "$folder/update.log" >&2
		echo "vm-apt: cannot reach the host's Debian mirror; go online once" >&2
		exit 1
	fi
	touch "$folder/updated"
fi
apt "$command" "$@"
