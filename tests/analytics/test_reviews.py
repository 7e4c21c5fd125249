"""The daily review: what it counts, and when it is frozen."""

from datetime import date, timedelta

import pytest

from analytics import reviews
from analytics.models import Review
from analytics.reviews import ReviewIsSigned
from hotline.lib.errors import DomainError
from tests.makers import NOON, make_order
from workorders import intake
from workorders.errors import NotAllowed
from workorders.lifecycle import State

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 10)
EVENING = NOON + timedelta(hours=10)


def test_accepted_is_direct_plus_transferred_plus_open(operator):
    make_order(state=State.PENDING)
    make_order(state=State.HANDLING)
    direct = make_order(kind="inquiry")
    intake.answer(direct.pk, actor=operator, now=NOON, expect=None, text="At window 3.")
    make_order(state=State.REJECTED)

    totals = reviews.draft(TODAY, now=EVENING).numbers["totals"]

    assert (totals["accepted"], totals["direct"], totals["transferred"], totals["open"]) == (3, 1, 1, 1)


def test_every_number_keeps_the_orders_behind_it():
    order = make_order(kind="complaint")

    review = reviews.draft(TODAY, now=EVENING)

    assert review.lines.get(key="kind:complaint").ids == [order.pk]


def test_an_order_of_another_day_is_not_counted():
    make_order(at=NOON - timedelta(days=1))

    assert reviews.draft(TODAY, now=EVENING).numbers["totals"]["accepted"] == 0


def test_categories_stand_beside_the_mean_of_the_seven_days_before():
    for days in range(1, 8):
        make_order(at=NOON - timedelta(days=days))
    make_order()
    make_order()

    (row,) = reviews.draft(TODAY, now=EVENING).numbers["categories"]

    assert (row["n"], row["mean"], row["new"]) == (2, 1.0, False)


def test_a_dissatisfied_citizen_is_counted_on_the_day_of_the_call():
    order = make_order(state=State.REWORK_REVIEW)

    assert reviews.draft(TODAY, now=EVENING).lines.get(key="dissatisfied").ids == [order.pk]


def test_a_draft_is_recounted():
    reviews.draft(TODAY, now=EVENING)
    make_order()

    assert reviews.draft(TODAY, now=EVENING).numbers["totals"]["accepted"] == 1


def test_a_signed_review_is_frozen(supervisor):
    review = reviews.draft(TODAY, now=EVENING)
    reviews.sign(review.pk, actor=supervisor, now=EVENING)
    make_order()

    assert reviews.draft(TODAY, now=EVENING).numbers["totals"]["accepted"] == 0


def test_a_measure_of_yesterday_without_result_keeps_the_review_open(supervisor):
    yesterday = reviews.draft(TODAY - timedelta(days=1), now=NOON)
    reviews.add_measure(
        yesterday, actor=supervisor, text="Warn the heating company", owner="Shift 2", due_on=TODAY
    )
    review = reviews.draft(TODAY, now=EVENING)

    with pytest.raises(DomainError) as refusal:
        reviews.sign(review.pk, actor=supervisor, now=EVENING)

    assert refusal.value.code == "measures_open"


def test_a_finished_measure_lets_the_review_be_signed(supervisor):
    yesterday = reviews.draft(TODAY - timedelta(days=1), now=NOON)
    item = reviews.add_measure(yesterday, actor=supervisor, text="Warn", owner="Shift 2", due_on=TODAY)
    reviews.finish_measure(item, actor=supervisor, result="Warned at 8", now=EVENING)

    review = reviews.sign(reviews.draft(TODAY, now=EVENING).pk, actor=supervisor, now=EVENING)

    assert review.status == Review.Status.SIGNED


def test_a_signed_review_takes_no_further_measure(supervisor):
    review = reviews.sign(reviews.draft(TODAY, now=EVENING).pk, actor=supervisor, now=EVENING)

    with pytest.raises(ReviewIsSigned):
        reviews.add_measure(review, actor=supervisor, text="x", owner="y", due_on=TODAY + timedelta(days=1))


def test_only_the_supervisor_signs(leader):
    review = reviews.draft(TODAY, now=EVENING)

    with pytest.raises(NotAllowed):
        reviews.sign(review.pk, actor=leader, now=EVENING)


def test_reviews_that_a_stop_left_out_are_drafted_later():
    kept = reviews.draft(TODAY - timedelta(days=2), now=NOON)

    drafted = reviews.catch_up(days=3, now=EVENING)

    assert [review.date for review in drafted] == [TODAY - timedelta(days=3), TODAY - timedelta(days=1)]
    assert Review.objects.get(date=kept.date).as_of == kept.as_of
