from __future__ import annotations

import time

from django.core.management.base import BaseCommand

from dispatch import escalation
from hotline.lib.db_now import db_now
from workorders import relay


class Command(BaseCommand):
    help = "Fire what is due and send what is unsent, until nothing of either is left. Needs no Celery."

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--wait",
            type=float,
            default=60,
            metavar="SECONDS",
            help="how long to wait for a notice that is to be tried again (default: 60)",
        )

    def handle(self, *args, wait: float, **options) -> None:
        fired = tried = 0
        while True:
            fired += (now_fired := escalation.sweep())
            tried += (now_tried := relay.send_due())
            if now_fired or now_tried:
                continue
            pause = seconds_to_next_try()
            if pause is None or pause > wait:
                break
            time.sleep(pause)
        if left := relay.unsent().count():
            self.stderr.write(f"{left} notices could not be sent yet; they are tried again later.")
        self.stdout.write(f"fired {fired}, sent {tried}")


def seconds_to_next_try() -> float | None:
    at = relay.next_try()
    return None if at is None else max((at - db_now()).total_seconds(), 0.05)
