from django.core.management.base import BaseCommand
from django.utils import timezone

from analytics import reviews, tallies
from analytics.periods import week_of
from hotline.lib.db_now import db_now


class Command(BaseCommand):
    help = "Draft the daily reviews of the last days that are missing, and tally the thanks of their weeks."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--days", type=int, default=7)

    def handle(self, *args, **options) -> None:
        now = db_now()
        drafted = reviews.catch_up(days=max(options["days"], 0), now=now)
        weeks = {week_of(review.date) for review in drafted} | {week_of(timezone.localdate(now))}
        for week in sorted(weeks):
            tallies.make(week, now=now)
        self.stdout.write(f"{len(drafted)} reviews, {len(weeks)} tallies")
