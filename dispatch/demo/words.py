"""The demo's own texts: templates by category and kind, filled with places of the city and names that
nobody has."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from django.conf import settings

from hotline.lib.worktime import local
from workorders.lifecycle import Urgency
from workorders.models import Place
from workorders.models.place import PlaceLevel

FOLDER: Path = settings.BASE_DIR / "dispatch" / "reference"
PHONE_PREFIX = "154"
"""No operator has numbers that begin so: nobody's telephone rings because of the demo."""


class Template(NamedTuple):
    """A matter as somebody might tell it. `answer`: what an operator can say at once, for inquiries."""

    category: str
    kind: str
    title: str
    content: str
    answer: str


class Praise(NamedTuple):
    """Thanks. `unit` is a code or a pattern like the catalogue's; empty where nobody is named."""

    unit: str
    title: str
    content: str
    deed: str
    is_story: bool


@dataclass(frozen=True)
class LeafWeight:
    """How often a category comes up, and in which months more."""

    weight: float
    peak_months: frozenset[int]
    peak_factor: float

    def in_month(self, month: int) -> float:
        return self.weight * (self.peak_factor if month in self.peak_months else 1)


def rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@lru_cache(maxsize=1)
def lists() -> dict[str, list[str]]:
    """Every list of words: estates, roads, names, remarks."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows("demo_words.csv"):
        found[row["list"]].append(row["word"])
    return dict(found)


@lru_cache(maxsize=1)
def templates() -> list[Template]:
    return [Template(**row) for row in rows("demo_texts.csv")]


@lru_cache(maxsize=1)
def praises() -> list[Praise]:
    return [Praise(**{**row, "is_story": row["is_story"] == "y"}) for row in rows("demo_thanks.csv")]


@lru_cache(maxsize=1)
def leaf_weights() -> dict[str, LeafWeight]:
    return {
        row["category"]: LeafWeight(
            float(row["weight"]),
            frozenset(int(month) for month in row["peak_months"].split("|") if month),
            float(row["peak_factor"]),
        )
        for row in rows("demo_leaves.csv")
    }


@lru_cache(maxsize=1)
def replies() -> dict[tuple[str, str], list[tuple[str, str]]]:
    """(internal, public) by leaf or group, and outcome; the group `*` fits every one."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for row in rows("demo_replies.csv"):
        found[row["group"], row["outcome"]].append((row["internal"], row["public"]))
    return dict(found)


class Site:
    """Somewhere in a place, with the few streets, estates and shops that it has: the same ones come up
    again."""

    def __init__(self, place: Place, district: Place, rng: Random) -> None:
        self.place, self.district = place, district
        words, own = lists(), Random(place.code)
        self.slots = {
            "district": district.name_zh,
            "estate": rng.choice(own.sample(words["estate"], 5)),
            "village": rng.choice(own.sample(words["village"], 3)),
            "mall": rng.choice(own.sample(words["mall"], 2)),
            "school": rng.choice(own.sample(words["school"], 3)),
            "hospital": rng.choice(words["hospital"]),
            "company": rng.choice(words["company"]),
            "shop": rng.choice(words["shop"]),
            "county": rng.choice(words["county"]),
        }
        self.slots["road"], self.slots["road2"] = rng.sample(own.sample(words["road"], 5), 2)
        building, self.rest = (
            rng.randint(1, 28),
            f"{rng.randint(1, 4)}-{rng.randint(1, 18)}0{rng.randint(1, 4)}",
        )
        self.slots["building"] = f"{building}{lists()['building_word'][0]}"
        self.house = rng.randint(2, 288)

    @property
    def is_rural(self) -> bool:
        return self.place.name_zh.endswith(lists()["town_word"][0])

    def address(self, text: str) -> str:
        """The address that goes with a template: of a village, an estate, a road … or none."""
        head = self.district.name_zh + (
            self.place.name_zh if self.place.level == PlaceLevel.SUBDISTRICT else ""
        )
        slots = self.slots
        if "{village}" in text:
            return head + slots["village"]
        road = f"{head}{slots['road']}{self.house}{lists()['number_word'][0]}"
        for name in ("mall", "school", "hospital", "shop"):
            if f"{{{name}}}" in text and "{estate}" not in text:
                return road + slots[name]
        if "{building}" in text:
            return f"{road}{slots['estate']}{slots['building']}{self.rest}"
        if "{estate}" in text:
            return road + slots["estate"]
        if "{road2}" in text:
            return f"{head}{slots['road']}{lists()['crossing_word'][0].format(slots['road2'])}"
        return road if "{road}" in text else ""


def draw_slots(rng: Random, at: datetime) -> dict[str, str]:
    """Numbers and names that a template may name."""
    words = lists()
    return {
        "days": str(rng.randint(2, 15)),
        "hours": str(rng.randint(2, 6)),
        "hour": str(rng.choice((8, 9, 10, 11))),
        "floor": str(rng.randint(3, 32)),
        "bus": rng.choice(words["bus"]),
        "amount": str(rng.choice((800, 1200, 1980, 3000, 4600, 6800, 9800, 12000, 26000, 48000))),
        "fee": str(rng.choice((88, 120, 199, 260, 380, 520))),
        "small": str(rng.choice((28, 39, 45, 59, 68))),
        "month": str(rng.randint(1, max(1, local(at).month - 1))),
        "temp": str(rng.randint(12, 17)),
        "person": person_name(rng),
        "day": day_words(at),
    }


def person_name(rng: Random) -> str:
    return rng.choice(lists()["surname"]) + rng.choice(lists()["given"])


def phone_number(rng: Random) -> str:
    return f"{PHONE_PREFIX}{rng.randrange(100_000_000):08d}"


def day_words(at: datetime) -> str:
    day = local(at)
    return lists()["day_word"][0].format(day.month, day.day)


def told(template: Template, slots: dict[str, str], urgency: str, rng: Random) -> tuple[str, str]:
    """Title and content as an operator would write them down."""
    words, kind = lists(), template.kind
    opening = words["open_inquiry"] if kind == "inquiry" else words["open"]
    ending = rng.choice(words["close_urgent"] if urgency == Urgency.E1 else words[f"close_{kind}"])
    if template.content.split(words["comma"][0])[-1].startswith(tuple(words["asks"])):
        ending = words["stop"][0]  # it asks for something already
    content = rng.choice(opening) + template.content.format(**slots) + ending
    return template.title.format(**slots)[:120], content


def reply_text(category: str, outcome: str, slots: dict[str, str], rng: Random) -> tuple[str, str]:
    """(internal account, public answer) of a unit."""
    known = replies()
    found = known.get((category, outcome)) or known.get((category[:4], outcome)) or known.get(("*", outcome))
    found = found or known["*", "solved"]  # an outcome without texts of its own: say that it is done
    internal, public = rng.choice(found)
    return internal.format(**slots), public.format(**slots)


def remark(key: str, rng: Random) -> str:
    return rng.choice(lists()[key])
