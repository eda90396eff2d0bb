# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
"""Plots about helping: a thing is lost, somebody is stuck, hungry, cold or far from home."""

LOST_THINGS = [
    {"thing": "[red|green] ball", "use": "play with it", "clue": "a dog barked near the fence",
     "where": "behind the fence"},
    {"thing": "[blue|yellow] kite", "use": "fly it on the hill",
     "clue": "something fluttered above the trees", "where": "at the top of a tall tree"},
    {"thing": "[silver|golden] bell", "use": "ring it every morning",
     "clue": "a soft ringing came from the grass", "where": "in the long grass"},
    {"thing": "[warm|striped] scarf", "use": "wear it on cold days",
     "clue": "a thread of wool lay on the path", "where": "on a rose bush"},
    {"thing": "[shiny|little] key", "use": "open the garden gate",
     "clue": "something shone beside the well", "where": "beside the well"},
    {"thing": "[wooden|tiny] boat", "use": "sail it on the pond",
     "clue": "the wind blew across the pond", "where": "between the water lilies"},
    {"thing": "[straw|purple] hat", "use": "wear it in the sun",
     "clue": "a bird sang a proud little song",
     "where": "in a tree, with a bird sitting inside it"},
    {"thing": "[old|little] drum", "use": "play it for everyone",
     "clue": "tap, tap, tap went the rain", "where": "under the old bridge"},
]
LOST = {
    "tables": [LOST_THINGS],
    "start": "{Name} had a {thing}, and {he} [loved to|liked to] {use}. [But {day}|Then "
             "{day}], the {thing} was gone.",
    "middle": [
        "{Name} looked [under the bed|behind the door|in every corner], but it was not there. "
        "{He} looked [by the gate|in the garden|near the pond], but it was not there. \"[Oh "
        "no|Oh dear]! Where is my {thing}?\" {he} {cried}. {He} was so sad that {he} [began to "
        "cry|sat down on a stone|did not want to eat].",
        "{Fname} the {fkind} [heard {him}|came by|saw {him}] and asked, \"What is wrong?\" \"I "
        "lost my {thing},\" said {name}. \"[Do not worry|Do not be sad]. We will look for it "
        "together,\" said {fname}. They [walked and walked|looked high and low|searched all "
        "day]. Then {clue}. [\"Listen!\"|\"Look!\"|\"Over there!\"] said {fname}. They ran to "
        "see, and there was the {thing}, {where}!",
    ],
    "end": [
        "{Name} was {happy}. {fthanks} {he} said. From that day on, {he} took good care of the "
        "{thing}, and {he} always let {fname} use it too.",
        "{Name} jumped for joy and hugged {fname}. \"[You are a good friend|You are my best "
        "friend],\" {he} {said}. Then they took the {thing} home and shared {treat}.",
        "\"We found it because we looked together,\" said {fname}. {Name} {smiled}. That night "
        "{he} put the {thing} next to {his} bed and slept well.",
    ],
}

STUCK_PLACES = [
    {"stuck": "stuck in the mud", "why": "The rain had made the path soft and deep.",
     "tool": "a long rope", "act": "threw one end of the rope to {fname} and pulled",
     "cure": "With a loud pop, {fname} came out of the mud."},
    {"stuck": "stuck in a tall tree",
     "why": "The tree was easy to climb, but it was hard to come down.", "tool": "a ladder",
     "act": "put the ladder against the tree and held it",
     "cure": "Step by step, {fname} came down to the ground."},
    {"stuck": "stuck in a deep hole", "why": "Leaves had covered the hole, so nobody could see it.",
     "tool": "a strong branch", "act": "put the branch into the hole and held on tight",
     "cure": "{Fname} climbed up the branch and out of the hole."},
    {"stuck": "stuck under a fence", "why": "The hole under the fence was too small.",
     "tool": "a little shovel", "act": "dug and dug until the hole was wide",
     "cure": "Soon {fname} could wiggle out."},
    {"stuck": "on a rock in the river",
     "why": "The water had come up, and it was too fast to cross.", "tool": "a wide board",
     "act": "laid the board from the bank to the rock",
     "cure": "{Fname} walked over the board, back to the grass."},
]
STUCK = {
    "tables": [STUCK_PLACES, [{"next": "next time"}, {"next": "from now on"}]],
    "start": "{Day}, {name} was [walking by the river|picking berries|on the way home|going to "
             "the market] when {he} heard a voice. \"Help! [Please help me|I need help|Is "
             "anybody there]!\"",
    "middle": [
        "{Name} ran to see. It was {fname} the {fkind}, and {fhe} was {stuck}. {why} \"[I "
        "cannot get out|I have tried and tried|I do not know what to do],\" said {fname}. "
        "{Fhe} was [cold and afraid|tired and sad|very scared].",
        "\"[Stay calm|Do not be afraid|Wait for me]. I will help you,\" said {name}. {He} "
        "[thought for a moment|looked around|had a good idea]. Then {he} ran [home|to the "
        "barn|to {elder}] and came back with {tool}. {Name} {act}. It was hard work, but {he} "
        "did not give up. {cure}",
    ],
    "end": [
        "{thanks} said {fname}. \"You are very brave.\" They went home together and ate "
        "{treat}. From that day on, {name} and {fname} were best friends.",
        "{Fname} hugged {name}. \"How can I thank you?\" {fhe} asked. \"You can play with "
        "me,\" said {name}. So they played until the sun went down, and they were both {happy}.",
        "{Fname} was safe at last. \"{Next} I will be more careful,\" {fhe} said. {Name} "
        "{smiled}, and they walked home side by side.",
    ],
}

HOME_BABIES = [
    {"baby": "duckling", "sign": "a feather on the grass", "path": "the feathers to the pond",
     "parent": "mother duck"},
    {"baby": "kitten", "sign": "small paw prints in the mud", "path": "the paw prints to the barn",
     "parent": "mother cat"},
    {"baby": "bee", "sign": "the smell of honey in the wind",
     "path": "the sweet smell to the old tree", "parent": "queen bee"},
    {"baby": "bird", "sign": "a song from far away", "path": "the song to a nest in the oak tree",
     "parent": "mother bird"},
    {"baby": "lamb", "sign": "white wool on the bushes", "path": "the wool to the green hill",
     "parent": "mother sheep"},
    {"baby": "rabbit", "sign": "a trail of clover", "path": "the clover to a hole in the hill",
     "parent": "mother rabbit"},
]
HOME = {
    "tables": [HOME_BABIES, [{"sad0": "crying"}, {"sad0": "so sad"}, {"sad0": "here alone"}]],
    "start": "{Day}, {name} [found|saw|met] a little {baby} [beside the path|under a bush|near "
             "a big stone]. The little {baby} was [all alone|shaking and alone|crying].",
    "middle": [
        "\"Why are you {sad0}?\" asked {name}. \"I am lost,\" said the little {baby}. \"I "
        "[followed a butterfly|chased a leaf|went to see the flowers], and now I cannot find "
        "my way home.\" {Name} felt sorry for the little one. \"I will take you home,\" {he} "
        "{said}.",
        "They [walked through the woods|walked down the path|went over the bridge], but they "
        "did not know the way. The sky grew [dark|gray|red]. Then {name} [saw|noticed|found] "
        "{sign}. \"[Look at that|This is a clue|I know what this means]!\" {he} {cried}. They "
        "followed {path}. There stood the {parent}, looking for her baby.",
    ],
    "end": [
        "\"My baby!\" {cried} the {parent}. The little {baby} ran to her. \"Thank you for your "
        "kindness,\" she said to {name}. {Name} went home with a warm heart.",
        "The {parent} was {happy}. She gave {name} {treat} to say thank you. After that day, "
        "{name} came to visit the little {baby} every week.",
        "The little {baby} and the {parent} hugged for a long time. {Name} waved goodbye. {He} "
        "was tired, but {he} was {happy}, because {he} had helped somebody.",
    ],
}

FOODS = [
    {"food": "a basket of apples", "one": "an apple", "them": "apples"},
    {"food": "a bag of nuts", "one": "a nut", "them": "nuts"},
    {"food": "a big cake", "one": "a piece of cake", "them": "cake"},
    {"food": "a jar of honey", "one": "a spoon of honey", "them": "honey"},
    {"food": "a bowl of berries", "one": "a berry", "them": "berries"},
    {"food": "a loaf of bread", "one": "a piece of bread", "them": "bread"},
]
SHARE = {
    "tables": [
        FOODS,
        [
            {"fthanks0": "\"Thank you,\" {fhe} said."},
            {"fthanks0": "\"You are a good friend,\" {fhe} said."},
        ],
    ],
    "start": "{Day}, {elder} gave {name} {food}. \"[This is all for me|It is all mine|I will "
             "eat it all]!\" said {name}.",
    "middle": [
        "{Fname} the {fkind} came by. {Fhe} had not eaten all day. \"May I have {one}?\" asked "
        "{fname}. \"No,\" said {name}. \"[It is mine|I do not want to share|I want it all].\" "
        "{Fname} was {sad}, and {fhe} walked away.",
        "{Name} sat down [under a tree|on a log|by the wall] and ate and ate. But the {them} "
        "did not taste good. {He} felt [lonely|bad|heavy] inside. {He} thought about {fname}'s "
        "sad face. \"[I was not kind|That was wrong|I was wrong],\" {he} said. So {he} picked "
        "up the rest and ran after {fname}. \"I am sorry,\" said {name}. \"Please eat with "
        "me.\"",
    ],
    "end": [
        "They sat together and shared the {them}. Now the {them} tasted [sweet|wonderful|so "
        "good]. \"Food is better with a friend,\" {said} {name}, and {fname} {smiled}.",
        "{Fname} {smiled} and took {one}. {fthanks0} From that day on, {name} always shared, "
        "and {he} was never lonely again.",
        "{Fname} was not angry. They ate until they were full, and then they lay in the grass "
        "and looked at the clouds. {Name} had learned that it feels good to share.",
    ],
}

WARM_THINGS = [
    {"warm": "a warm blanket", "it": "the blanket", "made": "a soft wool blanket"},
    {"warm": "a thick coat", "it": "the coat", "made": "a coat with big buttons"},
    {"warm": "a pair of mittens", "it": "the mittens", "made": "a pair of red mittens"},
    {"warm": "a long scarf", "it": "the scarf", "made": "a long blue scarf"},
]
COLD = {
    "tables": [
        WARM_THINGS,
        [{"day0": "one cold morning"}, {"day0": "one windy evening"}, {"day0": "one gray day"}],
    ],
    "start": "Winter came, and snow fell [all night|for three days|on the hills]. {Name} had "
             "{warm}, so {he} was not cold.",
    "middle": [
        "[But {day0}|Then {day0}], {name} saw {fname} the {fkind} in the snow. {Fname} was "
        "shaking. \"Why do you not go home?\" asked {name}. \"[The wind broke my roof|The snow "
        "fell on my house|My fire went out],\" said {fname}, \"and now my house is too cold.\"",
        "{Name} [did not wait|knew what to do|thought fast]. {He} gave {it} to {fname}. Then "
        "{he} took {fname} home and made [a big fire|hot soup|warm tea]. They sat close "
        "together and listened to the wind. [In the morning|When the snow stopped|The next "
        "day], all their friends came and helped to make {fname}'s house warm again.",
    ],
    "end": [
        "In spring, {fname} gave {name} a gift. It was {made}. \"You kept me warm,\" said "
        "{fname}, \"and now I want to keep you warm.\" {Name} was {happy}.",
        "{thanks} said {fname}. \"You were kind to me when I was cold.\" {Name} {smiled}. It "
        "was still winter outside, but it felt like spring inside.",
    ],
}

PLOTS = [LOST, STUCK, HOME, SHARE, COLD]
