import json

from django.core.management.base import BaseCommand, CommandError

from analytics import reviews
from analytics.periods import parse_day
from hotline.lib.db_now import db_now
from hotline.lib.errors import DomainError


class Command(BaseCommand):
    help = "Draft or recount the review of a day and print it as JSON. A signed one is only printed."

    def add_arguments(self, parser) -> None:
        parser.add_argument("date", help="the day, as 2026-02-12")

    def handle(self, *args, **options) -> None:
        try:
            review = reviews.draft(parse_day(options["date"]), now=db_now())
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        facts = {"date": review.date.isoformat(), "as_of": review.as_of.isoformat(), "status": review.status}
        self.stdout.write(json.dumps(facts | review.numbers, ensure_ascii=False))
