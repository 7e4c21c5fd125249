"""Which place a text speaks of: the longest names and aliases of the table, the most exact place first.

A short alias is often an everyday word or a road. In free text an alias of a subdistrict counts only beside
its district; in an address one of three characters and more counts by itself, unless another district is
named."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from hotline.lib.cached import Cached
from workorders.keywords import normal
from workorders.models import Place
from workorders.models.place import PlaceLevel

EVERYDAY = settings.BASE_DIR / "workorders" / "reference" / "everyday_places.csv"
DISTRICTS = (PlaceLevel.DISTRICT, PlaceLevel.ZONE)
NEAR = 2
"""So many characters may stand between a district and what lies in it."""
LONG_ALIAS = 3


@dataclass(frozen=True)
class Gazetteer:
    """Every active place by its names, and one pattern that finds them, longest first."""

    places: dict[str, list[Place]]
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Hit:
    start: int
    end: int
    term: str
    place: Place

    @property
    def is_district(self) -> bool:
        return self.place.level in DISTRICTS

    @property
    def is_full(self) -> bool:
        """The official name, or an alias with the same ending ("subdistrict", "town")."""
        name = normal(self.place.name_zh)
        return self.term == name or (len(self.term) > LONG_ALIAS and self.term[-2:] == name[-2:])

    def lies_in(self, other: Hit) -> bool:
        return other.is_district and other.place.code in (parent_code(self.place), self.place.gb_parent)

    def is_beside(self, other: Hit) -> bool:
        return 0 <= self.start - other.end <= NEAR or 0 <= other.start - self.end <= NEAR


def read_gazetteer() -> Gazetteer:
    rows = {place.pk: place for place in Place.objects.filter(is_active=True)}
    terms: dict[str, list[Place]] = defaultdict(list)
    for place in rows.values():
        place.parent = rows.get(place.parent_id)  # so that walking up costs no query
        for name in {place.name_zh, *place.aliases}:
            if len(term := normal(name)) > 1:
                terms[term].append(place)
    longest_first = sorted(terms, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
    return Gazetteer(dict(terms), pattern)


gazetteer = Cached(read_gazetteer, seconds=60)


@lru_cache(maxsize=1)
def everyday() -> frozenset[str]:
    """Aliases of districts that are ordinary words as well."""
    with EVERYDAY.open(encoding="utf-8", newline="") as file:
        return frozenset(row["alias"] for row in csv.DictReader(file))


def find_place(text: str, *, is_address: bool = False) -> Place | None:
    """The most exact place that the text names for certain; None when there is none, or only the whole city.

    Of several subdistricts the one whose district is named too, then the one named first."""
    hits = list(hits_in(normal(text)))
    sure = [hit for hit in hits if counts(hit, hits, is_address)]
    districts = [hit for hit in sure if hit.is_district]
    exact = [hit for hit in sure if not hit.is_district and hit.place.level != PlaceLevel.CITY]
    beside_district = [hit for hit in exact if any(hit.lies_in(other) for other in districts)]
    best = (beside_district or exact or districts)[:1]
    return best[0].place if best else None


def place_of(address: str, content: str) -> Place | None:
    """The place of a matter: by its address, else by its text."""
    return find_place(address, is_address=True) or find_place(content)


def hits_in(plain: str) -> Iterator[Hit]:
    book = gazetteer.get()
    for match in book.pattern.finditer(plain):
        for place in book.places[match[0]]:
            yield Hit(match.start(), match.end(), match[0], place)


def counts(hit: Hit, hits: list[Hit], is_address: bool) -> bool:
    """Whether this name is meant as a place here."""
    others = [other for other in hits if other.start != hit.start]
    if hit.place.level == PlaceLevel.CITY:
        return True
    if hit.is_district:
        return hit.is_full or hit.term not in everyday() or district_is_meant(hit, others, is_address)
    if any(hit.lies_in(other) and (hit.is_full or hit.is_beside(other)) for other in others):
        return True
    is_only_one = sum(other.start == hit.start for other in hits) == 1
    named_elsewhere = any(other.is_district and not hit.lies_in(other) for other in others)
    if hit.is_full:
        return is_only_one
    return is_address and is_only_one and len(hit.term) >= LONG_ALIAS and not named_elsewhere


def district_is_meant(hit: Hit, others: list[Hit], is_address: bool) -> bool:
    """An ordinary word is a district at the head of an address, after the city, or beside what lies in it."""
    if is_address and hit.start == 0:
        return True
    return any(
        (other.place.level == PlaceLevel.CITY and hit.start == other.end)
        or (other.lies_in(hit) and hit.is_beside(other))
        for other in others
    )


def parent_code(place: Place) -> str:
    return place.parent.code if place.parent else ""
