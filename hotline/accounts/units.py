"""Units as a city keeps them: added, renamed, moved under another, with the names people use for them.

Taking a unit out of use asks what it still holds, and so lies higher: `dispatch.retiring`."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from hotline.accounts.changing import Values, add_row, change_row
from hotline.accounts.models import Unit, User
from hotline.lib.errors import InvalidInput


def add(values: Values, *, actor: User | None, now: datetime, basis: str = "") -> Unit:
    """A new unit. Raises InvalidInput, NotAdministrator."""
    check_parent(None, values.get("parent"))
    return add_row(Unit(**values), actor=actor, now=now, basis=basis)


def edit(
    unit: Unit,
    values: Values,
    *,
    actor: User | None,
    now: datetime,
    basis: str = "",
    expect: str = "",
    action: str = "",
) -> bool:
    """Rename, move or otherwise change a unit. False when nothing differs.

    Raises InvalidInput (a parent that is the unit itself, lies below it, or is out of use), StaleRow,
    NotAdministrator."""
    if "parent" in values:
        check_parent(unit, values["parent"])
    action = action or action_of(unit, values)
    return change_row(unit, values, actor=actor, now=now, basis=basis, expect=expect, action=action)


def action_of(unit: Unit, values: Values) -> str:
    """One word for the history: what mattered most."""
    changed = {name for name, value in values.items() if getattr(unit, name) != value}
    if "parent" in changed:
        return "move"
    return "rename" if changed and changed <= {"name", "short_name"} else "edit"


def check_parent(unit: Unit | None, parent: Unit | None) -> None:
    """A tree has no circles, and nothing hangs below what is out of use."""
    if parent is None:
        return
    if not parent.is_active and (unit is None or unit.parent_id != parent.pk):
        raise InvalidInput(_("This unit is out of use."), field="parent")
    above: Unit | None = parent
    while above is not None and unit is not None:
        if above.pk == unit.pk:
            raise InvalidInput(_("A unit cannot lie below itself."), field="parent")
        above = above.parent


def restore(unit: Unit, *, actor: User | None, now: datetime, basis: str = "") -> bool:
    """Take a retired unit into use again. Raises InvalidInput while its parent is out of use."""
    if unit.parent is not None and not unit.parent.is_active:
        raise InvalidInput(_("Take the unit above it into use first."))
    return change_row(unit, {"is_active": True}, actor=actor, now=now, basis=basis, action="restore")
