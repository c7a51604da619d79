"""Pairs of takes whose truth is known: talks made by a seed, spoken twice, heard with errors.

A talk is a row of true words; a second take is made by editing that row, each word keeping the
number of the word it comes from. Both takes get times at their own pace, and both are then heard
by a recogniser of its own with its own errors, so nothing but the words links the two transcripts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from random import Random

from critique.comments.anchors import Anchor
from critique.walkthroughs.words import Word

RIGHT_MS = 1_500
TALK_WORDS = 1_500
COMMENTS = 24
CONTENT = 1400
_FUNCTION = """
the a to and of i it is that in this we on you so for here as with was but be not are what have my
at or one they can if do just like then all there would from which when up out about more some now
see how will had by no because need really also into only your its them than other could want make
think way time has know go look back over should very get two where
"""
_ONSETS = "b bl br c ch cl cr d dr f fl fr g gr h j k l m n p pl pr qu r s sh sl st str t th tr v w"
_RHYMES = """
a ack ade ail ain ake ale all ame and ane ap ar are ash at ate aw ay eck eed een ell en ent er est
ice ick ide ill in ind ine ing ink ip ire it ock og oke on ool oom oot op ore ost ot ound ow uck
udge um un up ur ust
"""
FUNCTION, ONSETS, RHYMES = _FUNCTION.split(), _ONSETS.split(), _RHYMES.split()
ENDINGS = ("", "", "", "s", "ed", "ing", "er", "ly", "ion", "al")
NEAR = dict(zip("bdgvzfptksmnlreioau", "ptkfsvbdgznmrlieuoa", strict=True))


@dataclass(frozen=True)
class Said:
    """One true word of a take: text, times in ms, and the number of the word it comes from.

    `source` counts in the first take, None for what is new; `kept` tells whether the word itself
    was kept, not only its place.
    """

    text: str
    start_ms: int
    end_ms: int
    source: int | None = None
    kept: bool = True


@dataclass(frozen=True)
class Comment:
    """An anchor on heard words and where it belongs: start in ms, None when its words are gone.

    `slack_ms` is what the truth itself leaves open, beyond the 1.5 s of the judgement; of a
    sentence that was turned around, all of it (`sentence`, from and to in ms) is right.
    """

    anchor: Anchor
    start_ms: int | None
    slack_ms: int = 0
    sentence: tuple[int, int] | None = None

    def right(self, start_ms: int | None) -> bool:
        """Whether that is where it belongs."""
        if start_ms is None or self.start_ms is None:
            return start_ms == self.start_ms
        if self.sentence and self.sentence[0] - 500 <= start_ms <= self.sentence[1] + 500:
            return True
        return abs(start_ms - self.start_ms) <= RIGHT_MS + self.slack_ms


@dataclass
class Case:
    """Two transcripts and comments on the first."""

    old: list[Word]
    new: list[Word]
    comments: list[Comment] = field(default_factory=list)


class Vocabulary:
    """Words by Zipf's law: a shared core of English function words, then made-up content words."""

    def __init__(self, chance: Random) -> None:
        made: dict[str, None] = {}
        while len(made) < CONTENT:
            parts = [
                chance.choice(ONSETS) + chance.choice(RHYMES)
                for _ in range(chance.choice((1, 1, 2, 2, 2, 3)))
            ]
            made.setdefault("".join(parts) + chance.choice(ENDINGS))
        self.words = [*FUNCTION, *(word for word in made if word not in FUNCTION)]
        # Zipf and Mandelbrot: the rank plus 2.7, as fits spoken English.
        self.weights = list(accumulate(1 / (rank + 2.7) for rank in range(1, len(self.words) + 1)))

    def draw(self, chance: Random) -> str:
        return chance.choices(self.words, cum_weights=self.weights)[0]


def free_talk(chance: Random, length: int, vocabulary: Vocabulary) -> list[list[str]]:
    """Sentences of a talk: a third of the words in phrases that come back, topics that move on."""
    phrases = [[vocabulary.draw(chance) for _ in range(chance.randint(2, 5))] for _ in range(40)]
    sentences: list[list[str]] = []
    topic: list[str] = []
    count = 0
    while count < length:
        if len(sentences) % 8 == 0:
            topic = [chance.choice(vocabulary.words[len(FUNCTION) :]) for _ in range(6)]
        sentence: list[str] = []
        goal = chance.randint(6, 22)
        while len(sentence) < goal:
            draw = chance.random()
            if draw < 0.1:
                sentence += chance.choice(phrases)
            elif draw < 0.2:
                sentence.append(chance.choice(topic))
            else:
                sentence.append(vocabulary.draw(chance))
        sentences.append(sentence)
        count += len(sentence)
    return sentences


FRAMES = (
    "we moved the {a} of the {b} so that it {c}",
    "on the {b} the {a} now {c} since {d}",
    "one thing about the {a} is that it {c} on the {b}",
    "you asked if the {a} in the {b} still {c} and yes because {d}",
    "the next question is how the {a} behaves when the {b} {c}",
    "for the {a} i kept what we had and it {c} as {d}",
)
OTHER_FRAMES = (
    "so the {a} which belongs to the {b} has changed place and it {c}",
    "looking at the {b} again you notice that its {a} {c} these days and that is since {d}",
    "a word on how the {a} works in this {b} here where it {c}",
    "there was this question about the {b} with its {a} and it still {c} the reason being {d}",
    "then i would like to hear how the {a} should act once that {b} {c}",
    "nothing new for the {a} it simply {c} given that {d}",
)
SLOTS = {
    "a": "menu bar|toggle|search field|error banner|save button|avatar row|colour picker"
    "|step counter|empty hint|file list|zoom control|side note",
    "b": "dashboard|first screen|billing page|profile form|mobile view|report sheet|invite dialog"
    "|project board|help centre|upload step",
    "c": "jumps to the top|loses its label|uses half the width|opens on a second tap|stays grey"
    "|needs one more line|hides while typing|wraps too early|shares the same blue"
    "|keeps its shadow",
    "d": "legal asked for it|nobody found it before|the old one broke on phones"
    "|testers read it twice|the brand is changing|support was flooded",
}


def set_talk(chance: Random, length: int, _: Vocabulary) -> list[list[str]]:
    """Sentences from six frames with few fillings, so that many are near twins of others."""
    sentences: list[list[str]] = []
    count = 0
    while count < length:
        sentences.append(set_sentence(chance))
        count += len(sentences[-1])
    return sentences


def set_sentence(chance: Random, frames: tuple[str, ...] = FRAMES) -> list[str]:
    fill = {slot: chance.choice(words.split("|")) for slot, words in SLOTS.items()}
    return chance.choice(frames).format(**fill).split()


Made = list[tuple[str, int | None, bool]]  # text, source, kept
Edit = Callable[[Random, list[list[str]], Callable[[], list[str]]], Made]


def _numbered(sentences: list[list[str]]) -> list[Made]:
    count = 0
    rows: list[Made] = []
    for sentence in sentences:
        texts = [*sentence[:-1], sentence[-1].rstrip(".") + "."]
        rows.append([(text, count + at, True) for at, text in enumerate(texts)])
        count += len(sentence)
    return rows


def _new(texts: list[str]) -> Made:
    return [(text, None, True) for text in [*texts[:-1], texts[-1] + "."]]


def trimmed(chance: Random, sentences: list[list[str]], fresh: Callable[[], list[str]]) -> Made:
    """Cut stretches of one to five sentences, a seventh of all, and insert a tenth."""
    rows = _numbered(sentences)
    gone: set[int] = set()
    while len(gone) < len(rows) / 7:
        begin = chance.randrange(len(rows))
        gone |= set(range(begin, min(begin + chance.randint(1, 5), len(rows))))
    added = {chance.randrange(len(rows)) for _ in range(max(2, len(rows) // 25))}
    made: Made = []
    for at, row in enumerate(rows):
        made += [] if at in gone else row
        if at in added:
            made += [word for _ in range(chance.randint(1, 4)) for word in _new(fresh())]
    # Half of the cuts begin and end inside a sentence, as a razor does.
    for _ in range(3):
        begin = chance.randrange(len(made))
        del made[begin : begin + chance.randint(8, 20)]
    return made


def reworded(share: float) -> Edit:
    """Change `share` of all words, in runs of one to six, each for a run of about that length."""

    def edit(chance: Random, sentences: list[list[str]], fresh: Callable[[], list[str]]) -> Made:
        row = [word for sentence in _numbered(sentences) for word in sentence]
        made: Made = []
        at = 0
        while at < len(row):
            run = chance.randint(1, 6)
            # A run of 3.5 words on average begins where this is true; what is kept is one word.
            if chance.random() < share / (share + 3.5 * (1 - share)):
                replaced = row[at : at + run]
                texts = [chance.choice(fresh()) for _ in range(max(0, run + chance.randint(-2, 2)))]
                if texts and any(text.endswith(".") for text, _, _ in replaced):
                    texts[-1] += "."
                for number, text in enumerate(texts):
                    source = replaced[min(number * len(replaced) // len(texts), len(replaced) - 1)][
                        1
                    ]
                    made.append((text, source, False))
                at += run
            else:
                made.append(row[at])
                at += 1
        return made

    return edit


def reframed(share: float) -> Edit:
    """Say `share` of the sentences of a set talk in the other frame, with the same fillings."""

    def edit(chance: Random, sentences: list[list[str]], _: Callable[[], list[str]]) -> Made:
        made: Made = []
        for row in _numbered(sentences):
            said = " ".join(text.rstrip(".") for text, _, _ in row)
            number, found = next(
                (n, m) for n, frame in enumerate(_PATTERNS) if (m := frame.fullmatch(said))
            )
            made += (
                _in_other_words(row, found, OTHER_FRAMES[number])
                if chance.random() < share
                else row
            )
        return made

    return edit


def _in_other_words(row: Made, found: re.Match[str], frame: str) -> Made:
    """The sentence in the other frame: fillings keep their words, the rest keeps its place."""
    made: Made = []
    length = len(frame.format(**found.groupdict()).split())
    for part in frame.split():
        if not part.startswith("{"):
            at = min(len(made) * len(row) // length, len(row) - 1)
            made.append((part, row[at][1], False))
            continue
        slot = part.strip("{}")
        first = len(found.string[: found.start(slot)].split())
        made += [
            (text.rstrip("."), source, True)
            for text, source, _ in row[first : first + len(found[slot].split())]
        ]
    made[-1] = (made[-1][0] + ".", *made[-1][1:])
    return made


_PATTERNS = [
    re.compile(re.sub(r"{(.)}", lambda slot: f"(?P<{slot[1]}>{SLOTS[slot[1]]})", frame))
    for frame in FRAMES
]


def swapped(chance: Random, sentences: list[list[str]], _: Callable[[], list[str]]) -> Made:
    """Cut into four to six sections and put them in another order."""
    rows = _numbered(sentences)
    cuts = sorted(chance.sample(range(4, len(rows) - 4), chance.randint(3, 5)))
    sections = [rows[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
    order = list(range(len(sections)))
    while any(b == a + 1 for a, b in pairwise(order)) and len(order) > 3:
        chance.shuffle(order)
    return [word for at in order for row in sections[at] for word in row]


def mixed(chance: Random, sentences: list[list[str]], fresh: Callable[[], list[str]]) -> Made:
    """Sections swapped, then stretches cut and inserted, then 15 % of the words changed.

    Of a set talk every third sentence is put in other words first, instead of the last.
    """
    if _PATTERNS[0].fullmatch(" ".join(sentences[0])) or any(
        p.fullmatch(" ".join(sentences[0])) for p in _PATTERNS
    ):
        turned = reframed(1 / 3)(chance, sentences, fresh)
        word_row = _again(turned, swapped(chance, _sentences(turned), fresh))
        return _again(word_row, trimmed(chance, _sentences(word_row), fresh))
    word_row = swapped(chance, sentences, fresh)
    made = _again(word_row, trimmed(chance, _sentences(word_row), fresh))
    return _again(made, reworded(0.15)(chance, _sentences(made), fresh))


def _sentences(made: Made) -> list[list[str]]:
    sentences: list[list[str]] = [[]]
    for text, _, _ in made:
        sentences[-1].append(text)
        if text.endswith("."):
            sentences.append([])
    return [sentence for sentence in sentences if sentence]


def _again(first: Made, second: Made) -> Made:
    """The second edit of an edited row, in numbers of the first take."""
    return [
        (
            text,
            None if source is None else first[source][1],
            kept and (source is None or first[source][2]),
        )
        for text, source, kept in second
    ]


def spoken(chance: Random, made: Made) -> list[Said]:
    """Give a take its times: a pace of its own, words by length, pauses now and then."""
    pace = chance.uniform(0.8, 1.25)
    clock = chance.uniform(0, 2000)
    said: list[Said] = []
    for text, source, kept in made:
        length = pace * (90 + 48 * len(text)) * chance.uniform(0.8, 1.25)
        said.append(Said(text, round(clock), round(clock + length), source, kept))
        pausing = chance.random() < (0.7 if text.endswith(".") else 0.03)
        clock += length + (chance.uniform(200, 1200) if pausing else 20)
    return said


def heard(
    chance: Random, said: list[Said], errors: float, vocabulary: Vocabulary
) -> list[tuple[Word, int]]:
    """What a recogniser with that share of errors makes of it; each word with its true number.

    Of the errors 60 % are words taken for others, half of them alike in sound; 25 % are lost,
    15 % are added by splitting one.
    """
    made: list[tuple[Word, int]] = []
    for number, true in enumerate(said):
        draw = chance.random() / errors if errors else 1.0
        text, mark = true.text.rstrip("."), "." if true.text.endswith(".") and errors < 0.15 else ""
        jitter = round(chance.uniform(-40, 40))
        start, end = max(0, true.start_ms + jitter), true.end_ms + jitter
        if made:
            start = max(start, made[-1][0].end_ms)
        end = max(end, start + 1)
        if draw < 0.25:
            continue
        if draw < 0.40:
            middle = (start + end) // 2
            made.append((Word(len(made), chance.choice(FUNCTION), start, middle), number))
            start = middle
        elif draw < 0.70:
            text = _alike(chance, text)
        elif draw < 1.0:
            text = vocabulary.draw(chance)
        made.append((Word(len(made), text + mark, start, end), number))
    return made


def _alike(chance: Random, text: str) -> str:
    letters = list(text)
    for _ in range(max(1, len(text) // 4)):
        at = chance.randrange(len(letters))
        letters[at] = NEAR.get(letters[at], letters[at] + "h")
    return "".join(letters)


Talk = Callable[[Random, int, Vocabulary], list[list[str]]]


def case(
    seed: int,
    edit: Edit,
    *,
    talk: Talk = free_talk,
    errors: tuple[float, float] = (0.05, 0.08),
    length: int = TALK_WORDS,
    comments: int = COMMENTS,
) -> Case:
    """One pair with comments on one to eight words, every sixth on a whole sentence."""
    chance = Random(seed)
    vocabulary = Vocabulary(chance)
    sentences = talk(chance, length, vocabulary)

    def fresh() -> list[str]:
        return (
            talk(chance, 1, vocabulary)[0]
            if talk is set_talk
            else [vocabulary.draw(chance) for _ in range(chance.randint(6, 22))]
        )

    first = spoken(chance, [word for row in _numbered(sentences) for word in row])
    second = spoken(chance, edit(chance, sentences, fresh))
    old = heard(chance, first, chance.uniform(*errors), vocabulary)
    new = heard(chance, second, chance.uniform(*errors), vocabulary)
    made = Case([word for word, _ in old], [word for word, _ in new])
    truth = _Truth(first, second)
    while len(made.comments) < comments:
        length = chance.randint(1, 8) if chance.random() < 5 / 6 else chance.randint(9, 22)
        begin = chance.randrange(max(1, len(old) - length))
        chosen = old[begin : begin + length]
        comment = truth.comment([word for word, _ in chosen], sorted({n for _, n in chosen}))
        if comment:
            made.comments.append(comment)
    return made


def _split(said: list[Said]) -> Iterator[list[Said]]:
    begin = 0
    for at, word in enumerate(said):
        if word.text.endswith("."):
            yield said[begin : at + 1]
            begin = at + 1


class _Truth:
    """Where the words of the first take lie in the second."""

    def __init__(self, first: list[Said], second: list[Said]) -> None:
        self.first = first
        self.places: dict[int, Said] = {}
        # For words of sentences that were turned around: where these sentences begin and end.
        self.sentences: dict[int, tuple[int, int]] = {}
        for said in second:
            if said.source is not None:
                self.places.setdefault(said.source, said)
        for sentence in _split(second):
            sources = [said.source for said in sentence if said.source is not None]
            if sources != sorted(sources) and max(sources) - min(sources) < 40:
                extent = sentence[0].start_ms, sentence[-1].end_ms
                self.sentences |= dict.fromkeys(range(min(sources), max(sources) + 1), extent)

    def comment(self, words: list[Word], numbers: list[int]) -> Comment | None:
        """The comment on these words; None where no one can say where it belongs."""
        anchor = Anchor(words[0].start_ms, words[-1].end_ms, 1, words[0].id, words[-1].id)
        there = [n for n in numbers if n in self.places]
        if not there:
            around = [n for n in range(numbers[0] - 5, numbers[-1] + 6) if n in self.places]
            # A word or two lost between kept neighbours: both "gone" and "there" would be right.
            return None if self._beside(numbers, around) else Comment(anchor, None)
        begin, end = self.places[there[0]], self.places[there[-1]]
        whole = (
            end.start_ms - begin.start_ms,
            self.first[there[-1]].start_ms - self.first[there[0]].start_ms,
        )
        if 2 * len(there) < len(numbers) or not 0 <= whole[0] <= 2 * whole[1] + 4000:
            # Mostly gone, or torn apart: nobody could say where it belongs.
            return None
        # Words lost before the first that is left: as much time as they took, at most.
        slack = self.first[there[0]].start_ms - self.first[numbers[0]].start_ms
        return Comment(anchor, begin.start_ms, slack, self.sentences.get(there[0]))

    def _beside(self, numbers: list[int], around: list[int]) -> bool:
        before = [n for n in around if n < numbers[0]]
        after = [n for n in around if n > numbers[-1]]
        return bool(before and after) and after[0] - before[-1] - 1 < 6
