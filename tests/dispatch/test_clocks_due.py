"""When a clock is due: properties that hold for every rule, start and category."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.clockrules import Case, due_of, rule_book, step_at, steps_of
from dispatch.clocks import STARTED_HERE
from hotline.lib.worktime import SHANGHAI, is_work_time, local
from tests.lib.calendars import OFFICIAL_2026, at
from workorders.lifecycle import Urgency

pytestmark = pytest.mark.django_db
CAL = OFFICIAL_2026
STARTS = st.datetimes(
    datetime(2026, 1, 1), datetime(2026, 11, 30), timezones=st.just(SHANGHAI), allow_imaginary=False
)
CASES = st.builds(
    Case,
    urgency=st.sampled_from(Urgency.values),
    kind=st.sampled_from(["inquiry", "help", "complaint", "report", "suggestion", "other", "thanks", ""]),
    leaf=st.one_of(st.none(), st.integers(1, 15)),
    on=st.just(date(2026, 6, 1)),
)
PROPERTY = settings(
    max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@PROPERTY
@given(start=STARTS, case=CASES, kind=st.sampled_from(STARTED_HERE))
def test_every_clock_is_due_after_its_start(start, case, kind):
    rule = rule_book().best(kind, "", case)

    assert rule is None or due_of(rule, start, case.leaf, CAL).at > start


@PROPERTY
@given(start=STARTS, case=CASES)
def test_a_warning_comes_before_the_due_time_and_a_red_card_not_before_it(start, case):
    rule = rule_book().best("handle", "", case)
    if rule is None:
        return
    due = due_of(rule, start, case.leaf, CAL).at

    found = dict(steps_of("handle", case, start, due, rule.is_working, CAL))

    assert found["due"] == due <= found.get("red", due)
    assert start < found.get("yellow", due - timedelta(microseconds=1)) < due


@PROPERTY
@given(start=STARTS, case=CASES, kind=st.sampled_from(STARTED_HERE))
def test_a_working_clock_is_never_due_outside_office_hours(start, case, kind):
    rule = rule_book().best(kind, "", case)
    if rule is None or not rule.is_working:
        return

    due = due_of(rule, start, case.leaf, CAL).at

    assert is_work_time(due - timedelta(microseconds=1), CAL)


@PROPERTY
@given(start=STARTS, earlier=st.timedeltas(timedelta(0), timedelta(days=20)), case=CASES)
def test_who_gets_an_order_later_is_never_due_earlier(start, earlier, case):
    rule = rule_book().best("handle", "", case)
    if rule is None:
        return

    assert due_of(rule, start - earlier, case.leaf, CAL).at <= due_of(rule, start, case.leaf, CAL).at


def case(urgency="N", kind="help", leaf=5):
    return Case(urgency, kind, leaf, date(2026, 6, 1))


@pytest.mark.parametrize(
    ("of", "start", "due"),
    [
        (case(leaf=5), "2026-02-13 10:00", "2026-02-27 17:30"),
        (case(leaf=1), "2026-02-13 10:00", "2026-02-14 17:30"),
        (case(leaf=3), "2026-09-30 10:00", "2026-10-10 17:30"),
        (case(leaf=None), "2026-11-24 10:00", "2026-12-01 17:30"),
        (case(kind="inquiry", leaf=5), "2026-11-24 10:00", "2026-11-27 17:30"),
        (case(kind="inquiry", leaf=1), "2026-11-24 10:00", "2026-11-25 17:30"),
        (case("E2", leaf=1), "2026-02-16 22:00", "2026-02-17 22:00"),
        (case("E2", leaf=3), "2026-11-24 22:00", "2026-11-30 17:30"),
        (case("E1", leaf=2), "2026-11-24 10:00", "2026-11-26 17:30"),
    ],
)
def test_the_handling_time_by_urgency_kind_and_leaf(of, start, due):
    rule = rule_book().best("handle", "", of)

    assert due_of(rule, at(start), of.leaf, CAL).at == at(due)


@pytest.mark.parametrize(
    ("due", "red"),
    [
        ("2026-03-13 17:30", "2026-03-16 08:30"),
        ("2026-02-14 17:30", "2026-02-24 08:30"),
        ("2026-02-13 17:30", "2026-02-14 08:30"),
    ],
)
def test_the_red_card_of_an_ordinary_order_comes_when_the_first_working_day_after_opens(due, red):
    rule = rule_book().best("handle", "red", case())

    assert step_at(rule, at("2026-02-02 10:00"), at(due), True, CAL) == at(red)


def test_a_yellow_card_of_a_lifeline_matter_comes_four_hours_before():
    rule = rule_book().best("handle", "yellow", case("E2"))

    assert step_at(rule, at("2026-03-10 10:00"), at("2026-03-11 10:00"), False, CAL) == at("2026-03-11 06:00")


def test_a_matter_of_one_afternoon_gets_no_warning_that_lies_before_its_start():
    rule = rule_book().best("handle", "", case(leaf=1))
    start = at("2026-03-10 17:30")

    found = dict(steps_of("handle", case(leaf=1), start, due_of(rule, start, 1, CAL).at, True, CAL))

    assert set(found) == {"due", "red"}


def test_instants_are_shown_in_shanghai():
    assert (
        local(due_of(rule_book().best("sign", "", case()), at("2026-03-10 10:00"), None, CAL).at).hour == 17
    )
