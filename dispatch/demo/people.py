"""The demo's accounts: one of each role, and one for every unit, all with the same password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.contrib.auth.hashers import make_password

from dispatch.demo.words import lists, person_name
from hotline.accounts.models import Membership, Role, Unit, User

STAFF = (
    Role.OPERATOR,
    Role.DISPATCHER,
    Role.CALLBACK,
    Role.SUPERVISOR,
    Role.LEADER,
    Role.ADMIN,
    Role.AUDITOR,
)


@dataclass(frozen=True)
class Cast:
    """Who acts in the demo."""

    operator: User
    dispatcher: User
    callback: User
    supervisor: User
    leader: User
    clerks: dict[int, User]
    """By the unit's id."""


def make_cast(password: str, now: datetime) -> Cast:
    """The demo accounts; those that exist already stay as they are, their password included."""
    hashed = make_password(password)
    units = {f"unit-{unit.code}": unit for unit in Unit.objects.filter(is_active=True)}
    known = set(User.objects.values_list("username", flat=True))
    common: dict[str, Any] = {"password": hashed, "password_changed_at": now, "date_joined": now}
    common["notices_seen_at"] = now - timedelta(hours=8)
    fresh = [
        User(username=str(role), role=role, name=lists()[f"account_{role}"][0], **common) for role in STAFF
    ]
    fresh += [User(username=name, role=Role.UNIT, name=person_name(Random(name)), **common) for name in units]
    User.objects.bulk_create([user for user in fresh if user.username not in known])
    people = {user.username: user for user in User.objects.filter(username__in=[*units, *map(str, STAFF)])}
    Membership.objects.bulk_create(
        [Membership(user=people[name], unit=unit, leads=True) for name, unit in units.items()],
        ignore_conflicts=True,
    )
    for name, unit in units.items():
        people[name].__dict__["_unit_ids"] = frozenset({unit.pk})  # asked at every step of their lives
    clerks = {unit.pk: people[name] for name, unit in units.items()}
    return Cast(
        *(people[role] for role in ("operator", "dispatcher", "callback", "supervisor", "leader")), clerks
    )
