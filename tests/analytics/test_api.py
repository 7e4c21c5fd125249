"""Board, daily review and tally of thanks over HTTP."""

from datetime import date

import pytest

from analytics import reviews, tallies
from tests.makers import NOON, client_of, make_order

pytestmark = pytest.mark.django_db


def read(user, path):
    return client_of(user).get(f"/api/v1/{path}")


def test_the_board_counts_what_is_open(supervisor):
    make_order(urgency="E1")
    make_order()
    counts = read(supervisor, "board/").json()["counts"]
    assert (counts["urgent"], counts["pending"]) == (1, 2)


def test_a_stored_review_is_told_as_it_was_stored(leader):
    make_order()
    reviews.draft(NOON.date(), now=NOON)
    make_order()
    body = read(leader, "reviews/daily/2026-03-10/").json()
    assert (body["status"], body["numbers"]["totals"]["accepted"]) == ("draft", 0)


def test_a_day_without_a_review_is_counted_now(supervisor):
    make_order()
    body = read(supervisor, "reviews/daily/2026-03-10/").json()
    assert (body["status"], body["numbers"]["totals"]["accepted"]) == ("live", 1)


def test_a_stored_tally_is_told_as_it_was_stored(leader):
    week = date(2026, 3, 6)
    tallies.make(week, now=NOON)
    make_order(kind="thanks")
    body = read(leader, "tallies/gratitude/2026-03-10/").json()
    assert (body["week_start"], body["numbers"]["total"]) == ("2026-03-06", 0)


def test_a_week_without_a_tally_is_counted_now(supervisor):
    make_order(kind="thanks")
    assert read(supervisor, "tallies/gratitude/2026-W11/").json()["numbers"]["total"] == 1


@pytest.mark.parametrize("path", ["reviews/daily/2999-01-01/", "tallies/gratitude/2999-W07/"])
def test_the_future_has_no_numbers(supervisor, path):
    assert read(supervisor, path).status_code == 404


@pytest.mark.parametrize(
    "path", ["reviews/daily/yesterday/", "reviews/daily/2026-02-30/", "tallies/gratitude/2026-W60/"]
)
def test_a_period_that_is_none_is_400(supervisor, path):
    assert read(supervisor, path).status_code == 400


@pytest.mark.parametrize("path", ["board/", "reviews/daily/2026-03-10/", "tallies/gratitude/2026-W11/"])
def test_figures_are_for_those_who_lead(operator, unit_clerk, admin, path):
    for user in (operator, unit_clerk, admin):
        assert read(user, path).status_code == 403
