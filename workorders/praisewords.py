"""The Chinese words by which texts of thanks are read: roles, titles, forms of address, words of thanks,
surnames.

They stand in `reference/praise_words.csv` (use, word, unit of a hint) and `reference/praise_surnames.txt`."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from hotline.lib.masking import FULL_WIDTH

FOLDER = settings.BASE_DIR / "workorders" / "reference"


@dataclass(frozen=True)
class Words:
    surnames: frozenset[str]
    by_use: dict[str, frozenset[str]]
    hints: dict[str, str]
    """Word → code of the unit it speaks for when no unit is named."""

    def pattern(self, *uses: str) -> str:
        words = {word for use in uses for word in self.by_use[use]}
        return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


@lru_cache(maxsize=1)
def words() -> Words:
    by_use: dict[str, set[str]] = defaultdict(set)
    hints: dict[str, str] = {}
    with (FOLDER / "praise_words.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["use"] == "hint":
                hints[row["word"]] = row["unit"]
            else:
                by_use[row["use"]].add(row["word"])
    surnames = (FOLDER / "praise_surnames.txt").read_text(encoding="utf-8").split()
    return Words(frozenset(surnames), {use: frozenset(found) for use, found in by_use.items()}, hints)


@lru_cache(maxsize=16)
def compiled(*uses: str) -> re.Pattern[str]:
    return re.compile(words().pattern(*uses))


@lru_cache(maxsize=1)
def surname_pattern() -> str:
    return "|".join(map(re.escape, sorted(words().surnames, key=len, reverse=True)))


def plain(text: str) -> str:
    """Full-width forms as ASCII, character by character, so that places in the text stay the same."""
    return text.translate(FULL_WIDTH)


def ends_with(text: str, endings: Collection[str]) -> bool:
    return text.endswith(tuple(endings))
