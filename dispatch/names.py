"""Names of kinds, categories, places and units by id, from tables kept for some seconds: a list of 50 rows
joins nothing.

Places come wired to their parents, so that walking up costs no query."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hotline.accounts.models import Unit
from hotline.lib.cached import Cached
from hotline.lib.tags import NOTHING
from workorders.models import Category, Kind, Place, Reason


def _by_pk(rows: Iterable[Any]) -> dict[Any, Any]:
    return {row.pk: row for row in rows}


def _wired(rows: Iterable[Any]) -> dict[Any, Any]:
    """By id, with `parent` filled in."""
    table = _by_pk(rows)
    for row in table.values():
        row.parent = table.get(row.parent_id)
    return table


kinds: Cached[dict[str, Kind]] = Cached(lambda: _by_pk(Kind.objects.all()))
categories: Cached[dict[int, Category]] = Cached(lambda: _wired(Category.objects.all()))
places: Cached[dict[int, Place]] = Cached(lambda: _wired(Place.objects.all()))
units: Cached[dict[int, Unit]] = Cached(lambda: _by_pk(Unit.objects.all()))
reasons: Cached[dict[int, Reason]] = Cached(lambda: _by_pk(Reason.objects.all()))


def get(table: Cached[dict], key: Any) -> Any:
    """The row with this id; None for none. A row made a moment ago by another process is found, too."""
    if key is None:
        return None
    if key not in table.get():
        table.forget()
    return table.get().get(key)


def name_of(table: Cached[dict], key: Any) -> str:
    """The row's name in the reader's language; a dash for none."""
    row = get(table, key)
    return NOTHING if row is None else str(row)


def place_words(place: Place | None) -> str:
    """A place with what it lies in, down from the district."""
    chain = []
    while place is not None and place.level != "city":
        chain.append(place.name)
        place = place.parent
    return " ".join(reversed(chain))


def reasons_by_pk(pk: int) -> str:
    """The name of a reason."""
    return name_of(reasons, pk)
