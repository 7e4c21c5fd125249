from __future__ import annotations

from datetime import datetime, timedelta

from django.core.management.base import BaseCommand, CommandError

from dispatch.calendar import guessed_years, natural, working_calendar
from hotline.lib.worktime import SHANGHAI, Due, due_after_minutes, due_after_workdays, local

MOST = {"workdays": 100_000, "workminutes": 45_000_000, "minutes": 500_000_000}
"""Larger spans leave the calendar of any real deadline; they are refused instead of counted."""


class Command(BaseCommand):
    help = (
        "When something that starts at START is due. One of --workdays, --workminutes, --minutes is needed."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("start", help="ISO 8601; without an offset Asia/Shanghai")
        for name in MOST:
            parser.add_argument(f"--{name}", metavar="N")

    def handle(self, *args, start: str, **options) -> None:
        given = {name: options[name] for name in MOST if options[name] is not None}
        if len(given) != 1:
            raise CommandError("Give exactly one of --workdays, --workminutes and --minutes.")
        ((unit, text),) = given.items()
        begin, count = instant_of(start), number_of(text, unit)
        try:
            due = due_after(begin, count, unit)
        except (OverflowError, ValueError) as error:
            raise CommandError(f"This cannot be counted: {error}") from error
        if due.provisional:
            years = ", ".join(str(year) for year in guessed_years(begin, due.at, working_calendar()))
            self.stderr.write(f"Provisional: the official calendar of {years} is not known yet.")
        self.stdout.write(local(due.at).isoformat())


def instant_of(text: str) -> datetime:
    try:
        start = datetime.fromisoformat(text.strip())
    except ValueError:
        raise CommandError(f"{text!r} is not a time: write it like 2026-02-13T09:30.") from None
    return start if start.tzinfo else start.replace(tzinfo=SHANGHAI)


def number_of(text: str, unit: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise CommandError(f"{text!r} is not a whole number.") from None
    if abs(number) > MOST[unit]:
        raise CommandError(f"{number} {unit} are more than can be counted.")
    return number


def due_after(start: datetime, count: int, unit: str) -> Due:
    if unit == "minutes":
        return natural(start, timedelta(minutes=count))
    cal = working_calendar()
    return (due_after_workdays if unit == "workdays" else due_after_minutes)(start, count, cal)
