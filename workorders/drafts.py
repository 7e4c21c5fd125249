"""What someone is typing, kept on the server so that a closed window loses nothing. Only its author
ever sees it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from hotline.accounts.models import User
from workorders.models import Draft, IdempotencyKey

LONGEST = 8000
"""Characters of one field."""
KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Kept:
    """A draft as it was saved last."""

    key: str
    data: dict[str, Any]
    saved_at: datetime


def save(user: User, key: str, data: Mapping[str, str], *, now: datetime) -> bool:
    """Keep what was typed under this key, in place of what was kept before. False when the form has
    been sent: a save that arrives late brings nothing back."""
    if IdempotencyKey.objects.filter(user=user, key=key).exists():
        return False
    plain = {name: value[:LONGEST] for name, value in data.items() if value}
    if not plain:
        drop(user, key)
        return True
    text = json.dumps(plain, ensure_ascii=False)
    Draft.objects.update_or_create(user=user, key=key, defaults={"data": text, "saved_at": now})
    return True


def load(user: User, key: str) -> Kept | None:
    row = unsent(user).filter(key=key).first()
    return opened(row) if row else None


def drop(user: User, key: str) -> None:
    Draft.objects.filter(user=user, key=key).delete()


def newest(user: User, prefix: str, *, limit: int = 20) -> list[Kept]:
    """This person's drafts whose key begins with `prefix`, the one saved last first."""
    return [opened(row) for row in unsent(user).filter(key__startswith=prefix).order_by("-saved_at")[:limit]]


def latest(user: User, prefix: str, *, since: datetime) -> Kept | None:
    """The draft saved last, unless that is longer ago."""
    return next((kept for kept in newest(user, prefix, limit=1) if kept.saved_at >= since), None)


def forget_old(now: datetime) -> int:
    """Drop what nobody came back to: drafts hold callers' data. For the nightly sweep."""
    return Draft.objects.filter(saved_at__lt=now - KEPT).delete()[0]


def unsent(user: User) -> QuerySet[Draft]:
    """Without drafts whose form was sent under the same key while a save was on its way."""
    sent = IdempotencyKey.objects.filter(user=user, key=OuterRef("key"))
    return Draft.objects.filter(~Exists(sent), user=user)


def opened(row: Draft) -> Kept:
    return Kept(row.key, json.loads(row.data), row.saved_at)
