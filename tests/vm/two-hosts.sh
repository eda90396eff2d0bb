#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# shellcheck shell=dash
# two-hosts SUITE: on host A. Decode is host B's part, prefill host A's; the pages cross
# the link between them, which a suite may spoil. A network of its own reaches B's shell.
set -u

model=/model.gguf
prompt="Once upon a time there was a small boat"
tokens=4
key=/tmp/key
worker=

fail() {
	echo "two-hosts: $1" >&2
	exit 1
}

on_b() { # COMMAND: there, with its output here
	printf '%s\nexit\n' "$1" | nc -w 5 10.99.0.2 9
}

await() { # SECONDS COMMAND: until it says yes
	left=$1
	while ! sh -c "$2" >/dev/null 2>&1; do
		left=$((left - 1))
		[ $left -gt 0 ] || return 1
		sleep 1
	done
}

await_b() {
	await 120 "printf 'echo here\nexit\n' | nc -w 5 10.99.0.2 9 | grep -q here" ||
		fail "host B is not there"
}

packets() { # what rxe has received, here
	cat /sys/class/infiniband/rxe0/ports/1/hw_counters/rcvd_pkts
}

start_workers() {
	(umask 077 && echo "the key of both hosts" >$key)
	on_b "umask 077; echo the key of both hosts >$key; node=\$(ls /dev/accel/* /dev/dri/render* 2>/dev/null | tail -n 1)
		tandem worker --role decode -m $model --listen 10.88.0.2:7471 --key-file $key \
		--device \$node --net verbs:rxe0 --lease 3000 >/tmp/decode.log 2>&1 &" >/dev/null
	tandem worker --role prefill -m $model --listen 10.88.0.1:7470 --key-file $key \
		--device "$TANDEM_NODE_TRN" --net verbs:rxe0 --lease 3000 >/tmp/prefill.log 2>&1 &
	worker=$!
	await 60 "grep -q 'worker at' /tmp/prefill.log" || fail "no prefill worker: $(cat /tmp/prefill.log)"
	await 60 "printf 'cat /tmp/decode.log\nexit\n' | nc -w 5 10.99.0.2 9 | grep -q 'worker at'" ||
		fail "no decode worker: $(on_b 'cat /tmp/decode.log')"
}

# Both say what they moved, and what they still have.
stop_workers() {
	kill "$worker" && wait "$worker"
	worker=
	on_b "killall tandem; sleep 1" >/dev/null
	cat /tmp/prefill.log
	on_b "cat /tmp/decode.log" >/tmp/decode.log
	cat /tmp/decode.log
	grep -q ' \([0-9]*\) of \1 landing pages free' /tmp/decode.log ||
		fail "host B's pages are not all free"
}

generate() { # MORE: its text on standard output
	tandem generate -m $model -p "$prompt" -n $tokens --prefill-worker 10.88.0.1:7470 \
		--decode-worker 10.88.0.2:7471 --key-file $key --lease 3000 "$@"
}

fused() {
	tandem generate -m $model -p "$prompt" -n $tokens --mode fused \
		--decode "$TANDEM_NODE_CS" 2>/dev/null
}

same() { # MORE: the text of both hosts is that of one
	got=$(generate "$@" 2>/tmp/generate.log) || fail "generate: $(cat /tmp/generate.log)"
	cat /tmp/generate.log
	[ "$got" = "$want" ] || fail "the text is '$got', on one host it is '$want'"
}

link() {
	ping -c 2 10.88.0.2 || fail "no way to host B"
}

split() {
	want=$(fused)
	start_workers
	before=$(on_b "cat /sys/class/infiniband/rxe0/ports/1/hw_counters/rcvd_pkts")
	same
	after=$(on_b "cat /sys/class/infiniband/rxe0/ports/1/hw_counters/rcvd_pkts")
	stop_workers
	echo "host B's rxe received $((after - before)) packets"
	grep -q '[1-9][0-9]* bytes in\|, [1-9][0-9]* in;' /tmp/decode.log || fail "no bytes arrived"
	[ $((after - before)) -gt 0 ] || fail "they did not come over rxe"
}

loss() {
	want=$(fused)
	start_workers
	/sbin/tc qdisc add dev eth0 root netem loss 1% reorder 25% 50% delay 2ms || fail "no netem"
	on_b "/sbin/tc qdisc add dev eth0 root netem loss 1% reorder 25% 50% delay 2ms"
	same --retries 5
	same --retries 5
	/sbin/tc qdisc del dev eth0 root
	on_b "/sbin/tc qdisc del dev eth0 root"
	stop_workers
}

flap() {
	want=$(fused)
	start_workers
	(sleep 1 && /sbin/ip link set eth0 down && sleep 5 && /sbin/ip link set eth0 up) &
	same --retries 20
	wait $!
	same --retries 5
	stop_workers
}

off() {
	want=$(fused)
	start_workers
	(sleep 1 && on_b "echo o >/proc/sysrq-trigger" >/dev/null) &
	# Either it was quick, or it ends with one clear error.
	if got=$(generate --retries 0 2>/tmp/generate.log); then
		[ "$got" = "$want" ] || fail "the text is '$got'"
		echo "it was done before host B was off"
	else
		cat /tmp/generate.log
		grep -q '^tandem: .*; ' /tmp/generate.log || fail "no clear error"
	fi
	wait $!
	# Another incarnation of it is another peer.
	sleep 5
	await_b
	kill "$worker" && wait "$worker"
	worker=
	cat /tmp/prefill.log
	start_workers
	same --retries 5
	stop_workers
}

# For the harness's own test: what it must report, not what it may wait for.
dies() {
	# After the shell's end: a host that is gone closes no connection.
	on_b "(sleep 1; echo b >/proc/sysrq-trigger) >/dev/null 2>&1 &" >/dev/null
	sleep 5
	await_b
}

fails() {
	fail "on purpose"
}

# Whatever came of it, the next suite finds both hosts as they were.
clean_up() {
	[ ! "$worker" ] || kill "$worker" 2>/dev/null
	/sbin/tc qdisc del dev eth0 root 2>/dev/null
	/sbin/ip link set eth0 up
	on_b "killall tandem; /sbin/tc qdisc del dev eth0 root" >/dev/null 2>&1
}

trap clean_up EXIT
[ "$1" = link ] || await_b
"$1"
