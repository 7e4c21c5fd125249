"""The history of settings: who changed which row, from what to what, on what basis."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from hotline.accounts.models import Change, User

Fields = Mapping[str, Any]


def changed_fields(before: Fields, after: Fields) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only what differs, as (before, after). A field that one side lacks is None there."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}


def record_change(
    actor: User | None,
    obj_or_table: models.Model | type[models.Model] | str,
    key: str,
    action: str,
    before: Fields,
    after: Fields,
    now: datetime,
    basis: str = "",
) -> Change:
    """Write one line of history; call it in the transaction of the change itself.

    `key` names the row for people (a code, a user name); `action` is one word such as add, rename, retire.
    `actor` None is the system. Values may be dates, decimals or lazy texts."""
    table = obj_or_table if isinstance(obj_or_table, str) else obj_or_table._meta.label_lower
    return Change.objects.create(
        actor=actor,
        table=table,
        key=key,
        action=action,
        before=plain(before),
        after=plain(after),
        at=now,
        basis=basis,
    )


def plain(fields: Fields) -> dict[str, Any]:
    return json.loads(json.dumps(dict(fields), cls=DjangoJSONEncoder))
