from datetime import timedelta

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from hotline.accounts import locks
from hotline.accounts.models import Change
from tests.makers import NOON, PASSWORD

pytestmark = pytest.mark.django_db
WRONG = "Wrong-Water-7"


@pytest.fixture
def fail(login):
    """`fail(user, times, ip=…)` logs in with a wrong password; the last answer."""

    def send(user, times: int, **kwargs):
        return [login(user, WRONG, **kwargs) for _ in range(times)][-1]

    return send


def test_the_right_password_logs_in(operator, login):
    response = login(operator)

    assert response.status_code == 302
    assert response.headers["Location"] == "/"


def test_a_wrong_password_and_an_unknown_name_get_the_same_words(operator, login):
    wrong = login(operator, WRONG).content.decode()
    unknown = login("nobody-here", WRONG).content.decode()

    def words(html):
        return html[html.index("error-summary") : html.index("</form>", html.index("error-summary"))].split(
            "<form"
        )[0]

    assert words(wrong) == words(unknown)


def test_a_refused_login_keeps_the_name_and_not_the_password(operator, login):
    html = login(operator, WRONG).content.decode()

    assert operator.username in html
    assert WRONG not in html


def test_a_disabled_account_is_refused_in_the_same_words(operator, login):
    operator.is_active = False
    operator.save()

    response = login(operator)

    assert response.status_code == 422
    assert response.wsgi_request.user == AnonymousUser()


def test_unknown_names_cost_a_hash_too(login, monkeypatch):
    """Else the answer comes sooner, and tells which names exist."""
    hashed = []
    plain_encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda self, *args: hashed.append(1) or plain_encode(self, *args)
    )

    login("nobody-here", WRONG)

    assert len(hashed) == 1


def test_the_fifth_failure_locks_the_name_at_this_address(travel, operator, login, fail):
    assert fail(operator, 4).status_code == 422
    assert fail(operator, 1).status_code == 429
    assert login(operator).status_code == 429


def test_the_locked_page_says_how_long(travel, operator, fail):
    response = fail(operator, 5)

    assert response.headers["Retry-After"] == "900"
    assert "15" in response.content.decode()


def test_an_unknown_name_is_locked_just_the_same(travel, fail):
    assert fail("nobody-here", 5).status_code == 429


def test_the_duty_supervisor_still_enters_from_another_address(travel, supervisor, login, fail):
    fail(supervisor, 5, ip="10.0.0.66")

    assert login(supervisor, ip="10.0.0.2").status_code == 302


def test_a_colleague_at_the_same_address_still_enters(travel, operator, dispatcher, login, fail):
    fail(operator, 5)

    assert login(dispatcher).status_code == 302


def test_the_lock_opens_after_fifteen_minutes(travel, operator, login, fail):
    fail(operator, 5)
    travel.shift(timedelta(minutes=15, seconds=1))

    assert login(operator).status_code == 302


def test_a_success_forgets_earlier_failures(travel, operator, login, fail):
    fail(operator, 4)
    login(operator)

    assert fail(operator, 4).status_code == 422


def test_unlocking_lets_the_person_in(travel, operator, admin, login, fail):
    fail(operator, 5)

    locks.unlock(operator, admin, NOON)

    assert login(operator).status_code == 302
    assert Change.objects.get(action="unlock").actor == admin


def test_the_session_id_changes_at_login(operator, login):
    client = Client()
    client.get("/login/")
    client.session["something"] = 1
    before = client.session.session_key

    login(operator, client=client)

    assert client.session.session_key != before


def test_a_login_goes_on_to_the_page_that_was_asked_for(operator):
    client = Client()
    asked = client.get("/account/").headers["Location"]

    response = client.post(asked, {"username": operator.username, "password": PASSWORD, "next": "/account/"})

    assert response.headers["Location"] == "/account/"


def test_a_login_never_goes_on_to_another_site(operator):
    response = Client().post(
        "/login/", {"username": operator.username, "password": PASSWORD, "next": "https://evil.example/"}
    )

    assert response.headers["Location"] == "/"


def test_logging_out_ends_the_session(operator, client_of):
    client = client_of(operator)

    client.post("/logout/")

    assert client.get("/account/").status_code == 302


def test_a_new_login_ends_the_earlier_one_where_the_city_wants_that(operator, login, settings):
    settings.SINGLE_SESSION_ROLES = frozenset({"operator"})
    first, second = Client(), Client()
    login(operator, client=first)

    login(operator, client=second)

    assert first.get("/account/").status_code == 302
    assert second.get("/account/").status_code == 200


def test_a_supervisor_may_be_logged_in_twice(supervisor, login):
    first, second = Client(), Client()
    login(supervisor, client=first)

    login(supervisor, client=second)

    assert first.get("/account/").status_code == 200


def test_the_login_form_is_guarded_against_foreign_sites(operator):
    client = Client(enforce_csrf_checks=True)

    response = client.post("/login/", {"username": operator.username, "password": PASSWORD})

    assert response.status_code == 403


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(operator, login):
    cookie = login(operator).cookies["sessionid"]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
