"""What a list prints of an order: plain values and ready badges, so that a row costs its template next to
nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from dispatch import names, timeleft
from hotline.lib.masking import mask_address, mask_text
from hotline.lib.tags import NOTHING, table_time
from workorders import badges

FIELDS = (
    "pk",
    "number",
    "version",
    "state",
    "urgency",
    "kind_id",
    "category_id",
    "place_id",
    "unit_id",
    "title",
    "address",
    "mode",
    "card",
    "due_at",
    "due_is_working",
    "next_due_at",
    "created_at",
    "replied_at",
    "closed_at",
    "round",
    "return_refused",
    "returns_upheld",
    "deemed_signed",
    "reminders",
)
"""What to ask a queryset for: `rows.values(*FIELDS)`."""
_PATTERN = "JN00000000AAAAAAA"


def dressed(found: Iterable[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """The rows of a page with words and badges added; a page makes `html` of them. Addresses end at the
    building; numbers in titles are masked."""
    before, after = reverse("order", args=[_PATTERN]).split(_PATTERN)
    return [dress(row, now, f"{before}{row['number']}{after}") for row in found]


def dress(row: dict[str, Any], now: datetime, url: str) -> dict[str, Any]:
    minutes = timeleft.minutes_left(row["due_at"], now, working=row["due_is_working"])
    category, place = names.name_of(names.categories, row["category_id"]), place_of(row["place_id"])
    kind, where = names.name_of(names.kinds, row["kind_id"]), where_of(row["address"])
    return row | {
        "url": url,
        "minutes": minutes,
        "kind": kind,
        "kind_badge": badges.kind(row["kind_id"], kind),
        "category": category,
        "place": place,
        "where": where,
        "about": " · ".join(filter(None, (category, place, where))),
        "unit": names.name_of(names.units, row["unit_id"]),
        "summary": summary_of(row["title"]),
        "badges": badges.urgency(row["urgency"]) + badges.card(row["card"]) + badges.mode(row["mode"]),
        "state_badge": badges.state(row["state"]),
        "time_left": badges.remaining(minutes, working=row["due_is_working"]),
        "taken_in": when(row["created_at"]),
        "css": css_of(row["urgency"], minutes),
    }


summary_of = lru_cache(maxsize=8192)(mask_text)
where_of = lru_cache(maxsize=8192)(mask_address)
"""The same rows are listed again and again, for many people: they are masked once."""


def place_of(pk: int | None) -> str:
    return names.place_words(names.get(names.places, pk)) if pk else ""


def when(at: datetime | None) -> SafeString | str:
    """A time as tables write it. Most rows of a page share their day, many their minute."""
    return (
        NOTHING
        if at is None
        else _when(at.replace(second=0, microsecond=0), get_language() or "", date.today())
    )


@lru_cache(maxsize=8192)
def _when(minute: datetime, language: str, today: date) -> SafeString | str:
    return table_time(minute)


def css_of(urgency: str, minutes: int | None) -> str:
    """Class of the row: what the eye must find first."""
    if minutes is not None and minutes < 0:
        return "is-late"
    return "is-urgent" if urgency == "E1" else ""
