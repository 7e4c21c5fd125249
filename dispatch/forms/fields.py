"""Fields that choose a row of reference data: the value is its code, the cleaned value what the verbs take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from dispatch import names
from hotline.accounts.models import Unit, UnitKind
from hotline.lib.cached import Cached
from hotline.lib.numbers import normal_order_number
from workorders.models import WorkOrder
from workorders.models.category import Level

NONE_CHOSEN = ("", _("– choose –"))


def unit_choices() -> list[tuple[Any, Any]]:
    """Active units, grouped by kind."""
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for unit in names.units.get().values():
        if unit.is_active:
            groups[unit.kind].append((unit.code, str(unit)))
    return [(UnitKind(kind).label, sorted(groups[kind])) for kind in UnitKind.values if kind in groups]


def leaf_choices() -> list[tuple[Any, Any]]:
    """Active leaves, grouped by what they belong to."""
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in names.categories.get().values():
        if row.is_active and row.level == Level.LEAF:
            top = row.parent.parent if row.parent and row.parent.parent else row.parent
            groups[str(top) if top else ""].append((row.code, str(row)))
    return [(group, rows) for group, rows in groups.items()]


def place_choices() -> list[tuple[Any, Any]]:
    """Active places, each with what it lies in."""
    rows = [row for row in names.places.get().values() if row.is_active]
    return [(row.code, names.place_words(row) or str(row)) for row in sorted(rows, key=lambda row: row.code)]


def kind_choices() -> list[tuple[Any, Any]]:
    return [(row.code, str(row)) for row in names.kinds.get().values() if row.is_active]


def reason_choices(*uses: str) -> list[tuple[Any, Any]]:
    rows = names.reasons.get().values()
    return [(row.code, f"{row.code} {row}") for row in rows if row.is_active and row.use in uses]


def unit_of(code: str) -> Unit | None:
    return next((unit for unit in names.units.get().values() if unit.code == code), None)


_options: Cached[dict[tuple[str, str], str]] = Cached(dict)
"""Options of long selects as HTML, by list and language: a page does not render 460 units anew."""


class LongSelect(forms.Select):
    """A select over a long list of rows, rendered from kept options. The page may turn it into a search box."""

    def __init__(self, rows: Callable[[], list[tuple[Any, Any]]], attrs: dict[str, Any] | None = None, *, first: Any = None) -> None:
        super().__init__(attrs={"data-long": "", **(attrs or {})})
        self.rows, self.first = rows, NONE_CHOSEN[1] if first is None else first

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        final = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        chosen = {str(one) for one in (value if isinstance(value, list | tuple) else [value]) if one}
        options = options_of(self.rows)
        for code in chosen:
            mark = format_html('value="{}"', code)
            options = options.replace(f"{mark}>", f"{mark} selected>", 1)
        if not self.allow_multiple_selected:
            options = format_html('<option value="">{}</option>', self.first) + mark_safe(options)
        return format_html("<select{}>{}</select>", flatatt(final), mark_safe(options))


class LongSelectMultiple(LongSelect, forms.SelectMultiple):
    pass


def options_of(rows: Callable[[], list[tuple[Any, Any]]]) -> str:
    kept, key = _options.get(), (rows.__qualname__, get_language() or "")
    if key not in kept:
        kept[key] = "".join(option_or_group(value, label) for value, label in rows())
    return kept[key]


def option_or_group(value: Any, label: Any) -> str:
    if isinstance(label, list):
        inner = "".join(option_or_group(*one) for one in label)
        return format_html('<optgroup label="{}">{}</optgroup>', value, mark_safe(inner))
    return format_html('<option value="{}">{}</option>', value, label)


class UnitField(forms.TypedChoiceField):
    """One active unit; None when left empty."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {"widget": LongSelect(unit_choices), "empty_value": None, **kwargs}
        super().__init__(choices=lambda: [NONE_CHOSEN, *unit_choices()], coerce=unit_of, **kwargs)


class UnitsField(forms.TypedMultipleChoiceField):
    """Any number of active units."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {"widget": LongSelectMultiple(unit_choices, {"size": 4}), "required": False, **kwargs}
        super().__init__(choices=unit_choices, coerce=unit_of, empty_value=[], **kwargs)


class CodeField(forms.ChoiceField):
    """A code out of a list that is read when the form opens; empty when nothing is chosen."""

    def __init__(self, choices: Any, *, long: bool = False, **kwargs: Any) -> None:
        kwargs = {"widget": LongSelect(choices) if long else forms.Select(), **kwargs}
        super().__init__(choices=lambda: [NONE_CHOSEN, *choices()], **kwargs)


class YesNoField(forms.TypedChoiceField):
    """Two ways to decide, neither preset."""

    def __init__(self, yes: Any, no: Any, **kwargs: Any) -> None:
        super().__init__(
            choices=[("yes", yes), ("no", no)], coerce=lambda value: value == "yes", widget=forms.RadioSelect, **kwargs
        )


class OrderField(forms.CharField):
    """The number of an order that this person may see. Needs `viewer` set by the form."""

    viewer = None

    def clean(self, value: Any) -> WorkOrder | None:
        text = super().clean(value)
        if not text:
            return None
        order = WorkOrder.objects.visible_to(self.viewer).filter(number=normal_order_number(text)).first()
        if order is None:
            raise forms.ValidationError(_("There is no order with this number."))
        return order
