# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
"""The words that every story of the corpus shares."""

CHILDREN = {"boy": "m", "girl": "f"}
# A kind named more than once is drawn more often.
KINDS = [
    "fox", "rabbit", "bear", "mouse", "hedgehog", "squirrel", "duck", "frog", "turtle", "cat",
    "dog", "badger", "otter", "beaver", "pig", "lamb", "goat", "pony", "mole", "penguin", "owl",
    "panda", "dragon", "elephant", "robot", "robot", "robot", "boy", "girl", "fox", "boy", "girl",
]
NAMES = {
    "m": ["Pip", "Max", "Tom", "Sam", "Leo", "Finn", "Toby", "Oscar", "Ben", "Jack", "Milo",
          "Theo", "Hugo", "Otto", "Gus", "Ned"],
    "f": ["Lily", "Mia", "Rosie", "Daisy", "Ruby", "Anna", "Ella", "Lucy", "Molly", "Nora",
          "Poppy", "Hazel", "Clara", "Ivy", "Luna", "Tilly"],
}
ROBOT_NAMES = {
    "m": ["Beep", "Bolt", "Rusty", "Chip", "Gizmo"],
    "f": ["Dot", "Pixel", "Cog", "Zuzu", "Spark"],
}
ADJECTIVES = [
    "small", "little", "little", "young", "tiny", "brave", "shy", "clever", "kind", "curious",
    "gentle", "cheerful", "quiet", "happy", "friendly",
]
ELDERS = ["Grandmother Goose", "old Mr. Badger", "the wise old owl", "Mrs. Hen", "the old gardener",
          "Grandfather Toad", "the kind baker", "Aunt Maple"]
HOMES = {
    "animal": [
        "in a [cozy|warm|small] den under an old oak tree",
        "in a [little|round|snug] house by the river",
        "at the edge of a [green|quiet|deep] forest",
        "near a [blue|wide|still] lake",
        "on a [sunny|grassy|windy] hill",
        "in a [hollow tree|mossy burrow|little hut] in the woods",
        "on a [small|busy|quiet] farm",
        "beside a [clear|cold|merry] stream",
    ],
    "robot": [
        "in a [small|dusty|busy] workshop at the end of the road",
        "in an old barn behind the [mill|school|bakery]",
        "in a [bright|round|tall] tower by the sea",
        "in a [quiet|little|sunny] town",
        "in a [big|green|sunny] garden full of flowers",
        "in a [toy shop|clock shop|little shed] near the park",
    ],
    "child": [
        "in a [red|white|yellow] house by the sea",
        "in a [small|quiet|sunny] village",
        "on a [big|little|busy] farm",
        "in a [little|cozy|tall] house near the woods",
        "in a town [by the river|on a hill|between two mountains]",
    ],
}
SLOTS = {
    "day": "one [sunny|bright|warm|cool|windy|quiet|fine] [morning|day|afternoon]",
    "said": "[said|said|said softly|said with a smile]",
    "cried": "[cried|called|shouted]",
    "happy": "[happy|very happy|so happy|glad|full of joy]",
    "sad": "[sad|very sad|so sad|unhappy]",
    "smiled": "[smiled|smiled a big smile|laughed|nodded and smiled]",
    "thanks": "\"[Thank you|Thank you so much|Oh, thank you], {name}!\"",
    "fthanks": "\"[Thank you|Thank you so much|Oh, thank you], {fname}!\"",
    "hobby": "[to play|to sing|to explore|to draw pictures|to look at the clouds|to help others|"
             "to tell stories|to watch the birds|to pick flowers|to make new things]",
    "treat": "[a warm pie|a bowl of soup|sweet berries|honey cakes|fresh bread|"
             "a plate of cookies|apple cake|pancakes]",
}
