import csv
from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from workorders import classification
from workorders.rowfiles import UnusableFile, read_rows

BATCH = 500


class Command(BaseCommand):
    help = "Label each row of a CSV file (id, title, content). Writes a CSV file (id, label, score)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="CSV with the columns id, title, content (title may be missing)")
        parser.add_argument("out", help="the CSV file to write")
        parser.add_argument("--model", default=classification.DEFAULT, help="name of the model")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            label = classification.labeller(options["model"])
            if not label.is_trained:
                self.stderr.write(_("There is no trained model: the keywords of the categories decide."))
            rows = list(
                read_rows(options["file"], ["id", "content"])
            )  # a bad file leaves no half-written answer
            with open(options["out"], "w", encoding="utf-8", newline="") as out:
                writer = csv.writer(out, lineterminator="\n")
                writer.writerow(["id", "label", "score"])
                waiting = iter(rows)
                while batch := list(islice(waiting, BATCH)):
                    writer.writerows(labelled(batch, label))
        except (UnusableFile, classification.NoSuchModel) as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            problem = {"file": options["out"], "problem": error.strerror}
            raise CommandError(_("%(file)s cannot be written: %(problem)s.") % problem) from error


def labelled(batch: list[dict[str, str]], label: classification.Labeller) -> Iterator[list[str]]:
    texts = [f"{row.get('title', '')}\n{row['content']}" for row in batch]
    for row, (name, score) in zip(batch, label(texts), strict=True):
        yield [row["id"], name, f"{score:.4f}"]
