"""Clocks follow what happens to an order."""

from datetime import timedelta

import pytest

from dispatch import adjudicating, assigning, clocklines, clocks, returns, signing, timeleft
from dispatch.models import Clock, ClockRule, ClockStep
from hotline.accounts.models import Role
from hotline.lib.cached import Cached
from tests.lib.calendars import at
from tests.makers import NOON, make_order, make_unit, make_user, someone
from workorders import callbacks, closing, intake, replying
from workorders.callbacks import Answers
from workorders.intake import OrderInput
from workorders.lifecycle import State
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db

HEATING = "010201"
HOUR = timedelta(hours=1)


def running(order) -> dict:
    """Running clocks of the order by kind."""
    return {clock.kind: clock for clock in Clock.objects.running().filter(order=order)}


def last(order, kind) -> Clock:
    return Clock.objects.filter(order=order, kind=kind).order_by("-generation").first()


def steps(clock) -> dict:
    return dict(ClockStep.objects.filter(clock=clock).values_list("step", "due_at"))


def fresh(order) -> WorkOrder:
    return WorkOrder.objects.get(pk=order.pk)


def act(verb, order, **arguments):
    return verb(order.pk, now=arguments.pop("now", NOON), expect=None, **arguments)


# --- Before the dispatch ---------------------------------------------------------------------------


def test_a_pending_order_waits_for_its_dispatch():
    order = make_order()

    clock = running(order)["dispatch"]
    assert (clock.due_at, clock.is_working) == (at("2026-03-10 17:30"), True)


def test_a_draft_has_no_clock():
    assert running(make_order(state=State.DRAFT)) == {}


def test_submitting_a_draft_starts_the_dispatch_clock(operator):
    order = make_order(state=State.DRAFT)

    act(intake.submit, order, actor=operator)

    assert list(running(order)) == ["dispatch"]


def test_an_emergency_is_dispatched_in_ten_minutes():
    order = make_order(urgency="E1")

    assert running(order)["dispatch"].due_at == NOON + timedelta(minutes=10)


def test_thanks_are_passed_on_in_two_working_days():
    order = make_order(kind="thanks")

    assert running(order)["dispatch"].due_at == at("2026-03-12 17:30")


def test_a_pending_order_shows_no_due_time_but_the_next_moment():
    order = make_order()

    assert (order.due_at, order.next_due_at) == (None, at("2026-03-10 17:30"))


def test_raising_the_urgency_starts_the_dispatch_clock_anew(operator):
    order = make_order()

    act(intake.classify, order, actor=operator, urgency="E1", now=NOON + HOUR)

    assert running(order)["dispatch"].due_at == NOON + HOUR + timedelta(minutes=10)


def test_lowering_the_urgency_keeps_the_time_waited(operator, supervisor):
    order = make_order(urgency="E2")

    act(intake.classify, order, actor=supervisor, urgency="N", now=NOON + HOUR)

    assert running(order)["dispatch"].started_at == NOON


def test_a_refusal_meets_the_dispatch_clock_and_ends_it():
    order = make_order(state=State.REJECTED)

    assert last(order, "dispatch").met_at == NOON
    assert running(order) == {}


# --- Dispatch --------------------------------------------------------------------------------------


def test_dispatching_meets_the_dispatch_clock():
    order = make_order(state=State.DISPATCHED)

    assert last(order, "dispatch").met_at == NOON


def test_dispatching_starts_the_clocks_of_the_unit():
    order = make_order(state=State.DISPATCHED)

    assert set(running(order)) == {"sign", "contact", "return_window", "handle"}


def test_the_handling_time_is_the_category_s():
    order = make_order(state=State.DISPATCHED, category="020103")

    assert running(order)["handle"].due_at == at("2026-03-13 17:30") == order.due_at


def test_an_inquiry_takes_three_days_at_most():
    order = make_order(state=State.DISPATCHED, kind="inquiry", category="080101")

    assert order.category.deadline_workdays > 3
    assert order.due_at == at("2026-03-13 17:30")


def test_clocks_belong_to_the_lead():
    order = make_order(state=State.DISPATCHED)

    assert running(order)["handle"].assignment == order.assignments.get()


def test_an_emergency_shows_its_first_result_before_the_final_one():
    order = make_order(state=State.DISPATCHED, urgency="E1")

    assert order.due_at == NOON + 2 * HOUR
    assert not order.due_is_working


def test_a_lifeline_matter_of_one_day_is_due_in_24_hours():
    leaf = make_order().category
    leaf.deadline_workdays = 1
    leaf.save()
    Cached.forget_all()

    order = make_order(state=State.DISPATCHED, urgency="E2")

    assert {"handle"} == set(running(order)) & {"handle", "first_result"}
    assert order.due_at == NOON + 24 * HOUR


def test_a_longer_lifeline_matter_has_a_first_result_and_a_final_one():
    order = make_order(state=State.DISPATCHED, urgency="E2")

    clock_of = running(order)
    assert clock_of["first_result"].due_at == NOON + 24 * HOUR
    assert clock_of["handle"].due_at == at("2026-03-13 17:30")


def test_an_anonymous_caller_cannot_be_contacted():
    order = make_order(state=State.DISPATCHED, mode="anonymous")

    assert "contact" not in running(order)


def test_yellow_and_red_cards_are_steps_of_the_handling_clock():
    order = make_order(state=State.DISPATCHED)

    assert steps(running(order)["handle"]) == {
        "due": at("2026-03-13 17:30"),
        "yellow": at("2026-03-12 17:30"),
        "red": at("2026-03-16 08:30"),
    }


def test_an_emergency_gets_its_cards_at_half_time_and_at_the_end():
    order = make_order(state=State.DISPATCHED, urgency="E1")

    clock = running(order)["handle"]
    assert clock.due_at == at("2026-03-13 17:30")
    assert steps(clock)["red"] == clock.due_at
    assert steps(clock)["yellow"] == at("2026-03-12 10:15")


def test_the_next_moment_is_the_earliest_of_all_clocks():
    order = make_order(state=State.DISPATCHED, urgency="E1")

    assert order.next_due_at == NOON + timedelta(minutes=15)


# --- In the unit -----------------------------------------------------------------------------------


def test_signing_meets_the_sign_clock_and_ends_the_return_window(unit_clerk):
    order = make_order(state=State.DISPATCHED, lead=unit_clerk.unit)

    act(signing.sign, order, actor=unit_clerk)

    assert last(order, "sign").met_at == NOON
    assert set(running(order)) == {"contact", "handle"}


def test_the_handling_clock_starts_at_dispatch_not_at_sign_for(unit_clerk):
    order = make_order(state=State.DISPATCHED, lead=unit_clerk.unit)

    act(signing.sign, order, actor=unit_clerk, now=NOON + 5 * HOUR)

    assert running(order)["handle"].started_at == NOON


def test_ended_clocks_have_no_moments_to_come(unit_clerk):
    order = make_order(state=State.DISPATCHED, lead=unit_clerk.unit)

    act(signing.sign, order, actor=unit_clerk)

    assert ClockStep.objects.get(clock=last(order, "sign")).cancelled_at == NOON


@pytest.mark.parametrize(("reached", "met"), [(True, NOON + HOUR), (False, None)])
def test_only_a_contact_that_reached_somebody_meets_the_contact_clock(unit_clerk, reached, met):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit)
    how = {"at": NOON, "channel": "phone", "text": "called"}

    act(assigning.contact, order, actor=unit_clerk, now=NOON + HOUR, reached=reached, **how)

    assert last(order, "contact").met_at == met


def test_progress_meets_the_first_result_and_restarts_the_interim_report(unit_clerk):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit, urgency="E1")

    order = act(assigning.progress, order, actor=unit_clerk, now=NOON + HOUR, text="valve closed")

    assert last(order, "first_result").met_at == NOON + HOUR
    assert running(order)["interim_report"].due_at == NOON + HOUR + timedelta(minutes=30)
    assert order.due_at == running(order)["handle"].due_at


def test_an_ordinary_order_has_no_interim_report(unit_clerk):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit)

    act(assigning.progress, order, actor=unit_clerk, text="begun")

    assert "interim_report" not in running(order)


def test_a_late_signature_is_a_breach_even_before_the_sweep_came(unit_clerk):
    order = make_order(state=State.DISPATCHED, lead=unit_clerk.unit)
    late = at("2026-03-12 09:00")

    act(signing.sign, order, actor=unit_clerk, now=late)

    assert last(order, "sign").breached_at == late


# --- Returns and rulings ---------------------------------------------------------------------------

BASIS = {"reason": "D01", "basis": "not in our duties"}


def test_a_return_under_review_does_not_stop_the_handling_clock(unit_clerk):
    order = make_order(state=State.RETURN_REVIEW, lead=unit_clerk.unit)

    assert {"handle", "return_review"} <= set(running(order))
    assert order.due_at == running(order)["handle"].due_at


def test_asking_for_a_return_meets_sign_and_return_window():
    order = make_order(state=State.RETURN_REVIEW)

    assert {last(order, kind).met_at for kind in ("sign", "return_window")} == {NOON}


def test_an_upheld_return_stops_every_clock_of_the_hop(supervisor):
    order = make_order(state=State.RETURN_REVIEW)

    order = act(returns.review_return, order, actor=supervisor, uphold=True, text="right")

    assert set(running(order)) == {"dispatch"}
    assert (last(order, "handle").ended_at, last(order, "handle").met_at) == (NOON, None)
    assert order.due_at is None


def test_the_next_unit_gets_the_full_time(supervisor, dispatcher):
    order = make_order(state=State.RETURN_REVIEW)
    act(returns.review_return, order, actor=supervisor, uphold=True, text="right")
    later = at("2026-03-12 10:00")

    order = act(assigning.dispatch, order, actor=dispatcher, unit=make_unit(), reason="right one", now=later)

    assert last(order, "handle").generation == 2
    assert order.due_at == at("2026-03-17 17:30")


def test_a_refused_return_leaves_the_due_time(supervisor):
    order = make_order(state=State.RETURN_REVIEW)

    after = act(returns.review_return, order, actor=supervisor, uphold=False, text="yours", now=NOON + HOUR)

    assert after.due_at == order.due_at
    assert last(order, "return_review").met_at == NOON + HOUR


def test_the_second_upheld_return_starts_the_clock_of_the_ruling():
    order = make_order(state=State.ADJUDICATION)

    assert running(order)["adjudicate"].due_at == at("2026-03-12 17:30")


def test_a_ruling_for_another_unit_gives_it_the_full_time(supervisor):
    order, later = make_order(state=State.ADJUDICATION), at("2026-03-12 10:00")

    order = act(adjudicating.adjudicate, order, actor=supervisor, lead=make_unit(), grounds="law", now=later)

    assert last(order, "adjudicate").met_at == later
    assert order.due_at == at("2026-03-17 17:30")
    assert running(order)["handle"].assignment.unit == order.unit


def test_a_ruling_for_the_same_unit_leaves_its_clocks(supervisor):
    order = make_order(state=State.ADJUDICATION)

    after = act(adjudicating.adjudicate, order, actor=supervisor, lead=order.unit, grounds="law")

    assert after.due_at == order.due_at


# --- Reply, call-back, rework ----------------------------------------------------------------------


def test_a_reply_meets_handling_and_first_result():
    order = make_order(state=State.REPLY_REVIEW, urgency="E1")

    assert {last(order, kind).met_at for kind in ("handle", "first_result", "interim_report")} == {NOON}
    assert order.due_at is None


def refuse(order, now):
    return act(
        replying.review_reply, order, actor=someone(Role.SUPERVISOR), accept=False, text="more", now=now
    )


def test_a_refused_reply_goes_on_with_the_same_due_time():
    order = make_order(state=State.REPLY_REVIEW)

    after = refuse(order, NOON + HOUR)

    clock = running(order)["handle"]
    assert (clock.generation, clock.due_at, clock.started_at) == (2, at("2026-03-13 17:30"), NOON)
    assert after.due_at == clock.due_at
    assert set(steps(clock)) == {"due", "yellow", "red"}


def test_a_card_that_was_shown_is_not_shown_again_after_a_refused_reply():
    order = make_order(state=State.REPLY_REVIEW)
    ClockStep.objects.filter(clock=last(order, "handle"), step="yellow").update(
        fired_at=NOON, cancelled_at=None
    )

    refuse(order, NOON + HOUR)

    assert set(steps(running(order)["handle"])) == {"due", "red"}


def test_a_reply_refused_after_the_due_time_is_late_at_once():
    order, late = make_order(state=State.REPLY_REVIEW), at("2026-03-16 09:00")

    refuse(order, late)

    waiting = ClockStep.objects.filter(clock=running(order)["handle"])
    assert set(waiting.values_list("try_at", flat=True)) == {late}


def test_an_accepted_reply_starts_the_call_back():
    order = make_order(state=State.CALLBACK)

    assert last(order, "reply_review").met_at == NOON
    assert running(order)["callback"].due_at == at("2026-03-11 17:30")


def test_an_emergency_is_called_back_two_hours_after_the_reply(supervisor):
    order = make_order(state=State.REPLY_REVIEW, urgency="E1")

    act(replying.review_reply, order, actor=supervisor, accept=True, now=NOON + HOUR)

    assert running(order)["callback"].due_at == NOON + 2 * HOUR


def call(order, agent, attempt="no_answer", answers=None, now=NOON):
    arguments = {"answers": answers or Answers(), "tries_allowed": 3, "retry_at": None}
    return act(callbacks.call_back, order, actor=agent, attempt=attempt, now=now, **arguments)


def test_the_first_unanswered_call_starts_the_clock_of_the_tries_once(callback_agent):
    order = make_order(state=State.CALLBACK)
    call(order, callback_agent)
    call(order, callback_agent, now=NOON + HOUR)

    assert running(order)["callback_retry"].due_at == at("2026-03-12 17:30")
    assert set(running(order)) == {"contact", "callback", "callback_retry"}


def test_an_answered_call_meets_the_call_back_clocks(callback_agent):
    order = make_order(state=State.CALLBACK)
    call(order, callback_agent)
    call(order, callback_agent, "answered", Answers("satisfied", "satisfied", "yes"), NOON + HOUR)

    assert {last(order, kind).met_at for kind in ("callback", "callback_retry")} == {NOON + HOUR}


def test_a_rework_shows_its_own_due_time(supervisor):
    order = make_order(state=State.REWORK_REVIEW)

    order = act(callbacks.decide_rework, order, actor=supervisor, redo=True, text="again")

    assert order.due_at == running(order)["rework"].due_at == at("2026-03-13 17:30")


# --- The end ---------------------------------------------------------------------------------------


def test_closing_stops_everything_and_starts_the_archive():
    order = make_order(state=State.CLOSED)

    assert set(running(order)) == {"archive"}
    assert running(order)["archive"].due_at == NOON + timedelta(days=30)
    assert order.due_at is None


def test_withdrawing_stops_everything_unmet(operator):
    order = make_order(state=State.HANDLING)

    act(intake.withdraw, order, actor=operator, text="asked to")

    assert running(order) == {}
    assert last(order, "handle").met_at is None


def test_an_appeal_waits_for_a_dispatch_again(operator):
    order = make_order(state=State.REJECTED)

    act(intake.appeal, order, actor=operator, text="new facts")

    assert running(order)["dispatch"].generation == 2


def test_recorded_thanks_have_no_clock_but_the_archive(operator):
    order = make_order(kind="thanks")

    act(closing.close, order, actor=operator)

    assert set(running(order)) == {"archive"}


# --- Rules -----------------------------------------------------------------------------------------


def newer_sign_rule(**fields):
    rule = ClockRule.objects.get(kind="sign", urgency="N")
    rule.pk = None
    for name, value in ({"duration_value": 2, "valid_from": NOON.date()} | fields).items():
        setattr(rule, name, value)
    rule.save()
    Cached.forget_all()


def test_the_newest_valid_rule_wins():
    newer_sign_rule()

    assert running(make_order(state=State.DISPATCHED))["sign"].due_at == at("2026-03-12 17:30")


def test_a_rule_of_the_future_does_not_count_yet():
    newer_sign_rule(valid_from=NOON.date() + timedelta(days=1))

    assert running(make_order(state=State.DISPATCHED))["sign"].due_at == at("2026-03-11 17:30")


def test_a_running_clock_keeps_its_rule():
    order = make_order(state=State.DISPATCHED)
    before = running(order)["sign"]
    newer_sign_rule()

    assert running(order)["sign"].rule_id == before.rule_id


def test_a_due_time_in_a_year_without_calendar_is_marked():
    order = make_order(state=State.DISPATCHED, at=at("2026-12-30 10:00"))

    assert running(order)["handle"].is_provisional
    assert not last(order, "dispatch").is_provisional


# --- What it costs, what is shown --------------------------------------------------------------------


def test_following_an_event_takes_two_round_trips(unit_clerk, django_assert_num_queries):
    order = make_order(state=State.DISPATCHED, lead=unit_clerk.unit)
    order = act(signing.sign, order, actor=unit_clerk)
    event = order.events.last()
    event.verb, event.facts = "contact", {"reached": True}

    with django_assert_num_queries(2):
        clocks.follow(order, event)


def test_taking_in_an_order_stays_cheap(operator, django_assert_max_num_queries):
    make_order()

    with django_assert_max_num_queries(12):
        intake.create(OrderInput(content="lamp", kind="help", category="020103"), actor=operator, now=NOON)


def minutes_left(order, now):
    return timeleft.minutes_left(order.due_at, now, working=order.due_is_working)


def test_minutes_left_of_a_working_clock_are_working_minutes():
    assert minutes_left(make_order(state=State.DISPATCHED), NOON) == 240 + 3 * 450


def test_minutes_left_are_negative_when_late():
    assert minutes_left(make_order(state=State.DISPATCHED), at("2026-03-16 09:00")) == -30


def test_minutes_left_of_a_natural_clock_are_natural():
    assert minutes_left(make_order(state=State.DISPATCHED, urgency="E1"), NOON + HOUR) == 60


def test_no_minutes_are_left_where_nothing_is_due():
    assert minutes_left(make_order(), NOON) is None


def test_clocks_are_listed_with_what_became_of_them(unit_clerk):
    order = make_order(state=State.DISPATCHED, lead=unit_clerk.unit)
    order = act(signing.sign, order, actor=unit_clerk, now=NOON + HOUR)

    lines = {line.kind: line.status for line in clocklines.clocks_of(order, at("2026-03-12 09:00"))}

    assert lines == {
        "dispatch": "met",
        "sign": "met",
        "return_window": "met",
        "contact": "late",
        "handle": "running",
    }


def test_a_person_of_another_role_changes_nothing_about_time():
    order = make_order(state=State.HANDLING)
    note = act(intake.note, order, actor=make_user(Role.CALLBACK), text="seen")

    assert (note.due_at, note.next_due_at) == (order.due_at, order.next_due_at)
