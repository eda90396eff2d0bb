#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
"""count.py FOLDER: counts of all googletest reports there, and why tests were skipped."""

import collections
import json
import pathlib
import sys


def main():
    counts = collections.Counter()
    skipped = collections.Counter()
    failed = []
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
        for suite in json.loads(path.read_text())["testsuites"]:
            for test in suite["testsuite"]:
                name = f"{path.stem}: {suite['name']}.{test['name']}"
                if test.get("failures"):
                    counts["failed"] += 1
                    failed.append(name)
                elif test["result"] == "SKIPPED":
                    counts["skipped"] += 1
                    skipped[test.get("reason", "no reason given")] += 1
                elif test["status"] == "RUN":
                    counts["passed"] += 1
    for reason, n in skipped.items():
        print(f"skipped {n}: {reason}")
    for name in failed:
        print(f"failed: {name}")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
