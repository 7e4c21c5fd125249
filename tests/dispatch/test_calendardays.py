"""The working calendar as a city keeps it."""

from datetime import date, timedelta

import pytest

from dispatch import calendardays, reference
from dispatch.calendar import working_calendar
from dispatch.models import CalendarDay
from hotline.accounts.changing import NotAdministrator
from hotline.accounts.models import Change
from hotline.lib.errors import InvalidInput
from tests.makers import NOON, make_order
from workorders.lifecycle import State

pytestmark = pytest.mark.django_db
YEAR = """date,kind,name
2027-01-01,holiday,New Year
2027-02-05,holiday,Spring Festival
2027-02-07,makeup_workday,Spring Festival
"""


def test_next_years_calendar_is_missed_from_15_november_on(db):
    assert calendardays.missing_year(date(2026, 11, 14)) is None
    assert calendardays.missing_year(date(2026, 11, 15)) == 2027


def test_a_year_that_runs_without_a_calendar_is_missed_at_once(db):
    assert calendardays.missing_year(date(2027, 3, 1)) == 2027


def test_an_import_is_looked_at_before_it_is_saved(db):
    plan = calendardays.plan(YEAR)

    assert (len(plan.new), plan.problems) == (3, [])
    assert not CalendarDay.objects.filter(date__year=2027).exists()


def test_an_imported_year_is_official(admin):
    count = calendardays.apply(calendardays.plan(YEAR), actor=admin, now=NOON, notice="Notice 9")

    assert count == 3 and calendardays.missing_year(date(2026, 12, 1)) is None
    assert working_calendar().is_work(date(2027, 2, 7))


def test_the_same_import_again_changes_nothing(admin):
    calendardays.apply(calendardays.plan(YEAR), actor=admin, now=NOON, notice="Notice 9")

    plan = calendardays.plan(YEAR)

    assert (plan.lines, plan.same) == ([], 3)


@pytest.mark.parametrize(
    "line",
    [
        "2027-13-01,holiday,x",
        "2027-01-01,feast,x",
        "2027-01-01,holiday",
        "2027-01-01,holiday,x\n2027-01-01,holiday,x",
    ],
)
def test_problems_name_their_line_and_stop_the_import(admin, line):
    plan = calendardays.plan(line)

    assert len(plan.problems) == 1
    with pytest.raises(InvalidInput):
        calendardays.apply(plan, actor=admin, now=NOON, notice="Notice 9")


def test_an_edited_day_survives_the_reference_data(admin):
    day = CalendarDay.objects.get(date="2026-01-01")

    calendardays.edit(day, {"is_work": True, "notice": "Order 7"}, actor=admin, now=NOON)
    reference.load()

    assert working_calendar().is_work(date(2026, 1, 1))


def test_a_day_needs_a_notice(admin):
    with pytest.raises(InvalidInput) as refusal:
        calendardays.add(
            {"date": date(2026, 7, 7), "is_work": False, "name": "x", "notice": ""}, actor=admin, now=NOON
        )
    assert refusal.value.field == "notice"


def test_an_added_day_is_taken_back(admin):
    values = {
        "date": date(2026, 7, 7),
        "is_work": False,
        "name": "Storm",
        "source": "local",
        "notice": "Order 7",
    }
    day = calendardays.add(values, actor=admin, now=NOON)

    calendardays.remove(day, Change.objects.get(), actor=admin, now=NOON)

    assert working_calendar().is_work(date(2026, 7, 7))


def test_the_preview_shows_how_deadlines_move():
    line = calendardays.Line(NOON.date() + timedelta(days=1), False, "Storm")

    start, shifts = calendardays.shifts([line], NOON.date())

    assert start == NOON.date() and shifts[0].then - shifts[0].now == timedelta(days=1)


def test_running_clocks_over_a_day_are_counted():
    make_order(state=State.DISPATCHED)

    assert calendardays.clocks_over([NOON.date() + timedelta(days=1)]) > 0
    assert calendardays.clocks_over([NOON.date() - timedelta(days=30)]) == 0


def test_only_administrators_change_the_calendar(auditor):
    with pytest.raises(NotAdministrator):
        calendardays.apply(calendardays.plan(YEAR), actor=auditor, now=NOON, notice="Notice 9")
