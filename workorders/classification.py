"""What a text is about: suggestions of categories and the words that make it urgent.

The model named `default` suggests if its labels are, or are mapped to, leaves of the category tree; without
such a model the keywords of the leaves do. A person confirms; nothing here changes an order."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from hotline.lib.cached import Cached
from workorders import keywords
from workorders.keywords import Leaf, Urgent
from workorders.lifecycle import Urgency
from workorders.models import Category, ClassifierModel, UrgencyWord
from workorders.models.category import Level
from workorders.textmodel import DamagedModel, TextModel, plain

logger = logging.getLogger(__name__)

DEFAULT = "default"
LEAST = 0.001
"""A suggestion below this says nothing."""


@dataclass(frozen=True)
class Vocabulary:
    """The category tree as the rules read it: active leaves, all leaf codes ever, how urgent each word is,
    the ordinary phrases that hide an alarming word, and which leaf took the place of a merged one."""

    leaves: list[Leaf]
    codes: frozenset[str]
    levels: dict[str, str]
    harmless: frozenset[str]
    successors: dict[str, str]


def read_vocabulary() -> Vocabulary:
    rows = Category.objects.filter(level=Level.LEAF).values_list("code", "keywords", "urgency", "is_active")
    leaves = [Leaf(code, tuple(words), urgency) for code, words, urgency, is_active in rows if is_active]
    own = dict(UrgencyWord.objects.filter(is_active=True).values_list("word", "level"))
    known = {word for leaf in leaves for word in leaf.keywords}  # no alarm alone, but still a keyword
    harmless = frozenset(word for word, level in own.items() if level == Urgency.N and word not in known)
    merged = Category.objects.filter(merged_into__isnull=False).values_list("code", "merged_into__code")
    codes = frozenset(row[0] for row in rows)
    return Vocabulary(leaves, codes, keywords.word_levels(leaves, own), harmless, dict(merged))


@dataclass(frozen=True)
class StoredModel:
    """A model as stored: what it computes, and which leaf each of its labels means (itself, if not
    mapped)."""

    model: TextModel
    leaf_of: tuple[str, ...]


_vocabulary = Cached(read_vocabulary)
_in_use: Cached[dict[str, int]] = Cached(
    lambda: dict(ClassifierModel.objects.filter(is_current=True).values_list("name", "pk")), seconds=30
)
_loaded: dict[str, tuple[int, StoredModel | None]] = {}
_loading = threading.Lock()


def suggest_categories(text: str, limit: int = 3) -> list[tuple[str, float]]:
    """At most `limit` active leaves with a score between 0 and 1, best first; empty for a text without
    letters or when nothing speaks for any leaf.

    Of a model the scores are probabilities (labels mapped to one leaf add up), of the keywords the steps
    described at `keywords.score_keywords`."""
    if not plain(text):
        return []
    vocabulary = _vocabulary.get()
    if (stored := serving()) is not None:
        active = {leaf.code for leaf in vocabulary.leaves}
        scores = leaf_scores(stored, text)
        ranked = sorted(
            (item for item in scores.items() if item[0] in active), key=lambda item: (-item[1], item[0])
        )
        return [(code, round(score, 4)) for code, score in ranked[:limit] if score >= LEAST]
    return [(hit.code, hit.score) for hit in keyword_hits(text)[:limit]]


def urgency_of(text: str) -> Urgent:
    """The level that the words of the text call for, and those words. Only ever a hint to raise, never to
    lower."""
    return keywords.urgency_in(text, _vocabulary.get().levels)


def keyword_hits(text: str) -> list[keywords.Hit]:
    """What the leaves' keywords say, model or not."""
    vocabulary = _vocabulary.get()
    return keywords.score_keywords(text, vocabulary.leaves, vocabulary.harmless)


class NoSuchModel(LookupError):
    """No model of this name, or one that cannot be read; the message is the sentence to show."""


class Labeller:
    """Labels texts with a model's own labels, or, without one, with leaves by keyword."""

    def __init__(self, model: TextModel | None) -> None:
        self.is_trained = model is not None
        self._model = model

    def __call__(self, texts: Sequence[str]) -> list[tuple[str, float]]:
        """One (label, score) for each text; the label is empty and the score 0 when no keyword speaks for
        any leaf."""
        if self._model is not None:
            return self._model.predictions(texts)
        return [
            (hits[0].code, hits[0].score) if (hits := keyword_hits(text)) else ("", 0.0) for text in texts
        ]


def labeller(name: str) -> Labeller:
    """How `predict_categories` and `evaluate_classifier` label: by the model of that name; when nobody
    trained a `default` yet, by the keywords. Raises NoSuchModel."""
    stored = stored_model(name)
    if stored is None and (name != DEFAULT or name in _in_use.get()):
        raise NoSuchModel(_("There is no usable model named %(name)s.") % {"name": name})
    return Labeller(stored.model if stored else None)


def leaf_scores(stored: StoredModel, text: str) -> dict[str, float]:
    """The share of each leaf; what speaks for a merged leaf counts for the one that took its place."""
    scores: defaultdict[str, float] = defaultdict(float)
    successors = _vocabulary.get().successors
    for leaf, share in zip(stored.leaf_of, stored.model.probabilities([text])[0], strict=True):
        scores[successors.get(leaf, leaf)] += float(share)
    return scores


def serving() -> StoredModel | None:
    """The model that suggestions and import use, or None: there is none, or its labels are not leaves."""
    stored = stored_model(DEFAULT)
    return stored if stored is not None and serves(stored.leaf_of) else None


def serves(leaf_of: tuple[str, ...]) -> bool:
    """Every label means a leaf of the tree, retired ones included."""
    return set(leaf_of) <= _vocabulary.get().codes


def stored_model(name: str) -> StoredModel | None:
    """The version in use of the model `name`, None if there is none. Kept in the process; a newer version
    is noticed within half a minute. A damaged one is logged and counts as none."""
    pk = _in_use.get().get(name)
    if pk is None:
        return None
    with _loading:  # one thread reads, the others wait for it instead of reading too
        if name not in _loaded or _loaded[name][0] != pk:
            _loaded[name] = (pk, read_model(pk))
        return _loaded[name][1]


def read_model(pk: int) -> StoredModel | None:
    row = ClassifierModel.objects.filter(pk=pk).first()
    if row is None:
        return None
    try:
        model = TextModel.from_bytes(bytes(row.blob))
    except DamagedModel as error:
        logger.error("classifier %s version %s cannot be read: %s", row.name, row.version, error)
        return None
    return StoredModel(model, tuple(row.label_map.get(label, label) for label in model.labels))
