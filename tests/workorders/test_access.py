"""Who sees which order, and what a reveal leaves behind."""

import pytest
from django.db import DatabaseError, transaction
from django.http import Http404

from dispatch import returns
from hotline.accounts.models import Unit
from tests.makers import NOON, PHONE, make_order, make_unit, make_user
from workorders.access import order_for, reveal
from workorders.errors import InvalidInput, NotAllowed
from workorders.lifecycle import State
from workorders.models import AccessLog, OrderEvent, WorkOrder

pytestmark = pytest.mark.django_db


def sees(user, order) -> bool:
    return WorkOrder.objects.visible_to(user).filter(pk=order.pk).exists()


def test_a_unit_sees_the_order_it_holds(unit_clerk):
    assert sees(unit_clerk, make_order(state=State.HANDLING, lead=unit_clerk.unit))


def test_a_unit_does_not_see_anothers_order(unit_clerk, outsider):
    assert not sees(outsider, make_order(state=State.HANDLING, lead=unit_clerk.unit))


def test_a_unit_sees_the_order_it_held_when_it_closed(unit_clerk):
    assert sees(unit_clerk, make_order(state=State.CLOSED, lead=unit_clerk.unit))


def test_a_unit_no_longer_sees_an_order_it_gave_back(unit_clerk, supervisor):
    order = make_order(state=State.RETURN_REVIEW, lead=unit_clerk.unit)
    returns.review_return(order.pk, actor=supervisor, now=NOON, expect=None, uphold=True, text="right")

    assert not sees(unit_clerk, order)


def test_the_unit_above_sees_it_only_with_the_subtree_flag():
    above = make_unit("District office")
    below = make_unit("Bureau", parent=above)
    order = make_order(state=State.HANDLING, lead=below)
    assert not sees(make_user("unit", above), order)

    Unit.objects.filter(pk=above.pk).update(sees_subtree=True)

    assert sees(make_user("unit", above), order)


def test_an_administrator_sees_settings_not_orders(admin):
    assert not sees(admin, make_order())


def test_a_foreign_order_does_not_exist(outsider):
    with pytest.raises(Http404):
        order_for(outsider, make_order(state=State.HANDLING).number)


def test_a_reveal_gives_the_number_for_a_reason(unit_clerk):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit)

    assert reveal(order.pk, actor=unit_clerk, now=NOON, field="phone", reason="to ask the way") == PHONE


def test_a_reveal_leaves_a_line_with_its_reason(unit_clerk):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit)

    reveal(order.pk, actor=unit_clerk, now=NOON, field="phone", reason="to ask the way")

    assert AccessLog.objects.get(act="reveal").reason == "to ask the way"
    assert order.events.last().verb == "reveal"


def test_a_reveal_without_reason_is_refused(operator):
    with pytest.raises(InvalidInput):
        reveal(make_order().pk, actor=operator, now=NOON, field="phone", reason=" ")


def test_a_confidential_caller_is_opened_by_the_supervisor_only(operator, supervisor):
    order = make_order(kind="report")
    with pytest.raises(NotAllowed):
        reveal(order.pk, actor=operator, now=NOON, field="phone", reason="curious")

    assert reveal(order.pk, actor=supervisor, now=NOON, field="phone", reason="to ask more") == PHONE


@pytest.mark.parametrize("act", ["update", "delete"])
@pytest.mark.parametrize("model", [OrderEvent, AccessLog])
def test_the_database_refuses_to_change_the_trail(model, act, operator):
    reveal(make_order().pk, actor=operator, now=NOON, field="phone", reason="to ask the way")
    rows = model.objects.all()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(facts={}) if act == "update" else rows._raw_delete("default")


def test_the_database_refuses_a_gap_in_the_trail(operator):
    order = make_order()

    with pytest.raises(DatabaseError, match="continues with event 2"), transaction.atomic():
        OrderEvent.objects.create(order=order, number=5, verb="note", at=NOON)


def test_an_auditor_reads_masked_and_reveals_nothing(auditor):
    with pytest.raises(NotAllowed):
        reveal(make_order().pk, actor=auditor, now=NOON, field="phone", reason="to audit")
