#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# The demo, in the guest: on the driver's nodes if it has them, else on soft devices.
if [ -e "$TANDEM_NODE_TRN" ] && [ -e "$TANDEM_NODE_CS" ]; then
	ls -l "$TANDEM_NODE_TRN" "$TANDEM_NODE_CS"
	set -- --prefill "$TANDEM_NODE_TRN" --decode "$TANDEM_NODE_CS"
else
	echo "The driver serves no devices here; this is on soft devices, in the process."
	set --
fi
tandem list
echo
tandem generate -m /model.gguf -p "Once upon a time" -n 120 "$@"
status=$?
echo
exit $status
