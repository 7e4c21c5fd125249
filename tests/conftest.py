"""The cast, and what every test relies on."""

import pytest

from hotline.accounts.models import Role, Unit, User
from tests import makers


@pytest.fixture(autouse=True)
def quick_and_plain(settings):
    """Passwords hash quickly; static files need no collectstatic."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def client_of():
    """`client_of(user)`: a browser in which that person has logged in."""
    return makers.client_of


@pytest.fixture
def unit(db) -> Unit:
    """The unit that holds the order."""
    return makers.make_unit("Parks")


@pytest.fixture
def other_unit(db) -> Unit:
    return makers.make_unit("Water")


@pytest.fixture
def unit_clerk(unit) -> User:
    """Works in `unit`."""
    return makers.make_user(Role.UNIT, unit)


@pytest.fixture
def outsider(other_unit) -> User:
    """Works in `other_unit`."""
    return makers.make_user(Role.UNIT, other_unit)


@pytest.fixture
def operator(db) -> User:
    return makers.make_user(Role.OPERATOR)


@pytest.fixture
def dispatcher(db) -> User:
    return makers.make_user(Role.DISPATCHER)


@pytest.fixture
def callback_agent(db) -> User:
    return makers.make_user(Role.CALLBACK)


@pytest.fixture
def supervisor(db) -> User:
    return makers.make_user(Role.SUPERVISOR)


@pytest.fixture
def leader(db) -> User:
    return makers.make_user(Role.LEADER)


@pytest.fixture
def admin(db) -> User:
    return makers.make_user(Role.ADMIN)


@pytest.fixture
def auditor(db) -> User:
    return makers.make_user(Role.AUDITOR)
