"""A duplicate follows another order, and a wrong merge is undone."""

import pytest

from tests.makers import NOON, make_order
from workorders import intake, merging
from workorders.errors import IllegalTransition, InvalidInput
from workorders.lifecycle import State

pytestmark = pytest.mark.django_db


def test_the_child_is_merged_and_both_trails_say_so(operator):
    parent, child = make_order(), make_order()

    merging.merge(child.pk, actor=operator, now=NOON, expect=1, into=parent)

    assert child.events.last().facts["into"] == parent.number
    assert parent.events.last().facts["child"] == child.number


def test_a_confidential_child_is_not_named_on_the_parent(operator):
    parent, child = make_order(), make_order(kind="report")

    merging.merge(child.pk, actor=operator, now=NOON, expect=1, into=parent)

    assert child.number not in str(parent.events.last().facts)


def test_an_order_is_not_merged_into_itself(operator):
    order = make_order()

    with pytest.raises(InvalidInput):
        merging.merge(order.pk, actor=operator, now=NOON, expect=1, into=order)


def test_an_order_is_not_merged_into_a_closed_one(operator):
    with pytest.raises((InvalidInput, IllegalTransition)):
        merging.merge(
            make_order().pk, actor=operator, now=NOON, expect=1, into=make_order(state=State.CLOSED)
        )


def test_a_wrong_merge_is_undone_while_the_parent_is_open(operator, dispatcher):
    parent, child = make_order(), make_order()
    merging.merge(child.pk, actor=operator, now=NOON, expect=1, into=parent)

    child = merging.unmerge(child.pk, actor=dispatcher, now=NOON, expect=None, reason="two streets")

    assert (child.state, child.parent, child.closed_at) == (State.PENDING, None, None)


def test_a_merge_stays_once_the_parent_is_closed(operator, dispatcher):
    parent, child = make_order(kind="inquiry"), make_order()
    merging.merge(child.pk, actor=operator, now=NOON, expect=1, into=parent)
    intake.answer(parent.pk, actor=operator, now=NOON, expect=None, text="Answered.")

    with pytest.raises(IllegalTransition):
        merging.unmerge(child.pk, actor=dispatcher, now=NOON, expect=None, reason="two streets")
