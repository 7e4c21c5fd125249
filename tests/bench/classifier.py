"""Figures of the text classifier on the public evaluation messages, which are not part of Hotline.

    HOTLINE_EVALUATION_DATA=FOLDER python -m tests.bench.classifier [raw] [segmented] [speed]

raw: five folds over the labelled messages. segmented: the same folds, the other segmented rows only train.
speed: one message at a time. Without a word, all three. One line of JSON each.

What this data set hides: a labelled message stands once more among the segmented rows (its twin, column
seg_row), and near-duplicates carry a group number (grp) of their own in each of the two files. Here twins
tie the groups of both files together, so that neither a test message's twin nor a near-duplicate of it or
of the twin is in the training part."""

import csv
import gzip
import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from workorders.learning import Example, learn
from workorders.textmodel import TextModel

NEEDS = (
    "Set HOTLINE_EVALUATION_DATA: this needs the public evaluation messages, which are not part of Hotline."
)


def main() -> None:
    folder = os.environ.get("HOTLINE_EVALUATION_DATA")
    if not folder:
        sys.exit(NEEDS)
    messages, segmented = read(Path(folder))
    benches: dict[str, Callable[[], dict]] = {
        "raw": lambda: judged(messages, []),
        "segmented": lambda: judged(messages, segmented),
        "speed": lambda: speed(messages),
    }
    for name in sys.argv[1:] or list(benches):
        sys.stdout.write(json.dumps({"bench": name, **benches[name]()}, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def read(folder: Path) -> tuple[list[Example], list[Example]]:
    """The labelled messages, and the segmented rows that are no labelled message's twin; groups are common
    to both."""
    with (folder / "teddy_a2_raw_labelled.csv").open(encoding="utf-8", newline="") as file:
        raw = list(csv.DictReader(file))
    with gzip.open(folder / "teddy_a2_segmented.csv.gz", "rb") as file:
        segmented = list(csv.DictReader(io.TextIOWrapper(file, "utf-8", newline="")))
    twin = {row["row"]: row for row in segmented}
    tied = Ties()
    for row in raw:
        if row["seg_row"] in twin:
            tied.tie(f"raw {row['grp']}", f"segmented {twin[row['seg_row']]['grp']}")
    twins = {row["seg_row"] for row in raw}
    messages = [
        Example(f"{row['subject']}\n{row['body']}", row["level1"], tied.root(f"raw {row['grp']}"))
        for row in raw
    ]
    others = [
        Example(row["tokens"], row["level1"], tied.root(f"segmented {row['grp']}"))
        for row in segmented
        if row["row"] not in twins
    ]
    return messages, others


class Ties:
    """Names joined into common groups."""

    def __init__(self) -> None:
        self.parent: dict[str, str] = {}

    def root(self, name: str) -> str:
        while (parent := self.parent.get(name, name)) != name:
            name = parent
        return name

    def tie(self, one: str, other: str) -> None:
        self.parent[self.root(one)] = self.root(other)


def judged(messages: list[Example], extra: list[Example]) -> dict:
    start = time.perf_counter()
    model, figures = learn(messages, extra)
    return {
        "rows": len(messages),
        "extra": len(extra),
        **figures,
        "seconds": round(time.perf_counter() - start, 1),
        "stored_bytes": len(model.to_bytes()),
        "features": len(model.vocabulary),
    }


def speed(messages: list[Example]) -> dict:
    """One message after the other, as the desk asks; the first 50 warm up."""
    model = TextModel.from_bytes(learn(messages)[0].to_bytes())
    taken = np.array(list(timed(model, [message.text for message in messages[:1_050]])))[50:]
    p50, p95, p99 = (round(float(value), 2) for value in np.percentile(taken, [50, 95, 99]))
    return {
        "messages": len(taken),
        "p50_ms": p50,
        "p95_ms": p95,
        "p99_ms": p99,
        "most_ms": round(float(taken.max()), 2),
    }


def timed(model: TextModel, texts: list[str]) -> Iterator[float]:
    for text in texts:
        start = time.perf_counter()
        model.probabilities([text])
        yield (time.perf_counter() - start) * 1_000


if __name__ == "__main__":
    main()
