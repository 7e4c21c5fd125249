"""Statutory holidays of years without an official calendar."""

from datetime import date

import pytest

from hotline.lib.provisional import lunar_days, qingming, statutory_days


def test_2027_has_its_thirteen_days():
    days = sorted(f"{day:%m-%d}" for day in statutory_days(2027))
    spring = ["02-05", "02-06", "02-07", "02-08"]
    assert len(days) == 13
    assert days == ["01-01", *spring, "04-05", "05-01", "05-02", "06-09", "09-15", "10-01", "10-02", "10-03"]


def test_the_official_holidays_of_2026_hold_the_statutory_ones():
    official = {"01-01", "02-16", "02-17", "02-18", "02-19", "04-05", "05-01", "05-02", "06-19", "09-25"}
    assert {f"{day:%m-%d}" for day in statutory_days(2026)} == official | {"10-01", "10-02", "10-03"}


def test_a_table_of_lunar_new_years_may_be_given():
    assert date(2060, 2, 1) in statutory_days(2060, date(2060, 2, 2))


def test_a_year_beyond_every_table_keeps_its_fixed_days():
    assert len(statutory_days(2099)) == 7


def test_festivals_that_meet_are_one_day():
    assert len(statutory_days(2031)) == 12


@pytest.mark.parametrize(("year", "day"), [(2024, 4), (2025, 4), (2026, 5), (2027, 5), (2028, 4)])
def test_qingming_is_the_fourth_or_fifth_of_april(year, day):
    assert qingming(year) == date(year, 4, day)


def test_lunar_days_stand_in_their_seasons():
    for year, (spring, dragon_boat, mid_autumn) in lunar_days().items():
        assert date(year, 1, 21) <= spring <= date(year, 2, 20)
        assert 118 <= (dragon_boat - spring).days <= 152
        assert 97 <= (mid_autumn - dragon_boat).days <= 130
