import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from workorders import classification
from workorders.learning import figures
from workorders.rowfiles import UnusableFile, read_rows


class Command(BaseCommand):
    help = "Judge a model on labelled rows it has not seen. Prints accuracy, macro-F1 and per_class as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="CSV with the columns title, content, label (title may be missing)")
        parser.add_argument("--model", default=classification.DEFAULT, help="name of the model")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            label = classification.labeller(options["model"])
            if not label.is_trained:
                self.stderr.write(_("There is no trained model: the keywords of the categories decide."))
            rows = [row for row in read_rows(options["file"], ["content", "label"]) if row["label"].strip()]
            if not rows:
                raise UnusableFile(_("%(file)s has no row with a label.") % {"file": options["file"]})
        except (UnusableFile, classification.NoSuchModel) as refusal:
            raise CommandError(str(refusal)) from refusal
        truth = [row["label"].strip() for row in rows]
        guess = [
            name for name, _score in label([f"{row.get('title', '')}\n{row['content']}" for row in rows])
        ]
        self.stdout.write(json.dumps(figures(truth, guess), ensure_ascii=False))
