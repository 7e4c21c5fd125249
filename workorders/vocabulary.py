"""Finding rows of reference data by code, from a short-lived cache: they are asked for at every intake."""

from __future__ import annotations

from typing import TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from hotline.lib.cached import Cached
from workorders.errors import InvalidInput
from workorders.models import Category, Kind, Place

Row = TypeVar("Row", bound=models.Model)

_tables: dict[type[models.Model], Cached] = {
    table: Cached(lambda table=table: {row.code: row for row in table.objects.all()})
    for table in (Kind, Category, Place)
}


def find(table: type[Row], code: str, *, field: str) -> Row | None:
    """The active row with this code; None for an empty code. Raises InvalidInput for an unknown or retired
    one."""
    if not code:
        return None
    row = _tables[table].get().get(code) or table.objects.filter(code=code).first()
    if row is None or not row.is_active:
        raise InvalidInput(_("Unknown code: %(code)s.") % {"code": code}, field=field)
    return row


def rows(table: type[Row]) -> list[Row]:
    """All rows of a small table, active or not, in code order."""
    return list(_tables[table].get().values())


def by_code(table: type[Row]) -> dict[str, Row]:
    """The same rows by their codes."""
    return _tables[table].get()
