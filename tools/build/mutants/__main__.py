# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
"""mutants BUILD KERNEL GROUP NAMES: does a suite notice when the code is broken?

Every mutant of tests/mutants, or those of one group or of some names, is put into a copy of the
checkout below BUILD/mutants, built, and tried. Nine in ten must be noticed, and each
must apply and compile. With TANDEM_MUTANTS_QUICK set only the tests that a mutant names
are tried: what survives them may be caught by the others.
"""

import math
import os
import pathlib
import sys
import time

from guest import Guest
from host import Host
from parse import GROUPS, Broken, read_all
from tree import Tree

WANTED = 0.9
# Seconds on two cores without KVM, for the budget that is printed beforehand.
BUDGET = {"firmware": 15, "runtime": 25, "driver": 45}
PREPARE = 600


def choose(mutants, group, names):
    if group and group not in GROUPS:
        raise SystemExit(f"mutants: no group '{group}'; use {', '.join(GROUPS)}")
    for name in names:
        if name not in {m.name for m in mutants}:
            raise SystemExit(f"mutants: none is called '{name}'; look into tests/mutants")
    return [m for m in mutants if group in ("", m.group) and (not names or m.name in names)]


def attempts_of(mutants):
    """Every way in which they are tried, once each."""
    return list(dict.fromkeys(attempt for m in mutants for attempt in m.tries))


def minutes(seconds):
    return f"{seconds / 60:.1f} min"


def say(text):
    print(text, flush=True)


def is_quick():
    return bool(os.environ.get("TANDEM_MUTANTS_QUICK"))


def prepare(place, mutants):
    """All that will be tried must pass on the unbroken tree, and its time is taken."""
    start = time.monotonic()
    attempts = attempts_of(mutants)
    place.prepare()
    try:
        place.build()
        noticed = place.try_some(attempts)
        if not noticed and not is_quick():
            noticed = place.try_some(place.every())
    except Broken as why:
        noticed = why
    if noticed:
        raise SystemExit(f"mutants: the unbroken tree fails, too: {noticed}; mend that first")
    say(f"== {place.name}: unbroken, {len(attempts)} choices of tests pass"
        f" ({minutes(time.monotonic() - start)} with its build)")


def try_one(tree, place, mutant):
    """Return: (whether it was noticed, by what)."""
    try:
        with tree.broken(mutant):
            place.build()
            noticed = place.try_some(mutant.tries)
            if not noticed and not is_quick():
                noticed = place.try_some(place.every())
    except Broken as why:
        return False, f"BROKEN: {why}"
    return bool(noticed), f"caught by {noticed}" if noticed else "SURVIVED"


def places_of(tree, work, build, kernel, mutants):
    host, guest = [], []
    for mutant in mutants:
        (guest if mutant.group == "driver" else host).append(mutant)
    if host:
        yield Host(tree, work), host
    if guest:
        # The guest's programs are built as the host's are.
        Host(tree, work).prepare()
        yield Guest(tree, work, build, kernel), guest


def main():
    build, kernel, group, names = sys.argv[1:]
    build = pathlib.Path(build).resolve()
    top = pathlib.Path(__file__).resolve().parents[3]
    mutants = choose(read_all(top / "tests/mutants"), group, names.split())
    budget = PREPARE + sum(BUDGET[m.group] for m in mutants)
    say(f"{len(mutants)} mutants; time budget {math.ceil(budget / 60)} min on two cores")
    start = time.monotonic()
    work = build / "mutants"
    tree = Tree(top, work / "tree")
    tree.sync()
    caught = broken = 0
    for place, some in places_of(tree, work, build, kernel, mutants):
        prepare(place, some)
        for mutant in some:
            since = time.monotonic()
            noticed, how = try_one(tree, place, mutant)
            caught += noticed
            broken += how.startswith("BROKEN")
            say(f"{'ok  ' if noticed else 'FAIL'}  {mutant.name} ({mutant.file}): {mutant.breaks}\n"
                f"      {how} ({time.monotonic() - since:.0f} s)")
    ratio = caught / len(mutants)
    say(f"{ratio:.0%} of {len(mutants)} mutants caught, {WANTED:.0%} wanted;"
        f" {minutes(time.monotonic() - start)}")
    say(f"{caught} passed, {len(mutants) - caught} failed, 0 skipped")
    return 1 if broken or ratio < WANTED else 0


if __name__ == "__main__":
    sys.exit(main())
