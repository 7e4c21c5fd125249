"""The cast, and what every test relies on."""

import pytest

from dispatch import reference
from hotline.accounts.models import Role, Unit, User
from hotline.lib.cached import Cached
from tests import makers
from workorders.models import Kind


@pytest.fixture(autouse=True)
def quick_and_plain(settings):
    """Passwords hash quickly; static files need no collectstatic."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The reference data of the product is there in every test, as in every installation."""
    with django_db_blocker.unblock():
        reference.load()


@pytest.fixture(autouse=True)
def nothing_remembered():
    """Small tables kept in the process are read anew by each test."""
    Cached.forget_all()


@pytest.fixture(autouse=True)
def reference_after_flush(request):
    """A test on committed rows empties all tables when it ends: the next one finds the reference data
    again."""
    marker = request.node.get_closest_marker("django_db")
    names = {"db", "transactional_db", "live_server"} & set(request.fixturenames)
    if marker or names:
        request.getfixturevalue("transactional_db" if marker and marker.kwargs.get("transaction") else "db")
        if not Kind.objects.exists():
            reference.load()


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
