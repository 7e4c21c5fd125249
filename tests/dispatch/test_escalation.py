"""Steps of clocks fire once, record it, tell who is concerned, and never stop each other."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dispatch import escalation, signing
from dispatch.models import Clock, ClockStep, Sweep
from hotline.accounts.models import Role
from tests.dispatch.test_clocks import act, call, fresh, last, running
from tests.lib.calendars import at
from tests.makers import NOON, make_order
from workorders import intake, notices, replying
from workorders.actions import SystemAct, act_in_bulk
from workorders.errors import IllegalTransition
from workorders.lifecycle import State
from workorders.models import CallbackAttempt, Notice, OrderEvent

pytestmark = pytest.mark.django_db
SIGN_DUE = at("2026-03-11 17:30")
DUE = at("2026-03-13 17:30")
MINUTE = timedelta(minutes=1)


def sweep(now, limit=None) -> int:
    return escalation.sweep(lambda: now, limit)


def verbs(order) -> list[str]:
    return list(OrderEvent.objects.filter(order=order).order_by("number").values_list("verb", flat=True))


def told(order, kind) -> set:
    """Who was told: roles, and `unit`."""
    rows = Notice.objects.filter(order=order, kind=kind).values_list("unit_id", "role")
    return {role or "unit" for _unit, role in rows}


# --- Firing ----------------------------------------------------------------------------------------


def test_nothing_fires_before_its_time():
    make_order(state=State.DISPATCHED)

    assert sweep(SIGN_DUE - MINUTE) == 0


def test_what_is_due_fires_once():
    order = make_order()

    assert [sweep(DUE), sweep(DUE)] == [1, 0]
    assert verbs(order) == ["create", "clock"]


def test_the_event_says_which_step_fired():
    order = make_order()
    sweep(DUE)

    event = order.events.last()
    step = ClockStep.objects.get(order=order)
    assert event.step == step.pk
    assert event.facts == {
        "kind": "dispatch",
        "step": "due",
        "generation": 1,
        "due_at": step.due_at.isoformat(),
    }


def test_a_fired_clock_is_breached_and_goes_on():
    order = make_order()
    sweep(DUE)

    assert last(order, "dispatch").breached_at == DUE
    assert last(order, "dispatch").ended_at is None


def test_the_order_counts_its_events_and_shows_the_next_moment():
    order = make_order(state=State.HANDLING)
    sweep(at("2026-03-12 18:00"))

    order = fresh(order)
    assert (order.version, order.card) == (order.events.count(), "yellow")
    assert order.next_due_at == DUE


def test_nothing_is_left_to_come_when_all_has_fired():
    order = make_order()
    sweep(DUE)

    assert fresh(order).next_due_at is None


def test_steps_of_one_order_in_one_batch_follow_each_other():
    order = make_order(state=State.DISPATCHED)

    sweep(at("2026-03-20 09:00"))

    numbers = list(order.events.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == fresh(order).version == 8


def test_the_sweep_stops_at_its_limit():
    for _number in range(3):
        make_order()

    assert [sweep(DUE, limit=2), sweep(DUE, limit=2)] == [2, 1]


def test_a_sweep_remembers_when_it_ran():
    sweep(NOON)

    assert Sweep.objects.get(name="clocks").at == NOON


def test_an_ended_clock_does_not_fire(unit_clerk):
    order = make_order(state=State.DISPATCHED, lead=unit_clerk.unit)
    act(signing.sign, order, actor=unit_clerk)

    sweep(SIGN_DUE)

    assert "deem-signed" not in verbs(order)


# --- What each step does -----------------------------------------------------------------------------


def test_when_the_time_to_sign_is_up_the_order_counts_as_signed():
    order = make_order(state=State.DISPATCHED)
    sweep(SIGN_DUE)

    order = fresh(order)
    assert (order.state, order.deemed_signed) == (State.HANDLING, True)
    assert (order.assignments.get().signed_at, order.assignments.get().deemed) == (SIGN_DUE, True)
    assert (last(order, "sign").met_at, last(order, "sign").ended_at) == (None, SIGN_DUE)


def test_the_event_of_a_deemed_signature_is_a_move_of_the_table():
    order = make_order(state=State.DISPATCHED)
    sweep(SIGN_DUE)

    event = order.events.get(verb="deem-signed")
    assert (event.from_state, event.to_state) == ("dispatched", "handling")


def test_the_return_window_ends_without_a_breach():
    order = make_order(state=State.DISPATCHED)
    sweep(SIGN_DUE)

    assert last(order, "return_window").breached_at is None
    assert "return_window" not in running(order)


def test_the_yellow_card_comes_a_working_day_before_the_red_one_after():
    order = make_order(state=State.HANDLING)
    cards = []
    for moment in ("2026-03-12 17:29", "2026-03-12 17:30", "2026-03-13 17:31", "2026-03-16 08:30"):
        sweep(at(moment))
        cards.append(fresh(order).card)

    assert cards == ["", "yellow", "yellow", "red"]


def test_an_overdue_order_still_shows_its_due_time():
    order = make_order(state=State.HANDLING)
    sweep(DUE)

    assert fresh(order).due_at == DUE
    assert running(order)["handle"].breached_at == DUE


def test_a_missed_interim_report_is_followed_by_the_next():
    order = make_order(state=State.HANDLING, urgency="E1")
    sweep(NOON + 30 * MINUTE)

    assert last(order, "interim_report").generation == 2
    assert last(order, "interim_report").due_at == NOON + 60 * MINUTE


def test_interim_reports_missed_during_an_outage_fire_once():
    order = make_order(state=State.HANDLING, urgency="E1")
    late = NOON + timedelta(hours=10)
    sweep(late)

    assert Clock.objects.filter(order=order, kind="interim_report").count() == 2
    assert last(order, "interim_report").due_at == late + 30 * MINUTE


def test_a_closed_order_is_archived_after_thirty_days():
    order, later = make_order(state=State.CLOSED), NOON + timedelta(days=30)
    sweep(later)

    assert fresh(order).archived_at == later
    assert verbs(order)[-1] == "archive"
    assert (last(order, "archive").met_at, last(order, "archive").breached_at) == (later, None)


def test_tries_left_when_their_time_is_over_are_told_and_the_order_waits(callback_agent):
    order = make_order(state=State.CALLBACK)
    call(order, callback_agent)

    sweep(at("2026-03-13 09:00"))

    assert fresh(order).state == State.CALLBACK
    assert told(order, "callback_retry_due") == {Role.CALLBACK, Role.SUPERVISOR}


def test_no_tries_left_when_their_time_is_over_closes_the_order_as_not_rated(callback_agent):
    order = make_order(state=State.CALLBACK)
    call(order, callback_agent)
    tries = order.callbacks.get()
    for _number in range(2):
        CallbackAttempt.objects.create(callback=tries, at=NOON, attempt="no_answer")

    sweep(at("2026-03-13 09:00"))

    order = fresh(order)
    assert (order.state, order.no_callback_reason) == (State.CLOSED, "not_rated")
    assert order.events.last().step == last(order, "callback_retry").steps.get().pk
    assert set(running(order)) == {"archive"}


@pytest.mark.parametrize(
    ("state", "kind", "receivers"),
    [
        (State.PENDING, "dispatch_due", {"dispatcher", "supervisor"}),
        (State.DISPATCHED, "sign_due", {"unit", "supervisor"}),
        (State.DISPATCHED, "contact_due", {"unit"}),
        (State.HANDLING, "handle_yellow", {"unit", "supervisor"}),
        (State.HANDLING, "handle_due", {"unit", "supervisor"}),
        (State.HANDLING, "handle_red", {"unit", "supervisor"}),
        (State.RETURN_REVIEW, "return_review_due", {"dispatcher", "supervisor"}),
        (State.ADJUDICATION, "adjudicate_due", {"supervisor", "leader"}),
        (State.REPLY_REVIEW, "reply_review_due", {"dispatcher", "supervisor"}),
        (State.CALLBACK, "callback_due", {"callback", "supervisor"}),
        (State.CLOSED, "archive_due", set()),
    ],
)
def test_who_hears_of_a_step(state, kind, receivers):
    order = make_order(state=state)
    sweep(NOON + timedelta(days=31))

    assert told(order, kind) == receivers


def test_the_duty_leader_hears_of_every_emergency():
    order = make_order(state=State.HANDLING, urgency="E1")
    sweep(NOON + timedelta(hours=2))

    assert told(order, "first_result_due") == {"unit", "supervisor", "leader"}


def test_every_notice_of_a_step_has_words():
    kinds = {f"{kind}_{step}" for kind, step in escalation.TOLD}

    assert kinds <= notices.WORDS.keys()


# --- Failing ---------------------------------------------------------------------------------------


@pytest.fixture
def broken(monkeypatch):
    """`broken(order)`: whatever fires for that order raises."""
    real = escalation.messages_of

    def break_for(order):
        def messages_of(step, given_up):
            if step.order_id == order.pk:
                raise RuntimeError("no such luck")
            return real(step, given_up)

        monkeypatch.setattr(escalation, "messages_of", messages_of)

    return break_for


def test_one_bad_step_does_not_stop_the_others(broken):
    bad, good = make_order(), make_order()
    broken(bad)

    sweep(DUE)

    assert (verbs(bad), verbs(good)) == (["create"], ["create", "clock"])


def test_a_failed_step_leaves_nothing_behind_and_is_tried_later(broken):
    order = make_order()
    broken(order)
    sweep(DUE)

    step = ClockStep.objects.get(order=order)
    assert (step.fired_at, step.tries, step.try_at) == (None, 1, DUE + escalation.BACKOFF)
    assert "no such luck" in step.error
    assert last(order, "dispatch").breached_at is None
    assert fresh(order).version == 1


def test_a_step_that_failed_fires_when_it_can(broken, monkeypatch):
    order = make_order()
    broken(order)
    sweep(DUE)
    monkeypatch.undo()

    sweep(DUE + MINUTE)

    assert verbs(order) == ["create", "clock"]


def test_after_five_failures_a_step_is_parked_until_somebody_asks_again(broken, monkeypatch):
    order, now = make_order(), DUE
    broken(order)
    for _number in range(6):
        sweep(now)
        now += timedelta(hours=1)
    step = ClockStep.objects.get(order=order)
    assert (step.tries, step.parked_at is not None) == (5, True)
    monkeypatch.undo()
    assert sweep(now) == 0

    escalation.try_again([step.pk], now=now)

    assert sweep(now) == 1


def test_the_system_cannot_take_a_step_that_is_not_in_the_table():
    order = make_order()

    with pytest.raises(IllegalTransition):
        act_in_bulk([SystemAct(order, "deem-signed", {}, 1)], now=NOON)
    with pytest.raises(IllegalTransition):
        act_in_bulk([SystemAct(order, "sign", {}, 1)], now=NOON)


# --- Resumed -----------------------------------------------------------------------------------------


def test_a_breach_stays_a_breach_after_a_refused_reply(unit_clerk, supervisor):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit)
    sweep(DUE)
    late = DUE + timedelta(hours=1)
    words = {"internal": "done", "public": "done", "outcome": "solved"}
    act(replying.reply, order, actor=unit_clerk, now=late, **words)

    act(replying.review_reply, order, actor=supervisor, accept=False, text="more", now=late + MINUTE)

    clock = running(order)["handle"]
    assert (clock.generation, clock.due_at, clock.breached_at) == (2, DUE, DUE)
    assert set(clock.steps.values_list("step", flat=True)) == {"red"}


def test_acts_of_people_and_firings_share_one_chain(operator):
    order = make_order()
    sweep(DUE)

    act(intake.note, order, actor=operator, text="seen", now=DUE + MINUTE)

    assert verbs(order) == ["create", "clock", "note"]


def test_a_batch_takes_the_same_number_of_queries_however_large():
    counts = []
    for size in (2, 20):
        for _number in range(size):
            make_order(state=State.DISPATCHED)
        with CaptureQueriesContext(connection) as queries:
            sweep(at("2026-03-11 18:00"))
        counts.append(len(queries))

    assert counts[0] == counts[1]
