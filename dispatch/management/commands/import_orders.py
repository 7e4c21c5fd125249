import csv
import json
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TextIO

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from dispatch.importing import Import, Options, safe_cells
from dispatch.importrows import Row, open_table, read_map
from hotline.lib.db_now import db_now
from hotline.lib.errors import DomainError


class Command(BaseCommand):
    help = "Import orders from CSV or XLSX. Refused rows go to FILE.rejects.csv; the last line is JSON."

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--map", type=Path, help="JSON {column: field}")
        parser.add_argument("--dispatch", action="store_true", help="send what is sure to its unit")
        parser.add_argument(
            "--min-score", type=float, default=0.9, help="least score of a category that counts as sure"
        )
        parser.add_argument("--dry-run", action="store_true", help="do everything, keep nothing")
        parser.add_argument("--source", default="import", help="name under which ids are remembered")

    def handle(self, *args, **options) -> None:
        if not 0 <= options["min_score"] <= 1:
            raise CommandError("--min-score is between 0 and 1.")
        if not 0 < len(options["source"]) <= 40:
            raise CommandError("--source has 1 to 40 characters.")
        wanted = Options(options["source"], options["dispatch"], options["min_score"], options["dry_run"])
        try:
            table = open_table(options["file"], read_map(options["map"]) if options["map"] else None)
            rejects = Rejects(options["file"], table.columns)
            with closing(rejects), tqdm(total=table.total, unit=" rows", file=sys.stderr) as bar:
                result = Import(table, wanted, db_now(), rejects.add, bar.update).run()
        except DomainError as refusal:
            raise CommandError(str(refusal.message)) from None
        if result.rejected:
            self.stderr.write(f"{result.rejected} rows refused, with reasons in {rejects.path}")
        self.stdout.write(json.dumps(result.as_dict()))


class Rejects:
    """The side file of refused rows, made at the first of them; beside the file, or here where that is
    closed."""

    def __init__(self, file: Path, columns: list[str]) -> None:
        folder = file.parent if os.access(file.parent, os.W_OK) else Path.cwd()
        self.path = folder / f"{file.name}.rejects.csv"
        self.path.unlink(missing_ok=True)  # of an earlier run
        self.columns = [column for column in columns if column not in ("row", "reason")]
        self.file: TextIO | None = None

    def add(self, row: Row, reason: str) -> None:
        if self.file is None:
            self.file = self.path.open("w", encoding="utf-8-sig", newline="")
            csv.writer(self.file).writerow(["row", "reason", *self.columns])
        csv.writer(self.file).writerow([row.number, reason, *safe_cells(row, self.columns)])

    def close(self) -> None:
        if self.file is not None:
            self.file.close()
