# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
"""A copy of the checkout, in which files are broken and mended again."""

import contextlib
import shutil
import subprocess

from parse import Broken


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


class Tree:
    def __init__(self, source, copy):
        self.source = source
        self.copy = copy

    def listed(self):
        out = subprocess.run(
            ["git", "-C", self.source, "ls-files", "-z", "-co", "--exclude-standard"],
            check=True, stdout=subprocess.PIPE).stdout
        names = [name for name in out.decode().split("\0") if name]
        return {name for name in names if (self.source / name).is_file()}

    def sync(self):
        """Only what differs is written, so that only that is built again."""
        names = self.listed()
        self.copy.mkdir(parents=True, exist_ok=True)
        for path in self.copy.rglob("*"):
            if not path.is_dir() and str(path.relative_to(self.copy)) not in names:
                path.unlink()
        for name in names:
            to = self.copy / name
            data = (self.source / name).read_bytes()
            if not to.is_file() or to.read_bytes() != data:
                write(to, data)
                shutil.copymode(self.source / name, to)

    @contextlib.contextmanager
    def broken(self, mutant):
        path = self.copy / mutant.file
        if not path.is_file():
            raise Broken(f"there is no {mutant.file}")
        text = path.read_text()
        places = text.count(mutant.old)
        if places != 1:
            raise Broken(f"its text is {places} times in {mutant.file}, and must be once")
        path.write_text(text.replace(mutant.old, mutant.new))
        try:
            yield
        finally:
            path.write_text(text)
