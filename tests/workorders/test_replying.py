"""The unit's reply and its review."""

from datetime import timedelta

import pytest

from tests.makers import NOON, make_order
from workorders import replying
from workorders.errors import InvalidInput, NotAllowed
from workorders.lifecycle import State

pytestmark = pytest.mark.django_db


def give(order, clerk, **fields):
    values = {"internal": "Collected at 9.", "public": "It is collected.", "outcome": "solved", **fields}
    return replying.reply(order.pk, actor=clerk, now=NOON, expect=order.version, **values)


def test_a_reply_waits_for_its_review(unit_clerk):
    order = give(make_order(state=State.HANDLING, lead=unit_clerk.unit), unit_clerk)

    assert order.state == State.REPLY_REVIEW


@pytest.mark.parametrize("field", ["internal", "public"])
def test_both_texts_are_needed(unit_clerk, field):
    with pytest.raises(InvalidInput) as refusal:
        give(make_order(state=State.HANDLING, lead=unit_clerk.unit), unit_clerk, **{field: " "})

    assert refusal.value.field == field


def test_the_outcome_is_one_of_the_kinds(unit_clerk):
    with pytest.raises(InvalidInput) as refusal:
        give(make_order(state=State.HANDLING, lead=unit_clerk.unit), unit_clerk, outcome="adopted")

    assert refusal.value.field == "outcome"


def test_a_promise_lies_in_the_future(unit_clerk):
    with pytest.raises(InvalidInput) as refusal:
        give(make_order(state=State.HANDLING, lead=unit_clerk.unit), unit_clerk, promise_on=NOON.date())

    assert refusal.value.field == "promise_on"


def test_a_promise_is_kept_as_a_dated_row(unit_clerk):
    day = NOON.date() + timedelta(days=60)

    order = give(make_order(state=State.HANDLING, lead=unit_clerk.unit), unit_clerk, promise_on=day)

    assert order.promises.get().promised_on == day


def test_another_unit_cannot_reply(unit_clerk, outsider):
    with pytest.raises(NotAllowed):
        give(make_order(state=State.HANDLING, lead=unit_clerk.unit), outsider)


def test_an_accepted_reply_goes_to_the_call_back(supervisor):
    order = make_order(state=State.REPLY_REVIEW)

    order = replying.review_reply(order.pk, actor=supervisor, now=NOON, expect=order.version, accept=True)

    assert (order.state, order.public_reply) == (State.CALLBACK, "It is done.")


def test_an_anonymous_caller_is_not_called_back(supervisor):
    order = make_order(state=State.REPLY_REVIEW, mode="anonymous")

    order = replying.review_reply(order.pk, actor=supervisor, now=NOON, expect=order.version, accept=True)

    assert (order.state, order.no_callback_reason) == (State.CLOSED, "anonymous")


def test_a_refused_reply_goes_back_with_a_reason(supervisor):
    order = make_order(state=State.REPLY_REVIEW)

    order = replying.review_reply(
        order.pk, actor=supervisor, now=NOON, expect=None, accept=False, text="No date."
    )

    assert order.state == State.HANDLING


def test_a_refusal_without_a_reason_is_no_refusal(supervisor):
    order = make_order(state=State.REPLY_REVIEW)

    with pytest.raises(InvalidInput):
        replying.review_reply(order.pk, actor=supervisor, now=NOON, expect=None, accept=False)
