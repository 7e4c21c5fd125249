from django.core.management.base import BaseCommand

from dispatch import reference


class Command(BaseCommand):
    help = "Load the reference data that Hotline brings. Idempotent; what this city edited stays as it is."

    def handle(self, *args, **options) -> None:
        report = reference.load()
        for table, (new, updated, kept) in sorted(report.lines.items()):
            self.stdout.write(f"{table}: {new} new, {updated} updated, {kept} kept as edited here")
        for problem in report.problems:
            self.stderr.write(problem)
        if not report.lines:
            self.stdout.write("Reference data is up to date.")
