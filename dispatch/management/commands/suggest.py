"""`suggest TEXT [--address A] [--phone P]`: what `POST suggest/` would answer."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from dispatch.suggesting import suggest
from hotline.lib.db_now import db_now


class Command(BaseCommand):
    help = "Suggest kind, category, unit and urgency for a text, and orders like it. Prints JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("text")
        parser.add_argument("--address", default="")
        parser.add_argument("--phone", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        found = suggest(options["text"], options["address"], options["phone"], user=None, now=db_now())
        self.stdout.write(json.dumps(found.as_dict(), ensure_ascii=False))
