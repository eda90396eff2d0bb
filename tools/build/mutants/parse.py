# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
"""The files of tests/mutants: one mutant after another, blank lines between.

    mutant NAME
    file PATH
    breaks WHAT
    try SUITE[=FILTER] ...
    -old line
    +new line
     a line that stays, to say which one is meant

The lines that begin with '-' and ' ' are, together, text of the file; exactly one place
must have it. SUITE is a program of tests/ for what runs on the host, and a suite of
tests/vm/plan for the driver: the ones most likely to notice, tried first.
"""

import collections

Mutant = collections.namedtuple("Mutant", "group name file breaks tries old new")
GROUPS = ("firmware", "runtime", "driver")


class Broken(Exception):
    """A mutant that cannot be tried: it says nothing about the suites."""


def split_try(word):
    suite, _, pattern = word.partition("=")
    return suite, pattern


def parse_one(group, where, lines):
    words = {}
    old, new = [], []
    for line in lines:
        if line[0] in "-+ ":
            if line[0] != "+":
                old.append(line[1:])
            if line[0] != "-":
                new.append(line[1:])
            continue
        key, _, value = line.partition(" ")
        words[key] = value
    if set(words) != {"mutant", "file", "breaks", "try"} or not old or old == new:
        raise SystemExit(f"{where}: not a mutant; see tools/build/mutants/parse.py for the form")
    tries = [split_try(word) for word in words["try"].split()]
    text = ["".join(line + "\n" for line in part) for part in (old, new)]
    return Mutant(group, words["mutant"], words["file"], words["breaks"], tries, *text)


def parse(path, group):
    mutants = []
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    start = None
    for at, line in enumerate(lines + [""]):
        if line and start is None:
            start = at
        elif not line and start is not None:
            mutants.append(parse_one(group, f"{path}: line {start}", lines[start:at]))
            start = None
    return mutants


def read_all(folder):
    mutants = [m for group in GROUPS for m in parse(folder / f"{group}.txt", group)]
    names = collections.Counter(m.name for m in mutants)
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise SystemExit(f"mutants: two are called {twice[0]}; rename one")
    return mutants
