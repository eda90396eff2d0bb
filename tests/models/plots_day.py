# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
"""Plots about a day: a picnic in the rain, a sick friend, a snowman, a cake, a concert, a storm."""

PICNIC = {
    "tables": [
        [
            {"bring": "bread and cheese"},
            {"bring": "apples and nuts"},
            {"bring": "cake and lemonade"},
            {"bring": "soup in a big pot"},
        ],
        [
            {"inside": "under the big table"},
            {"inside": "in the barn, on the soft hay"},
            {"inside": "in a dry cave"},
            {"inside": "in the kitchen of {elder}"},
        ],
    ],
    "start": "{Day}, {name} and {fname} the {fkind} wanted to have a picnic. They packed "
             "{bring} in a basket and walked to the [meadow|top of the hill|park].",
    "middle": [
        "But when they sat down, a big gray cloud came over the sun. Drip, drop, drip. It "
        "began to rain! \"[Our picnic is over|The day is no good now|I do not like the "
        "rain],\" said {name}, and {he} was {sad}.",
        "\"Wait,\" said {fname}. \"A picnic does not need the sun. It only needs friends.\" "
        "They took the basket and ran. They had their picnic {inside}. They ate {bring}, and "
        "they listened to the rain. {Name} told a [funny|long|silly] story, and {fname} "
        "laughed so much that {fhe} fell over.",
    ],
    "end": [
        "When the rain stopped, there was a rainbow in the sky. \"This was the best picnic "
        "ever,\" said {name}.",
        "\"I hope that it rains again tomorrow,\" said {name}. {Fname} {smiled}. They jumped "
        "in all the puddles on the way home.",
    ],
}

SICK = {
    "tables": [
        [{"ill": "had a bad cold"}, {"ill": "had a sore throat"}, {"ill": "had hurt {fhis} foot"}],
        [
            {"bring": "hot soup", "cheer": "read a story to {fhim}"},
            {"bring": "a bunch of flowers", "cheer": "sang a song"},
            {"bring": "warm tea with honey", "cheer": "made funny faces"},
            {"bring": "a red balloon", "cheer": "put on a little puppet show"},
        ],
        [{"each": "each"}, {"each": "every"}],
    ],
    "start": "{Day}, {name} went to play with {fname} the {fkind}. But {fname} {ill} and had "
             "to stay in bed.",
    "middle": [
        "\"I cannot play today,\" said {fname}. \"[It is so boring in bed|Everyone is outside "
        "but me|I will miss all the fun].\" {Name} felt sorry for {fhim}. {He} went home and "
        "thought about it. \"If {fname} cannot come out to play,\" {he} said, \"then I will "
        "bring the fun to {fname}.\"",
        "So {name} came back with {bring}. {He} sat down by the bed and {cheer}. {Fname} "
        "laughed for the first time that day. {Name} came again the next day, and the day "
        "after that. {Each} day, {fname} felt a little better.",
    ],
    "end": [
        "At the end of the week, {fname} was well again. \"You were the best medicine,\" {fhe} "
        "said, and they ran out to play in the sun.",
        "Soon {fname} could get up. Then {name} got sick, and {fname} came to visit {him} "
        "every day. That is what friends do.",
    ],
}

SNOWMAN = {
    "tables": [
        [
            {"nose": "a carrot for a nose"},
            {"nose": "two stones for eyes"},
            {"nose": "a broom for an arm"},
        ],
        [
            {"flower": "a patch of white snowdrops"},
            {"flower": "a yellow flower"},
            {"flower": "a small blue flower"},
        ],
    ],
    "start": "One winter day, {name} and {fname} the {fkind} made a snowman. They gave him "
             "{nose} and an old hat.",
    "middle": [
        "Every day they said good morning to the snowman. They told him "
        "[stories|secrets|jokes], and they thought that he smiled. But then the days grew "
        "warmer. The snowman became [smaller and smaller|thin and small]. One morning, there "
        "was only a hat in a puddle of water. \"Our friend is gone!\" {cried} {name}.",
        "{Name} was {sad}, and so was {fname}. \"He is not gone,\" said {elder}. \"He has "
        "turned into water, and the water will help the garden grow. Wait and see.\" So they "
        "waited. A week later, {name} looked at the place where the snowman had been. There "
        "was {flower}!",
    ],
    "end": [
        "\"Hello, snowman,\" {name} said softly. The friends smiled. And when the snow came "
        "back the next winter, they made him again.",
        "\"It is a gift from the snowman,\" said {fname}. They sat down next to it and told it "
        "a story, just as they had done in the snow.",
    ],
}

BAKE = {
    "tables": [
        [
            {"wrong": "salt", "right": "sugar"},
            {"wrong": "pepper", "right": "sugar"},
            {"wrong": "sand", "right": "flour"},
            {"wrong": "soap", "right": "butter"},
        ],
        [
            {"bake": "cake", "a_bake": "a cake"},
            {"bake": "pie", "a_bake": "a pie"},
            {"bake": "bread", "a_bake": "bread"},
        ],
    ],
    "start": "{Day}, {name} wanted to bake {a_bake} for {elder}. {He} had never done it "
             "before, so {fname} the {fkind} came to help.",
    "middle": [
        "They [put on big hats|washed their hands|opened the old cook book] and began. They "
        "put in eggs and milk and flour. \"Now the {right}!\" said {fname}. {Name} was in a "
        "hurry and did not look. {He} took the {wrong}! They put the {bake} in the oven, and "
        "soon it was done.",
        "They each took a bite. \"Yuck!\" said {name}. \"Yuck!\" said {fname}. \"[It tastes "
        "terrible|Something is wrong]! I think that I took the {wrong} and not the {right}.\" "
        "They looked at each other, and then they began to laugh. They laughed and laughed. "
        "Then they cleaned the kitchen and started again. This time, {name} looked at "
        "everything twice.",
    ],
    "end": [
        "The second {bake} was golden and sweet. {Elder} ate three pieces. \"What is your "
        "secret?\" asked {elder}. \"Look first,\" said {name}, and the two friends laughed "
        "again.",
        "They gave the new {bake} to {elder}. \"This is wonderful!\" said {elder}. {Name} was "
        "proud. {He} had learned that it is good to go slowly.",
    ],
}

CONCERT = {
    "tables": [
        [
            {"big": "the drum", "small": "a tiny bell", "ring": "rang the bell, clear and bright"},
            {"big": "the trumpet", "small": "a little triangle",
             "ring": "struck the triangle, ting"},
            {"big": "the violin", "small": "two wooden spoons",
             "ring": "clicked the spoons, click, clack"},
        ],
    ],
    "start": "The town wanted to have a concert. {Name} hoped to play {big}, but {elder} gave "
             "{big} to {fname} the {fkind}. {Name} got only {small}.",
    "middle": [
        "\"This is too small. Nobody will hear me,\" said {name}. {He} [was angry|went home "
        "with a sad face|wanted to leave the band]. \"Every sound matters,\" said {elder}. "
        "\"Come and play.\" So {name} practiced [every day|for two weeks|each evening], but "
        "{he} was not sure.",
        "On the night of the concert, everybody came. The music began, and it was loud and "
        "merry. Then something went wrong. The players were too fast, and they all got lost! "
        "The music stopped. It was very quiet. Then {name} {ring}. One, two, three, four. "
        "{Fname} heard it and played along. Then all the others played too.",
    ],
    "end": [
        "At the end, the people clapped and clapped. \"You saved the concert,\" said {fname}. "
        "{Name} {smiled}. A small sound can be a very big help.",
        "\"You see,\" said {elder}, \"every sound matters.\" {Name} took a bow. {He} was so "
        "{happy} that {he} danced all the way home.",
    ],
}

LIGHT = {
    "tables": [
        [
            {"light": "a hundred candles"},
            {"light": "a big fire on the rocks"},
            {"light": "every lamp in the village"},
        ],
        [{"ship": "a fishing boat"}, {"ship": "a big ship"}, {"ship": "a little white boat"}],
    ],
    "start": "Near the sea stood a lighthouse. {Name} liked to visit {elder} there, and they "
             "looked at the ships together.",
    "middle": [
        "One night, a great storm came. The wind howled, and the waves were as high as houses. "
        "Suddenly the light went out! \"Oh no,\" said {elder}. \"There is {ship} out there. "
        "{Fname} the {fkind} is on it. Without the light it will hit the rocks!\"",
        "{Name} [thought fast|did not lose a minute|knew that there was no time]. {He} ran to "
        "the village and woke everybody up. \"Come quickly! We need light!\" {he} {cried}. "
        "They all came out in the rain. Together they lit {light}. The night became as bright "
        "as day.",
    ],
    "end": [
        "{Fname} saw the light and turned the boat away from the rocks. Everyone was safe. "
        "{thanks} said {fname}. \"You were our star in the storm.\"",
        "Slowly the boat came into the harbor. {Fname} jumped out and hugged {name}. The storm "
        "was still loud, but nobody was afraid any more.",
    ],
}

PLOTS = [PICNIC, SICK, SNOWMAN, BAKE, CONCERT, LIGHT]
