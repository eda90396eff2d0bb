# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
"""Suites that run here, on soft devices: what catches mutants of firmware and runtime."""

import os
import re
import subprocess
import time

from parse import Broken

# The whole of them, quickest first, for what the first tries let through.
ALL = [("fw", ""), ("runtime", ""), ("e2e", "")]
# A hang is one that takes this many times as long as the unbroken tree, and some seconds.
PATIENCE = 4
GRACE = 20
FIRST_LIMIT = 300


def last_test(out, mark):
    found = re.findall(r"^\[ *" + mark + r" *\] ([^\s,]+)", out, re.M)
    return found[-1] if found else ""


class Host:
    name = "host"

    def __init__(self, tree, work):
        self.tree = tree
        self.plain = work / "plain"
        self.took = {}

    def ninja(self, *targets):
        log = self.plain / "mutants.log"
        with open(log, "wb") as out:
            return not subprocess.run(
                ["ninja", "-C", self.plain, f"-j{os.cpu_count()}", *targets],
                stdout=out, stderr=subprocess.STDOUT, check=False).returncode

    def prepare(self):
        subprocess.run([self.tree.copy / "tools/build/build.sh", self.plain], check=True)

    def build(self):
        if not self.ninja("tandem-test-fw", "tandem-test-runtime"):
            raise Broken(f"it does not compile: {self.plain}/mutants.log")

    def run(self, attempt):
        """Return: what noticed, or None."""
        suite, pattern = attempt
        if suite == "e2e":
            self.ninja("tandem-test-e2e")
        # On the unbroken tree there is nothing to go by, and nothing to hang.
        limit = self.took.get(attempt, FIRST_LIMIT) * PATIENCE + GRACE
        command = [self.plain / f"tests/tandem-test-{suite}", "--gtest_fail_fast",
                   "--gtest_filter=" + (pattern or "*")]
        start = time.monotonic()
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, start_new_session=True) as program:
            try:
                out, _ = program.communicate(timeout=limit)
            except subprocess.TimeoutExpired:
                # What it started is of its session, and would keep the pipe open.
                os.killpg(program.pid, 9)
                out, _ = program.communicate()
                return f"{suite}: {last_test(out.decode(errors='replace'), 'RUN')} hangs"
        text = out.decode(errors="replace")
        if program.returncode == 0:
            if "[  PASSED  ] 0 tests" in text:
                raise Broken(f"no test of {suite} is called {pattern}")
            self.took.setdefault(attempt, time.monotonic() - start)
            return None
        failed = last_test(text, "FAILED")
        if failed:
            return f"{suite}: {failed}"
        return f"{suite}: {last_test(text, 'RUN')} ends by signal {-program.returncode}"

    def every(self):
        return ALL

    def try_some(self, attempts):
        for attempt in attempts:
            noticed = self.run(attempt)
            if noticed:
                return noticed
        return None

