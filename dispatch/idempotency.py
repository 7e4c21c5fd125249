"""The same request sent twice has its effect once: the second gets the first one's answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from hotline.accounts.models import User
from workorders.errors import DomainError, InvalidInput
from workorders.models import IdempotencyKey, WorkOrder

LONGEST_KEY = 255
KEPT = timedelta(hours=48)
Answer = tuple[int, Any]
"""Status and body."""


class KeyReused(DomainError):
    code = "idempotency_key_reused"
    message = _("This Idempotency-Key was used with other content.")
    status = 422


def once(
    key: str | None, *, user: User, data: Any, now: datetime, act: Callable[[], tuple[int, Any, WorkOrder]]
) -> Answer:
    """What `act` answers, or what it answered when this person first sent this key.

    Key and effect are one transaction: either both are there or neither. A second request waits while the
    first is under way; if that takes longer than the database's lock timeout it is refused as busy. A
    refused request leaves no key. Without a key `act` simply runs. Raises KeyReused when `data` differs
    from the first time."""
    with transaction.atomic():
        if not key:
            return act()[:2]
        digest = request_hash(data)
        row_id = claim(key, user=user, digest=digest, now=now)
        if row_id is None:
            return answered_before(key, user=user, digest=digest)
        status, body, order = act()
        IdempotencyKey.objects.filter(pk=row_id).update(status=status, body=body, order=order)
        return status, body


def check_key(key: str | None) -> str | None:
    """Raises InvalidInput for a key that is too long or has characters that no header should have."""
    if key is not None and (
        len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable() or not key.strip()
    ):
        raise InvalidInput(
            _("An Idempotency-Key has 1 to %(most)s plain characters.") % {"most": LONGEST_KEY},
            field="Idempotency-Key",
        )
    return key


def request_hash(data: Any) -> str:
    """Equal for equal content, however its fields are ordered."""
    plain = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def claim(key: str, *, user: User, digest: str, now: datetime) -> int | None:
    """Id of the new row, or None if the key is taken. Waits for whoever is inserting the same key."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {IdempotencyKey._meta.db_table} (user_id, key, request_hash, created_at)"
            " VALUES (%s, %s, %s, %s) ON CONFLICT (user_id, key) DO NOTHING RETURNING id",
            [user.pk, key, digest, now],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def answered_before(key: str, *, user: User, digest: str) -> Answer:
    row = IdempotencyKey.objects.get(user=user, key=key)
    if row.request_hash != digest:
        raise KeyReused
    return row.status, row.body


def forget_old(now: datetime) -> int:
    """Drop keys that nobody repeats any more. For the nightly sweep."""
    return IdempotencyKey.objects.filter(created_at__lt=now - KEPT).delete()[0]
