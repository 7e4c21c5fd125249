from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from dispatch import invariants
from hotline.lib.errors import DomainError


class Command(BaseCommand):
    help = "Count what breaks each invariant, one line each. Exit 1 if anything does."

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--client-log", type=Path, help="the clients' record: key, outcome (CSV or JSON lines)"
        )
        parser.add_argument(
            "--receiver-log", type=Path, help="the receivers' record: key (CSV or JSON lines)"
        )

    def handle(self, *args, **options) -> None:
        client_log, receiver_log = options["client_log"], options["receiver_log"]
        if client_log is None:
            self.stderr.write("I1 is not checked: no --client-log.")
        if receiver_log is None:
            self.stderr.write("I11b is not checked: no --receiver-log.")
        broken = []
        try:
            for finding in invariants.check(client_log=client_log, receiver_log=receiver_log):
                self.stdout.write(str(finding))
                if finding.count:
                    broken.append(finding.code)
        except DomainError as refusal:
            raise CommandError(str(refusal.message)) from None
        if broken:
            raise CommandError(f"Broken: {', '.join(broken)}.")
