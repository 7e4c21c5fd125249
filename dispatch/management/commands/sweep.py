from __future__ import annotations

import time

from django.core.management.base import BaseCommand

from dispatch import escalation
from hotline.lib.db_now import db_now
from workorders import relay

PATIENCE = 600
"""Seconds after which the command stops waiting for receivers that do not answer."""


class Command(BaseCommand):
    help = (
        "Fire what is due and send what is unsent, until nothing is left that can be done now. "
        "What failed is tried again later: with --wait the command stays for it."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--wait", action="store_true", help="wait for notices that are to be tried again")

    def handle(self, *args, wait: bool, **options) -> None:
        fired = sent = 0
        patient_until = time.monotonic() + PATIENCE
        while True:
            fired += (now_fired := escalation.sweep())
            sent += (now_sent := relay.send_due())
            if now_fired or now_sent:
                continue
            if not wait or not relay.is_waiting(db_now()) or time.monotonic() > patient_until:
                break
            time.sleep(1)
        self.stdout.write(f"fired {fired}, sent {sent}")
