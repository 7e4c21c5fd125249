"""Which unit an order belongs to, by the dispatch catalogue: leaf × place → lead, the most specific entry
first."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from dispatch.models import CatalogueEntry
from hotline.accounts.models import Unit
from hotline.lib.cached import Cached
from workorders.models import Category, Place
from workorders.models.place import PlaceLevel

SCOPE_RANK = {"city": 0, "district": 1, "subdistrict": 2}
DISTRICTS = (PlaceLevel.DISTRICT, PlaceLevel.ZONE)


@dataclass(frozen=True)
class Route:
    """What the catalogue says. `unit` is its lead, also where `ask` names an open question; None when no
    entry applies or the place is not known well enough, which `gap` names."""

    unit: Unit | None = None
    co: tuple[Unit, ...] = ()
    entry: CatalogueEntry | None = None
    ask: str = ""
    alternatives: tuple[str, ...] = ()
    gap: str = ""
    fell_back: bool = False
    tried: tuple[int, ...] = field(default=())

    def as_facts(self) -> dict[str, Any]:
        """Codes for the assignment and the trail."""
        if self.entry is None:
            return {"entry": None, "gap": self.gap, "tried": list(self.tried)}
        return {
            "entry": self.entry.pk,
            "scope": self.entry.place_scope,
            "basis": self.entry.basis,
            "source": self.entry.source,
            "unit": self.unit.code if self.unit else "",
            "ask": self.ask,
            "gap": self.gap,
            "fell_back": self.fell_back,
            "tried": list(self.tried),
        }

    def why(self) -> str:
        """One sentence for people."""
        return why_words(self.as_facts())


def why_words(facts: dict[str, Any]) -> str:
    """The reason stored on an assignment, in the reader's language."""
    if facts.get("ruling"):
        return _("By ruling: %(grounds)s") % {"grounds": facts["ruling"]}
    if facts.get("praised"):
        return _("The praised unit")
    if facts.get("gap") == "no_place":
        return _("The place is needed: this category is handled locally.")
    if not facts.get("entry"):
        return _("The catalogue has no entry for this category.")
    scopes = {"city": _("the whole city"), "district": _("the district"), "subdistrict": _("the subdistrict")}
    words = _("Catalogue, for %(scope)s: %(basis)s") % {
        "scope": scopes[facts["scope"]],
        "basis": facts["basis"],
    }
    if facts.get("fell_back"):
        words += " " + _("(place known to the district only)")
    return words


def _load_units() -> dict[str, Unit]:
    return {unit.code: unit for unit in Unit.objects.filter(is_active=True)}


units_by_code = Cached(_load_units)


def resolve(category: Category | None, place: Place | None, *, on: date) -> Route:
    """The route of a leaf in a place on a day. Never raises; what can't be resolved says why in `gap`:
    no_category, no_entry, no_place, no_unit (the pattern names no active unit)."""
    if category is None:
        return Route(gap="no_category")
    chain = ancestors(place)
    entries = valid_entries(category, [spot.pk for spot in chain], on)
    tried = tuple(entry.pk for entry in entries)
    leads = sorted((entry for entry in entries if entry.role == "lead"), key=specificity(chain), reverse=True)
    if not leads:
        return Route(gap="no_entry", tried=tried)
    for entry in leads:
        unit, fell_back = fill(entry, chain)
        if unit is not None:
            co = [fill(other, chain)[0] for other in entries if other.role == "co"]
            return Route(
                unit=unit,
                entry=entry,
                ask=entry.ask,
                alternatives=tuple(entry.alternatives),
                fell_back=fell_back,
                co=tuple({u.pk: u for u in co if u is not None and u.pk != unit.pk}.values()),
                tried=tried,
            )
    return Route(
        gap="no_unit" if needs_met(leads[0], chain) else "no_place",
        entry=leads[0],
        ask=leads[0].ask,
        alternatives=tuple(leads[0].alternatives),
        tried=tried,
    )


def ancestors(place: Place | None) -> list[Place]:
    """The place and everything above it, nearest first."""
    chain = []
    while place is not None and len(chain) < 6:
        chain.append(place)
        place = place.parent
    return chain


def valid_entries(category: Category, place_ids: list[int], on: date) -> list[CatalogueEntry]:
    return list(
        CatalogueEntry.objects.filter(category=category, valid_from__lte=on)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on))
        .filter(Q(place__isnull=True) | Q(place_id__in=place_ids))
        .order_by("-valid_from", "-pk")
    )


def specificity(chain: list[Place]):
    """Sort key: an entry for a named place beats any scope, the nearer place the farther; then scope; then
    the newest."""
    depth = {spot.pk: len(chain) - index for index, spot in enumerate(chain)}

    def key(entry: CatalogueEntry) -> tuple:
        return (
            depth.get(entry.place_id, 0),
            SCOPE_RANK[entry.place_scope],
            entry.source == "ruling",
            entry.valid_from,
            entry.pk,
        )

    return key


def fill(entry: CatalogueEntry, chain: list[Place]) -> tuple[Unit | None, bool]:
    """The unit an entry names for these places, and whether it fell back to the district's hotline office
    because the place is known to the district only (design: reference routing)."""
    district = next((spot.code for spot in chain if spot.level in DISTRICTS), "")
    subdistrict = next((spot.code for spot in chain if spot.level == PlaceLevel.SUBDISTRICT), "")
    pattern, units = entry.unit_pattern, units_by_code.get()
    if "{subdistrict}" in pattern and not subdistrict:
        return (units.get(f"{district}-HOTLINE"), True) if district else (None, False)
    if "{district}" in pattern and not district:
        return None, False
    return units.get(pattern.format(district=district, subdistrict=subdistrict)), False


def needs_met(entry: CatalogueEntry, chain: list[Place]) -> bool:
    """Whether the place is known as exactly as the entry's pattern needs."""
    levels = {spot.level for spot in chain}
    if "{subdistrict}" in entry.unit_pattern or "{district}" in entry.unit_pattern:
        return bool(levels & {*DISTRICTS})
    return True
