from datetime import timedelta

import pytest
from django.test import Client

from tests.makers import client_of as browser_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/account/?tab=1"}


@pytest.fixture
def screen(travel, operator):
    """The operator's browser, logged in at NOON."""
    return browser_of(operator)


def stays(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_a_session_lasts_while_somebody_works(travel, screen):
    for _ in range(3):
        travel.shift(timedelta(minutes=29))
        assert stays(screen)


def test_a_session_ends_after_thirty_idle_minutes(travel, screen):
    travel.shift(timedelta(minutes=30))

    response = screen.get("/account/")

    assert response.headers["Location"] == "/login/?next=%2Faccount%2F&ended=idle"


def test_the_login_page_says_why_it_is_shown():
    assert "notice-info" in Client().get("/login/?ended=idle").content.decode()


def test_an_unknown_reason_is_not_shown():
    assert "notice-info" not in Client().get("/login/?ended=<script>").content.decode()


def test_a_session_ends_twelve_hours_after_login_however_busy(travel, screen):
    for _ in range(12 * 4 - 1):
        travel.shift(timedelta(minutes=15))
        assert stays(screen)
    travel.shift(timedelta(minutes=15))

    assert "ended=absolute" in screen.get("/account/").headers["Location"]


@pytest.mark.parametrize("poll", [{"headers": {"X-Poll": "1"}}, {"query_params": {"X-Poll": "1"}}])
def test_polling_is_answered_but_keeps_nobody_logged_in(travel, screen, poll):
    travel.shift(timedelta(minutes=20))
    assert screen.get("/account/", **poll).status_code == 200
    travel.shift(timedelta(minutes=10))

    assert not stays(screen)


def test_an_htmx_request_is_sent_to_the_login_page_as_a_whole(travel, screen):
    travel.shift(timedelta(minutes=30))

    response = screen.get("/account/", headers=HTMX)

    assert response.status_code == 200
    assert response.headers["HX-Redirect"] == "/login/?next=%2Faccount%2F%3Ftab%3D1&ended=idle"


def test_a_visitor_s_htmx_request_is_sent_to_the_login_page_as_a_whole(operator):
    assert Client().get("/account/", headers=HTMX).headers["HX-Redirect"].startswith("/login/?next=")


def test_after_a_lost_post_one_comes_back_to_the_page_it_was_sent_from(travel, screen):
    travel.shift(timedelta(minutes=30))

    response = screen.post("/account/sessions/end/", headers={"Referer": "http://testserver/account/"})

    assert response.headers["Location"] == "/login/?next=%2Faccount%2F&ended=idle"


def test_an_ended_session_is_401_for_the_api(travel, screen):
    travel.shift(timedelta(minutes=30))

    assert screen.get("/api/schema/").status_code == 401


def test_an_ended_session_still_reads_public_pages(travel, screen):
    travel.shift(timedelta(minutes=30))

    assert screen.get("/healthz").status_code == 200


def test_disabling_an_account_ends_its_session(operator, screen):
    operator.is_active = False
    operator.save()

    assert not stays(screen)


def test_a_person_ends_all_other_sessions(operator, screen):
    elsewhere = browser_of(operator)

    screen.post("/account/sessions/end/")

    assert stays(screen)
    assert not stays(elsewhere)


def test_pages_of_a_session_are_not_stored(screen):
    assert screen.get("/account/").headers["Cache-Control"] == "private, no-store"


def test_a_busy_session_is_not_written_on_every_click(travel, screen, django_assert_max_num_queries):
    screen.get("/account/")
    travel.shift(timedelta(seconds=5))

    with django_assert_max_num_queries(10) as captured:
        screen.get("/account/")

    assert not [query for query in captured.captured_queries if query["sql"].startswith("UPDATE")]
