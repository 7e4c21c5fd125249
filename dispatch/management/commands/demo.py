import os
import secrets
import sys

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from dispatch.demo import month, people
from hotline.lib.db_now import db_now
from workorders.models import WorkOrder


class Command(BaseCommand):
    help = "Make the demo accounts and a believable month of orders that ends now. For an empty database."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--days", type=int, default=30)
        parser.add_argument("--per-day", type=int, default=40)
        parser.add_argument("--seed", type=int, default=12345)
        parser.add_argument("--more", action="store_true", help="add to a database that has orders already")

    def handle(self, *args, **options) -> None:
        if options["days"] < 1 or options["per_day"] < 1:
            raise CommandError("--days and --per-day must be at least 1.")
        if WorkOrder.objects.exists() and not options["more"]:
            raise CommandError("There are orders already: the demo is for an empty database (or say --more).")
        password = os.environ.get("DEMO_PASSWORD") or f"Quan-{secrets.token_hex(5)}"
        now = db_now()
        cast = people.make_cast(password, now)
        expected = options["days"] * options["per_day"]
        with tqdm(total=expected, unit=" orders", file=sys.stderr) as bar:
            made = month.make(
                cast,
                days=options["days"],
                per_day=options["per_day"],
                seed=options["seed"],
                now=now,
                tick=bar.update,
            )
        for state, count in sorted(made.states.items(), key=lambda row: -row[1]):
            self.stdout.write(f"{state}: {count}")
        self.stdout.write(f"{made.orders} orders, {len(cast.clerks) + len(people.STAFF)} accounts.")
        if not os.environ.get("DEMO_PASSWORD"):
            self.stdout.write(f"Password of every demo account: {password}")
