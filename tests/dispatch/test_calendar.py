"""The working calendar and the command `due`."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from dispatch.calendar import guessed_years, opening_after, working_calendar
from dispatch.models import CalendarDay
from hotline.lib.cached import Cached
from tests.lib.calendars import at

pytestmark = pytest.mark.django_db


def due(capsys, start, *options):
    call_command("due", start, *options)
    return capsys.readouterr()


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-02-13T10:00", "1", "2026-02-14T17:30:00+08:00"),
        ("2026-02-13T10:00", "5", "2026-02-27T17:30:00+08:00"),
        ("2026-02-14T10:00", "5", "2026-02-28T17:30:00+08:00"),
        ("2026-09-30T10:00", "3", "2026-10-10T17:30:00+08:00"),
        ("2026-11-24T10:00", "5", "2026-12-01T17:30:00+08:00"),
        ("2026-11-24T02:00:00Z", "5", "2026-12-01T17:30:00+08:00"),
        ("2024-02-08T10:00", "1", "2024-02-09T17:30:00+08:00"),
    ],
)
def test_due_counts_working_days_by_the_official_calendar(capsys, start, days, expected):
    answer = due(capsys, start, "--workdays", days)

    assert (answer.out, answer.err) == (expected + "\n", "")


def test_due_counts_working_minutes_over_the_lunch_break(capsys):
    assert due(capsys, "2026-11-24 11:30", "--workminutes", "60").out == "2026-11-24T14:00:00+08:00\n"


def test_due_counts_natural_minutes(capsys):
    assert due(capsys, "2026-11-24T23:50", "--minutes", "15").out == "2026-11-25T00:05:00+08:00\n"


def test_due_counts_back(capsys):
    assert due(capsys, "2026-12-01T17:30", "--workdays", "-1").out == "2026-11-30T17:30:00+08:00\n"


def test_due_says_that_a_year_without_calendar_is_a_guess(capsys):
    answer = due(capsys, "2026-12-30T10:00", "--workdays", "3")

    assert answer.out == "2027-01-05T17:30:00+08:00\n"
    assert "2027" in answer.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense", "--minutes", "5"],
        ["2026-02-30", "--minutes", "5"],
        ["2026-02-13", "--minutes", "five"],
        ["2026-02-13", "--minutes", "5.5"],
        ["2026-02-13", "--workdays", "9999999"],
        ["9999-12-31", "--minutes", "5000"],
        ["2026-02-13"],
        ["2026-02-13", "--minutes", "5", "--workdays", "1"],
    ],
)
def test_due_refuses_nonsense_in_one_sentence(arguments):
    with pytest.raises(CommandError) as refusal:
        call_command("due", *arguments)

    assert "\n" not in str(refusal.value)


def test_a_local_order_changes_the_calendar_at_once():
    CalendarDay.objects.create(date=date(2026, 3, 11), is_work=False, name="Snow", source="local")
    Cached.forget_all()

    assert not working_calendar().is_work(date(2026, 3, 11))


def test_a_year_without_official_days_is_guessed():
    cal = working_calendar()

    assert guessed_years(at("2026-12-30 10:00"), at("2027-01-05 17:30"), cal) == [2027]
    assert guessed_years(at("2026-03-02 10:00"), at("2026-03-05 17:30"), cal) == []


def test_the_opening_after_a_friday_is_on_monday():
    assert opening_after(at("2026-03-13 17:30"), 1, working_calendar()) == at("2026-03-16 08:30")
