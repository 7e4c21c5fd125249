"""Accounts of people: made, changed and ended by an administrator, every step with a line of history.

Nobody changes the own role or account, and one active administrator always remains."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hotline.accounts import locks, passwords, sessions, totp
from hotline.accounts.changing import CannotUndo, StaleRow, Values, check_fields, require_admin
from hotline.accounts.history import changed_fields, record_change
from hotline.accounts.models import Change, Membership, Role, Unit, User
from hotline.lib.errors import DomainError, InvalidInput

SMALL, LARGE = "abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ"
DIGITS = "23456789"
"""Without the letters and digits that are read as one another: the password is told over the telephone."""
ONE_TIME_LENGTH = 14
FACTS = ("name", "role", "is_outsourced", "is_active")


class OwnAccount(DomainError):
    code = "own_account"
    message = _("Another administrator has to do this to your account.")


class LastAdministrator(DomainError):
    code = "last_administrator"
    message = _("This is the last active administrator.")


def one_time_password() -> str:
    """A password that keeps the rules, for the first login only."""
    picked = [secrets.choice(SMALL), secrets.choice(LARGE), secrets.choice(DIGITS)]
    picked += [secrets.choice(SMALL + LARGE + DIGITS) for _unused in range(ONE_TIME_LENGTH - len(picked))]
    secrets.SystemRandom().shuffle(picked)
    return "".join(picked)


def facts_of_person(user: User) -> dict[str, Any]:
    units = Membership.objects.filter(user=user).order_by("unit__code").values_list("unit__code", flat=True)
    return {**{name: getattr(user, name) for name in FACTS}, "units": list(units)}


@transaction.atomic
def create(
    *,
    actor: User | None,
    now: datetime,
    username: str,
    name: str,
    role: str,
    units: Collection[Unit] = (),
    is_outsourced: bool = False,
) -> tuple[User, str]:
    """A new account and its one-time password, kept nowhere in plain. Raises InvalidInput,
    NotAdministrator."""
    require_admin(actor)
    if User.objects.filter(username__iexact=username).exists():
        raise InvalidInput(_("This user name is taken."), field="username")
    user = User(username=username, name=name.strip(), role=role, is_outsourced=is_outsourced)
    check_fields(user, ["username", "name", "role"])
    check_units(role, units)
    user.set_unusable_password()
    user.save()
    plain = one_time_password()
    passwords.set_password(user, plain, now, must_change=True)
    Membership.objects.bulk_create(Membership(user=user, unit=unit) for unit in units)
    record_change(actor, user, user.username, "add", {}, facts_of_person(user), now)
    return user, plain


def check_units(role: str, units: Collection[Unit]) -> None:
    """People of handling units work in one unit or several, all others in none."""
    if role == Role.UNIT and not units:
        raise InvalidInput(_("Choose the unit in which this person works."), field="units")
    if role != Role.UNIT and units:
        raise InvalidInput(_("Only people of the role Handling unit work in units."), field="units")


@transaction.atomic
def edit(
    user: User,
    values: Values,
    *,
    actor: User | None,
    now: datetime,
    basis: str = "",
    expect: str = "",
    action: str = "edit",
) -> bool:
    """Change name, role, units or contractor of an account. False when nothing differs.

    A new role or other units end the person's sessions: rights are read at login. Raises InvalidInput,
    OwnAccount (own role), LastAdministrator, StaleRow, NotAdministrator."""
    person = locked_person(user, actor)
    before = facts_of_person(person)
    if expect and person_fingerprint(person) != expect:
        raise StaleRow
    units = list(values.get("units", person.units.all()))
    role = values.get("role", person.role)
    guard_role(person, role, actor)
    check_units(role, units)
    for name in set(values) & set(FACTS):
        setattr(person, name, values[name])
    check_fields(person, ["name", "role"])
    person.save(update_fields=list(FACTS))
    set_units(person, units)
    was, becomes = changed_fields(before, facts_of_person(person))
    if not was:
        return False
    record_change(actor, person, person.username, action, was, becomes, now, basis)
    if {"role", "units", "is_active"} & set(was):
        sessions.end_all(person)
    return True


def locked_person(user: User, actor: User | None) -> User:
    """The account under a lock, with all active administrators locked first: two of them who remove each
    other at the same moment wait for one another, and the second finds out that it is no administrator any
    more."""
    list(User.objects.select_for_update(no_key=True).filter(role=Role.ADMIN, is_active=True).order_by("pk"))
    require_admin(User.objects.get(pk=actor.pk) if actor is not None else None)
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def guard_role(person: User, role: str, actor: User | None) -> None:
    if role == person.role:
        return
    if actor is not None and actor.pk == person.pk:
        raise OwnAccount(_("You cannot change your own role."), field="role")
    if person.role == Role.ADMIN and person.is_active:
        guard_last(person)


def guard_last(person: User) -> None:
    if not User.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=person.pk).exists():
        raise LastAdministrator(field="role")


def set_units(person: User, units: Collection[Unit]) -> None:
    wanted = {unit.pk for unit in units}
    Membership.objects.filter(user=person).exclude(unit_id__in=wanted).delete()
    have = set(Membership.objects.filter(user=person).values_list("unit_id", flat=True))
    Membership.objects.bulk_create(Membership(user=person, unit_id=pk) for pk in sorted(wanted - have))


def person_fingerprint(user: User) -> str:
    """What a form saw of the account, short."""
    facts = facts_of_person(user)
    return "|".join([*(str(facts[name]) for name in FACTS), ",".join(facts["units"])])


@transaction.atomic
def deactivate(user: User, *, actor: User | None, now: datetime, basis: str = "") -> bool:
    """Close the account: no login, no session, no token works. What the person did stays in every trail.

    Raises OwnAccount, LastAdministrator, NotAdministrator."""
    person = locked_person(user, actor)
    if actor is not None and actor.pk == person.pk:
        raise OwnAccount
    if not person.is_active:
        return False
    if person.role == Role.ADMIN:
        guard_last(person)
    return switch(person, False, actor, now, "retire", basis)


@transaction.atomic
def reactivate(user: User, *, actor: User | None, now: datetime, basis: str = "") -> bool:
    """Open a closed account again, with the password it had. Raises NotAdministrator."""
    person = locked_person(user, actor)
    return False if person.is_active else switch(person, True, actor, now, "restore", basis)


def switch(person: User, active: bool, actor: User | None, now: datetime, action: str, basis: str) -> bool:
    person.is_active = active
    person.save(update_fields=["is_active"])
    sessions.end_all(person)
    record_change(
        actor, person, person.username, action, {"is_active": not active}, {"is_active": active}, now, basis
    )
    return True


@transaction.atomic
def reset_password(user: User, *, actor: User | None, now: datetime) -> str:
    """A new one-time password; every session of the person ends and the next login asks for an own one.

    Raises OwnAccount (there is a page for the own password), NotAdministrator."""
    person = locked_person(user, actor)
    if actor is not None and actor.pk == person.pk:
        raise OwnAccount
    plain = one_time_password()
    passwords.set_password(person, plain, now, must_change=True)
    sessions.end_all(person)
    locks.reset(username=person.username)
    record_change(actor, person, person.username, "password_reset", {}, {}, now)
    return plain


@transaction.atomic
def reset_second_factor(user: User, *, actor: User | None, now: datetime) -> None:
    """Raises totp.ResetRefused for the own one."""
    totp.reset(locked_person(user, actor), actor, now)


@transaction.atomic
def end_sessions(user: User, *, actor: User | None, now: datetime) -> None:
    """Log the person out everywhere. Raises NotAdministrator."""
    require_admin(actor)
    sessions.end_all(user)
    record_change(actor, user, user.username, "sessions_end", {}, {}, now)


def unlock(user: User, *, actor: User | None, now: datetime) -> int:
    """Forget failed logins; returns how many records there were. Raises NotAdministrator."""
    require_admin(actor)
    return locks.unlock(user, actor, now)


def locked_names(usernames: Collection[str]) -> set[str]:
    """Those of these user names that are locked at some address after too many failed logins."""
    failed = AccessAttempt.objects.filter(
        username__in=list(usernames), failures_since_start__gte=settings.AXES_FAILURE_LIMIT
    )
    return set(failed.values_list("username", flat=True))


def undo_edit(user: User, change: Change, *, actor: User | None, now: datetime, basis: str = "") -> bool:
    """Set the account back to what it was before `change`, under the same rules as any other edit.

    Raises CannotUndo when the account was changed again since, and whatever `edit` raises."""
    present = facts_of_person(user)
    names = set(change.before) & {"name", "role", "is_outsourced", "units"}
    if not names or any(present[name] != change.after.get(name) for name in names):
        raise CannotUndo
    values: dict[str, Any] = {name: change.before[name] for name in names}
    if "units" in values:
        values["units"] = list(Unit.objects.filter(code__in=values["units"]))
    return edit(user, values, actor=actor, now=now, basis=basis, action="undo")
