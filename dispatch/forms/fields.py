"""Fields that choose a row of reference data: the value is its code, the cleaned value what the verbs
take."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from dispatch import names
from dispatch.forms import options
from dispatch.forms.options import NONE_CHOSEN, OptionList
from hotline.accounts.models import Unit, UnitKind
from hotline.lib.numbers import normal_order_number
from workorders.models import WorkOrder
from workorders.models.category import Level


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


class SeveralUnits(OptionList):
    """Two search boxes under one name: more units than that are for a ruling."""

    BOXES = 2

    def render(self, name: str, value: Any, attrs: dict | None = None, renderer: Any = None) -> SafeString:
        chosen = [*(value or []), *[""] * self.BOXES][: self.BOXES]
        identifier = (attrs or {}).get("id", name)
        boxes = [super().render(name, chosen[0], attrs, renderer)]
        for nth, code in enumerate(chosen[1:], start=2):
            own = f"{identifier}_{nth}"
            label = format_html(
                '<label class="visually-hidden" for="{}">{} {}</label>', own, _("Co-handling"), nth
            )
            boxes.append(label + super().render(name, code, {**(attrs or {}), "id": own}, renderer))
        return format_html('<div class="several">{}</div>', mark_safe("".join(boxes)))

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        found = data.getlist(name) if hasattr(data, "getlist") else data.get(name) or []
        return [code for code in found if code]


class UnitField(forms.TypedChoiceField):
    """One active unit; None when left empty."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {"widget": OptionList(options.units), "empty_value": None, **kwargs}
        super().__init__(choices=lambda: [NONE_CHOSEN, *unit_choices()], coerce=unit_of, **kwargs)


class UnitsField(forms.TypedMultipleChoiceField):
    """Any number of active units."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {"widget": SeveralUnits(options.units), "required": False, **kwargs}
        super().__init__(choices=unit_choices, coerce=unit_of, empty_value=[], **kwargs)


class CodeField(forms.ChoiceField):
    """A code out of a list that is read when the form opens; empty when nothing is chosen."""

    def __init__(self, choices: Any, **kwargs: Any) -> None:
        super().__init__(choices=lambda: [NONE_CHOSEN, *choices()], **kwargs)


class YesNoField(forms.TypedChoiceField):
    """Two ways to decide, neither preset."""

    def __init__(self, yes: Any, no: Any, **kwargs: Any) -> None:
        super().__init__(
            choices=[("yes", yes), ("no", no)],
            coerce=lambda value: value == "yes",
            widget=forms.RadioSelect,
            **kwargs,
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
