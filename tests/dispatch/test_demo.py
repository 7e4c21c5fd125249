"""The demo: accounts, texts, and a month that holds everything there is to see."""

import os
import re
from collections import Counter
from datetime import timedelta
from io import StringIO
from random import Random

import pytest
from django.core.management import CommandError, call_command

from dispatch import escalation, invariants
from dispatch.demo import desk, month, people, words
from dispatch.models import ClockStep
from hotline.accounts.models import Membership, Role, Unit, User
from hotline.lib.db_now import db_now
from hotline.lib.masking import normal_phone
from hotline.lib.worktime import SHANGHAI
from tests.makers import make_order
from workorders.lifecycle import State, Urgency
from workorders.models import Callback, CallbackAttempt, Caller, Category, Commendation, Kind, WorkOrder

LEAVES = [row["code"] for row in words.rows("../../workorders/reference/categories.csv")]


# --- Texts -------------------------------------------------------------------------------------------


def test_every_leaf_has_at_least_three_templates():
    counts = Counter(template.category for template in words.templates())
    counts["180101"] = len(words.praises())

    assert [leaf for leaf in LEAVES if counts[leaf] < 3] == []


def test_every_leaf_has_a_weight():
    assert set(words.leaf_weights()) == set(LEAVES)


def test_every_inquiry_has_an_answer():
    assert [t.title for t in words.templates() if t.kind == "inquiry" and not t.answer] == []


@pytest.mark.django_db
def test_every_outcome_has_a_reply_for_every_leaf():
    known = words.replies()
    outcomes = {outcome for kind in Kind.objects.exclude(code="thanks") for outcome in kind.outcomes}

    missing = [
        (leaf, outcome)
        for leaf in LEAVES
        for outcome in outcomes
        if not ({(leaf, outcome), (leaf[:4], outcome), ("*", outcome)} & known.keys())
        and not leaf.startswith("18")
    ]
    assert missing == []


@pytest.mark.django_db
def test_every_template_can_be_filled():
    rng, now = Random(1), db_now()
    district, subdistricts = desk.places_by_district()["370126"]
    for template in words.templates():
        slots = words.Site(subdistricts[0], district, rng).slots | words.draw_slots(rng, now)
        title, content = words.told(template, slots, Urgency.N, rng)
        assert not re.search(r"[{}]", title + content + template.answer.format(**slots))


def test_nobody_has_the_demo_numbers():
    number = words.phone_number(Random(1))

    assert normal_phone(number) == number and number.startswith("154")


# --- Accounts ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_there_is_an_account_for_every_role_and_every_unit():
    people.make_cast("Clear-Water-7", db_now())

    staff = {str(role) for role in Role if role != Role.UNIT}
    units = {f"unit-{code}" for code in Unit.objects.values_list("code", flat=True)}
    assert set(User.objects.values_list("username", flat=True)) == staff | units
    assert Membership.objects.filter(user__username="unit-370102-MARKET", unit__code="370102-MARKET").exists()


@pytest.mark.django_db
def test_everybody_has_the_one_password_and_may_work_at_once():
    people.make_cast("Clear-Water-7", db_now())

    for name in ("operator", "unit-370102-MARKET"):
        user = User.objects.get(username=name)
        assert user.check_password("Clear-Water-7") and not user.must_change_password and user.name


@pytest.mark.django_db
def test_an_account_that_exists_stays_as_it_is():
    User.objects.create_user("operator", password="Other-Water-8", role=Role.OPERATOR)

    people.make_cast("Clear-Water-7", db_now())

    assert User.objects.get(username="operator").check_password("Other-Water-8")


# --- The month ---------------------------------------------------------------------------------------


def make(now, *, days: int = 12, per_day: int = 12, seed: int = 3) -> month.Made:
    cast = people.make_cast("Clear-Water-7", now)
    return month.make(cast, days=days, per_day=per_day, seed=seed, now=now, tick=lambda count: None)


@pytest.fixture
def made(db):
    return make(db_now())


def test_every_state_is_there(made):
    assert set(WorkOrder.objects.values_list("state", flat=True)) == set(State.values)


def test_no_invariant_is_broken(made):
    assert [str(finding) for finding in invariants.check() if finding.count] == []


def test_the_first_sweep_finds_nothing_to_do(made):
    assert escalation.sweep_batch(db_now(), 100) == 0
    assert ClockStep.objects.filter(fired_at=None, cancelled_at=None).exists()


def test_there_is_something_of_everything(made):
    orders = WorkOrder.objects
    assert set(orders.values_list("kind", flat=True)) == set(Kind.objects.values_list("code", flat=True))
    assert {Urgency.E1, Urgency.E2} <= set(orders.values_list("urgency", flat=True))
    assert {"anonymous", "confidential"} <= set(orders.values_list("mode", flat=True))
    assert orders.open().filter(due_at__lt=db_now()).exists()
    assert orders.filter(is_direct=True).exists() and orders.filter(round=2).exists()
    assert Callback.objects.filter(result="dissatisfied").exclude(reasons=[]).exists()
    assert Commendation.objects.filter(is_story=True, forwarded_at__isnull=False).exclude(person="").exists()
    assert (
        orders.values("caller").exclude(caller=None).distinct().count() < orders.exclude(caller=None).count()
    )


def test_messages_that_nobody_looked_at_wait_without_a_category(made):
    assert WorkOrder.objects.filter(state=State.PENDING, category=None, registered_by=None).exists()


def test_nobody_is_called_at_night(made):
    hours = {attempt.at.astimezone(SHANGHAI).hour for attempt in CallbackAttempt.objects.all()}

    assert hours and hours <= set(range(8, 22))


def test_orders_lie_in_the_days_asked_for(db):
    now = db_now()
    make(now, days=3, per_day=8)

    first = WorkOrder.objects.order_by("created_at").first().created_at
    assert now - timedelta(days=17) < first
    assert not WorkOrder.objects.filter(created_at__gt=now).exists()


def test_the_same_seed_makes_the_same_month(db):
    now = db_now()
    make(now, days=2, per_day=10)
    first = list(WorkOrder.objects.order_by("pk").values_list("number", "title", "state", "version"))
    make(now, days=2, per_day=10, seed=4)
    other = list(WorkOrder.objects.order_by("pk")[len(first) :].values_list("number", flat=True))

    assert not {number for number, *_rest in first} & set(other)
    repeated = desk.Desk(
        people.make_cast("x", now), now, Random(f"3 {now.astimezone(month.SHANGHAI).date()}")
    )
    at = next(month.arrivals(repeated.rng, days=2, per_day=10, now=now))
    month.tell_one(repeated, at)
    assert repeated.lives[0].order.number == first[0][0]


def test_heating_is_what_winter_is_about():
    weight = words.leaf_weights()["050101"]

    assert weight.in_month(12) > 5 * weight.in_month(6)


# --- The command -------------------------------------------------------------------------------------


def run(**options) -> str:
    out = StringIO()
    call_command("demo", days=2, per_day=6, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


@pytest.mark.django_db
def test_the_command_refuses_a_database_that_has_orders():
    make_order()

    with pytest.raises(CommandError, match="empty database"):
        run()


@pytest.mark.django_db
def test_the_command_adds_to_orders_when_told(monkeypatch):
    monkeypatch.setenv("DEMO_PASSWORD", "Clear-Water-7")
    make_order()

    assert "accounts" in run(more=True)


@pytest.mark.django_db
def test_the_command_takes_the_password_from_the_environment(monkeypatch):
    monkeypatch.setenv("DEMO_PASSWORD", "Clear-Water-7")

    assert "Clear-Water-7" not in run()
    assert User.objects.get(username="operator").check_password("Clear-Water-7")


@pytest.mark.django_db
def test_without_one_the_command_makes_and_prints_a_password(monkeypatch):
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)

    password = re.search(r"demo account: (\S+)", run())[1]

    assert User.objects.get(username="leader").check_password(password)
    assert "DEMO_PASSWORD" not in os.environ


@pytest.mark.django_db
def test_callers_are_sealed():
    make(db_now(), days=1, per_day=6)

    caller = Caller.objects.exclude(phone_sealed="").first()
    assert caller.plain_phone().startswith("154") and "****" in caller.phone_masked
    assert Category.objects.filter(code="180101").exists()
