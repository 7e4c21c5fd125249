"""Lives written in bulk are what the doors would have left behind."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, models
from django.db.models import Max
from django.utils import timezone

from dispatch import assigning, bulk, clocks, escalation, invariants, signing
from dispatch.bulk import ImpossibleLife
from dispatch.demo.verbs import OrderLife
from dispatch.models import Assignment, Clock, ClockStep
from dispatch.routing import Route, resolve
from hotline.accounts.models import Role
from hotline.lib.bigrams import bigram_hashes
from tests.makers import LEAF, NOON, PLACE, make_order, make_unit, make_user
from workorders import callbacks, intake, replying
from workorders.callbacks import Answers
from workorders.lifecycle import State
from workorders.models import Callback, Category, Kind, Notice, OrderEvent, Place, Reply, WorkOrder

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def blank(at=NOON, number: str = "JN20260310000000A", **fields) -> WorkOrder:
    values = {
        "kind": Kind.objects.get(pk="help"),
        "category": Category.objects.get(code=LEAF),
        "place": Place.objects.get(code=PLACE),
        "title": "Refuse",
        "content": "Not\tcollected\nfor \\ a week",
        "created_at": at,
        "bigrams": bigram_hashes("refuse"),
    }
    return WorkOrder(number=number, **{**values, **fields})


@pytest.fixture
def people(operator, dispatcher, supervisor, callback_agent, unit_clerk):
    return {
        "operator": operator,
        "dispatcher": dispatcher,
        "supervisor": supervisor,
        "agent": callback_agent,
        "clerk": unit_clerk,
    }


def life_of(operator, **fields) -> OrderLife:
    life = OrderLife(blank(**fields), bulk.Ids(block=20))
    life.begin(actor=operator, at=life.order.created_at, facts={"channel": "phone"})
    return life


def twins(people, mode: str) -> tuple[WorkOrder, WorkOrder]:
    """The same story twice: through the doors, and in bulk."""
    clerk, unit, reason = people["clerk"], people["clerk"].unit, "test"
    door = make_order(at=NOON, mode=mode, content="Not collected")
    life = life_of(people["operator"], caller=door.caller, mode=door.mode)
    route = resolve(door.category, door.place, on=timezone.localdate(NOON))

    at = NOON + HOUR
    assigning.dispatch(door.pk, actor=people["dispatcher"], now=at, expect=None, unit=unit, reason=reason)
    life.dispatch(people["dispatcher"], at, unit, route, reason=reason)
    at += HOUR
    signing.sign(door.pk, actor=clerk, now=at, expect=None)
    life.sign(clerk, at)
    at += HOUR
    text = {"internal": "done", "public": "It is done.", "outcome": "solved"}
    replying.reply(door.pk, actor=clerk, now=at, expect=None, **text)
    life.reply(clerk, at, **text)
    for accept in (False, True):
        at += HOUR / 4
        say = {"accept": accept, "text": "more" * (not accept)}
        replying.review_reply(door.pk, actor=people["supervisor"], now=at, expect=None, **say)
        life.review_reply(people["supervisor"], at, **say)
        if not accept:
            at += HOUR / 4
            replying.reply(door.pk, actor=clerk, now=at, expect=None, **text)
            life.reply(clerk, at, **text)
    if mode == "real_name":
        at += HOUR
        answers = Answers("satisfied", "dissatisfied", "no", True, ["E01"])
        callbacks.call_back(
            door.pk,
            actor=people["agent"],
            now=at,
            expect=None,
            attempt="answered",
            answers=answers,
            tries_allowed=3,
            retry_at=None,
        )
        life.call_back(people["agent"], at, "answered", answers)
        callbacks.decide_rework(
            door.pk, actor=people["supervisor"], now=at, expect=None, redo=True, text="again"
        )
        life.decide_rework(people["supervisor"], at, redo=True, text="again")
    bulk.copy_lives([life])
    return WorkOrder.objects.get(pk=door.pk), WorkOrder.objects.get(pk=life.order.pk)


OWN = {
    "id",
    "order_id",
    "number",
    "content",
    "title",
    "query_code",
    "bigrams",
    "registered_by_id",
    "clock_id",
    "step",
    "assignment_id",
    "hash",
    "prev_hash",
    "actor_id",
    "key",
    "facts",
}
"""What differs between two orders with the same story."""


def told(rows: models.QuerySet, *but: str) -> list[dict]:
    names = [field.attname for field in rows.model._meta.concrete_fields]
    return list(rows.values(*(name for name in names if name not in OWN - set(but))))


@pytest.mark.parametrize("mode", ["real_name", "anonymous"])
def test_a_life_leaves_the_rows_that_the_doors_leave(people, mode):
    door, life = twins(people, mode)

    for model, order_by in ((Assignment, "pk"), (Reply, "pk"), (Callback, "pk"), (Clock, "started_at")):
        rows = model.objects.order_by(order_by, "kind" if model is Clock else "pk")
        assert told(rows.filter(order=life)) == told(rows.filter(order=door)), model.__name__
    events = OrderEvent.objects.order_by("number")
    assert (
        told(events.filter(order=life), "facts", "number")[1:]
        == told(events.filter(order=door), "facts", "number")[1:]
    )
    orders = WorkOrder.objects
    assert told(orders.filter(pk=life.pk)) == told(orders.filter(pk=door.pk))


def test_the_moments_of_clocks_are_the_doors_own(people):
    door, life = twins(people, "real_name")

    def moments(order):
        rows = ClockStep.objects.filter(order=order)
        rows = rows.order_by("due_at", "clock__kind", "clock__generation", "step")
        return list(
            rows.values_list("clock__kind", "clock__generation", "step", "due_at", "fired_at", "cancelled_at")
        )

    assert moments(life) == moments(door)


def test_notices_are_the_doors_own(people):
    door, life = twins(people, "real_name")

    def bells(order):
        rows = Notice.objects.filter(order=order, channel="bell").order_by("created_at", "kind", "role")
        return list(rows.values_list("kind", "role", "unit", "created_at"))

    assert bells(life) == bells(door) != []


def test_lives_break_no_invariant(people):
    twins(people, "real_name")

    assert [finding for finding in invariants.check() if finding.count and finding.code != "I4"] == []


def test_time_that_passes_fires_what_the_sweep_would(people):
    later = NOON + timedelta(days=9)
    door = make_order(at=NOON, mode="anonymous")
    route = resolve(door.category, door.place, on=timezone.localdate(NOON))
    unit = people["clerk"].unit
    assigning.dispatch(door.pk, actor=people["dispatcher"], now=NOON, expect=None, unit=unit, reason="test")
    while due := ClockStep.objects.filter(
        order=door, fired_at=None, cancelled_at=None, due_at__lte=later
    ).order_by("due_at"):
        escalation.sweep_batch(due[0].due_at + timedelta(seconds=1), 1)
    life = life_of(people["operator"], mode="anonymous")
    life.dispatch(people["dispatcher"], NOON, unit, route, reason="test")
    life.wait_until(later)
    bulk.copy_lives([life])

    life = WorkOrder.objects.get(pk=life.order.pk)
    assert told(WorkOrder.objects.filter(pk=life.pk)) == told(WorkOrder.objects.filter(pk=door.pk))
    rows = OrderEvent.objects.order_by("number")
    assert [event.verb for event in rows.filter(order=life)] == [
        event.verb for event in rows.filter(order=door)
    ]
    assert life.card == "red" and life.deemed_signed


def test_what_is_still_to_come_is_swept_afterwards(people):
    life = life_of(people["operator"], at=NOON)
    bulk.copy_lives([life])
    due = ClockStep.objects.get(order=life.order.pk, step="due")

    assert escalation.sweep_batch(due.due_at, 10) == 1
    assert OrderEvent.objects.filter(order=life.order.pk, step=due.pk, verb="clock").count() == 1


def test_a_door_goes_on_where_a_life_stopped(people):
    life = life_of(people["operator"])
    bulk.copy_lives([life])

    intake.note(life.order.pk, actor=people["operator"], now=NOON + HOUR, text="called again")

    assert OrderEvent.objects.filter(order=life.order.pk).aggregate(last=Max("number")) == {"last": 2}


def test_texts_arrive_unchanged(people):
    life = life_of(people["operator"], title='a "quoted" \\ title', address="{1,2}")
    bulk.copy_lives([life])

    stored = WorkOrder.objects.get(pk=life.order.pk)
    assert (stored.title, stored.content, stored.address, stored.bigrams) == (
        life.order.title,
        life.order.content,
        life.order.address,
        life.order.bigrams,
    )


def test_an_existing_order_is_never_touched(people):
    life = life_of(people["operator"])
    life.order.number = make_order().number

    with pytest.raises(IntegrityError):
        bulk.copy_lives([life])


def test_a_step_that_the_table_does_not_allow_is_refused(people):
    with pytest.raises(ImpossibleLife):
        life_of(people["operator"]).take("reply", actor=people["clerk"], at=NOON)


def test_a_step_of_another_role_is_refused(people):
    with pytest.raises(ImpossibleLife):
        life_of(people["operator"]).dispatch(people["clerk"], NOON, make_unit(), Route())


def test_a_unit_acts_on_its_own_orders_only(people):
    life = life_of(people["operator"])
    life.dispatch(people["dispatcher"], NOON, people["clerk"].unit, Route())

    with pytest.raises(ImpossibleLife):
        life.sign(make_user(Role.UNIT, make_unit()), NOON)


def test_time_never_goes_back(people):
    life = life_of(people["operator"])

    with pytest.raises(ImpossibleLife):
        life.note(people["operator"], NOON - HOUR, "earlier")


def test_a_life_that_ends_has_no_lead_and_no_running_clock_but_the_archive(people):
    life = life_of(people["operator"])
    life.dispatch(people["dispatcher"], NOON, people["clerk"].unit, Route())
    life.withdraw(people["operator"], NOON + HOUR, "settled")

    assert life.order.state == State.WITHDRAWN and life.open_lead() is None
    assert [clock.kind for clock in life.clocks.clocks if clock.ended_at is None] == []
    assert clocks.shown(clocks.Changes(life.order, NOON), life.clocks.latest)["due_at"] is None
