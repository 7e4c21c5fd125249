"""One page of a table by keyset over its own order, and the filters above it."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from analytics.views.manage.table import Filter, Table

PAGE_SIZE = 50
ANY = _("all")
IN_USE = [("", ANY), ("1", _("in use")), ("0", _("out of use"))]


def page_of(rows: QuerySet, order: tuple[str, ...], cursor: str) -> tuple[list[Any], str | None]:
    """Up to 50 rows in ascending `order`, and the cursor of the next page or None. A text that is no cursor
    gives the first page."""
    rows = rows.order_by(*order)
    try:
        found = list(after(rows, order, cursor)[: PAGE_SIZE + 1])
    except (ValueError, TypeError, ValidationError):
        found = list(rows[: PAGE_SIZE + 1])
    if len(found) <= PAGE_SIZE:
        return found, None
    last = found[PAGE_SIZE - 1]
    return found[:PAGE_SIZE], json.dumps([str(value_of(last, name)) for name in order])


def after(rows: QuerySet, order: tuple[str, ...], cursor: str) -> QuerySet:
    if not cursor:
        return rows
    values = json.loads(cursor)
    if not isinstance(values, list) or len(values) != len(order):
        raise ValueError("not a cursor of this list")
    later, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        later |= equal & Q(**{f"{name}__gt": value})
        equal &= Q(**{name: value})
    return rows.filter(later)


def value_of(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row


def filters_of(table: Table) -> list[Filter]:
    """The filters of a table, with the one that every table has whose rows go out of use."""
    in_use = Filter("use", _("State"), lambda: IN_USE[1:], lambda value: Q(is_active=value == "1"))
    return [*table.filters, *([in_use] if table.goes_out_of_use else [])]


def filter_form(table: Table, data: Any) -> forms.Form:
    """The form above a list; unknown values are ignored, not refused: they only come from old links."""
    form = forms.Form(data, auto_id="filter_%s")
    if table.search:
        form.fields["q"] = forms.CharField(label=_("Search"), required=False, max_length=60)
    for one in filters_of(table):
        choices = [("", one.nothing or ANY), *one.choices()]
        form.fields[one.name] = forms.ChoiceField(label=one.label, choices=choices, required=False)
    return form


def narrowed(table: Table, rows: QuerySet, form: forms.Form) -> QuerySet:
    """The rows that the filled-in filters leave."""
    form.is_valid()
    if text := form.cleaned_data.get("q", "").strip():
        found = Q()
        for name in table.search:
            found |= Q(**{f"{name}__icontains": text})
        rows = rows.filter(found)
    for one in filters_of(table):
        if value := form.cleaned_data.get(one.name):
            rows = rows.filter(one.where(value))
        elif one.unset is not None:
            rows = rows.filter(one.unset())
    return rows
