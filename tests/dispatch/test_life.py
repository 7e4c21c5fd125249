"""An order's whole life through the doors."""

import pytest

from dispatch import assigning, signing
from dispatch.models import Assignment
from hotline.accounts.models import Membership, Unit
from tests.makers import NOON
from workorders import callbacks, intake, replying
from workorders.callbacks import Answers
from workorders.intake import CallerInput, OrderInput
from workorders.lifecycle import State

pytestmark = pytest.mark.django_db


def test_a_call_becomes_a_closed_and_called_back_order(
    operator, dispatcher, supervisor, callback_agent, unit_clerk
):
    heating = Unit.objects.get(code="370102-MARKET")
    Membership.objects.create(user=unit_clerk, unit=heating)
    order = intake.create(
        OrderInput(
            content="超市卖过期食品",
            kind="complaint",
            category="080101",
            place="370102001",
            caller=CallerInput("王芳", "13812345678"),
        ),
        actor=operator,
        now=NOON,
    )
    assert order.state == State.PENDING
    order = assigning.dispatch(order.pk, actor=dispatcher, now=NOON, expect=1, unit=heating)
    order = signing.sign(order.pk, actor=unit_clerk, now=NOON, expect=2)
    order = replying.reply(
        order.pk, actor=unit_clerk, now=NOON, expect=3, internal="已查处", public="已下架", outcome="solved"
    )
    order = replying.review_reply(order.pk, actor=supervisor, now=NOON, expect=4, accept=True)
    order = callbacks.call_back(
        order.pk,
        actor=callback_agent,
        now=NOON,
        expect=5,
        attempt="answered",
        answers=Answers("satisfied", "satisfied", "yes"),
        tries_allowed=3,
        retry_at=None,
    )
    order.refresh_from_db()
    assert order.state == State.CLOSED
    assert [e.verb for e in order.events.all()] == [
        "create",
        "dispatch",
        "sign",
        "reply",
        "review-reply",
        "callback",
    ]
    assert Assignment.objects.get().ended_at == NOON
