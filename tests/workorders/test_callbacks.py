"""Calling back: three answers, the tries, and the rework."""

from datetime import timedelta

import pytest

from tests.makers import NOON, make_order
from workorders import callbacks
from workorders.callbacks import Answers
from workorders.errors import IllegalTransition, InvalidInput, NotAllowed
from workorders.lifecycle import State

pytestmark = pytest.mark.django_db
GOOD = Answers("satisfied", "satisfied", "yes")


def call(order, agent, attempt="answered", answers=GOOD):
    return callbacks.call_back(
        order.pk,
        actor=agent,
        now=NOON,
        expect=None,
        attempt=attempt,
        answers=answers,
        tries_allowed=3,
        retry_at=NOON + timedelta(hours=5),
    )


def test_a_satisfied_citizen_closes_the_order(callback_agent):
    assert call(make_order(state=State.CALLBACK), callback_agent).state == State.CLOSED


def test_service_and_result_are_two_answers(callback_agent):
    order = make_order(state=State.CALLBACK)

    call(order, callback_agent, answers=Answers("dissatisfied", "satisfied", "yes", reasons=["U02"]))

    callback = order.callbacks.get()
    assert (callback.service, callback.result) == ("dissatisfied", "satisfied")


def test_an_unsolved_matter_goes_to_the_rework_decision(callback_agent):
    answers = Answers("satisfied", "dissatisfied", "no", reasons=["E01"])

    assert (
        call(make_order(state=State.CALLBACK), callback_agent, answers=answers).state == State.REWORK_REVIEW
    )


def test_dissatisfaction_needs_a_reason(callback_agent):
    with pytest.raises(InvalidInput) as refusal:
        call(
            make_order(state=State.CALLBACK),
            callback_agent,
            answers=Answers("satisfied", "dissatisfied", "no"),
        )

    assert refusal.value.field == "reasons"


def test_all_three_are_asked(callback_agent):
    with pytest.raises(InvalidInput) as refusal:
        call(make_order(state=State.CALLBACK), callback_agent, answers=Answers("satisfied", "satisfied"))

    assert refusal.value.field == "solved"


def test_an_unanswered_try_waits_for_another_hour(callback_agent):
    order = call(make_order(state=State.CALLBACK), callback_agent, "no_answer")

    assert (order.state, order.callbacks.get().next_try_at) == (State.CALLBACK, NOON + timedelta(hours=5))


def test_the_last_unanswered_try_closes_it_as_not_rated(callback_agent):
    order = make_order(state=State.CALLBACK)
    for _try in range(3):
        order = call(order, callback_agent, "no_answer")

    assert (order.state, order.no_callback_reason) == (State.CLOSED, "not_rated")


def test_a_unit_does_not_call_back_its_own_order(unit_clerk):
    with pytest.raises(NotAllowed):
        call(make_order(state=State.CALLBACK, lead=unit_clerk.unit), unit_clerk)


def test_a_rework_is_another_round_with_the_same_unit(supervisor):
    order = make_order(state=State.REWORK_REVIEW)

    redone = callbacks.decide_rework(
        order.pk, actor=supervisor, now=NOON, expect=None, redo=True, text="right"
    )

    assert (redone.state, redone.round, redone.unit_id) == (State.HANDLING, 2, order.unit_id)


def test_an_unreasonable_demand_closes_with_grounds(supervisor):
    order = make_order(state=State.REWORK_REVIEW)

    order = callbacks.decide_rework(order.pk, actor=supervisor, now=NOON, expect=None, redo=False, text="law")

    assert order.state == State.CLOSED


def test_there_is_one_ordinary_rework(supervisor):
    order = make_order(state=State.REWORK_REVIEW)
    order.round = 2
    order.save(update_fields=["round"])

    with pytest.raises(IllegalTransition):
        callbacks.decide_rework(order.pk, actor=supervisor, now=NOON, expect=None, redo=True, text="again")
