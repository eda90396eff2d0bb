#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# shellcheck shell=dash
# The guest's first process. ttyS0 is the kernel's log, with a line at the begin and end
# of every suite; ttyS1 is what the suites print; ttyS2 is their reports, a tar each.
export PATH=/sbin:/bin HOME=/root TERM=linux TMPDIR=/tmp
/bin/busybox --install -s /bin
# Busybox's shell prefers its own ip and modprobe, which cannot do what is needed here.
ip() { /sbin/ip "$@"; }
modprobe() { /sbin/modprobe "$@"; }
rmmod() { /sbin/rmmod "$@"; }
export GTEST_COLOR=no
mkdir -p /proc /sys /dev /tmp /run /results /root
# No mount on /tmp: the build folder may lie below it.
chmod 1777 /tmp
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm /dev/pts
mount -t tmpfs shm /dev/shm
mount -t devpts pts /dev/pts
mount -t debugfs debug /sys/kernel/debug 2>/dev/null
ln -s /proc/self/fd /dev/fd
ulimit -l unlimited

say() { # to the kernel's log: one order of events for both
	echo "tandem-vm: $*" >/dev/kmsg
}

# rxe needs its checksum by name, which no dependency says.
for module in crc32_generic veth rdma_rxe ib_uverbs; do
	modprobe -q $module || say "fail modprobe $module"
done
ip link set lo up
if [ "${TANDEM_HOST:-}" ]; then # one of two: eth0 is for RDMA, eth1 for orders
	for module in virtio_pci virtio_net sch_netem; do
		modprobe -q $module || say "fail modprobe $module"
	done
	ip addr add "10.88.0.$TANDEM_HOST/24" dev eth0
	ip addr add "10.99.0.$TANDEM_HOST/24" dev eth1
	ip link set eth0 up
	ip link set eth1 up
	netdev=eth0
else
	ip link add v0 type veth peer name v1
	ip addr add 10.77.0.1/24 dev v0
	ip link set v0 up
	ip link set v1 up
	netdev=v0
fi
rdma link add rxe0 type rxe netdev $netdev || say "fail rdma link add"
export TANDEM_TEST_RDMA_DEV=rxe0

nodes() { # CLASS: the serving process says them, one a line, in any order
	sed -n "s/^${1:-}.* at \(\/dev\/.*\)/\1/p" /tmp/emu.log 2>/dev/null
}

start() { # NEEDS: one of -, module, emu
	case $1 in
	module | emu) modprobe tandem || { say "fail modprobe tandem"; return 1; } ;;
	esac
	[ "$1" = emu ] || return 0
	if [ ! -x /sbin/tandem-emu ]; then
		say "fail there is no tandem-emu in this guest"
		return 1
	fi
	tandem-emu trn2 cs3 >/tmp/emu.log 2>&1 &
	emu=$!
	tries=0
	while [ "$(nodes | wc -l)" -lt 2 ]; do
		tries=$((tries + 1))
		if [ $tries -gt 30 ] || ! kill -0 $emu 2>/dev/null; then
			say "fail tandem-emu has no two nodes"
			cat /tmp/emu.log
			return 1
		fi
		sleep 1
	done
	TANDEM_NODE_TRN=$(nodes trn)
	TANDEM_NODE_CS=$(nodes cs)
	export TANDEM_NODE_TRN TANDEM_NODE_CS
}

stop() { # NEEDS
	bad=0
	if [ "$1" = emu ] && [ -n "$emu" ]; then
		kill "$emu" 2>/dev/null || { say "fail tandem-emu was gone"; bad=1; }
		wait "$emu"
		emu=
		cat /tmp/emu.log
		rm -f /tmp/emu.log
	fi
	case $1 in
	module | emu) rmmod tandem || { say "fail rmmod tandem"; bad=1; } ;;
	esac
	return $bad
}

# Only the debug kernel has it. The first scan takes an object's checksum, the second tells
# if it has one still; kmemleak does not report what is younger than 5 s.
leaks() {
	[ -e /sys/kernel/debug/kmemleak ] || return 0
	echo scan >/sys/kernel/debug/kmemleak
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	# Line by line: the log takes 1 KiB at once and no more.
	while read -r line; do
		echo "$line" >/dev/kmsg
	done </sys/kernel/debug/kmemleak
	echo clear >/sys/kernel/debug/kmemleak
}

suite() { # NAME LIMIT NEEDS COMMAND
	say "begin $1"
	echo "== $1"
	status=1
	if start "$3"; then
		GTEST_OUTPUT=json:/results/$1.json run $(($2 * ${TANDEM_SLOW:-1})) sh -c "$4"
		status=$?
		# Where the blocked tasks stand, for the log.
		[ $status != 124 ] || echo w >/proc/sysrq-trigger
	fi
	stop "$3" || status=1
	leaks
	say "end $1 status=$status taint=$(cat /proc/sys/kernel/tainted)"
	if [ -e "/results/$1.json" ]; then
		tar -c -C /results "$1.json" >/dev/ttyS2
		rm "/results/$1.json"
	fi
}

if [ "$TANDEM_MODE" = test ]; then
	for tty in /dev/ttyS1 /dev/ttyS2; do
		stty raw -echo <$tty
	done
	exec >/dev/ttyS1 2>&1 3</plan
	say "ready"
	while read -r name limit needs command <&3; do
		case $name in
		'#'* | '') ;;
		*) suite "$name" "$limit" "$needs" "$command" </dev/null ;;
		esac
	done
	say "done"
	sync
	reboot -f
fi

# The second of two hosts does what the first one says.
if [ "$TANDEM_MODE" = orders ]; then
	exec >/dev/ttyS1 2>&1
	start emu && say "ready"
	nc -ll -p 9 -e sh
	say "fail nc ended"
	reboot -f
fi

# A terminal of its own, so that ^C ends a command and not the guest.
echo 4 >/proc/sys/kernel/printk
exec >/dev/ttyS0 2>&1 </dev/ttyS0
[ "$TANDEM_COLUMNS" ] && stty rows "$TANDEM_ROWS" cols "$TANDEM_COLUMNS"
if start emu; then
	echo "Emulated devices: $(nodes | tr '\n' ' ')"
fi
if [ "$TANDEM_MODE" = demo ] || [ "$TANDEM_MODE" = bench ]; then
	sh "/$TANDEM_MODE"
else
	echo "A guest with everything in it: tandem, tandem-emu, /tests; 'exit' ends it."
	setsid cttyhack sh
fi
stop emu >/dev/null
reboot -f
