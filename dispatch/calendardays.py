"""The working calendar as a city keeps it: days added and changed one by one, or a year from a table."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dispatch.models import CalendarDay, Clock, LunarNewYear
from hotline.accounts.changing import Values, add_row, change_row, key_of, require_admin
from hotline.accounts.history import record_change
from hotline.accounts.models import Change, User
from hotline.lib.cached import Cached
from hotline.lib.errors import InvalidInput
from hotline.lib.worktime import SHANGHAI, TableCalendar, add_workdays

WARN_FROM = (11, 15)
"""Month and day from which a missing calendar of next year is a matter for the administrator (timer T29)."""
KINDS = {"holiday": False, "makeup_workday": True}
MOST_DAYS = 1_000
EXAMPLES = (1, 3, 5, 10, 15)


def missing_year(today: date) -> int | None:
    """The year whose official calendar is needed and not there: this one, and from 15 November on the
    next."""
    years = [today.year, today.year + 1] if (today.month, today.day) >= WARN_FROM else [today.year]
    official = CalendarDay.objects.filter(source=CalendarDay.Source.OFFICIAL)
    return next((year for year in years if not official.filter(date__year=year).exists()), None)


def add(values: Values, *, actor: User | None, now: datetime, basis: str = "") -> CalendarDay:
    """A day whose kind is stated. Raises InvalidInput (known already, no notice), NotAdministrator."""
    check_notice(values)
    return add_row(CalendarDay(**values), actor=actor, now=now, basis=basis or values["notice"])


def edit(
    day: CalendarDay,
    values: Values,
    *,
    actor: User | None,
    now: datetime,
    basis: str = "",
    expect: str = "",
    action: str = "edit",
) -> bool:
    """Change a day. Deadlines that run keep theirs. Raises InvalidInput, StaleRow, NotAdministrator."""
    check_notice({"notice": day.notice, **values})
    return change_row(day, values, actor=actor, now=now, basis=basis, expect=expect, action=action)


def check_notice(values: Values) -> None:
    if not values.get("notice", "").strip():
        raise InvalidInput(_("Name the notice or order that says so."), field="notice")


@transaction.atomic
def remove(day: CalendarDay, change: Change, *, actor: User | None, now: datetime, basis: str = "") -> None:
    """Undo an addition: the day follows the week again. Raises NotAdministrator."""
    require_admin(actor)
    record_change(actor, day, key_of(day), "undo", change.after, {}, now, basis)
    day.delete()
    Cached.forget_all()


# --- A year from a table -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One day of an import. `was`: None for a new day, else whether it was a working day."""

    day: date
    is_work: bool
    name: str
    was: bool | None = None


@dataclass
class Plan:
    """What an import would do. Nothing is written before it is confirmed."""

    new: list[Line] = field(default_factory=list)
    changed: list[Line] = field(default_factory=list)
    same: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[Line]:
        return sorted([*self.new, *self.changed], key=lambda line: line.day)


def plan(text: str) -> Plan:
    """Read rows `date,kind,name` (kind holiday or makeup_workday; a header line may stand above) and
    compare them with the calendar. Problems name their line."""
    found = Plan()
    known = {day.date: day for day in CalendarDay.objects.all()}
    seen: set[date] = set()
    for number, row in enumerate(csv.reader(StringIO(text.lstrip("\ufeff").strip())), start=1):
        if number > MOST_DAYS:
            found.problems.append(str(_("At most %(count)s days at once.") % {"count": MOST_DAYS}))
            break
        if not row or row[0].strip() == "date":
            continue
        try:
            line = read_line(row, known)
        except InvalidInput as refusal:
            found.problems.append(
                str(_("Line %(number)s: %(problem)s") % {"number": number, "problem": refusal})
            )
            continue
        if line.day in seen:
            found.problems.append(
                str(_("Line %(number)s: this day stands there twice.") % {"number": number})
            )
        elif line.was is None:
            found.new.append(line)
        elif line.was != line.is_work or known[line.day].name != line.name:
            found.changed.append(line)
        else:
            found.same += 1
        seen.add(line.day)
    return found


def read_line(row: list[str], known: dict[date, CalendarDay]) -> Line:
    cells = [cell.strip() for cell in row]
    if len(cells) < 3 or not cells[2]:
        raise InvalidInput(_("a date, a kind and a name are needed."))
    try:
        day = date.fromisoformat(cells[0])
    except ValueError:
        raise InvalidInput(_("“%(text)s” is no date like 2027-01-01.") % {"text": cells[0]}) from None
    if cells[1] not in KINDS:
        raise InvalidInput(_("the kind is holiday or makeup_workday, not “%(text)s”.") % {"text": cells[1]})
    before = known.get(day)
    return Line(day, KINDS[cells[1]], cells[2][:40], None if before is None else before.is_work)


@transaction.atomic
def apply(found: Plan, *, actor: User | None, now: datetime, notice: str) -> int:
    """Write what the plan says, as official days; returns how many days were written.

    Raises InvalidInput when the plan has problems or no notice is named, NotAdministrator."""
    require_admin(actor)
    if found.problems:
        raise InvalidInput(_("Correct the lines with problems first."), field="text")
    check_notice({"notice": notice})
    common = {"source": CalendarDay.Source.OFFICIAL, "notice": notice.strip()}
    by: dict[str, Any] = {"actor": actor, "now": now, "basis": notice.strip(), "action": "import"}
    for line in found.new:
        add_row(CalendarDay(date=line.day, is_work=line.is_work, name=line.name, **common), **by)
    for line in found.changed:
        row = CalendarDay.objects.get(date=line.day)
        change_row(row, {"is_work": line.is_work, "name": line.name, **common}, **by)
    return len(found.lines)


# --- What it means for deadlines ---------------------------------------------------------------------


@dataclass(frozen=True)
class Shift:
    """When a matter taken in on `start` is due after so many working days: as it stands, and after the
    change."""

    workdays: int
    now: datetime
    then: datetime


def shifts(lines: Iterable[Line], today: date) -> tuple[date, list[Shift]]:
    """Examples around the first changed day that still lies ahead, and the day they start on."""
    ahead = [line for line in lines if line.day >= today]
    start = max(today, min((line.day for line in ahead), default=today) - timedelta(days=1))
    rows = list(CalendarDay.objects.order_by("date").values_list("date", "is_work", "source"))
    lunar = dict(LunarNewYear.objects.values_list("year", "date"))
    present = TableCalendar.from_rows(rows, lunar)
    planned = TableCalendar.from_rows(
        [*rows, *((line.day, line.is_work, "official") for line in ahead)], lunar
    )
    at = datetime(start.year, start.month, start.day, 10, tzinfo=SHANGHAI)
    found = [
        Shift(days, add_workdays(at, days, present), add_workdays(at, days, planned)) for days in EXAMPLES
    ]
    return start, found


def clocks_over(days: Iterable[date]) -> int:
    """How many running clocks count working time over one of these days. They keep the due time they have."""
    days = sorted(days)
    if not days:
        return 0
    over = Q()
    for day in days[:60]:
        start = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
        over |= Q(started_at__lt=start + timedelta(days=1), due_at__gte=start)
    return Clock.objects.running().filter(over, is_working=True).count()
