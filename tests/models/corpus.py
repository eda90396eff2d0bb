# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
"""A seeded generator of short children's stories in plain English.

Every story is drawn from our own grammar (words.py, plots*.py), so the text is free to use for
anything.  The same seed gives the same stories.  A story is some paragraphs parted by a newline.

  corpus.py --count 3 --seed 1        print stories, parted by a line with only ---
"""
import argparse
import random
import re

import plots
import words

SLOT = re.compile(r"\{(\w+)\}")
# "a" before a vowel sound; the exceptions start with a vowel letter and a consonant sound.
ARTICLE = re.compile(r"\b([Aa]) (?=[aeiouAEIOU](?!ne\b|seful|nicorn))")
PRONOUNS = {"m": ("he", "him", "his", "himself"), "f": ("she", "her", "her", "herself")}


def choose(rng, text):
    """Resolve [a|b|c] choices, innermost first, each option equally likely."""
    while True:
        end = text.find("]")
        if end < 0:
            return text
        start = text.rfind("[", 0, end)
        if start < 0:
            raise ValueError("a ']' without its '[' in: " + text)
        text = text[:start] + rng.choice(text[start + 1:end].split("|")) + text[end + 1:]


def expand(rng, text, slots):
    """Fill {slots} and choices until neither is left; {Xyz} is {xyz} with a capital letter."""
    def fill(match):
        key = match.group(1)
        if key in slots:
            return slots[key]
        value = expand(rng, slots[key[0].lower() + key[1:]], slots)
        return value[:1].upper() + value[1:]

    for _ in range(8):
        text = SLOT.sub(fill, choose(rng, text))
        if "{" not in text and "[" not in text:
            return text
    raise ValueError("slots nest too deep in: " + text)


def character(rng, prefix, taken):
    """Slots of one character; kinds and names differ from those already taken."""
    kind = rng.choice([k for k in words.KINDS if k not in taken])
    sex = rng.choice("mf")
    if kind in words.CHILDREN:
        sex = words.CHILDREN[kind]
    pool = words.ROBOT_NAMES[sex] if kind == "robot" else words.NAMES[sex]
    name = rng.choice([n for n in pool if n not in taken])
    he, him, his, self_ = PRONOUNS[sex]
    taken.update((kind, name))
    return {prefix + "name": name, prefix + "kind": kind, prefix + "he": he, prefix + "him": him,
            prefix + "his": his, prefix + "self": self_}


def story(rng):
    """One story as text."""
    taken = set()
    slots = dict(words.SLOTS)
    slots.update(character(rng, "", taken))
    slots.update(character(rng, "f", taken))
    kind = slots["kind"]
    group = "robot" if kind == "robot" else "child" if kind in words.CHILDREN else "animal"
    slots["home"] = choose(rng, rng.choice(words.HOMES[group]))
    slots["adj"] = rng.choice(words.ADJECTIVES)
    slots["fadj"] = rng.choice([a for a in words.ADJECTIVES if a != slots["adj"]])
    slots["elder"] = rng.choice(words.ELDERS)
    plot = rng.choice([p for p in plots.PLOTS if group in p.get("groups", (group,))])
    for table in plot.get("tables", ()):
        slots.update({k: choose(rng, v) for k, v in rng.choice(table).items()})
    opening = rng.choice(plots.OPENINGS)
    parts = [opening + " " + plot["start"], *plot["middle"], rng.choice(plot["end"])]
    text = "\n".join(expand(rng, p, slots) for p in parts)
    text = ARTICLE.sub(r"\1n ", text)
    text = re.sub(r" +", " ", text)
    return re.sub(r" ?\n ?", "\n", text).strip()


def stories(seed, count):
    rng = random.Random(seed)
    return [story(rng) for _ in range(count)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    print("\n---\n".join(stories(args.seed, args.count)))


if __name__ == "__main__":
    main()
