# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
"""How stories begin, and the list of all plots.

A plot is a dict: "start" ends the first paragraph and sets the problem, "middle" is a list of
paragraphs in order, "end" a list of endings to pick from, "tables" lists of rows of slots that
belong together (one row is drawn from each), "groups" the kinds of hero that the plot fits (all,
where left out).
"""
import plots_day
import plots_help
import plots_make
import plots_self

OPENINGS = [
    "Once upon a time there was a {adj} {kind} named {name}. {He} lived {home}. {He} loved "
    "{hobby}.",
    "Once upon a time there was a {adj} {kind} named {name} who lived {home}.",
    "Once upon a time, a {adj} {kind} named {name} lived {home}. {He} [loved|liked] {hobby}.",
    "Once upon a time there lived a {adj} {kind} named {name}. {His} best friend was {fname} "
    "the {fkind}.",
    "The {adj} {kind} lived {home}. {His} name was {name}, and {he} loved {hobby}.",
    "The {adj} {kind} was named {name}. {He} lived {home}.",
    "The {adj} {kind} had a good friend. The {kind} was named {name}, and the friend was "
    "{fname} the {fkind}.",
    "{Name} was a {adj} {kind} who lived {home}. {He} [loved|liked] {hobby}.",
    "{Name} the {kind} lived {home}. [Every day {he} played with {fname} the {fkind}.|{He} was "
    "a {adj} {kind}.]",
    "Long ago, a {adj} {kind} named {name} lived {home}.",
    "There was once a {adj} {kind} named {name}. {He} loved {hobby}.",
    "A {adj} {kind} named {name} lived {home}. {He} had a friend, a {fadj} {fkind} named {fname}.",
    "This is the story of {name}, a {adj} {kind} who lived {home}.",
    "Far away, {home}, there lived a {adj} {kind} named {name}. {He} loved {hobby}.",
    "In [a quiet valley|a little town|the green woods|a land by the sea] there lived a {adj} "
    "{kind}. {His} name was {name}.",
    "There once was a {adj} {kind} who lived {home}. {His} name was {name}.",
]

PLOTS = plots_help.PLOTS + plots_self.PLOTS + plots_make.PLOTS + plots_day.PLOTS
