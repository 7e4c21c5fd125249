"""The five elements (五要素) of a good record: who, when, where, why and how it went. A hint, never a
condition."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from functools import lru_cache

from django.conf import settings
from django.utils.translation import pgettext_lazy

from workorders.keywords import normal

WORDS = settings.BASE_DIR / "workorders" / "reference" / "element_words.csv"
LABELS = {
    "name": pgettext_lazy("element", "Name"),
    "time": pgettext_lazy("element", "Time"),
    "place": pgettext_lazy("element", "Place"),
    "cause": pgettext_lazy("element", "Cause"),
    "course": pgettext_lazy("element", "Course"),
}
CLOCK = re.compile(r"\d{1,2}:\d\d|\d{1,4}[-/.]\d{1,2}(?!\d)")
ENOUGH = 30
"""Characters from which a text tells how it went."""


@lru_cache(maxsize=1)
def patterns() -> dict[str, re.Pattern[str]]:
    """For time, cause and course one pattern of all the words that speak for it."""
    words: dict[str, list[str]] = defaultdict(list)
    with WORDS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            words[row["element"]].append(row["pattern"])
    return {element: re.compile("|".join(found)) for element, found in words.items()}


def elements_in(content: str, *, has_name: bool, has_place: bool) -> dict[str, bool]:
    """Which of the five the record has, as far as words can tell."""
    plain = normal(content)
    found = patterns()
    return {
        "name": has_name,
        "time": bool(found["time"].search(plain) or CLOCK.search(plain)),
        "place": has_place,
        "cause": bool(found["cause"].search(plain)),
        "course": len(plain) >= ENOUGH or bool(found["course"].search(plain)),
    }
