"""What a triage list shows beside an order: which units could take it and why, what a unit asked, what it
replied. One query for a page at most, however many rows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from dispatch import names, routing, trail, wording
from dispatch.models import CatalogueEntry, Request
from hotline.accounts.models import Role, Unit, User
from hotline.lib.cached import Cached
from hotline.lib.masking import mask_text
from workorders.classification import suggest_categories
from workorders.models import Callback, Category, Commendation, Place, Reply, WorkOrder
from workorders.places import place_of

MOST_CHOICES = 3


@dataclass(frozen=True)
class Choice:
    """A unit that could take the order. `at_once`: no reason is needed to send it there."""

    code: str
    name: str
    why: str
    at_once: bool


def _load_catalogue() -> dict[int, list[CatalogueEntry]]:
    table = defaultdict(list)
    for entry in CatalogueEntry.objects.order_by("-valid_from", "-pk"):
        table[entry.category_id].append(entry)
    return dict(table)


catalogue: Cached[dict[int, list[CatalogueEntry]]] = Cached(_load_catalogue)


def choices_for(category_id: int | None, place_id: int | None, on: date) -> tuple[list[Choice], str]:
    """Units for a leaf in a place, the catalogue's lead first, and what is missing or open, in words. No
    query while the catalogue is at hand."""
    if category_id is None:
        return [], _("Choose a category: then the units appear here.")
    chain = routing.ancestors(names.get(names.places, place_id))
    entries = [entry for entry in catalogue.get().get(category_id, []) if applies(entry, chain, on)]
    leads = sorted(
        (one for one in entries if one.role == "lead"), key=routing.specificity(chain), reverse=True
    )
    found: dict[str, Choice] = {}
    asks = bool(leads and leads[0].ask)
    for entry in leads:
        unit, _fell_back = routing.fill(entry, chain)
        add(found, unit, entry.basis, at_once=not found or asks)
    for pattern in leads[0].alternatives if leads else []:
        add(found, filled(pattern, chain), _("Possible by the catalogue"), at_once=asks)
    for entry in entries:
        if entry.role == "co":
            add(found, routing.fill(entry, chain)[0], _("Co-handles by the catalogue"), at_once=asks)
    return list(found.values())[:MOST_CHOICES], gap_words(leads, found, chain)


def applies(entry: CatalogueEntry, chain: list[Place], on: date) -> bool:
    """Valid on the day, and of this place, one above it, or of no named place."""
    if entry.valid_from > on or (entry.valid_to is not None and entry.valid_to < on):
        return False
    return entry.place_id is None or any(entry.place_id == spot.pk for spot in chain)


def add(found: dict[str, Choice], unit: Unit | None, why: str, *, at_once: bool) -> None:
    if unit is not None and unit.code not in found:
        found[unit.code] = Choice(unit.code, str(unit), why, at_once)


def filled(pattern: str, chain: list[Place]) -> Unit | None:
    """The unit of an alternative, which may be a pattern like an entry's."""
    return routing.fill(CatalogueEntry(unit_pattern=pattern), chain)[0]


def gap_words(leads: list[CatalogueEntry], found: dict[str, Choice], chain: list[Place]) -> str:
    if not leads:
        return _("The catalogue has no entry for this category.")
    if leads[0].ask:
        return ASKS.get(leads[0].ask, lambda: _("Ask the caller which of these it is."))()
    if not found and not routing.needs_met(leads[0], chain):
        return _("The place is needed: this category is handled locally.")
    return ""


ASKS = {
    "carrier": lambda: _("Ask which carrier it is."),
    "gas_company": lambda: _("Ask which gas company supplies the address."),
    "operator": lambda: _("Ask which operator it is."),
    "policy_owner": lambda: _("Find out whose policy it is."),
    "superior_of_unit": lambda: _("Find the superior of the unit complained about."),
    "praised_unit": lambda: _("Find out which unit is praised."),
}
"""The open questions of the catalogue in words."""


# --- What was asked and answered ---------------------------------------------------------------------


def requests_for(order_ids: list[int], user: User) -> dict[int, dict[str, Any]]:
    """By order: the return that waits for a decision, or the last one upheld, and why this person may not
    decide it."""
    rows = (
        Request.objects.filter(order_id__in=order_ids, kind="return")
        .order_by("requested_at", "pk")
        .values(
            "order_id",
            "reason_id",
            "basis",
            "text",
            "late",
            "granted",
            "requested_at",
            "suggested_unit_id",
            "assignment__unit_id",
            "assignment__dispatched_by_id",
        )
    )
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        earlier = found.get(row["order_id"], {"returned_by": []})["returned_by"]
        unit = names.name_of(names.units, row["assignment__unit_id"])
        found[row["order_id"]] = {
            "reason": names.reasons_by_pk(row["reason_id"]),
            "basis": row["basis"],
            "text": mask_text(row["text"]),
            "late": row["late"],
            "asked_at": row["requested_at"],
            "suggested": names.name_of(names.units, row["suggested_unit_id"])
            if row["suggested_unit_id"]
            else "",
            "returned_by": [*earlier, unit],
            "barred": barred(row, user),
        }
    return found


def barred(row: dict[str, Any], user: User) -> str:
    """Why this person may not decide the return; empty when they may."""
    if row["late"] and user.role != Role.SUPERVISOR:
        return _("Late return: the duty supervisor decides.")
    if row["assignment__dispatched_by_id"] == user.pk:
        return _("You dispatched it: another person decides.")
    return ""


def replies_for(order_ids: list[int]) -> dict[int, dict[str, Any]]:
    """By order: its newest reply."""
    rows = (
        Reply.objects.filter(order_id__in=order_ids)
        .order_by("order_id", "-at", "-pk")
        .distinct("order_id")
        .values("order_id", "public", "internal", "outcome", "at", "round", "by_id")
    )
    return {
        row["order_id"]: row
        | {
            "public": row["public"],
            "internal": mask_text(row["internal"]),
            "outcome": wording.words(wording.OUTCOMES, row["outcome"]),
        }
        for row in rows
    }


def callbacks_for(order_ids: list[int]) -> dict[int, dict[str, Any]]:
    """By order: what the caller answered in the newest round."""
    rows = Callback.objects.filter(order_id__in=order_ids).order_by("order_id", "-round").distinct("order_id")
    return {
        row.order_id: {
            "service": row.get_service_display(),
            "result": row.get_result_display(),
            "solved": row.get_solved_display(),
            "reasons": _(", ").join(trail.answer_reason(code) for code in row.reasons),
            "text": mask_text(row.text),
        }
        for row in rows
    }


def praised_for(order_ids: list[int]) -> dict[int, dict[str, Any]]:
    """By thanks order: whom it praises, as far as known. No query without thanks on the page."""
    if not order_ids:
        return {}
    rows = Commendation.objects.filter(order_id__in=order_ids).values("order_id", "body", "person", "unit_id")
    return {row["order_id"]: row | {"unit": names.name_of(names.units, row["unit_id"])} for row in rows}


# --- What the machine suggests for orders that are not classified --------------------------------------


@dataclass(frozen=True)
class Hint:
    """One category (or only a place) that an order could get, and the unit it would then belong to.
    `suggested` is the category named first."""

    category: str
    place: str
    words: str
    unit: str
    suggested: str


def hints_for(order: WorkOrder, on: date) -> list[Hint]:
    """At most three, best first. No query beyond what the classifier keeps at hand."""
    place = names.get(names.places, order.place_id)
    guessed = None if place else place_of(order.address, order.content)
    spot = place or (names.get(names.places, guessed.pk) if guessed else None)
    new_place = spot.code if spot is not None and place is None else ""
    if order.category_id is not None:
        leaf = names.get(names.categories, order.category_id)
        return [hint(leaf, spot, new_place, "", on)] if new_place else []
    leaves = leaves_named(order)
    first = leaves[0].code if leaves else ""
    return [hint(leaf, spot, new_place, first, on) for leaf in leaves]


def leaves_named(order: WorkOrder) -> list[Category]:
    by_code = {row.code: row for row in names.categories.get().values()}
    scored = suggest_categories(f"{order.title}\n{order.content}", limit=MOST_CHOICES)
    return [by_code[code] for code, _score in scored if code in by_code]


def hint(leaf: Category, spot: Place | None, new_place: str, suggested: str, on: date) -> Hint:
    choices, _gap = choices_for(leaf.pk, spot.pk if spot else None, on)
    words = [str(leaf)] if suggested else []
    words += [names.place_words(spot)] if new_place and spot is not None else []
    return Hint(
        leaf.code if suggested else "",
        new_place,
        " · ".join(words),
        choices[0].name if choices else "",
        suggested,
    )
