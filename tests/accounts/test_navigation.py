from types import ModuleType

import pytest
from django.http import HttpResponse
from django.urls import include, path

from hotline.accounts import navigation
from hotline.accounts.models import Role
from tests.makers import client_of, make_user

pytestmark = pytest.mark.django_db


def table(*names: str) -> ModuleType:
    """A URL table in which pages of these names exist."""
    module = ModuleType("table")
    module.urlpatterns = [
        path("", include("hotline.accounts.urls")),
        *(path(f"{name}/", lambda request: HttpResponse("page"), name=name) for name in names),
    ]
    return module


EVERY_PAGE, NO_PAGE = table(*(entry.name for entry in navigation.ENTRIES)), table()
ALLOWED = {
    Role.OPERATOR: {"desk", "thanks", "orders"},
    Role.DISPATCHER: {"triage", "thanks", "orders"},
    Role.CALLBACK: {"callbacks", "orders"},
    Role.SUPERVISOR: {"desk", "triage", "callbacks", "thanks", "board", "reviews", "tallies", "orders"},
    Role.LEADER: {"board", "reviews", "tallies", "orders"},
    Role.UNIT: {"inbox"},
    Role.ADMIN: {"manage"},
    Role.AUDITOR: {"audit", "orders"},
}
HOMES = {
    Role.OPERATOR: "/desk/",
    Role.DISPATCHER: "/triage/",
    Role.CALLBACK: "/callbacks/",
    Role.SUPERVISOR: "/board/",
    Role.LEADER: "/board/",
    Role.UNIT: "/inbox/",
    Role.ADMIN: "/manage/",
    Role.AUDITOR: "/audit/",
}


@pytest.mark.urls(EVERY_PAGE)
@pytest.mark.parametrize("role", Role)
def test_the_navigation_shows_only_what_the_role_may_open(role):
    shown = navigation.entries_for(make_user(role), "/")

    assert {entry["name"] for entry in shown} == ALLOWED[role]


@pytest.mark.urls(EVERY_PAGE)
@pytest.mark.parametrize("role", Role)
def test_every_role_has_its_home_page(role):
    assert client_of(make_user(role)).get("/").headers["Location"] == HOMES[role]


@pytest.mark.urls(NO_PAGE)
def test_a_page_that_does_not_exist_is_left_out(supervisor):
    assert navigation.entries_for(supervisor, "/") == []


@pytest.mark.urls(EVERY_PAGE)
def test_the_page_being_shown_is_marked(supervisor):
    active = [entry["name"] for entry in navigation.entries_for(supervisor, "/triage/7/") if entry["active"]]

    assert active == ["triage"]


@pytest.mark.urls(EVERY_PAGE)
def test_an_app_may_say_how_much_waits_behind_an_entry(unit_clerk, monkeypatch):
    monkeypatch.setitem(navigation.COUNTS, "inbox", lambda user: 3)

    assert navigation.entries_for(unit_clerk, "/")[0]["count"] == 3


def test_visitors_see_no_navigation(client):
    assert list(client.get("/login/").context["navigation"]) == []


def test_the_icons_of_the_navigation_exist():
    from hotline.lib.icons import ICONS

    assert {entry.icon for entry in navigation.ENTRIES} <= set(ICONS)
