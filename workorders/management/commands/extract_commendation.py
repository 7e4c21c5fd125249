import csv
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from workorders.praise import praise_book, suggest_praise
from workorders.rowfiles import UnusableFile, read_rows


class Command(BaseCommand):
    help = (
        "Read from each row of a CSV file (id, text) whom a text of thanks praises. "
        "Writes a CSV file (id, unit_code, unit_name, person): one row per id, persons joined by |."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="CSV with the columns id and text")
        parser.add_argument("out", help="the CSV file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rows = list(
                read_rows(options["file"], ["id", "text"])
            )  # a bad file leaves no half-written answer
            with open(options["out"], "w", encoding="utf-8", newline="") as out:
                writer = csv.writer(out, lineterminator="\n")
                writer.writerow(["id", "unit_code", "unit_name", "person"])
                writer.writerows(extracted(rows))
        except UnusableFile as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            problem = {"file": options["out"], "problem": error.strerror}
            raise CommandError(_("%(file)s cannot be written: %(problem)s.") % problem) from error


def extracted(rows: Iterable[dict[str, str]]) -> Iterator[list[str]]:
    book, seen = praise_book.get(), set()
    for row in rows:
        if row["id"] in seen:
            continue
        seen.add(row["id"])
        praise = suggest_praise(row["text"], book)
        code, name = (praise.unit.code, praise.unit.name) if praise.unit else ("", "")
        yield [row["id"], code, name, "|".join(praise.persons)]
