"""`route --category CODE [--place CODE]`: which unit the catalogue names, and why."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from dispatch import routing
from hotline.lib.db_now import db_now
from workorders.errors import DomainError
from workorders.intake import leaf_of, place_of


class Command(BaseCommand):
    help = "Ask the catalogue for the unit of a leaf in a place. Prints JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--category", required=True, help="code of a leaf")
        parser.add_argument("--place", default="", help="code of a place")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            category, place = leaf_of(options["category"]), place_of(options["place"])
        except DomainError as refusal:
            raise CommandError(str(refusal)) from None
        route = routing.resolve(category, place, on=timezone.localdate(db_now()))
        answer = {
            "unit": route.unit.code if route.unit else None,
            "unit_name": route.unit.name if route.unit else None,
            "why": route.why(),
            "ask": route.ask or None,
            "alternatives": list(route.alternatives),
        }
        self.stdout.write(json.dumps(answer, ensure_ascii=False))
