"""派单目录 as a city keeps it: statements are added with a basis and ended, never written over."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dispatch.models import CatalogueEntry
from dispatch.models.catalogue import PlaceScope
from hotline.accounts.changing import CannotUndo, Values, add_row, change_row, earlier_values, require_admin
from hotline.accounts.models import Change, Unit, User
from hotline.lib.errors import InvalidInput
from workorders.models import Category, Place
from workorders.models.category import Level

ONE_DAY = timedelta(days=1)
PATTERNS = ("{subdistrict}-OFFICE",)
FILLED = {"{district}": PlaceScope.DISTRICT, "{subdistrict}": PlaceScope.SUBDISTRICT}
"""What stands in a pattern for the order's place, and the scope such an entry has."""


def in_force(today: date) -> Q:
    """Entries that count today or will."""
    return Q(valid_to__isnull=True) | Q(valid_to__gte=today)


def leaves_without_lead(today: date) -> QuerySet[Category]:
    """Leaves in use that no entry gives to a unit: their orders cannot be routed."""
    led = CatalogueEntry.objects.filter(in_force(today), role="lead", valid_from__lte=today)
    leaves = Category.objects.filter(level=Level.LEAF, is_active=True)
    return leaves.exclude(pk__in=led.values("category_id")).order_by("code")


def patterns() -> list[str]:
    """Patterns with a gap that entries use: which unit it is depends on the order's place."""
    used = CatalogueEntry.objects.filter(unit_pattern__contains="{").values_list("unit_pattern", flat=True)
    return sorted({*PATTERNS, *used})


@transaction.atomic
def add(values: Values, *, actor: User | None, now: datetime, basis: str = "") -> CatalogueEntry:
    """A new statement. With `values["replaces"]` the lead that stands against it ends the day before.

    Raises InvalidInput (an open question beside a co-unit, a conflict with another lead, a pattern that
    names no unit, a scope that does not fit), NotAdministrator."""
    require_admin(actor)
    values = dict(values)
    replaces = values.pop("replaces", False)
    category: Category = Category.objects.select_for_update().get(pk=values["category"].pk)
    starts: date = values["valid_from"]
    check_category(category)
    check_place(values.get("place_scope", ""), values.get("place"))
    check_pattern(values["unit_pattern"], values["place_scope"], values.get("place"))
    if not values.get("basis", "").strip():
        raise InvalidInput(_("Name the decision or document that this rests on."), field="basis")
    if starts < timezone.localdate(now):
        raise InvalidInput(_("An entry counts from today or a later day on."), field="valid_from")
    for rival in rivals(values):
        if not replaces:
            raise InvalidInput(conflict_words(rival), field="place_scope", code="conflict")
        end(rival, {"valid_to": starts - ONE_DAY}, actor=actor, now=now, basis=values["basis"])
    return add_row(CatalogueEntry(**values), actor=actor, now=now, basis=values["basis"])


def rivals(values: Values) -> list[CatalogueEntry]:
    """Entries that say something else about the same leaf, scope and place: other leads; of co-units the
    same one."""
    same = {name: values.get(name) for name in ("category", "place_scope", "place")}
    found = CatalogueEntry.objects.filter(
        **{k: v for k, v in same.items() if v is not None}, role=values["role"]
    )
    if same["place"] is None:
        found = found.filter(place__isnull=True)
    if values["role"] == CatalogueEntry.EntryRole.CO:
        found = found.filter(unit_pattern=values["unit_pattern"])
    return list(found.filter(in_force(values["valid_from"])))


def conflict_words(rival: CatalogueEntry) -> Any:
    return _(
        "%(unit)s stands here already since %(day)s, by: %(basis)s. End that entry, or let this one "
        "replace it."
    ) % {
        "unit": unit_words(rival.unit_pattern),
        "day": rival.valid_from,
        "basis": rival.basis,
    }


def unit_words(pattern: str) -> str:
    """A unit's name, or the pattern where it depends on the place."""
    unit = Unit.objects.filter(code=pattern).first()
    return str(unit) if unit else pattern


def check_category(category: Category) -> None:
    if category.level != Level.LEAF or not category.is_active:
        raise InvalidInput(_("Choose a category in use."), field="category")


def check_place(scope: str, place: Place | None) -> None:
    if place is not None and not place.is_active:
        raise InvalidInput(_("This place is out of use."), field="place")
    if place is not None and scope == PlaceScope.CITY and place.level != "city":
        raise InvalidInput(_("An entry for the whole city names no place."), field="place")


def check_pattern(pattern: str, scope: str, place: Place | None) -> None:
    """A code names a unit in use; a pattern fits its scope and names some unit."""
    gaps = [gap for gap in FILLED if gap in pattern]
    if not gaps:
        if not Unit.objects.filter(code=pattern, is_active=True).exists():
            raise InvalidInput(_("There is no unit in use with this code."), field="unit_pattern")
        return
    if len(gaps) > 1 or FILLED[gaps[0]] != scope:
        raise InvalidInput(_("This pattern needs another scope."), field="place_scope")
    ending = pattern.replace(gaps[0], "")
    if "{" in ending or not Unit.objects.filter(code__endswith=ending, is_active=True).exists():
        raise InvalidInput(_("No unit in use fits this pattern."), field="unit_pattern")


@transaction.atomic
def end(
    entry: CatalogueEntry,
    values: Values,
    *,
    actor: User | None,
    now: datetime,
    basis: str = "",
    expect: str = "",
) -> bool:
    """The entry counts up to `values["valid_to"]` and not longer. Orders dispatched by it keep their unit.

    Raises InvalidInput (no basis, already ended, a day before yesterday), StaleRow, NotAdministrator."""
    last: date | None = values.get("valid_to")
    yesterday = timezone.localdate(now) - ONE_DAY
    if entry.valid_to is not None and entry.valid_to <= yesterday:
        raise InvalidInput(_("This entry has ended already."))
    if last is None:
        raise InvalidInput(_("Give the last day on which it counts."), field="valid_to")
    if last < yesterday:
        raise InvalidInput(
            _("It counted until yesterday at least: choose yesterday or a later day."), field="valid_to"
        )
    if not basis.strip():
        raise InvalidInput(_("Name the decision or document that this rests on."), field="why")
    return change_row(
        entry, {"valid_to": last}, actor=actor, now=now, basis=basis, expect=expect, action="end"
    )


@transaction.atomic
def reopen(
    entry: CatalogueEntry, change: Change, *, actor: User | None, now: datetime, basis: str = ""
) -> bool:
    """Undo an end. Raises CannotUndo, InvalidInput when something else took its place."""
    back = earlier_values(change, entry)
    values = {
        name: getattr(entry, name) for name in ("category", "place_scope", "place", "role", "unit_pattern")
    }
    if any(rival.pk != entry.pk for rival in rivals({**values, "valid_from": timezone.localdate(now)})):
        raise CannotUndo(_("Another entry took its place: end that one first."))
    return change_row(entry, back, actor=actor, now=now, basis=basis, action="undo")


def take_back(
    entry: CatalogueEntry, change: Change, *, actor: User | None, now: datetime, basis: str = ""
) -> bool:
    """Undo an addition: the entry ends at once; one that has not begun never counts."""
    last = {"valid_to": min(timezone.localdate(now), entry.valid_from) - ONE_DAY}
    return change_row(entry, last, actor=actor, now=now, basis=basis, action="end")
