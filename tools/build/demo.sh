#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# demo.sh TANDEM: a prompt in, tokens out, on two emulated devices and on one.
set -eu

tandem=$1
model=$(dirname "$0")/../../tests/models/tales.gguf
prompt="Once upon a time"

echo "Devices (software stands in for the hardware):"
"$tandem" list
echo
echo "Prefill on soft:trn2, KV pages to soft:cs3, decode there:"
echo
"$tandem" generate -m "$model" -p "$prompt" -n 300
echo
# The ids are one line of JSON, the same way round in both.
tokens() {
	"$tandem" generate -m "$model" -p "$prompt" -n 300 --mode "$1" --json |
		sed -n 's/.*"tokens":\(\[[^]]*\]\).*/\1/p'
}
split=$(tokens split)
fused=$(tokens fused)
count=$(printf '%s' "$split" | tr -cd , | wc -c)
if [ -n "$split" ] && [ "$split" = "$fused" ]; then
	echo "split (two devices) and fused (one device) gave the same $((count + 1)) tokens."
else
	echo "demo: split and fused gave different tokens: this is a bug, please report it" >&2
	exit 1
fi
