#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# What a stranger reads, in the guest: a fault is ordered of a device of the driver, and
# info, doctor, dump and decode say what it is. The device's loss comes last.
set -u

# What other suites left is no matter of this one.
for data in /sys/class/devcoredump/*/data; do
	[ ! -e "$data" ] || echo 1 >"$data"
done

# A device of its own, which does not survive it.
tandem-emu trn2 >/tmp/explain-emu.log 2>&1 &
emu=$!
i=0
until node=$(sed -n 's/.* at \(\/dev\/.*\)/\1/p' /tmp/explain-emu.log) && [ "$node" ]; do
	i=$((i + 1))
	if [ $i -gt 300 ] || ! kill -0 $emu; then
		cat /tmp/explain-emu.log
		exit 1
	fi
	sleep 0.2
done
name=${node##*/}
failed=0

# What FILE has to say; all of it is shown where it does not.
says() { # FILE WORDS
	grep -q -e "$2" "$1" && return
	failed=1
	echo "explain: $1 does not say '$2':"
	cat "$1"
}

run() { # FILE COMMAND...
	out=$1
	shift
	"$@" >"$out" 2>&1
}

explain() { # WHEN
	run "/tmp/$1-info" tandem info "$name" --json
	run "/tmp/$1-list" tandem list --json
	run "/tmp/$1-top" tandem top --once --json --interval 0.2
	run "/tmp/$1-metrics" tandem metrics
	run "/tmp/$1-doctor" tandem doctor
	run "/tmp/$1-dump" tandem dump "$name" -o "/tmp/$1-bundle"
	run "/tmp/$1-decode" tandem decode "/tmp/$1-bundle"
}

# Attributes are as old as the last look at them; nothing of a suite is asserted by time.
await() { # WORDS FILE
	i=0
	until grep -q -e "$1" "$2" 2>/dev/null; do
		i=$((i + 1))
		[ $i -lt 600 ] || return
		sleep 0.2
	done
}
attributes=$(echo /sys/class/*/"$name"/device/tandem)

# Looking has not taken the coredump away; this does.
take() {
	ls /sys/class/devcoredump/*/data >/dev/null || failed=1
	run /tmp/take-dump tandem dump "$name" --take -o /tmp/take-bundle
	says /tmp/take-bundle "^tandem-bundle 1"
	i=0
	while ls /sys/class/devcoredump/*/data >/dev/null 2>&1 && [ $i -lt 300 ]; do
		i=$((i + 1))
		sleep 0.2
	done
	! ls /sys/class/devcoredump/*/data >/dev/null 2>&1 || failed=1
}

explain well
says /tmp/well-decode "nothing wrong"
says /tmp/well-doctor "ok *devices *state *$name *ready"
says /tmp/well-doctor "ok *driver *module *- *loaded"
says /tmp/well-doctor "ok *driver *tandem-emu"
for section in device registers rings queues faults maps clients parameters; do
	says /tmp/well-bundle "^section $section "
done

for order in "slow --value 10" "bitflip --seed 7" "drop-irq" "fail-cmd" "hang"; do
	kind=${order%% *}
	# shellcheck disable=SC2086 # words of an order
	run "/tmp/$kind-order" tandem inject "$name" $order || says "/tmp/$kind-order" "it was ordered"
	await "$kind" "$attributes/inject_active"
	explain "$kind"
	says "/tmp/$kind-info" "inject_active.*$kind"
	says "/tmp/$kind-list" "inject_active.*$kind"
	says "/tmp/$kind-top" "inject_active[^,]*$kind"
	says "/tmp/$kind-metrics" "^tandem_device_inject_active{device=\"$name\",fault=\"$kind\"} 1"
	says "/tmp/$kind-doctor" "warn *devices *inject *$name *ordered: $kind"
	says "/tmp/$kind-decode" "A fault was ordered ($kind)"
	[ "$kind" = hang ] || run /tmp/none tandem inject "$name" none
done

# Silent firmware is read of in what was known before, and nobody waits for it. It is given
# up in the end, after the time that it has for an admin command: none of these may take that.
timeout=/sys/module/tandem/parameters/admin_timeout_ms
was=$(cat $timeout)
echo 120000 >$timeout
run /tmp/none tandem inject "$name" none
await none "$attributes/inject_active"
run /tmp/stall-order tandem inject "$name" stall || says /tmp/stall-order "it was ordered"
await '[0-9]\{5,\}' "$attributes/heartbeat_age_ms"
explain stall
says /tmp/stall-info "inject_active.*stall"
says /tmp/stall-info "its firmware is silent for [0-9]* s"
says /tmp/stall-list "inject_active.*stall"
says /tmp/stall-list "$name: its firmware is silent for [0-9]* s"
says /tmp/stall-top "inject_active[^,]*stall"
says /tmp/stall-metrics "^tandem_device_inject_active{device=\"$name\",fault=\"stall\"} 1"
says /tmp/stall-metrics "^tandem_device_heartbeat_age_seconds{device=\"$name\"} [0-9][0-9]"
says /tmp/stall-doctor "warn *devices *heartbeat *$name *[0-9]* ms ago: the firmware is silent"
says /tmp/stall-doctor "skip *devices *open *$name *not tried"
says /tmp/stall-decode "verdict firmware silent"
says /tmp/stall-decode "A fault was ordered (stall)"
echo "$was" >$timeout
# This waits for the firmware as any open does, until a reset has ended the fault.
run /tmp/none tandem inject "$name" none || says /tmp/none "it was ended"
await ready "$attributes/state"
explain silent
says /tmp/silent-doctor "warn *devices *resets *$name *1 times"
says /tmp/silent-decode "verdict firmware silent"
take
run /tmp/hang-order tandem inject "$name" hang || says /tmp/hang-order "it was ordered"

# The hang is there: a program runs into it, the driver resets the device.
if run /tmp/program tandem generate -m /model.gguf -p Once -n 4 --net soft --prefill "$node"; then
	says /tmp/program "it went well on a device that hangs"
fi
await ready "$attributes/state"
explain reset
says /tmp/reset-doctor "warn *devices *coredump"
says /tmp/reset-doctor "warn *devices *resets *$name *2 times"
says /tmp/reset-dump "coredump .*devcoredump"
says /tmp/reset-decode "verdict hung engine"
says /tmp/reset-decode "of process [0-9]* (tandem)"
cat /tmp/reset-decode

take

# Without the right nothing is broken, and it is said what is missing.
run /tmp/refused su nobody -s /bin/sh -c "/sbin/tandem inject $name hang"
says /tmp/refused "no permission"
run /tmp/unseen su nobody -s /bin/sh -c "/sbin/tandem dump $name"
says /tmp/unseen "^missing registers .*as root: sudo tandem dump"

run /tmp/crash tandem inject "$name" crash || says /tmp/crash "it was ordered"
# Its process ends with its only device.
wait $emu
run /tmp/gone-dump tandem dump "$name"
says /tmp/gone-dump "the driver has none of that name"
run /tmp/gone-doctor tandem doctor
says /tmp/gone-doctor "warn *driver *tandem-emu *- *tandem-emu does not run"
exit $failed
