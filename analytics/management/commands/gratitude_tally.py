import json

from django.core.management.base import BaseCommand, CommandError

from analytics import tallies
from analytics.periods import parse_week
from hotline.lib.db_now import db_now
from hotline.lib.errors import DomainError


class Command(BaseCommand):
    help = "Count the thanks of a week, store the tally and print it as JSON."

    def add_arguments(self, parser) -> None:
        parser.add_argument("week", help="a day of the week, or an ISO week as 2026-W07")

    def handle(self, *args, **options) -> None:
        try:
            tally = tallies.make(parse_week(options["week"]), now=db_now())
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        facts = {"week_start": tally.week_start.isoformat(), "as_of": tally.as_of.isoformat()}
        self.stdout.write(json.dumps(facts | tally.numbers, ensure_ascii=False))
