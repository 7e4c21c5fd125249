"""/tallies/: the thanks of a week, each number with its orders."""

from datetime import date, timedelta

import pytest

from analytics import tallies
from analytics.models import Tally
from dispatch import assigning
from hotline.accounts.models import Role
from tests.makers import NOON, client_of, make_order, make_user
from workorders import gratitude

pytestmark = pytest.mark.django_db
WEEK, PAGE = date(2026, 3, 6), "/tallies/2026-03-06/"


@pytest.fixture
def tally(dispatcher, unit):
    order = make_order(kind="thanks", category="180101")
    gratitude.describe(
        order, unit=unit, person="Li Wenjiao", deed="Explained it all", consent=True, is_story=True
    )
    assigning.forward(order.pk, actor=dispatcher, now=NOON, expect=None, unit=unit, text="Explained it all")
    make_order(kind="thanks", category="180101")
    make_order(kind="thanks", category="180101", at=NOON - timedelta(days=7))
    make_order()
    return tallies.make(WEEK, now=NOON + timedelta(days=7))


def test_every_number_leads_to_exactly_the_stored_orders(tally, leader):
    client = client_of(leader)

    for line in tally.lines.all():
        rows = client.get(f"{PAGE}orders/{line.key}/").context["rows"]
        assert sorted(row["pk"] for row in rows) == sorted(line.ids), line.key


def test_the_accepted_of_the_week_are_the_orders_behind_their_link(tally, supervisor):
    client = client_of(supervisor)
    query = client.get(PAGE).context["accepted_query"]

    assert client.get(f"/orders/?{query}").context["total"] == tally.numbers["accepted"] == 3


def test_the_page_tells_the_story_and_names_who_agreed(tally, leader):
    html = client_of(leader).get(PAGE).content.decode()

    assert "Explained it all" in html
    assert "Li Wenjiao" in html


def test_any_day_leads_to_its_week(tally, leader):
    assert client_of(leader).get("/tallies/2026-03-10/").headers["Location"] == PAGE


def test_a_week_that_is_not_counted_says_so(leader):
    assert client_of(leader).get(PAGE).context["tally"] is None


def test_the_supervisor_counts_a_week(supervisor):
    answer = client_of(supervisor).post("/tallies/make/", {"day": "2026-03-10"})

    assert answer.headers["Location"] == PAGE
    assert Tally.objects.filter(week_start=WEEK).exists()


def test_a_week_to_come_is_refused(supervisor):
    assert client_of(supervisor).post("/tallies/make/", {"day": "2999-03-10"}).status_code == 422


def test_the_leader_does_not_count(leader):
    assert client_of(leader).post("/tallies/make/", {"day": "2026-03-10"}).status_code == 403


def test_counting_is_no_reading(supervisor):
    assert client_of(supervisor).get("/tallies/make/").status_code == 405


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SUPERVISOR, Role.LEADER}))
def test_others_may_not_read(role, tally):
    client = client_of(make_user(role))

    assert [client.get(path).status_code for path in ("/tallies/", PAGE)] == [403, 403]


def test_the_page_stays_cheap(tally, supervisor, django_assert_max_num_queries):
    client = client_of(supervisor)
    client.get(PAGE)

    with django_assert_max_num_queries(10):
        client.get(PAGE)
