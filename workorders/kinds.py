"""What kind of matter a text is, by cue words: the rules stand in reference/kind_cues.csv."""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import lru_cache

from django.conf import settings

from workorders.keywords import normal

CUES = settings.BASE_DIR / "workorders" / "reference" / "kind_cues.csv"
QUESTION_MARK = 1
"""Weight of a question mark for an inquiry."""
LEAST = 2
"""A single weak word says nothing."""


@lru_cache(maxsize=1)
def cues() -> list[tuple[str, str, int]]:
    """(kind, word, weight) in the order of the table; each word counts once, however often it occurs."""
    with CUES.open(encoding="utf-8", newline="") as file:
        return [(row["kind"], row["word"], int(row["weight"])) for row in csv.DictReader(file)]


def suggest_kind(text: str) -> str:
    """Code of the kind whose words weigh most; of equals the one named first in the table; empty when no
    word speaks."""
    plain = normal(text)
    weights: dict[str, int] = defaultdict(int)
    for kind, word, weight in cues():
        if word in plain:
            weights[kind] += weight
    if "?" in plain:
        weights["inquiry"] += QUESTION_MARK
    best = max(weights, key=lambda kind: weights[kind], default="")
    return best if best and weights[best] >= LEAST else ""
