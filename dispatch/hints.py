"""What the desk shows beside a text while it is typed: suggestions, warnings and gaps, ready to print.

All of it is a hint; the operator decides, the rules of the order's doors decide again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dispatch import names, routing, suggesting, wording
from dispatch.callercard import REMINDABLE
from dispatch.routing import Route
from hotline.accounts.models import Unit, UnitKind, User
from hotline.lib.masking import MASKS, Span, find_personal, mask_text
from workorders import badges, vocabulary
from workorders.classification import keyword_hits
from workorders.elements import LABELS, elements_in
from workorders.lifecycle import Urgency
from workorders.models import Category, Place
from workorders.models.category import Level

USUAL_KIND = "help"
MOST_CATEGORIES, MOST_DUPLICATES, MOST_WORDS = 3, 3, 4
PREVIEW = 60
"""Characters of the preview line."""
PERSONAL = {
    "id_card": _("Identity number"),
    "bank_card": _("Bank card"),
    "mobile": _("Mobile number"),
    "landline": _("Telephone number"),
    "plate": _("Number plate"),
}


@dataclass(frozen=True)
class Matter:
    """The form as it stands, half filled in. Codes as typed: unknown ones count as none."""

    content: str = ""
    address: str = ""
    category: str = ""
    place: str = ""
    has_name: bool = False


@dataclass
class Hints:
    categories: list[dict[str, Any]] = field(default_factory=list)
    """code, name, score, percent, words (that speak for it), urgency, days, unit, why, question."""
    kind: Any = None
    urgency: str = Urgency.N
    urgent_words: list[str] = field(default_factory=list)
    preview: list[tuple[str, str]] = field(default_factory=list)
    """(text, what it is): urgent, personal, or empty."""
    personal: list[dict[str, Any]] = field(default_factory=list)
    masked: str = ""
    """The text with all personal data masked; empty when there is none."""
    duplicates: list[dict[str, Any]] = field(default_factory=list)
    place: dict[str, str] | None = None
    """The chosen place or the one found in the text; `found` tells which."""
    route: Route | None = None
    """Of the chosen category."""
    question: Any = ""
    """What the route leaves open, with the units that it may be."""
    choices: list[Unit] = field(default_factory=list)
    is_outside: bool = False
    """The route leads to an emergency line."""
    days: int | None = None
    elements: list[tuple[Any, bool]] = field(default_factory=list)


def hints_for(matter: Matter, *, user: User, now: datetime) -> Hints:
    """Everything the desk says about a matter. One request while typing: a bounded number of queries."""
    chosen, leaf = row_of(Place, matter.place), row_of(Category, matter.category)
    told = suggesting.suggest(matter.content, matter.address, user=user, now=now, place=chosen)
    spot = spot_of(told.place["code"]) if told.place else spot_of(matter.place)
    spans = find_personal(matter.content)
    hints = Hints(
        kind=row_of_kind(told.kind or usual_kind(told.categories)),
        urgency=told.urgency["level"],
        urgent_words=told.urgency["matched"][:MOST_WORDS],
        personal=[personal_entry(matter.content, span) for span in spans],
        masked=mask_text(matter.content) if spans else "",
        preview=preview(matter.content, told.urgency["matched"], spans),
        duplicates=duplicates_of(told.duplicates),
        place={"code": spot.code, "name": names.place_words(spot), "found": "" if chosen else "yes"}
        if spot
        else None,
    )
    words = {hit.code: hit.words for hit in keyword_hits(matter.content)} if told.categories else {}
    hints.categories = [
        category_entry(item, words.get(item["code"], []), spot, now)
        for item in told.categories[:MOST_CATEGORIES]
    ]
    if leaf is not None and leaf.level == Level.LEAF:
        route = hints.route = routing.resolve(leaf, spot, on=timezone.localdate(now))
        hints.days = leaf.deadline_workdays
        hints.is_outside = route.unit is not None and route.unit.kind == UnitKind.EXTERNAL
        if route.ask:
            units = routing.units_by_code.get()
            hints.question = wording.words(wording.QUESTIONS, route.ask)
            hints.choices = [units[code] for code in route.alternatives if code in units]
    has_place = bool(matter.address.strip() or spot)
    there = elements_in(matter.content, has_name=matter.has_name, has_place=has_place)
    hints.elements = [(LABELS[code], is_there) for code, is_there in there.items()]
    return hints


def usual_kind(categories: list[dict[str, Any]]) -> str | None:
    """What is offered with a category when no word of the text speaks for a kind."""
    if any(item["code"].startswith(suggesting.THANKS_GROUP) for item in categories):
        return "thanks"
    return USUAL_KIND if categories else None


def row_of(table: type, code: str) -> Any:
    return vocabulary.by_code(table).get(code) if code else None


def spot_of(code: str) -> Place | None:
    """The place, wired to its parents, so that routing it costs no query."""
    row = row_of(Place, code)
    return names.get(names.places, row.pk) if row else None


def row_of_kind(code: str | None) -> Any:
    return names.get(names.kinds, code) if code else None


def category_entry(
    item: dict[str, Any], words: list[str], spot: Place | None, now: datetime
) -> dict[str, Any]:
    leaf = row_of(Category, item["code"])
    route = routing.resolve(leaf, spot, on=timezone.localdate(now))
    return {
        **item,
        "percent": round(item["score"] * 100),
        "words": words[:MOST_WORDS],
        "urgency": leaf.urgency if leaf.urgency != Urgency.N else "",
        "days": leaf.deadline_workdays,
        "unit": route.unit,
        "why": route.why(),
        "question": wording.words(wording.QUESTIONS, route.ask) if route.ask else "",
    }


def duplicates_of(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of which somebody can still be reminded."""
    return [duplicate_entry(item) for item in told if item["state"] in REMINDABLE][:MOST_DUPLICATES]


def duplicate_entry(item: dict[str, Any]) -> dict[str, Any]:
    return {
        **item,
        "at": datetime.fromisoformat(item["created_at"]),
        "state_badge": badges.state(item["state"]),
        "percent": round(item["likeness"] * 100),
    }


def personal_entry(text: str, span: Span) -> dict[str, Any]:
    return {"label": PERSONAL[span.kind], "masked": MASKS[span.kind](text[span.start : span.end])}


def preview(text: str, urgent: Iterable[str], personal: Iterable[Span]) -> list[tuple[str, str]]:
    """The part of the text around the first thing worth a look, in pieces; empty when there is none."""
    spans = [(span.start, span.end, "personal") for span in personal]
    for word in urgent:
        pattern = r"\s*".join(map(re.escape, word))
        spans += [(*match.span(), "urgent") for match in re.finditer(pattern, text, re.IGNORECASE)]
    if not spans:
        return []
    spans.sort()
    start = max(0, spans[0][0] - PREVIEW // 4)
    end, at = min(len(text), start + PREVIEW), start
    pieces = [("\u2026", "")] if start else []
    for left, right, what in spans:
        if left < at or left >= end:
            continue
        pieces += [(text[at:left], ""), (text[left:right], what)]
        at = right
    pieces.append((text[at:end], ""))
    return [piece for piece in [*pieces, ("\u2026" if end < len(text) else "", "")] if piece[0]]
