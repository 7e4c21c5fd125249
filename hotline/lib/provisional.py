"""Statutory holidays of years for which no official calendar is known yet: a marked guess, never a silent
one.

13 days since 2025: New Year 1, Spring Festival 4 (the eve to the third day), Qingming 1, Labour Day 2, Dragon
Boat 1, Mid-Autumn 1, National Day 3. Exchanged working days (make-up Saturdays) cannot be known and are left
out.

Lunar dates to 2050 were computed; the three festivals of 2018-2026 agree with the official lists. Qingming
follows the usual formula of the 21st century. Beyond the table the lunar festivals are missing."""

from datetime import date, timedelta
from functools import lru_cache

LUNAR_DAYS = """
2018 0216 0618 0924  2019 0205 0607 0913  2020 0125 0625 1001  2021 0212 0614 0921  2022 0201 0603 0910
2023 0122 0622 0929  2024 0210 0610 0917  2025 0129 0531 1006  2026 0217 0619 0925  2027 0206 0609 0915
2028 0126 0528 1003  2029 0213 0616 0922  2030 0203 0605 0912  2031 0123 0624 1001  2032 0211 0612 0919
2033 0131 0601 0908  2034 0219 0620 0927  2035 0208 0610 0916  2036 0128 0530 1004  2037 0215 0618 0924
2038 0204 0607 0913  2039 0124 0527 1002  2040 0212 0614 0920  2041 0201 0603 0910  2042 0122 0622 0928
2043 0210 0611 0917  2044 0130 0531 1005  2045 0217 0619 0925  2046 0206 0608 0915  2047 0126 0529 1004
2048 0214 0615 0922  2049 0202 0604 0911  2050 0123 0623 0930
"""
"""Year, lunar new year, Dragon Boat (5th of the 5th month), Mid-Autumn (15th of the 8th)."""


def month_day(year: int, digits: str) -> date:
    return date(year, int(digits[:2]), int(digits[2:]))


@lru_cache(maxsize=1)
def lunar_days() -> dict[int, tuple[date, date, date]]:
    """Year to (lunar new year, Dragon Boat, Mid-Autumn)."""
    rows = zip(*[iter(LUNAR_DAYS.split())] * 4, strict=True)
    return {
        int(year): (month_day(int(year), spring), month_day(int(year), dragon), month_day(int(year), autumn))
        for year, spring, dragon, autumn in rows
    }


def qingming(year: int) -> date:
    """The solar term, 4 or 5 April, by the formula of the 21st century (2000-2099)."""
    short = year % 100
    return date(year, 4, int(short * 0.2422 + 4.81) - short // 4)


@lru_cache(maxsize=128)
def statutory_days(year: int, new_year: date | None = None) -> frozenset[date]:
    """The statutory holidays that fall into `year`; fewer than 13 when two fall on one day.

    `new_year` is the first day of the lunar year in `year`; without it the table of this module serves."""
    days = [date(year, 1, 1), qingming(year), date(year, 5, 1), date(year, 5, 2)]
    days += [date(year, 10, day) for day in (1, 2, 3)]
    spring = new_year
    if year in lunar_days():
        computed, dragon_boat, mid_autumn = lunar_days()[year]
        spring = spring or computed
        days += [dragon_boat, mid_autumn]
    if spring:
        days += [spring + timedelta(days=offset) for offset in range(-1, 3)]
    return frozenset(days)
