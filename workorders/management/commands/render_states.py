from django.conf import settings
from django.core.management.base import BaseCommand

from workorders import statechart


class Command(BaseCommand):
    help = "Write docs/states.md from the transition table."

    def handle(self, *args, **options) -> None:
        path = settings.BASE_DIR / "docs" / "states.md"
        path.write_text(statechart.render(), encoding="utf-8")
        self.stdout.write(str(path.relative_to(settings.BASE_DIR)))
