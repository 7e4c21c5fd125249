"""The weekly tally of thanks."""

from datetime import date, timedelta

import pytest

from analytics import tallies
from analytics.periods import parse_week
from dispatch import assigning
from hotline.lib.errors import InvalidInput
from tests.makers import NOON, make_order
from workorders import gratitude

pytestmark = pytest.mark.django_db
WEEK = date(2026, 3, 6)
"""The Friday before NOON."""


def thanks(**fields):
    return make_order(kind="thanks", category="180101", **fields)


def test_the_week_runs_from_friday_to_friday():
    assert parse_week("2026-03-10") == WEEK
    assert parse_week("2026-03-12") == WEEK
    assert parse_week("2026-03-13") == date(2026, 3, 13)


def test_an_iso_week_means_the_report_week_that_holds_its_thursday():
    assert parse_week("2026-W11") == WEEK


def test_nonsense_is_no_week():
    with pytest.raises(InvalidInput):
        parse_week("2026-W99")


def test_total_and_passed_on_are_counted_apart(dispatcher, unit):
    thanks()
    passed_on = thanks()
    assigning.forward(passed_on.pk, actor=dispatcher, now=NOON, expect=None, unit=unit, text="Kind and quick")

    numbers = tallies.make(WEEK, now=NOON + timedelta(days=7)).numbers

    assert (numbers["total"], numbers["transferred"]) == (2, 1)


def test_a_person_is_named_only_with_consent(unit):
    gratitude.describe(thanks(), unit=unit, person="Li Wenjiao", deed="Explained all steps", consent=False)

    (entry,) = tallies.make(WEEK, now=NOON + timedelta(hours=1)).numbers["units"]

    assert entry["persons"] == []


def test_a_story_is_free_of_telephone_numbers(unit):
    gratitude.describe(thanks(), unit=unit, deed="Call her on 13912345678", is_story=True)

    (story,) = tallies.make(WEEK, now=NOON + timedelta(hours=1)).numbers["stories"]

    assert "13912345678" not in story["deed"]


def test_thanks_of_the_next_week_are_not_counted():
    thanks(at=NOON + timedelta(days=3))

    assert tallies.make(WEEK, now=NOON + timedelta(days=7)).numbers["total"] == 0
