# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
"""Plots about making and finding: to build, to give, to repair, a map, a sound at night."""

BUILDS = [
    {"build": "a boat", "first": "paper", "bad": "It got wet and went down in the pond",
     "second": "wood", "good": "It sailed across the pond like a swan"},
    {"build": "a kite", "first": "heavy cloth", "bad": "It did not fly at all",
     "second": "thin paper", "good": "It flew higher than the birds"},
    {"build": "a tree house", "first": "thin sticks", "bad": "The wind blew it down",
     "second": "strong boards", "good": "It did not move, even in the wind"},
    {"build": "a bridge", "first": "straw", "bad": "It broke in the middle", "second": "big stones",
     "good": "Even the bear could walk over it"},
    {"build": "a sled", "first": "an old box", "bad": "It fell apart on the hill",
     "second": "smooth wood", "good": "It went down the hill like the wind"},
    {"build": "a wagon", "first": "square wheels", "bad": "It went bump, bump, bump and stopped",
     "second": "round wheels", "good": "It rolled down the road with no trouble"},
]
BUILD = {
    "tables": [BUILDS, [{"proud": "proud"}, {"proud": "very proud"}, {"proud": "happy with it"}]],
    "start": "{Day}, {name} had an idea. \"I will build {build}!\" {he} said.",
    "middle": [
        "{Name} worked all morning. {He} made {build} with {first}. {He} was {proud}, but not "
        "for long. {Bad}. \"[Oh no|Oh dear]! All my work is gone,\" said {name}. {He} [kicked "
        "a stone|sat down and sighed|wanted to give up].",
        "{Fname} the {fkind} [came to look|had seen it all|helped {him} up]. \"[What can we "
        "learn from this|Why did it not work]?\" asked {fname}. {Name} thought about it. "
        "\"Maybe {first} was not the right thing,\" {he} said. \"Let us try {second}.\" So the "
        "two friends worked together. {fname} held the parts, and {name} put them in place. "
        "{Good}!",
    ],
    "end": [
        "\"It works!\" {cried} {name}. They played with it until the stars came out. {Name} "
        "had learned that a mistake is only a step on the way.",
        "\"The first one helped us to make the second one,\" said {fname}. {Name} {smiled}. "
        "\"What will we build tomorrow?\" {he} asked.",
        "All the others came to see it. \"Who made this?\" they asked. \"We made it "
        "together,\" said {name}, and {he} was {happy}.",
    ],
}

GIFTS = [
    {"gift": "a cake", "bad": "But the cake burned in the oven and turned black",
     "new": "sang a song that {he} had made"},
    {"gift": "a crown of flowers", "bad": "But a hungry goat ate all the flowers",
     "new": "told a funny story about the goat"},
    {"gift": "a picture", "bad": "But the rain fell on it, and the colors ran",
     "new": "danced a funny dance in the rain"},
    {"gift": "a necklace of shells",
     "bad": "But the string broke, and the shells fell into the sea",
     "new": "took {fname} to the beach to look for new shells"},
    {"gift": "a sand castle", "bad": "But a big wave came and washed it away",
     "new": "drew a big heart in the wet sand"},
]
GIFT = {
    "tables": [GIFTS],
    "start": "It was almost {fname}'s birthday. {Fname} the {fkind} was {name}'s best friend, "
             "and {name} wanted to give {fhim} something special.",
    "middle": [
        "\"I will make {gift},\" said {name}. {He} worked [all day|for hours|until late]. "
        "{Bad}. {Name} was {sad}. \"[Now I have no gift|I have nothing to give|The birthday is "
        "today],\" {he} said, and a tear ran down {his} cheek.",
        "Then {elder} said, \"The best gift comes from the heart.\" {Name} [thought about "
        "this|dried {his} eyes|had a new idea]. {He} went to the birthday party with [empty "
        "hands|nothing in {his} hands]. When it was {his} turn, {name} {new}. {Fname} [laughed "
        "and clapped|was full of joy|could not stop smiling].",
    ],
    "end": [
        "\"That was the best gift of all,\" said {fname}. {Name} {smiled}. Then they all ate "
        "{treat} and played games until night.",
        "\"You made me so happy,\" said {fname}. The two friends hugged. {Name} knew now that "
        "love is a better gift than {gift}.",
    ],
}

ROBOT_TROUBLES = [
    {"bad": "{his} wheels began to squeak", "talk": "Squeak, squeak", "why": "The wheels were dry",
     "fix": "a drop of oil", "after": "rolled along without a sound"},
    {"bad": "{his} light would not turn on", "talk": "It is so dark", "why": "The lamp was old",
     "fix": "a new lamp", "after": "shone as bright as a star"},
    {"bad": "{his} arm fell off", "talk": "Clank, clank", "why": "A screw was missing",
     "fix": "a shiny new screw", "after": "waved with both arms"},
    {"bad": "{he} began to move slower and slower", "talk": "So tired",
     "why": "The battery was empty", "fix": "a long rest in the warm sun",
     "after": "jumped up and spun around"},
    {"bad": "{he} could only say the word beep", "talk": "Beep, beep, beep",
     "why": "A wire was loose", "fix": "a bit of tape for the wire",
     "after": "talked and sang all day"},
]
ROBOT = {
    "groups": ("robot",),
    "tables": [
        ROBOT_TROUBLES,
        [{"day0": "one day"}, {"day0": "one rainy day"}, {"day0": "one cold morning"}],
    ],
    "start": "{Name} [helped everybody in the town|carried bags for old people|cleaned the "
             "streets every morning|watered the flowers every day]. But {day0}, {bad}.",
    "middle": [
        "\"{Talk},\" said {name}. {He} [did not know what to do|was worried|felt sad]. \"If I "
        "cannot work, nobody will need me,\" {he} thought. {He} hid behind the [shed|wall|big "
        "tree] so that nobody could see {him}.",
        "But {fname} the {fkind} [missed {him}|looked for {him}|found {him} there]. \"Why do "
        "you hide?\" asked {fname}. \"I am broken,\" said {name}. {Fname} looked at {him} with "
        "care. \"{Why},\" said {fname}. \"You only need {fix}.\" {Fname} helped {him}, and "
        "soon {name} {after}.",
    ],
    "end": [
        "{fthanks} said {name}. \"We do not like you because you work,\" said {fname}. \"We "
        "like you because you are our friend.\" And the little robot's heart glowed.",
        "The whole town was {happy} to see {him} again. {Name} learned that it is good to ask "
        "for help. That evening, {he} and {fname} watched the sun go down.",
        "From that day on, {name} was not afraid to ask for help, and when {fname} needed "
        "help, {name} was always the first to come.",
    ],
}

MAPS = [
    {"chest": "full of old books", "use": "read one of them to the others every night"},
    {"chest": "full of seeds", "use": "planted a garden for everyone"},
    {"chest": "full of gold coins", "use": "bought new shoes and toys for all the children"},
    {"chest": "full of music boxes", "use": "gave one to every friend"},
    {"chest": "full of paint", "use": "painted the gray old houses in bright colors"},
]
MAP = {
    "tables": [
        MAPS,
        [
            {"place1": "the big rock", "place2": "the waterfall"},
            {"place1": "the old mill", "place2": "the dark cave"},
            {"place1": "the crooked tree", "place2": "the stone bridge"},
        ],
    ],
    "start": "{Day}, {name} found an old map [in a bottle|under the floor|inside a book]. On "
             "the map there was a red cross.",
    "middle": [
        "\"It is a treasure map!\" {cried} {name}. {He} ran to {fname} the {fkind}. \"Will you "
        "come with me?\" \"Of course!\" said {fname}. They [packed some bread|took a lamp and "
        "a rope|put on their boots] and followed the map. First they came to {place1}. Then "
        "they [turned left|walked for an hour|crossed a field] and came to {place2}.",
        "\"The cross is here,\" said {name}. They dug and dug. They were [tired|hungry|covered "
        "with dirt], but they did not stop. At last the shovel hit something hard. It was a "
        "wooden chest! {Name} opened it slowly. It was {chest}!",
    ],
    "end": [
        "\"We should share this,\" said {name}, and {fname} said yes. They took the treasure "
        "home and {use}. It was the best treasure in the world.",
        "The friends carried the chest home and {use}. \"The treasure is nice,\" said {fname}, "
        "\"but I liked the adventure most.\" {Name} {smiled}.",
    ],
}

SOUNDS = [
    {"sound": "tap, tap, tap", "maker": "a small bird", "the_maker": "the small bird",
     "why": "I only want to come in, because it is cold outside"},
    {"sound": "hoo, hoo, hoo", "maker": "a young owl", "the_maker": "the young owl",
     "why": "I am singing to the moon, because I am lonely"},
    {"sound": "scratch, scratch, scratch", "maker": "a tiny kitten", "the_maker": "the tiny kitten",
     "why": "I am hungry, and I smelled your supper"},
    {"sound": "bump, bump, bump", "maker": "a hedgehog with a pot on its head",
     "the_maker": "the hedgehog", "why": "I put my head in the pot, and now I cannot see"},
    {"sound": "sniff, sniff, sniff", "maker": "a little puppy", "the_maker": "the little puppy",
     "why": "I lost my way in the rain"},
]
SOUND = {
    "tables": [SOUNDS],
    "start": "One [dark|stormy|windy|quiet] night, {name} woke up. There was a strange sound "
             "at the door: {sound}.",
    "middle": [
        "\"[What is that|Who is there]?\" {he} asked, but nobody answered. {Sound}, it went "
        "again. {Name} [pulled the blanket over {his} head|held {his} pillow tight|did not "
        "dare to move]. \"Maybe it is a monster,\" {he} thought. {His} heart went boom, boom, "
        "boom.",
        "But {name} [wanted to know|was curious|could not sleep]. {He} took a lamp, walked to "
        "the door on the tips of {his} toes, and opened it. There stood {maker}! \"Please do "
        "not be afraid,\" it said. \"{Why}.\" {Name} [laughed|smiled|was not afraid any more]. "
        "\"You are not a monster at all,\" {he} said. \"Come in!\"",
    ],
    "end": [
        "{Name} helped {the_maker}, and they shared {treat}. Soon they were both fast asleep, "
        "and the night was quiet.",
        "{Name} made some warm milk, and they talked until the sun came up. From that night "
        "on, {name} had a new friend.",
        "In the morning, {name} told {fname} the {fkind} about it. \"I was afraid of a friend "
        "that I did not know yet,\" {he} said.",
    ],
}

NEIGHBOR = {
    "tables": [
        [
            {"far": "from a land of snow"},
            {"far": "from the other side of the sea"},
            {"far": "from the big city"},
            {"far": "from behind the mountains"},
        ],
        [{"game": "hide and seek"}, {"game": "tag"}, {"game": "catch"}, {"game": "pirates"}],
        [
            {"can": "juggle five apples"},
            {"can": "tell stories with funny voices"},
            {"can": "do a backward jump"},
            {"can": "play the flute"},
        ],
    ],
    "start": "{Day}, {fname} the {fkind} moved into the house next door. {Fname} came {far} "
             "and did not know anybody.",
    "middle": [
        "The others did not talk to {fname}. \"{Fhe} looks different,\" said one. \"{Fhe} "
        "talks in a strange way,\" said another. {Fname} sat [on the steps|by the window|under "
        "a tree] all alone. {Name} saw it and [felt sorry|was sad too|did not like it].",
        "{Name} walked over to {fname}. \"Hello! My name is {name}. Do you want to play "
        "{game}?\" {Fname} looked up, and {fhis} eyes were bright. \"Yes, please!\" They "
        "played all afternoon. And {name} found out that {fname} could {can}! Soon the others "
        "came to watch, and they [wanted to play too|clapped and cheered|said hello].",
    ],
    "end": [
        "\"I am glad that you came to live here,\" said {name}. \"I am glad too,\" said "
        "{fname}. From that day on, nobody was alone in that street.",
        "That evening, {fname} gave {name} {treat}. \"You were the first one to be kind to "
        "me,\" {fhe} said. They are still friends today.",
    ],
}

PLOTS = [BUILD, GIFT, ROBOT, ROBOT, MAP, SOUND, NEIGHBOR]
