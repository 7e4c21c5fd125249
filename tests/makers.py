"""Makers of what tests need: each shows only what matters to the test and fills in the rest."""

from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from hotline.accounts.models import NEEDS_TOTP, Membership, Role, Unit, UnitKind, User

CITY_TIME = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=CITY_TIME)
"""A Tuesday, a working day."""
PASSWORD = "Clear-Water-7"
"""Password of everyone made here."""

numbers = count(1)


def make_unit(
    name: str = "", *, kind: str = UnitKind.MUNICIPAL, place_code: str = "370100", **fields
) -> Unit:
    """A unit of its own code; `parent`, `sees_subtree` … as wanted."""
    number = next(numbers)
    name = name or f"Unit {number}"
    defaults = {"code": f"{place_code}-T{number}", "name": name, "short_name": name, "place_code": place_code}
    return Unit.objects.create(kind=kind, **{**defaults, **fields})


def make_user(role: str, unit: Unit | None = None, **fields) -> User:
    """An account that is free to work: own password, and a member of `unit` if given.

    The unit is also its attribute `unit`, so that a test can say `unit_clerk.unit`."""
    number = next(numbers)
    defaults = {
        "username": f"{role}-{number}",
        "name": f"{Role(role).name.title()} {number}",
        "password": PASSWORD,
    }
    user = User.objects.create_user(role=role, **{**defaults, **fields})
    if unit is not None:
        Membership.objects.create(user=user, unit=unit)
        user.unit = unit
    return user


def client_of(user: User, **options) -> Client:
    """A browser in which `user` has logged in, second factor included where the role asks for one."""
    client = Client(**options)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    if user.role in NEEDS_TOTP:
        device, _created = TOTPDevice.objects.get_or_create(user=user, name="test", confirmed=True)
        session = client.session
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
        session.save()
    return client
