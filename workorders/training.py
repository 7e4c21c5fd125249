"""Training a classifier from a labelled file or from people's choices, and keeping its versions.

Only training processes import this module: it brings the learning library with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from hotline.accounts.models import User
from hotline.lib.cached import Cached
from hotline.lib.masking import mask_text
from workorders import classification
from workorders.learning import CannotLearn, Example, learn
from workorders.lifecycle import State
from workorders.models import Category, ClassifierModel, TrainingRow, WorkOrder
from workorders.models.category import Level

FROM_ORDERS = "orders"
FROM_FILE = "file"
MOST_ORDERS = 10_000
"""The newest orders that teach. More would teach little and hold a core for long (decision 0004)."""
FEWEST_ORDERS = 500
"""Below this the keywords are the better guide, so the nightly training waits."""
LONGEST_NAME, LONGEST_LABEL = 40, 120
BLOBS_KEPT = 5
"""Older versions keep their figures, not their numbers."""


def train(
    name: str,
    examples: Sequence[Example],
    *,
    now: datetime,
    by: User | None = None,
    source: str = FROM_FILE,
    extra: Sequence[Example] = (),
    label_map: Mapping[str, str] | None = None,
) -> ClassifierModel:
    """Learn from the examples and store the result as the version in use of the model `name`.

    `label_map` says which leaf each label means. Raises CannotLearn, with one sentence, for rows that cannot
    teach, names that are too long, a map that leaves a label out, or one that names no leaf."""
    label_map = dict(label_map or {})
    labels = {example.label for example in (*examples, *extra)}
    check_names(name, labels)
    check_map(labels, label_map)
    model, figures = learn(examples, extra)
    return store(
        ClassifierModel(
            name=name,
            trained_at=now,
            trained_by=by,
            rows=len(examples) + len(extra),
            labels=list(model.labels),
            label_map=label_map,
            figures={**figures, "source": source},
            blob=model.to_bytes(),
        )
    )


def check_names(name: str, labels: set[str]) -> None:
    if not name.strip() or len(name) > LONGEST_NAME:
        raise CannotLearn(_("A model's name has 1 to %(most)s characters.") % {"most": LONGEST_NAME})
    if any(len(label) > LONGEST_LABEL for label in labels):
        raise CannotLearn(_("A label is longer than %(most)s characters.") % {"most": LONGEST_LABEL})


def check_map(labels: set[str], label_map: Mapping[str, str]) -> None:
    if not label_map:
        return
    if absent := sorted(labels - set(label_map)):
        raise CannotLearn(_("The map has no leaf for: %(labels)s.") % {"labels": ", ".join(absent)})
    leaves = set(Category.objects.filter(level=Level.LEAF).values_list("code", flat=True))
    if unknown := sorted(set(label_map.values()) - leaves):
        raise CannotLearn(
            _("These are no leaves of the category tree: %(codes)s.") % {"codes": ", ".join(unknown)}
        )


@transaction.atomic
def store(row: ClassifierModel) -> ClassifierModel:
    """Give the model the next version of its name and put it to use; the earlier ones step back."""
    earlier = ClassifierModel.objects.filter(name=row.name).order_by("-version")
    list(earlier.select_for_update().values_list("pk"))  # two trainings of one name end one after the other
    row.version = (earlier.aggregate(last=Max("version"))["last"] or 0) + 1
    earlier.filter(is_current=True).update(is_current=False)
    stale = earlier.exclude(blob=b"").values_list("pk", flat=True)[BLOBS_KEPT - 1 :]
    ClassifierModel.objects.filter(pk__in=list(stale)).update(blob=b"")
    row.is_current = True
    row.save(force_insert=True)
    Cached.forget_all()
    return row


def serves(row: ClassifierModel) -> bool:
    """Whether suggestions and import will use this model."""
    leaf_of = tuple(row.label_map.get(label, label) for label in row.labels)
    return row.name == classification.DEFAULT and classification.serves(leaf_of)


def examples_from_orders() -> list[Example]:
    """What people decided: the category of each closed order, and the newest choice on each open one.

    The newest come first, at most MOST_ORDERS; personal data in the texts is masked; a leaf chosen only
    once is left out."""
    chosen: dict[int, Example] = {}
    closed = closed_orders().order_by("-closed_at", "-pk")[:MOST_ORDERS]
    for pk, title, content, code in closed.values_list("pk", "title", "content", "category__code"):
        chosen[pk] = Example(mask_text(f"{title}\n{content}"), code)
    for row in TrainingRow.objects.order_by("-at", "-pk")[:MOST_ORDERS]:
        if row.order_id is None:
            chosen[-row.pk] = Example(row.text, row.label)
        else:
            chosen.setdefault(row.order_id, Example(row.text, row.label))
    return repeated(list(chosen.values())[:MOST_ORDERS])


def closed_orders() -> QuerySet[WorkOrder]:
    return WorkOrder.objects.filter(state=State.CLOSED, category__isnull=False)


def repeated(examples: Iterable[Example]) -> list[Example]:
    examples = list(examples)
    rows = Counter(example.label for example in examples)
    return [example for example in examples if rows[example.label] > 1]


def retrain(now: datetime) -> ClassifierModel | None:
    """The nightly training of `default` from orders. None, and nothing changes, when there is too little to
    learn from, nothing new, when a person trained the version in use from a file, or when the new one would
    be worse."""
    in_use = ClassifierModel.objects.filter(name=classification.DEFAULT, is_current=True)
    current = in_use.defer("blob").first()
    if current is not None and (current.figures.get("source") != FROM_ORDERS or not anything_new(current)):
        return None
    examples = examples_from_orders()
    if len(examples) < FEWEST_ORDERS:
        return None
    try:
        with transaction.atomic():
            fresh = train(classification.DEFAULT, examples, now=now, source=FROM_ORDERS)
            if current is not None and is_worse(fresh.figures, current.figures):
                raise WorseThanBefore
    except (CannotLearn, WorseThanBefore):
        Cached.forget_all()
        return None
    return fresh


class WorseThanBefore(Exception):
    """The new version is not taken."""


def anything_new(current: ClassifierModel) -> bool:
    since = current.trained_at
    newer = TrainingRow.objects.filter(at__gt=since)
    return closed_orders().filter(closed_at__gt=since).exists() or newer.exists()


def is_worse(fresh: Mapping[str, Any], current: Mapping[str, Any]) -> bool:
    """More than two points of accuracy lost: beyond what the luck of the folds explains."""
    return fresh.get("accuracy", 0.0) < current.get("accuracy", 0.0) - 0.02
