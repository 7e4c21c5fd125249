"""Kinds, places, coded reasons and urgent words as a city keeps them.

Codes stand fast: orders, reports and programs refer to them. What load_reference brings later leaves alone
what was changed here."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from hotline.accounts.changing import Values, add_row, change_row
from hotline.accounts.models import User
from hotline.lib.errors import InvalidInput
from workorders.models import Kind, Place, Reason, UrgencyWord
from workorders.models.place import PlaceLevel

DEPTH = {
    PlaceLevel.CITY: 0,
    PlaceLevel.DISTRICT: 1,
    PlaceLevel.ZONE: 1,
    PlaceLevel.SUBDISTRICT: 2,
    PlaceLevel.COMMUNITY: 3,
    PlaceLevel.GRID: 4,
}
"""A place lies in one of lower depth."""


def edit_kind(
    kind: Kind,
    values: Values,
    *,
    actor: User | None,
    now: datetime,
    basis: str = "",
    expect: str = "",
    action: str = "edit",
) -> bool:
    """Change names, working days, identity mode and what follows from a kind. False when nothing differs.

    Raises InvalidInput without an outcome, StaleRow, NotAdministrator."""
    if not values.get("outcomes", kind.outcomes):
        raise InvalidInput(
            _("An order of this kind could not be answered: choose an outcome."), field="outcomes"
        )
    return change_row(kind, values, actor=actor, now=now, basis=basis, expect=expect, action=action)


# --- Places ------------------------------------------------------------------------------------------


def add_place(values: Values, *, actor: User | None, now: datetime, basis: str = "") -> Place:
    """A new place inside another one. Raises InvalidInput, NotAdministrator."""
    check_inside(values["level"], values.get("parent"))
    return add_row(Place(**values), actor=actor, now=now, basis=basis)


def edit_place(
    place: Place,
    values: Values,
    *,
    actor: User | None,
    now: datetime,
    basis: str = "",
    expect: str = "",
    action: str = "",
) -> bool:
    """Rename a place, change who administers it, or the names people use for it. False when nothing differs.

    Raises InvalidInput, StaleRow, NotAdministrator."""
    parent = values.get("parent", place.parent)
    if parent != place.parent:
        check_inside(place.level, parent)
    action = action or ("move" if parent != place.parent else "edit")
    return change_row(place, values, actor=actor, now=now, basis=basis, expect=expect, action=action)


def check_inside(level: str, parent: Place | None) -> None:
    """Every place but the city lies in a wider one that is in use; so the tree has no circle."""
    depth = DEPTH[PlaceLevel(level)]
    if parent is None and depth == 0:
        return
    if parent is None or not parent.is_active or DEPTH[PlaceLevel(parent.level)] >= depth:
        raise InvalidInput(_("Choose a wider place in use."), field="parent")


def restore_place(place: Place, *, actor: User | None, now: datetime, basis: str = "") -> bool:
    """Take a place into use again. Raises InvalidInput while the place around it is out of use."""
    if place.parent is not None and not place.parent.is_active:
        raise InvalidInput(_("Take the place around it into use first."))
    return change_row(place, {"is_active": True}, actor=actor, now=now, basis=basis, action="restore")


# --- Reasons and urgent words --------------------------------------------------------------------------


def add_reason(values: Values, *, actor: User | None, now: datetime, basis: str = "") -> Reason:
    """A new coded reason. Raises InvalidInput, NotAdministrator."""
    return add_row(Reason(**values), actor=actor, now=now, basis=basis)


def add_word(values: Values, *, actor: User | None, now: datetime, basis: str = "") -> UrgencyWord:
    """A word and how urgent it is by itself. Raises InvalidInput, NotAdministrator."""
    return add_row(UrgencyWord(**values), actor=actor, now=now, basis=basis)


def edit(
    row: Reason | UrgencyWord,
    values: Values,
    *,
    actor: User | None,
    now: datetime,
    basis: str = "",
    expect: str = "",
    action: str = "edit",
) -> bool:
    """Change a reason or an urgent word. Raises InvalidInput, StaleRow, NotAdministrator."""
    return change_row(row, values, actor=actor, now=now, basis=basis, expect=expect, action=action)


def retire_reason(reason: Reason, *, actor: User | None, now: datetime, basis: str = "") -> bool:
    """Offer the reason no longer; what was decided with it keeps it. Raises InvalidInput for the last of
    its use."""
    others = Reason.objects.filter(use=reason.use, is_active=True).exclude(pk=reason.pk)
    if not others.exists():
        raise InvalidInput(_("This is the only reason in use for this step."))
    return switch(reason, False, actor=actor, now=now, basis=basis)


def switch(
    row: Reason | UrgencyWord, active: bool, *, actor: User | None, now: datetime, basis: str = ""
) -> bool:
    """Take a row out of use or into use again."""
    action = "restore" if active else "retire"
    return change_row(row, {"is_active": active}, actor=actor, now=now, basis=basis, action=action)


def retire_word(word: UrgencyWord, *, actor: User | None, now: datetime, basis: str = "") -> bool:
    """The word is marked no longer."""
    return switch(word, False, actor=actor, now=now, basis=basis)


def restore(row: Reason | UrgencyWord, *, actor: User | None, now: datetime, basis: str = "") -> bool:
    """Take a reason or a word into use again."""
    return switch(row, True, actor=actor, now=now, basis=basis)
