"""Working time: office hours on working days."""

import time as clock
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.lib.worktime import (
    OFFICE_HOURS,
    SHANGHAI,
    TableCalendar,
    add_work_minutes,
    add_workdays,
    closing,
    day_minutes,
    due_after_minutes,
    due_after_workdays,
    is_provisional,
    is_work_time,
    next_opening,
    work_between,
)
from tests.lib.calendars import OFFICIAL_2026, at

CAL = OFFICIAL_2026
INSTANTS = st.datetimes(
    datetime(2025, 11, 1), datetime(2027, 3, 1), timezones=st.just(SHANGHAI), allow_imaginary=False
).map(lambda moment: moment.replace(second=0, microsecond=0))
IN_OFFICE = INSTANTS.filter(lambda moment: is_work_time(moment, CAL))
MINUTES = st.integers(0, 450 * 15)
DAYS = st.integers(-15, 15)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-02-13 10:00", 1, "2026-02-14 17:30"),
        ("2026-02-13 10:00", 5, "2026-02-27 17:30"),
        ("2026-02-14 10:00", 5, "2026-02-28 17:30"),
        ("2026-09-30 10:00", 3, "2026-10-10 17:30"),
        ("2026-11-24 10:00", 5, "2026-12-01 17:30"),
    ],
)
def test_working_days_know_holidays_and_make_up_days(start, days, due):
    assert add_workdays(at(start), days, CAL) == at(due)


@pytest.mark.parametrize("hour", ["00:00", "08:29", "08:30", "12:00", "12:45", "17:30"])
def test_the_day_of_the_start_is_day_0_until_closing(hour):
    assert add_workdays(at(f"2026-11-24 {hour}"), 1, CAL) == at("2026-11-25 17:30")


@pytest.mark.parametrize("start", ["2026-11-24 17:31", "2026-11-24 23:59"])
def test_after_closing_the_next_working_day_is_day_0(start):
    assert add_workdays(at(start), 1, CAL) == at("2026-11-26 17:30")


@pytest.mark.parametrize("start", ["2026-02-15 10:00", "2026-02-23 23:00", "2026-02-14 18:00"])
def test_on_a_holiday_the_first_working_day_after_is_day_0(start):
    assert add_workdays(at(start), 1, CAL) == at("2026-02-25 17:30")


def test_no_working_days_is_the_end_of_day_0():
    assert add_workdays(at("2026-11-24 10:00"), 0, CAL) == at("2026-11-24 17:30")


@pytest.mark.parametrize(
    ("due", "days", "earlier"),
    [
        ("2026-12-01 17:30", -1, "2026-11-30 17:30"),
        ("2026-11-30 17:30", -1, "2026-11-27 17:30"),
        ("2026-02-24 17:30", -1, "2026-02-14 17:30"),
        ("2026-11-29 10:00", -1, "2026-11-27 17:30"),
    ],
)
def test_working_days_count_back(due, days, earlier):
    assert add_workdays(at(due), days, CAL) == at(earlier)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-11-24 08:30", 210, "2026-11-24 12:00"),
        ("2026-11-24 08:30", 211, "2026-11-24 13:31"),
        ("2026-11-24 11:30", 60, "2026-11-24 14:00"),
        ("2026-11-24 12:30", 60, "2026-11-24 14:30"),
        ("2026-11-24 17:00", 30, "2026-11-24 17:30"),
        ("2026-11-24 17:00", 240, "2026-11-25 12:00"),
        ("2026-11-24 20:00", 1, "2026-11-25 08:31"),
        ("2026-02-13 17:00", 60, "2026-02-14 09:00"),
        ("2026-02-14 17:00", 60, "2026-02-24 09:00"),
        ("2026-11-24 20:00", 0, "2026-11-24 20:00"),
        ("2026-11-24 14:00", -60, "2026-11-24 11:30"),
        ("2026-11-24 09:30", -60, "2026-11-24 08:30"),
        ("2026-02-24 09:00", -60, "2026-02-14 17:00"),
        ("2026-11-24 10:00", 0.5, "2026-11-24 10:00:30"),
    ],
)
def test_working_minutes_stop_outside_office_hours(start, minutes, due):
    assert add_work_minutes(at(start), minutes, CAL) == at(due)


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-11-24 08:00", "2026-11-24 08:30"),
        ("2026-11-24 08:30", "2026-11-24 08:30"),
        ("2026-11-24 10:00", "2026-11-24 10:00"),
        ("2026-11-24 12:00", "2026-11-24 13:30"),
        ("2026-11-24 17:30", "2026-11-25 08:30"),
        ("2026-02-14 18:00", "2026-02-24 08:30"),
    ],
)
def test_the_next_opening_is_now_while_the_office_is_open(moment, opening):
    assert next_opening(at(moment), CAL) == at(opening)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-11-24 08:30", "2026-11-24 17:30", 450),
        ("2026-11-24 11:00", "2026-11-24 14:00", 90),
        ("2026-11-24 12:00", "2026-11-24 13:30", 0),
        ("2026-02-14 17:00", "2026-02-24 09:00", 60),
        ("2026-02-24 09:00", "2026-02-14 17:00", -60),
    ],
)
def test_working_time_between_two_instants(start, end, minutes):
    assert work_between(at(start), at(end), CAL) == minutes


def test_a_day_has_seven_and_a_half_office_hours():
    assert day_minutes() == day_minutes(OFFICE_HOURS) == 450


@given(INSTANTS, MINUTES)
def test_added_minutes_can_be_counted_again(start, minutes):
    assert work_between(start, add_work_minutes(start, minutes, CAL), CAL) == minutes


@given(IN_OFFICE, MINUTES)
def test_minutes_added_and_taken_back_lead_to_the_start(start, minutes):
    assert add_work_minutes(add_work_minutes(start, minutes, CAL), -minutes, CAL) == start


@given(INSTANTS, MINUTES, MINUTES)
def test_minutes_may_be_added_in_two_steps(start, one, other):
    whole = add_work_minutes(start, one + other, CAL)
    assert add_work_minutes(add_work_minutes(start, one, CAL), other, CAL) == whole


@given(INSTANTS, MINUTES, st.integers(0, 60))
def test_more_minutes_are_never_due_earlier(start, minutes, more):
    assert add_work_minutes(start, minutes, CAL) <= add_work_minutes(start, minutes + more, CAL)


@given(INSTANTS, st.integers(0, 5000), st.integers(-2000, 2000))
def test_a_later_start_is_never_due_earlier(start, later, minutes):
    second = start + timedelta(minutes=later)
    assert add_work_minutes(start, minutes, CAL) <= add_work_minutes(second, minutes, CAL)


@given(INSTANTS, st.integers(0, 5000), st.integers(0, 15))
def test_a_later_start_is_never_due_on_an_earlier_day(start, later, days):
    assert add_workdays(start, days, CAL) <= add_workdays(start + timedelta(minutes=later), days, CAL)


@given(INSTANTS, DAYS)
def test_working_days_end_at_closing(start, days):
    due = add_workdays(start, days, CAL)
    assert CAL.is_work(due.date())
    assert due == closing(due.date(), CAL)


@given(INSTANTS, DAYS)
def test_working_days_added_and_taken_back_end_on_day_0(start, days):
    first = add_workdays(start, 0, CAL)
    assert add_workdays(add_workdays(first, days, CAL), -days, CAL) == first


@given(INSTANTS, st.integers(1, 15))
def test_each_working_day_holds_its_minutes(start, days):
    first = add_workdays(start, 0, CAL)
    assert work_between(first, add_workdays(start, days, CAL), CAL) == 450 * days


@given(INSTANTS, INSTANTS, INSTANTS)
def test_working_time_adds_up(a, b, c):
    assert work_between(a, c, CAL) == work_between(a, b, CAL) + work_between(b, c, CAL)


@given(INSTANTS)
def test_the_next_opening_loses_no_working_time(moment):
    opening = next_opening(moment, CAL)
    assert opening >= moment
    assert work_between(moment, opening, CAL) == 0
    assert next_opening(opening, CAL) == opening


def test_an_instant_of_another_zone_is_the_same_instant():
    assert add_work_minutes(datetime(2026, 11, 24, 1, tzinfo=UTC), 60, CAL) == at("2026-11-24 10:00")


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="aware"):
        add_work_minutes(datetime(2026, 11, 24, 9), 60, CAL)


@pytest.mark.parametrize(
    ("start", "days", "provisional"),
    [
        ("2026-12-17 10:00", 10, False),
        ("2026-12-18 10:00", 10, True),
        ("2026-12-28 10:00", 3, False),
        ("2026-12-29 10:00", 3, True),
        ("2026-01-01 10:00", -1, True),
    ],
)
def test_a_due_date_in_an_unknown_year_is_marked(start, days, provisional):
    assert due_after_workdays(at(start), days, CAL).provisional is provisional


def test_a_provisional_year_has_its_statutory_holidays():
    assert due_after_workdays(at("2026-12-31 10:00"), 1, CAL) == (at("2027-01-04 17:30"), True)


def test_minutes_into_an_unknown_year_are_marked():
    assert due_after_minutes(at("2026-12-31 17:00"), 60, CAL) == (at("2027-01-04 09:00"), True)


def test_a_local_order_decides_its_day_only():
    cal = TableCalendar.from_rows([(date(2027, 3, 1), False, "local")])
    assert not cal.is_work(date(2027, 3, 1))
    assert not is_provisional(at("2027-03-01 10:00"), at("2027-03-01 12:00"), cal)
    assert is_provisional(at("2027-03-01 10:00"), at("2027-03-02 10:00"), cal)


def test_a_provisional_row_counts_but_stays_provisional():
    cal = TableCalendar.from_rows([(date(2027, 2, 14), True, "provisional")])
    assert cal.is_work(date(2027, 2, 14))
    assert not cal.is_official(date(2027, 2, 14))


class ShortFridays(TableCalendar):
    """Fridays end at noon, 25 November 2026 is a working day without hours."""

    def intervals(self, day):
        if day == date(2026, 11, 25):
            return ()
        return ((time(9), time(12)),) if day.weekday() == 4 else self.hours


def test_a_day_has_its_own_hours():
    cal = ShortFridays({}, frozenset({2026}))
    assert add_workdays(at("2026-11-26 10:00"), 1, cal) == at("2026-11-27 12:00")
    assert add_workdays(at("2026-11-27 13:00"), 1, cal) == at("2026-12-01 17:30")


def test_a_working_day_without_hours_counts_as_free():
    cal = ShortFridays({}, frozenset({2026}))
    assert add_workdays(at("2026-11-24 10:00"), 1, cal) == at("2026-11-26 17:30")
    assert add_work_minutes(at("2026-11-24 17:00"), 60, cal) == at("2026-11-26 09:00")


@pytest.mark.parametrize("minutes", [1, -1])
def test_a_calendar_without_working_time_is_refused(minutes):
    never = TableCalendar({}, frozenset({2026}), hours=())
    with pytest.raises(ValueError, match="no working time"):
        add_work_minutes(at("2026-11-24 10:00"), minutes, never)
    with pytest.raises(ValueError, match="no working time"):
        add_workdays(at("2026-11-24 10:00"), minutes, never)


def test_ten_working_days_take_microseconds():
    start = at("2026-09-24 10:00")
    best = min(timed(lambda: add_workdays(start, 10, CAL)) for _ in range(200))
    assert best < 50e-6


def timed(act):
    begin = clock.perf_counter()
    act()
    return clock.perf_counter() - begin
