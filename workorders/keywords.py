"""Words of a text that speak for a category or for urgency. Pure: the lists are passed in.

Without a trained model these rules are all the help there is; with one they still mark urgent words."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from workorders.lifecycle import URGENCY_RANK, Urgency

SURE = 0.9
"""A single leaf with two or more distinct words. Of 60 such letters of an open test set 52 were right."""
BEST_OF_SEVERAL = 0.75
ONE_OF_SEVERAL = 0.6
BESIDE = 0.65
"""One more word, of another leaf, beside a sure one: near enough to keep the order from going out by
itself."""
ONE_WORD = 0.55
SHARED = 0.4
"""Only words that a better leaf has too, or the best of several leaves with one word each."""
WEAK = 0.3


class Leaf(NamedTuple):
    """What the rules need of a category's leaf."""

    code: str
    keywords: Sequence[str]
    urgency: str = Urgency.N


class Hit(NamedTuple):
    """A leaf that a text speaks for: score between 0 and 0.9, and the words that did it, longest first."""

    code: str
    score: float
    words: list[str]


class Urgent(NamedTuple):
    """level N, E2 or E1; the words that made it urgent, those of the highest level first."""

    level: str
    matched: list[str]


def normal(text: str) -> str:
    """NFKC, lower case, no white space: a word is found whatever the line breaks and full-width forms."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def words_in(text: str, words: Collection[str]) -> list[str]:
    """The words that stand in the text by themselves, longest first: one that only occurs inside longer
    ones of the list does not count."""
    plain = normal(text)
    forms = {word: normal(word) for word in words}
    found = sorted(
        (word for word, form in forms.items() if form and form in plain), key=lambda w: (-len(forms[w]), w)
    )
    return [
        word
        for at, word in enumerate(found)
        if stands_alone(forms[word], plain, [forms[w] for w in found[:at]])
    ]


def stands_alone(word: str, plain: str, longer: Iterable[str]) -> bool:
    for other in longer:
        if word in other and word != other:
            plain = plain.replace(other, "\0")
    return word in plain


def score_keywords(text: str, leaves: Sequence[Leaf], harmless: Collection[str] = ()) -> list[Hit]:
    """Every leaf that the text speaks for, best first; deterministic. `harmless` phrases hide the words
    inside them.

    A single leaf with two or more distinct words: 0.9; another leaf beside it 0.65 if it has a word of its
    own, else 0.4. Several leaves with two or more: the one with most words 0.75, the rest 0.6. One leaf
    with one word 0.55; several leaves with one word each: the longest word first, 0.4 then 0.3. Equal
    scores: more words, the longest word, the lower code."""
    all_words = {word for leaf in leaves for word in leaf.keywords}
    present = [word for word in words_in(text, all_words | set(harmless)) if word in all_words]
    found = [(leaf.code, [word for word in present if word in leaf.keywords]) for leaf in leaves]
    ranked = sorted(
        ((code, words) for code, words in found if words),
        key=lambda hit: (-len(hit[1]), -len(hit[1][0]), hit[0]),
    )
    if not ranked:
        return []
    scores = scores_of(ranked)
    hits = [Hit(code, score, words) for (code, words), score in zip(ranked, scores, strict=True)]
    return sorted(hits, key=lambda hit: -hit.score)


def scores_of(ranked: Sequence[tuple[str, list[str]]]) -> list[float]:
    """The score of each leaf of a list that has most words first."""
    strong = [words for _code, words in ranked if len(words) > 1]
    best = set(ranked[0][1])
    if len(strong) == 1:
        return [SURE, *(SHARED if best >= set(words) else BESIDE for _code, words in ranked[1:])]
    if strong:
        clear = len(strong[0]) > len(strong[1])
        rest = [ONE_OF_SEVERAL if len(words) > 1 else SHARED for _code, words in ranked[1:]]
        return [BEST_OF_SEVERAL if clear else ONE_OF_SEVERAL, *rest]
    return [ONE_WORD] if len(ranked) == 1 else [SHARED, *[WEAK] * (len(ranked) - 1)]


def word_levels(leaves: Iterable[Leaf], own: Mapping[str, str]) -> dict[str, str]:
    """How urgent each word is: as the city's own list says; else the lowest level of the leaves that have
    it, because a word that also stands for an ordinary matter is no alarm by itself."""
    levels: dict[str, str] = {}
    for leaf in leaves:
        for word in leaf.keywords:
            levels[word] = min(
                levels.get(word, leaf.urgency), leaf.urgency, key=lambda level: URGENCY_RANK[Urgency(level)]
            )
    return {**levels, **own}


def urgency_in(text: str, levels: Mapping[str, str]) -> Urgent:
    """The highest level of the words in the text. An ordinary phrase in `levels` hides the alarm inside
    it."""
    urgent = [word for word in words_in(text, levels) if levels[word] != Urgency.N]
    urgent.sort(key=lambda word: -URGENCY_RANK[Urgency(levels[word])])
    return Urgent(levels[urgent[0]] if urgent else Urgency.N, urgent)
