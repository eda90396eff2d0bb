#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# Every error names the thing and the cure: "<thing>: <what is wrong>; <cure>".
#
# Looked at are the texts of the calls below and what goes to standard error as
# "tandem: ...". A call that puts a message together from parts which have the cure
# is excepted by a comment in the line above it: "errors.sh: the cure is in NAME".
# perror() knows no cure and is refused.
set -eu

git ls-files -co --exclude-standard 'libruntime/*.c' 'libruntime/*.h' 'tools/*.c' 'tools/*.h' |
	python3 -c '
import re, sys

# The thing is named by these themselves: argp by its own text, gguf_fail by the cursor.
THING = {"tdm_error_set": True, "gguf_fail": False, "argp_error": False,
         "fprintf": True, "fputs": True}
CALL = re.compile(r"\b(tdm_error_set|gguf_fail|argp_error|fprintf|fputs|perror)\s*\(")
STRING = re.compile(r"\"((?:[^\"\\]|\\.)*)\"")
TOKEN = re.compile(r"\"(?:[^\"\\]|\\.)*\"|\x27(?:[^\x27\\]|\\.)*\x27|/\*.*?\*/|[()]", re.S)


def arguments(text, start):
    depth = 1
    for token in TOKEN.finditer(text, start):
        depth += {"(": 1, ")": -1}.get(token.group(), 0)
        if not depth:
            return text[start:token.start()]
    return ""


def complaint(name, args, before):
    texts = STRING.findall(args)
    text = "".join(texts)
    if name == "perror":
        return "perror() knows no cure; use tdm_error_set()"
    if name in ("fprintf", "fputs") and ("stderr" not in args or not text.startswith("tandem: ")):
        return None
    if not texts or "errors.sh: the cure is in " in before:
        return None
    if name in ("fprintf", "fputs") and text == "tandem: %s\\n":
        return None  # prints a struct tdm_error
    if "; " not in text:
        return "no cure in: " + text
    if THING[name] and ": " not in text.split("; ")[0]:
        return "no thing in: " + text
    return None


bad = calls = 0
for path in sys.stdin.read().split():
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for call in CALL.finditer(text):
        line = text.count("\n", 0, call.start()) + 1
        before = text.split("\n")[line - 2] if line > 1 else ""
        wrong = complaint(call.group(1), arguments(text, call.end()), before)
        calls += 1
        if wrong:
            print(f"{path}:{line}: {wrong}")
            bad += 1
print(f"{calls} calls")
sys.exit(bad > 0)'
