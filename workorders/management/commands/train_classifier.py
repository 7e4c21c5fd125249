import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from hotline.lib.db_now import db_now
from workorders import classification, training
from workorders.learning import CannotLearn, Example
from workorders.models import ClassifierModel
from workorders.rowfiles import UnusableFile, read_rows


class Command(BaseCommand):
    help = "Train a classifier from a labelled CSV file or from people's choices. Prints its figures as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", nargs="?", help="CSV with the columns title, content, label (title may be missing)"
        )
        parser.add_argument(
            "--from-orders", action="store_true", help="learn from closed orders and corrections"
        )
        parser.add_argument(
            "--model",
            "--name",
            dest="model",
            default=classification.DEFAULT,
            help="name of the model; only one named default serves import and suggestions",
        )
        parser.add_argument("--title", help="column with the title")
        parser.add_argument("--content", default="content", help="column with the text")
        parser.add_argument("--label", default="label", help="column with the label")
        parser.add_argument(
            "--group", help="column with the number of a row's group of near-duplicates, for the folds"
        )
        parser.add_argument(
            "--map", metavar="CSV", help="columns label, leaf: the category that each label means"
        )
        parser.add_argument("--extra", metavar="CSV", help="more rows that only train and are never tested")
        parser.add_argument(
            "--extra-content", metavar="COLUMN", help="column with the text in the file of --extra"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["file"]) == options["from_orders"]:
            raise CommandError(_("Give either a file or --from-orders."))
        try:
            row = from_orders(options) if options["from_orders"] else from_file(options)
        except (UnusableFile, CannotLearn) as refusal:
            raise CommandError(str(refusal)) from refusal
        is_serving = training.serves(row)
        if row.name == classification.DEFAULT and not is_serving:
            self.stderr.write(
                _("Stored. It does not serve suggestions: its labels are not leaves of the tree; see --map.")
            )
        self.stdout.write(json.dumps(report(row, is_serving), ensure_ascii=False))


def from_orders(options: dict[str, Any]) -> ClassifierModel:
    examples = training.examples_from_orders()
    if not examples:
        raise CannotLearn(_("There are no closed orders and no corrections to learn from."))
    return training.train(options["model"], examples, now=db_now(), source=training.FROM_ORDERS)


def from_file(options: dict[str, Any]) -> ClassifierModel:
    examples = read_examples(options["file"], options)
    extra = []
    if options["extra"]:
        columns = {**options, "group": None, "content": options["extra_content"] or options["content"]}
        extra = read_examples(
            options["extra"], {**columns, "title": None if options["extra_content"] else options["title"]}
        )
    label_map = read_map(options["map"]) if options["map"] else {}
    return training.train(options["model"], examples, now=db_now(), extra=extra, label_map=label_map)


def read_examples(path: str, columns: dict[str, Any]) -> list[Example]:
    """The labelled rows of a file. Rows without a label or without any text teach nothing and are passed
    over."""
    title, content, label, group = (columns[name] for name in ("title", "content", "label", "group"))
    required = [name for name in (title, content, label, group) if name]
    examples = []
    for row in read_rows(path, required):
        text = f"{row.get(title or 'title', '')}\n{row[content]}".strip()
        if text and row[label].strip():
            examples.append(Example(text, row[label].strip(), row[group] if group else ""))
    if not examples:
        raise UnusableFile(_("%(file)s has no row with a text and a label.") % {"file": path})
    return examples


def read_map(path: str) -> dict[str, str]:
    return {row["label"].strip(): row["leaf"].strip() for row in read_rows(path, ["label", "leaf"])}


def report(row: ClassifierModel, is_serving: bool) -> dict[str, Any]:
    figures = row.figures
    return {
        "model": row.name,
        "version": row.version,
        "rows": row.rows,
        "labels": len(row.labels),
        "serves": is_serving,
        "folds": figures["folds"],
        "accuracy": figures.get("accuracy"),
        "macro_f1": figures.get("macro_f1"),
        "log_loss": figures.get("log_loss"),
        "accepted": figures.get("accepted", []),
        "per_class": figures.get("per_class", {}),
    }
