"""The one way a row of settings is written: by an administrator, locked, checked, recorded, in one
transaction.

The rule modules of each noun decide whether a change may be made; here it is made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from hotline.accounts.history import changed_fields, record_change
from hotline.accounts.models import Change, Role, User
from hotline.lib.cached import Cached
from hotline.lib.errors import DomainError, InvalidInput
from hotline.lib.sealing import SealedTextField

Row = TypeVar("Row", bound=models.Model)
Values = Mapping[str, Any]
MARKS = ("edited", "edited_fields")
"""Bookkeeping for load_reference: not part of what a person changes."""
KEPT_SECRET = "***"


class NotAdministrator(DomainError):
    code = "not_allowed"
    message = _("Only an administrator changes settings.")
    status = 403


class StaleRow(DomainError):
    code = "stale_version"
    message = _(
        "Someone changed this meanwhile. Look at the history, then save again: your values are kept here."
    )


class CannotUndo(DomainError):
    code = "cannot_undo"
    message = _("This cannot be undone any more: the row was changed again since.")


def require_admin(actor: User | None) -> None:
    """Raises NotAdministrator. `actor` None is the system or the command line."""
    if actor is not None and (actor.role != Role.ADMIN or not actor.is_active):
        raise NotAdministrator


def key_of(row: models.Model) -> str:
    """How the history names a row: by the word people know it by."""
    if (own := getattr(row, "history_key", None)) is not None:
        return str(own)[:80]
    names = ("username", "code", "word", "key", "date", "name")
    return next((str(getattr(row, name))[:80] for name in names if hasattr(row, name)), str(row.pk))


def facts_of(row: models.Model, names: Iterable[str] | None = None) -> dict[str, Any]:
    """Fields as the history keeps them: a related row by its key, a secret only as present or not.

    Without `names`: every field except the id and the marks of load_reference."""
    fields = [
        field for field in row._meta.concrete_fields if not field.primary_key and field.name not in MARKS
    ]
    wanted = set(names) if names is not None else {field.name for field in fields}
    return {field.name: fact_of(row, field) for field in fields if field.name in wanted}


def fact_of(row: models.Model, field: models.Field) -> Any:
    value = getattr(row, field.name)
    if isinstance(field, SealedTextField):
        return KEPT_SECRET if value else ""
    if isinstance(value, models.Model):
        return key_of(value)
    return list(value) if isinstance(value, list | tuple) else value


def fingerprint(row: models.Model) -> str:
    """Short text that differs once any field of the row does: what a form saw when it was opened."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    text = json.dumps(values, cls=DjangoJSONEncoder, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def locked(row: Row, expect: str = "") -> Row:
    """The row read again under a lock. Raises StaleRow when it is not as `expect` (a fingerprint) saw it."""
    fresh = type(row)._base_manager.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
    if expect and fingerprint(fresh) != expect:
        raise StaleRow
    return fresh


@transaction.atomic
def add_row(row: Row, *, actor: User | None, now: datetime, basis: str = "", action: str = "add") -> Row:
    """Insert the row. Raises InvalidInput for a value that does not fit, NotAdministrator."""
    require_admin(actor)
    names = [field.name for field in row._meta.concrete_fields if field.name not in MARKS]
    mark_edited(row, [name for name in names if name not in ("id", "code")])
    check_fields(row, names)
    row.save(force_insert=True)
    facts = {name: value for name, value in facts_of(row).items() if value not in ("", None, [])}
    record_change(actor, row, key_of(row), action, {}, facts, now, basis)
    Cached.forget_all()
    return row


@transaction.atomic
def change_row(
    row: Row,
    values: Values,
    *,
    actor: User | None,
    now: datetime,
    basis: str = "",
    action: str = "edit",
    expect: str = "",
    secret: Values | None = None,
) -> bool:
    """Set these fields of the row and record what differs. False when nothing does: no line is written.

    `row` is brought up to date. `secret`: values the history must not show. Raises InvalidInput, StaleRow,
    NotAdministrator."""
    require_admin(actor)
    fresh = locked(row, expect)
    values = {**values, **(secret or {})}
    before = facts_of(fresh, values)
    new_secrets = [name for name in secret or {} if getattr(fresh, name) != values[name]]
    for name, value in values.items():
        setattr(fresh, name, value)
    was, becomes = changed_fields(before, facts_of(fresh, values))
    if not was and not new_secrets:
        return False
    changed = [*was, *(name for name in new_secrets if name not in was)]
    check_fields(fresh, changed)
    fresh.save(update_fields=[*changed, *mark_edited(fresh, changed)])
    for name in new_secrets:
        was.setdefault(name, KEPT_SECRET)
        becomes.setdefault(name, KEPT_SECRET)
    record_change(actor, fresh, key_of(fresh), action, was, becomes, now, basis)
    row.__dict__.update(fresh.__dict__)
    Cached.forget_all()
    return True


def mark_edited(row: models.Model, names: Iterable[str]) -> list[str]:
    """Tell load_reference to leave these fields (or the whole row) alone; returns the fields that say so."""
    if hasattr(row, "edited_fields"):
        row.edited_fields = sorted({*row.edited_fields, *names})
        return ["edited_fields"]
    if hasattr(row, "edited"):
        row.edited = True
        return ["edited"]
    return []


def check_fields(row: models.Model, names: Iterable[str]) -> None:
    """Length, choices and uniqueness of these fields. Raises InvalidInput for the first that does not fit."""
    others = {field.name for field in row._meta.concrete_fields} - set(names)
    try:
        row.clean_fields(exclude=others)
        row.validate_unique(exclude=others)
    except ValidationError as error:
        name, texts = next(iter(error.message_dict.items()))
        raise InvalidInput(texts[0], field=name if name != "__all__" else None) from error


def history_of(row: models.Model) -> models.QuerySet[Change]:
    """Every recorded change of this row, newest first."""
    return Change.objects.filter(table=row._meta.label_lower, key=key_of(row)).select_related("actor")


def earlier_values(change: Change, row: models.Model) -> dict[str, Any]:
    """The values that undoing `change` would set, as the fields hold them.

    Raises CannotUndo when the row no longer is as the change left it, or the old value is kept nowhere."""
    names = set(change.before) & {field.name for field in row._meta.concrete_fields}
    present = json.loads(json.dumps(facts_of(row, names), cls=DjangoJSONEncoder))
    if not names or any(present[name] != change.after.get(name) for name in names):
        raise CannotUndo
    return {name: from_fact(row._meta.get_field(name), change.before[name]) for name in names}


def from_fact(field: Any, fact: Any) -> Any:
    """A field's value out of what the history keeps of it."""
    if isinstance(field, SealedTextField):
        raise CannotUndo(_("A secret is kept nowhere: enter it anew."))
    if not field.is_relation or fact is None:
        return field.to_python(fact) if not isinstance(fact, list | dict) else fact
    related = field.related_model
    found = next((row for row in related._base_manager.all() if key_of(row) == fact), None)
    if found is None:
        raise CannotUndo
    return found
