# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
"""Plots about growing: to be afraid, to learn, to tell the truth, to wait, to dream, to race."""

FEARS = [
    {"fear": "the dark", "sign": "At night {he} hid under the blanket",
     "need": "{fname}'s lamp had gone out in the woods",
     "face": "walked into the dark woods with a small candle",
     "found": "The dark was quiet, and the stars were bright"},
    {"fear": "deep water", "sign": "When the others swam, {he} sat on the bank",
     "need": "{fname}'s little boat was sinking", "face": "jumped into the cold water and swam",
     "found": "The water held {him} up, and it was not so bad"},
    {"fear": "thunder", "sign": "When a storm came, {he} hid under the table",
     "need": "{fname} was alone in the storm", "face": "ran through the wind and the rain",
     "found": "The thunder was loud, but it was only noise"},
    {"fear": "high places", "sign": "When the others climbed, {he} stayed on the ground",
     "need": "{fname} was sitting on a high roof and could not come down",
     "face": "climbed up and up and did not look down",
     "found": "From the top {he} could see the whole valley, and it was beautiful"},
]
FEAR = {
    "tables": [
        FEARS,
        [{"evening": "one evening"}, {"evening": "one cloudy day"}, {"evening": "that same night"}],
    ],
    "start": "But {name} was afraid of {fear}. {Sign}, and {he} felt [small|ashamed|silly].",
    "middle": [
        "\"Everybody is afraid of something,\" said {elder}. \"To be brave is to be afraid and "
        "still [go on|try|do the right thing].\" {Name} [thought about that|listened|was not "
        "so sure]. Then, {evening}, {he} heard {fname} the {fkind} call for help. {Need}!",
        "{Name}'s heart beat fast. {He} was afraid, but {he} thought of {his} friend. \"I am "
        "coming!\" {he} {cried}. {He} took a deep breath and {face}. {Found}. Soon {he} was "
        "next to {fname}. \"[I am so glad that you came|You came to help me]!\" said {fname}. "
        "Together they [went home|got back safely|found the way home].",
    ],
    "end": [
        "\"You were so brave,\" said {elder}. \"I was afraid,\" said {name}, \"but I did it.\" "
        "From that day on, {name} was not afraid of {fear} any more.",
        "That night, {name} slept well. {He} was still a little afraid of {fear}, but now {he} "
        "knew that {he} could be brave.",
        "{thanks} said {fname}. {Name} {smiled}. \"A good friend makes me brave,\" {he} said.",
    ],
}

SKILLS = [
    {"skill": "swim", "fail": "{He} splashed and splashed, but {he} went under",
     "tip": "Move your legs slowly, and breathe", "done": "{he} swam across the whole pond"},
    {"skill": "ride a bike", "fail": "The bike went left, then right, then into a bush",
     "tip": "Look far ahead, not at your feet", "done": "{he} rode all the way down the road"},
    {"skill": "whistle", "fail": "{He} blew and blew, but only air came out",
     "tip": "Make a small round hole with your mouth", "done": "a clear, sweet sound came out"},
    {"skill": "skate", "fail": "{He} slipped and fell on the ice",
     "tip": "Bend your knees, and take small steps", "done": "{he} made a big circle on the ice"},
    {"skill": "read", "fail": "The letters looked like little bugs",
     "tip": "Say one sound at a time", "done": "{he} read a whole page out loud"},
    {"skill": "dance", "fail": "{He} turned too fast and fell over a chair",
     "tip": "Listen to the music first",
     "done": "{he} danced from one end of the room to the other"},
]
LEARN = {
    "tables": [
        SKILLS,
        [
            {"saw": "saw it and came over"},
            {"saw": "was watching and smiled"},
            {"saw": "sat down beside {him}"},
        ],
        [{"morning": "morning"}, {"morning": "sunny day"}, {"morning": "quiet evening"}],
        [{"student": "frog"}, {"student": "mouse"}, {"student": "bird"}, {"student": "chick"}],
    ],
    "start": "{Name} had one big wish. {He} wanted to [learn to|learn how to] {skill}.",
    "middle": [
        "{Day}, {he} tried for the first time. {Fail}. \"[I will never learn|It is too hard|I "
        "cannot do it]!\" {he} {cried}. {Fname} the {fkind} {saw}. \"[I could not do it at "
        "first|It takes time|I had to learn it too],\" said {fname}. \"{Tip}. Then try again.\"",
        "So {name} tried again. It was a little better. {He} tried the next day, and the next "
        "day, and the day after that. Sometimes {he} [was tired|wanted to stop|made mistakes], "
        "but {fname} was always there to help. Then, one {morning}, {he} tried once more, and "
        "{done}!",
    ],
    "end": [
        "\"I did it! I can {skill}!\" {cried} {name}. {Fname} clapped and cheered. \"I knew "
        "that you could do it,\" {fhe} said. {Name} was very proud.",
        "{Name} was {happy}. {fthanks} {he} said. \"You did not give up, and you helped me.\" "
        "The next week, {name} taught a little {student} to {skill}.",
        "Everyone came to see, and they all clapped. {Name} {smiled}. Now {he} knew that hard "
        "things become easy when you try and try again.",
    ],
}

BROKEN = [
    {"item": "blue vase", "mend": "glued the pieces together"},
    {"item": "tea pot", "mend": "glued it and painted it"},
    {"item": "wooden chair", "mend": "fixed the leg with a new nail"},
    {"item": "window", "mend": "put in new glass"},
    {"item": "flower pot", "mend": "found a new pot for the flower"},
    {"item": "clock", "mend": "put all the little wheels back"},
]
TRUTH = {
    "tables": [BROKEN],
    "start": "{Day}, {name} was playing in the house of {elder}. {He} [ran too fast|jumped too "
             "high|was not careful], and crash! The {item} was broken.",
    "middle": [
        "{Name} was scared. \"[What should I do?|What will happen now?|Nobody saw me,]\" {he} "
        "thought. {He} hid behind the [door|curtain|sofa]. Soon {elder} came in. \"Who broke "
        "my {item}?\" {Name} said nothing and [ran home|went away|looked at the floor].",
        "That night, {name} could not sleep. {He} felt bad. {He} told {fname} the {fkind} "
        "about it. \"[It is better to tell the truth|The truth will make you feel better],\" "
        "said {fname}. So in the morning, {name} went back. \"I broke the {item},\" {he} said, "
        "\"and I did not tell you. I am very sorry.\"",
    ],
    "end": [
        "\"Thank you for telling me the truth,\" said {elder}. \"That was brave. I am not "
        "angry.\" Together they {mend}. {Name} felt light and {happy} again.",
        "{Elder} looked at {name} and smiled. \"A {item} can be fixed,\" {elder} said, \"and "
        "so can a mistake.\" They {mend}, and then they had {treat}.",
    ],
}

SEEDS = [
    {"seed": "a small round seed", "plant": "a tall sunflower", "gift": "seeds for all the birds"},
    {"seed": "a tiny black seed", "plant": "a big red poppy", "gift": "flowers for everyone"},
    {"seed": "a flat white seed", "plant": "a huge orange pumpkin",
     "gift": "soup for the whole village"},
    {"seed": "a hard brown seed", "plant": "a little apple tree",
     "gift": "apples for all the children"},
    {"seed": "a strange blue seed", "plant": "a vine with sweet berries",
     "gift": "berries for all the friends"},
]
SEED = {
    "tables": [
        SEEDS,
        [{"said0": "said with a smile"}, {"said0": "said softly"}, {"said0": "said to the wind"}],
    ],
    "start": "{Day}, {name} found {seed} [on the path|in an old box|in {his} pocket]. \"What "
             "will it be?\" {he} asked.",
    "middle": [
        "{Name} dug a little hole in the garden, put the seed in it, and gave it some water. "
        "The next day {he} ran to look, but there was nothing. {He} waited [two days|three "
        "days|a week], and still there was nothing. \"[This seed is no good|It will never "
        "grow|It is only a stone]!\" {he} {cried}.",
        "{Elder} [came by|heard {him}|looked over the fence]. \"A seed needs sun, water, and "
        "time,\" said {elder}. \"Good things grow slowly.\" So {name} waited. Every morning "
        "{he} gave the seed water. Every evening {he} told it a story. Then one day, a small "
        "green leaf came out of the ground!",
    ],
    "end": [
        "The leaf grew and grew, and in the summer it was {plant}. There were {gift}. \"It was "
        "good to wait,\" {name} {said0}.",
        "By the end of summer, it was {plant}. {Name} was {happy}. {He} called {fname} the "
        "{fkind}, and they sat beside it all afternoon.",
        "Week after week it grew, until it was {plant}. {Name} had {gift}. {He} kept one seed "
        "for the next spring.",
    ],
}

MOON = {
    "tables": [
        [
            {"high": "the highest hill", "made": "a long ladder"},
            {"high": "the tallest tree", "made": "a tower of boxes"},
            {"high": "the old barn", "made": "a big pair of paper wings"},
        ],
        [
            {"sky": "moon", "light": "silver"},
            {"sky": "brightest star", "light": "white"},
            {"sky": "evening star", "light": "golden"},
        ],
    ],
    "start": "Every night {he} looked up at the {sky}. \"I wish that I could touch it,\" {he} "
             "said.",
    "middle": [
        "One [clear|warm|still] night, {name} climbed to the top of {high}, but the {sky} was "
        "still far away. The next night, {he} made {made}. That did not help. \"[It is too "
        "high|I am too small|I will never touch it],\" said {name}, and {he} was {sad}.",
        "{Fname} the {fkind} [thought for a while|had an idea|took {him} by the hand]. \"Come "
        "with me,\" said {fname}. They walked to the pond, and {fname} pointed at the water. "
        "There in the water was the {sky}, shining with {light} light! {Name} put one finger "
        "into the pond, and the light danced all around it.",
    ],
    "end": [
        "\"I touched it!\" {cried} {name}. \"I touched the {sky}!\" The two friends sat by the "
        "pond until it was late, and then they walked home under the shining sky.",
        "{Name} {smiled}. \"It was close to us all the time,\" {he} said. After that, they "
        "came to the pond every clear night.",
    ],
}

RACE = {
    "tables": [
        [
            {"race": "the big race", "way": "around the lake"},
            {"race": "the summer race", "way": "over the hill"},
            {"race": "the village race", "way": "to the old mill and back"},
        ],
        [
            {"hurt": "fell over a root and hurt {fhis} leg"},
            {"hurt": "slipped on a wet stone and fell"},
            {"hurt": "ran into a bush full of thorns"},
        ],
    ],
    "start": "{Day}, it was time for {race}. Everyone wanted to win, and {name} wanted it most "
             "of all.",
    "middle": [
        "\"Ready, set, go!\" {cried} {elder}. They ran {way}. {Fname} the {fkind} was "
        "[fast|very fast|strong], and soon {fhe} was in front. {Name} ran as fast as {he} "
        "could. Then {fname} {hurt}. \"[Ow|Oh no]!\" {cried} {fname}.",
        "{Name} could see the end of the race. {He} could win now! But {he} looked back and "
        "saw {fname} on the ground. {Name} [stopped|turned around|did not run on]. \"Give me "
        "your hand,\" {he} said. \"We will go together.\" So they walked, step by step, while "
        "the others ran past them.",
    ],
    "end": [
        "They were the last to come in, but everybody clapped and cheered. \"You did not win "
        "the race,\" said {elder}, \"but you won a friend.\" {Name} was {happy}.",
        "\"Why did you stop?\" asked {fname}. \"You could be the winner now.\" \"A friend is "
        "better than a prize,\" said {name}. They laughed, and {elder} gave them both {treat}.",
    ],
}

QUARREL = {
    "tables": [
        [
            {"toy": "swing", "play": "took turns on the swing"},
            {"toy": "red wagon", "play": "pulled each other in the wagon"},
            {"toy": "big puzzle", "play": "put the last pieces in together"},
            {"toy": "trumpet", "play": "played a song, one after the other"},
            {"toy": "paint box", "play": "painted one big picture"},
        ],
        [{"smiled0": "smiled"}, {"smiled0": "laughed"}, {"smiled0": "hugged {him}"}],
    ],
    "start": "{Day}, {name} and {fname} the {fkind} wanted the same {toy}. \"I had it first!\" "
             "said {name}. \"No, I had it first!\" said {fname}.",
    "middle": [
        "They [pulled and shouted|were both angry|did not listen to each other]. \"I do not "
        "want to play with you any more!\" said {fname}, and {fhe} [ran home|walked "
        "away|left]. Now {name} had the {toy}. But it was no fun to play alone. The day was "
        "[long|slow|too quiet], and {name} began to miss {his} friend.",
        "{Elder} [sat down next to {him}|saw {his} sad face|asked what was wrong]. \"What is "
        "more important, the {toy} or your friend?\" {Name} did not have to think. {He} ran to "
        "{fname}'s house and knocked on the door. \"I am sorry,\" said {name}. \"You can have "
        "the {toy} first.\" \"I am sorry too,\" said {fname}.",
    ],
    "end": [
        "They went back together and {play}. It was the best day of the week, and they did not "
        "fight about the {toy} again.",
        "The two friends {play}. \"It is more fun with you,\" said {name}. {Fname} {smiled0}.",
    ],
}

PLOTS = [FEAR, LEARN, TRUTH, SEED, MOON, RACE, QUARREL]
