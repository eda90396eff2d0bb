# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
"""Suites in a guest with the broken module: what catches mutants of the driver."""

import gzip
import json
import os
import re
import shutil
import subprocess

from parse import Broken

# As in host.py, for one suite in the guest; a boot has vm-run.sh's own limit.
PATIENCE = 4
GRACE = 20
FIRST_LIMIT = 400
BOOTS = 3


class Guest:
    name = "guest"

    def __init__(self, tree, work, build, kernel):
        self.tree = tree
        self.tools = tree.copy / "tools/build"
        self.plain = work / "plain"
        self.folder = work / "vm" / kernel
        self.fetched = build / "vm" / kernel
        self.kernel = kernel
        self.plan = self.read_plan()
        self.took = {}

    def read_plan(self):
        suites = {}
        for line in (self.tree.copy / "tests/vm/plan").read_text().splitlines():
            if line and not line.startswith("#"):
                name, limit, needs, command = line.split(None, 3)
                suites[name] = (int(limit), needs, command)
        return suites

    def script(self, name, *args, check=True, env=None):
        return subprocess.run([self.tools / name, *args], check=check, env=env,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def prepare(self):
        self.script("vm-fetch.sh", self.kernel, self.fetched)
        self.folder.mkdir(parents=True, exist_ok=True)
        root = self.folder / "root"
        if not root.is_symlink():
            root.symlink_to((self.fetched / "root").resolve())
        shutil.copy(self.fetched / "release", self.folder)
        self.release = (self.folder / "release").read_text().strip()
        self.script("vm-module.sh", self.folder)
        self.script("vm-initramfs.sh", self.folder, self.plain, self.folder / "initramfs")

    def build(self):
        done = self.script("vm-module.sh", self.folder, check=False)
        if done.returncode:
            raise Broken(f"it does not compile: {self.folder}/module/build.log")
        self.pack()

    def pack(self):
        """The kernel unpacks one archive after another: the last module is the one."""
        top = self.folder / "mutant.d"
        shutil.rmtree(top, ignore_errors=True)
        module = top / "lib/modules" / self.release / "updates/tandem.ko"
        module.parent.mkdir(parents=True)
        shutil.copy(self.folder / "module/tandem.ko", module)
        subprocess.run(["strip", "--strip-debug", module], check=True)
        part = subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], cwd=top, check=True,
                              input=str(module.relative_to(top)).encode(),
                              stdout=subprocess.PIPE).stdout
        shutil.copy(self.folder / "initramfs", self.folder / "mutant")
        with open(self.folder / "mutant", "ab") as out:
            out.write(gzip.compress(part, 1))

    def line(self, name, attempt):
        """A suite of the plan under a name of its own, perhaps with some of its tests."""
        suite, pattern = attempt
        if suite not in self.plan:
            raise Broken(f"tests/vm/plan has no suite {suite}")
        limit, needs, command = self.plan[suite]
        if attempt in self.took:
            limit = int(PATIENCE * self.took[attempt] + GRACE)
        elif pattern:
            limit = FIRST_LIMIT
        if pattern:
            command += f" --gtest_filter={pattern} --gtest_fail_fast"
        return f"{name} {limit} {needs} {command}\n"

    def boot(self, attempts):
        """Return: what noticed, or None; self.took learns from a run without fault."""
        out, results = self.folder / "out", self.folder / "results"
        names = [f"{attempt[0]}-{i}" if attempt[1] else attempt[0]
                 for i, attempt in enumerate(attempts)]
        plan = self.folder / "plan"
        plan.write_text("".join(map(self.line, names, attempts)))
        shutil.rmtree(results, ignore_errors=True)
        env = dict(os.environ, TANDEM_VM_GRACE="15")
        for _ in range(BOOTS):
            self.script("vm-run.sh", self.folder, self.folder / "mutant", "test", plan, out,
                        check=False, env=env)
            # Before its first suite the guest has not loaded the module; and code that the
            # kernel patches while another processor runs it is QEMU's to get wrong.
            log = (out / "kernel.log").read_text(errors="replace")
            if "tandem-vm: ready" in log and "Oops: int3" not in log:
                break
        else:
            raise Broken(f"the guest does not boot: {out}/kernel.log")
        report = self.script("vm-report.sh", out, plan, results, "vm", check=False)
        if report.returncode:
            return self.noticed(results, report.stdout, out)
        self.learn(names, attempts, out)
        for name, attempt in zip(names, attempts):
            path = results / f"vm-{name}.json"
            if attempt[1] and not json.loads(path.read_text())["tests"]:
                raise Broken(f"no test of {attempt[0]} is called {attempt[1]}")
        return None

    def noticed(self, results, said, out):
        for path in sorted(results.glob("*.json")):
            if path.name == "vm-guest.json":
                continue
            for suite in json.loads(path.read_text())["testsuites"]:
                for test in suite["testsuite"]:
                    if test.get("failures"):
                        where = re.sub("-[0-9]+$", "", path.stem[len("vm-"):])
                        return f"{where}: {suite['name']}.{test['name']}"
        first = next((line for line in said.splitlines() if line.startswith("FAIL")), said)
        message = re.sub(r"^FAIL +vm ", "", first)
        if re.search("limit|stood still|ended in it", message):
            log = (out / "output.log").read_text(errors="replace")
            started = re.findall(r"^\[ RUN *\] (\S+)", log, re.M)
            if started and started[-1] not in message:
                message += f" in {started[-1]}"
        return message

    def learn(self, names, attempts, out):
        log = (out / "kernel.log").read_text(errors="replace")
        for name, attempt in zip(names, attempts):
            times = [re.search(r"\[ *([0-9.]+)\].*tandem-vm: " + what + " " + name + r"\b", log)
                     for what in ("begin", "end")]
            if all(times):
                took = float(times[1].group(1)) - float(times[0].group(1))
                self.took.setdefault(attempt, took)

    def every(self):
        return [(name, "") for name in self.plan]

    def try_some(self, attempts):
        return self.boot(attempts)
