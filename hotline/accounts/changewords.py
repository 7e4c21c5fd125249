"""The history of settings in words: which table, which field, from what to what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hotline.accounts.changing import KEPT_SECRET
from hotline.accounts.models import Change

ACTIONS: dict[str, Any] = {
    "add": gettext_lazy("Added"),
    "edit": gettext_lazy("Changed"),
    "rename": gettext_lazy("Renamed"),
    "move": gettext_lazy("Moved"),
    "merge": gettext_lazy("Merged"),
    "unmerge": gettext_lazy("Merge undone"),
    "retire": gettext_lazy("Taken out of use"),
    "restore": gettext_lazy("Taken into use again"),
    "undo": gettext_lazy("Earlier change undone"),
    "new_version": gettext_lazy("New version"),
    "withdraw": gettext_lazy("Version withdrawn"),
    "end": gettext_lazy("Ended"),
    "end_with_leaf": gettext_lazy("Ended with its category"),
    "import": gettext_lazy("Imported"),
    "retry": gettext_lazy("Tried again"),
    "discard": gettext_lazy("Discarded"),
    "test": gettext_lazy("Tested"),
    "unlock": gettext_lazy("Unlocked"),
    "password": gettext_lazy("Own password changed"),
    "password_reset": gettext_lazy("Password reset"),
    "sessions_end": gettext_lazy("Sessions ended"),
    "totp_enrol": gettext_lazy("Second factor set up"),
    "totp_reset": gettext_lazy("Second factor reset"),
}
OTHER_FIELDS: dict[str, Any] = {
    "units": gettext_lazy("Units"),
    "is_active": gettext_lazy("in use"),
    "merged_into": gettext_lazy("merged into"),
    "cap_value": gettext_lazy("cap"),
    "error": gettext_lazy("what went wrong"),
    "status": gettext_lazy("answer"),
}
"""Fields whose model gives them no name of their own."""
VALUES: dict[tuple[str, str], dict[str, Any]] = {}
"""Words for coded values, by (table, field), where the field itself has no choices. Apps add theirs."""
NOTHING = "–"


@dataclass(frozen=True)
class Difference:
    """One field of a change, in words."""

    label: str
    old: str
    new: str


def action_words(action: str) -> str:
    return str(ACTIONS.get(action, action))


def table_words(table: str) -> str:
    """What a table is called, in the plural: "accounts.unit" is units."""
    try:
        return str(apps.get_model(table)._meta.verbose_name_plural)
    except (LookupError, ValueError):
        return table


def differences(change: Change) -> list[Difference]:
    """What the change did, field by field; fields that were empty and stayed so are left out."""
    names = list(dict.fromkeys([*change.before, *change.after]))
    return [
        Difference(
            field_words(change.table, name),
            value_words(change.table, name, change.before.get(name)),
            value_words(change.table, name, change.after.get(name)),
        )
        for name in names
    ]


def field_of(table: str, name: str) -> Any:
    try:
        return apps.get_model(table)._meta.get_field(name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return None


def field_words(table: str, name: str) -> str:
    if name in OTHER_FIELDS:
        return str(OTHER_FIELDS[name])
    field = field_of(table, name)
    return str(getattr(field, "verbose_name", name))


def value_words(table: str, name: str, value: Any) -> str:
    """One value for people: yes and no, names of choices, lists with commas."""
    if value is None or value == "" or value == []:
        return NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value == KEPT_SECRET:
        return _("(not shown)")
    words = VALUES.get((table, name)) or dict(getattr(field_of(table, name), "flatchoices", None) or ())
    if isinstance(value, list):
        return _(", ").join(str(words.get(item, item)) for item in value)
    return str(words.get(value, value))
