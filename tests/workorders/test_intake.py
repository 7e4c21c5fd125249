"""Taking an order in: what is accepted, what is refused, what is remembered."""

import pytest

from tests.makers import NOON, make_order
from workorders import intake
from workorders.errors import IllegalTransition, InvalidInput, NotAllowed, StaleVersion
from workorders.intake import CallerInput, OrderInput
from workorders.lifecycle import Mode, State, Urgency
from workorders.models import Caller, TrainingRow

pytestmark = pytest.mark.django_db


def take_in(operator, **fields):
    return intake.create(OrderInput(**{"content": "No water since six.", **fields}), actor=operator, now=NOON)


def test_an_order_without_content_is_refused(operator):
    with pytest.raises(InvalidInput) as refusal:
        take_in(operator, content="  ")

    assert refusal.value.field == "content"


def test_an_unknown_category_is_refused_by_its_field(operator):
    with pytest.raises(InvalidInput) as refusal:
        take_in(operator, category="999999")

    assert refusal.value.field == "category"


def test_a_group_is_not_a_category_of_an_order(operator):
    with pytest.raises(InvalidInput) as refusal:
        take_in(operator, category="0601")

    assert refusal.value.field == "category"


def test_a_word_is_no_telephone_number(operator):
    with pytest.raises(InvalidInput) as refusal:
        take_in(operator, caller=CallerInput("Wang", "unknown"))

    assert refusal.value.field == "phone"


def test_a_unit_takes_no_calls(unit_clerk):
    with pytest.raises(NotAllowed):
        take_in(unit_clerk)


def test_without_a_caller_an_order_is_anonymous(operator):
    assert take_in(operator).mode == Mode.ANONYMOUS


def test_a_report_of_wrongdoing_is_confidential_by_default(operator):
    assert take_in(operator, kind="report", caller=CallerInput("", "13812345678")).mode == Mode.CONFIDENTIAL


def test_the_leafs_urgency_counts_when_nothing_higher_is_asked(operator):
    assert take_in(operator, category="010107").urgency == Urgency.E1


def test_the_same_caller_is_remembered_once(operator):
    for _call in range(2):
        take_in(operator, caller=CallerInput("Wang Fang", "138 1234 5678"))

    assert Caller.objects.with_phone("13812345678").count() == 1


def test_another_person_on_the_same_number_is_another_caller(operator):
    take_in(operator, caller=CallerInput("Wang Fang", "13812345678"))
    take_in(operator, caller=CallerInput("Li Lei", "13812345678"))

    assert Caller.objects.with_phone("13812345678").count() == 2


def test_the_number_is_not_in_the_database_in_plain(operator):
    caller = take_in(operator, caller=CallerInput("Wang Fang", "13812345678")).caller

    assert "13812345678" not in f"{caller.phone_sealed}{caller.phone_index}{caller.phone_masked}"


def test_an_operators_emergency_is_lowered_by_a_supervisor_only(operator, supervisor):
    order = take_in(operator, urgency="E1")
    with pytest.raises(NotAllowed):
        intake.classify(order.pk, actor=operator, now=NOON, expect=1, urgency="N")

    assert intake.classify(order.pk, actor=supervisor, now=NOON, expect=1, urgency="N").urgency == Urgency.N


def test_a_corrected_category_becomes_a_training_row(operator):
    order = take_in(operator)

    intake.classify(order.pk, actor=operator, now=NOON, expect=1, category="060101", suggested="060102")

    assert (TrainingRow.objects.get().label, TrainingRow.objects.get().suggested) == ("060101", "060102")


def test_what_becomes_a_report_becomes_confidential(operator):
    order = take_in(operator, kind="complaint", caller=CallerInput("Wang", "13812345678"))

    order = intake.classify(order.pk, actor=operator, now=NOON, expect=1, kind="report")

    assert order.mode == Mode.CONFIDENTIAL


def test_a_stale_version_changes_nothing(operator):
    order = make_order()
    intake.note(order.pk, actor=operator, now=NOON, text="called again")

    with pytest.raises(StaleVersion):
        intake.classify(order.pk, actor=operator, now=NOON, expect=1, kind="complaint")


def test_an_answer_on_the_line_is_direct(operator):
    order = intake.answer(make_order(kind="inquiry").pk, actor=operator, now=NOON, expect=1, text="Window 3.")

    assert (order.state, order.is_direct) == (State.CLOSED, True)


def test_an_order_that_a_unit_returned_is_no_longer_direct(operator, supervisor):
    from dispatch import returns

    order = make_order(state=State.RETURN_REVIEW)
    returns.review_return(order.pk, actor=supervisor, now=NOON, expect=None, uphold=True, text="right")

    with pytest.raises(IllegalTransition):
        intake.answer(order.pk, actor=operator, now=NOON, expect=None, text="x")


def test_an_emergency_is_transferred_never_refused(operator):
    with pytest.raises(InvalidInput) as refusal:
        intake.reject(make_order().pk, actor=operator, now=NOON, expect=1, reason="R03")

    assert refusal.value.field == "reason"


def test_reason_other_needs_the_supervisor(operator):
    with pytest.raises(NotAllowed):
        intake.reject(make_order().pk, actor=operator, now=NOON, expect=1, reason="R09")


def test_a_report_of_wrongdoing_cannot_be_withdrawn(operator):
    with pytest.raises(IllegalTransition):
        intake.withdraw(make_order(kind="report").pk, actor=operator, now=NOON, expect=1, text="x")


def test_new_facts_on_a_closed_order_make_a_linked_one(operator):
    old = make_order(state=State.CLOSED)

    new = intake.reopen(old.pk, actor=operator, now=NOON, expect=old.version, text="It is back.")

    assert (new.previous_id, new.state) == (old.pk, State.PENDING)
