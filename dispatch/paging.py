"""Pages of a list by keyset: each page starts after the last row of the one before, however long the list
is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

PAGE_SIZE = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Page:
    """`rows` are dicts or instances, as the queryset gives them; `next` is the cursor of the following
    page, or None."""

    rows: list[Any]
    next: str | None


@dataclass(frozen=True)
class Cursor:
    """Where a page ended: the sort value of its last row (None among the rows without one) and that row's
    id."""

    value: datetime | None
    pk: int

    def __str__(self) -> str:
        ticks = "" if self.value is None else str((self.value - EPOCH) // timedelta(microseconds=1))
        return f"{ticks}.{self.pk}"

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """None for the first page, and for a text that is no cursor."""
        ticks, dot, pk = text.partition(".")
        try:
            value = EPOCH + timedelta(microseconds=int(ticks)) if ticks else None
            return cls(value, int(pk)) if dot else None
        except (ValueError, OverflowError):
            return None


def page_of(rows: QuerySet, *, by: str, cursor: str = "", size: int = PAGE_SIZE) -> Page:
    """One page of `rows` in the order of the time `by` (a leading minus: newest first), then of the id.

    Ascending, rows without that time come last; descending, every row must have it. `rows` may be
    `.values()` that include `pk` and the time."""
    name, newest_first = by.lstrip("-"), by.startswith("-")
    rows = rows.order_by(by, "-pk" if newest_first else "pk")
    at = Cursor.read(cursor)
    if at is None:
        found = list(rows[: size + 1])
    elif at.value is None:
        found = list(rows.filter(**{f"{name}__isnull": True, "pk__gt": at.pk})[: size + 1])
    else:
        found = list(rows.filter(_after(name, at, newest_first))[: size + 1])
        if not newest_first and len(found) <= size:
            found += rows.filter(**{f"{name}__isnull": True})[: size + 1 - len(found)]
    more, found = len(found) > size, found[:size]
    last = found[-1] if more else None
    return Page(found, str(Cursor(_get(last, name), _get(last, "pk"))) if last else None)


def _after(name: str, at: Cursor, newest_first: bool) -> Q:
    """Rows behind the cursor. The first condition alone bounds the index scan."""
    sign = "lt" if newest_first else "gt"
    bound = Q(**{f"{name}__{sign}e": at.value})
    return bound & (Q(**{f"{name}__{sign}": at.value}) | Q(**{f"pk__{sign}": at.pk}))


def _get(row: Any, name: str) -> Any:
    return row[name] if isinstance(row, dict) else getattr(row, name)
