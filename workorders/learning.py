"""How a text classifier is learned and judged: no database, no files.

Method and figures: docs/decisions/0004-classifier.md."""

import warnings
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from workorders.textmodel import TextModel, calibrated, grams, plain

FOLDS = 5
FEATURES = 50_000
MOST_LABELS = 500
"""More are a column chosen by mistake: every label costs 50,000 weights."""
SEED = 0
ABSENT = -1.0
"""Score of a label that a fold's training part does not hold: as far off as a clear no."""
SLOPE = 2.0
"""Where the search for the calibration starts, and what stands when there is nothing to calibrate with."""
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)


class CannotLearn(ValueError):
    """These rows cannot teach anything; the message says why, in one sentence."""


@dataclass(frozen=True)
class Example:
    """One labelled text. Texts of one group (near-duplicates) are never split between training and test;
    without a group, equal texts are one."""

    text: str
    label: str
    group: str = ""

    @property
    def bundle(self) -> str:
        return f"group {self.group}" if self.group else f"text {plain(self.text)}"


def learn(examples: Sequence[Example], extra: Sequence[Example] = ()) -> tuple[TextModel, dict[str, Any]]:
    """A calibrated model of all rows, and its cross-validated figures.

    `extra` rows only train: they are never tested, and a fold leaves out those whose group it tests. The
    figures are {"folds": 0} where the rows do not allow two folds. Deterministic. Raises CannotLearn."""
    corpus = Corpus([*examples, *extra])
    labels = sorted(set(corpus.labels))
    if len(labels) < 2:
        raise CannotLearn(_("A classifier needs rows of at least two labels."))
    if len(labels) > MOST_LABELS:
        raise CannotLearn(
            _("The rows have %(count)s different labels; at most %(most)s can be learned.")
            % {"count": len(labels), "most": MOST_LABELS}
        )
    truth = np.array([labels.index(example.label) for example in examples], dtype=np.int64)
    scores, fold_of = held_out_scores(corpus, len(examples), labels)
    tested = fold_of >= 0
    slope, bias = calibration(scores[tested], truth[tested])
    model = fit(corpus, np.arange(len(corpus.examples)), labels, slope, bias)
    return model, cross_validated(scores, truth, fold_of, labels) if tested.any() else {"folds": 0}


class Corpus:
    """Examples with their gram counts, counted once for all folds. `counts`: (examples, grams)."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.examples = list(examples)
        self.labels = [example.label for example in self.examples]
        columns_of: defaultdict[str, int] = defaultdict()
        columns_of.default_factory = columns_of.__len__
        columns, counts, ends = [], [], [0]
        for example in self.examples:
            found, times = np.unique(
                np.array(list(map(columns_of.__getitem__, grams(example.text))), dtype=np.int32),
                return_counts=True,
            )
            columns.append(found)
            counts.append(times.astype(np.int32))
            ends.append(ends[-1] + len(found))
        if not ends[-1]:
            raise CannotLearn(_("The texts hold no letters to learn from."))
        self.grams = np.array(list(columns_of), dtype=object)
        parts = (np.concatenate(counts), np.concatenate(columns), np.array(ends))
        self.counts = csr_matrix(parts, shape=(len(self.examples), len(self.grams)))

    def weighted(self, rows: NDArray[np.int64]) -> tuple[csr_matrix, list[str], NDArray[np.float64]]:
        """TF-IDF of these rows over their own most frequent grams: matrix, vocabulary, inverse frequencies.

        Grams of one row only are dropped from 100 rows on. tf = 1 + ln(count), idf = ln((1 + n) / (1 + df))
        + 1, rows of length 1."""
        counts = self.counts[rows]
        in_rows = np.bincount(counts.indices, minlength=len(self.grams))
        totals = np.asarray(counts.sum(axis=0)).ravel()
        kept = np.flatnonzero(in_rows >= (2 if len(rows) >= 100 else 1))
        if len(kept) > FEATURES:
            kept = np.sort(kept[np.argsort(-totals[kept], kind="stable")[:FEATURES]])
        matrix = counts[:, kept].astype(np.float64)
        idf = np.log((1 + len(rows)) / (1 + in_rows[kept])) + 1
        matrix.data = 1 + np.log(matrix.data)
        matrix.data *= idf[matrix.indices]
        return normalize(matrix, copy=False), list(self.grams[kept]), idf


def fit(
    corpus: Corpus, rows: NDArray[np.int64], labels: Sequence[str], slope: float, bias: NDArray[np.float64]
) -> TextModel:
    """A linear support vector machine per label over the TF-IDF of character 1- to 3-grams of these rows."""
    matrix, words, idf = corpus.weighted(rows)
    truth = [corpus.labels[row] for row in rows]
    held = sorted(set(truth))
    weights = np.zeros((len(words), len(labels)), dtype=np.float32)
    intercept = np.full(len(labels), ABSENT, dtype=np.float32)
    if len(held) > 1:  # a fold of a tiny set may train on one label only
        machine = LinearSVC(C=1.0, class_weight="balanced", random_state=SEED)
        machine.fit(matrix, truth)
        slopes, offsets = machine.coef_, machine.intercept_
        if len(held) == 2:  # one boundary serves both
            slopes, offsets = np.vstack([-slopes, slopes]), np.concatenate([-offsets, offsets])
        columns = [labels.index(label) for label in held]
        weights[:, columns], intercept[columns] = slopes.T, offsets
    vocabulary = {word: column for column, word in enumerate(words)}
    return TextModel(
        tuple(labels),
        vocabulary,
        idf.astype(np.float32),
        weights,
        intercept,
        slope,
        np.asarray(bias, np.float32),
    )


def held_out_scores(
    corpus: Corpus, tested: int, labels: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Scores of the first `tested` examples, each by a model that saw nothing of its group, and the number of
    the example's fold (-1: no folds). The other examples only train."""
    examples, extra = corpus.examples[:tested], corpus.examples[tested:]
    extra_bundles = [example.bundle for example in extra]
    scores = np.zeros((tested, len(labels)))
    fold_of = np.full(tested, -1)
    flat = np.zeros(len(labels))
    for number, (train, test) in enumerate(folds(examples)):
        held_out = {examples[row].bundle for row in test}
        more = [tested + row for row, bundle in enumerate(extra_bundles) if bundle not in held_out]
        model = fit(corpus, np.concatenate([train, np.array(more, dtype=np.int64)]), labels, 1.0, flat)
        scores[test] = model.scores([examples[row].text for row in test])
        fold_of[test] = number
    return scores, fold_of


def folds(examples: Sequence[Example]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Train and test rows: labels spread evenly, no group split. Fewer folds, or none, when rows are few."""
    bundles = [example.bundle for example in examples]
    labels = [example.label for example in examples]
    most = min(FOLDS, len(set(bundles)), max(Counter(labels).values(), default=0))
    if most < 2:
        return []
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", UserWarning
        )  # a label with fewer rows than folds is told by its figures
        splitter = StratifiedGroupKFold(most, shuffle=True, random_state=SEED)
        parts = list(splitter.split(labels, labels, bundles))
    return [(train, test) for train, test in parts if len(train) and len(test)]


def calibration(scores: NDArray[np.float64], truth: NDArray[np.int64]) -> tuple[float, NDArray[np.float64]]:
    """Slope and bias that make softmax(slope * score + bias) the likeliest, from held-out scores.

    The bias is held near 0 by a small penalty, so labels with few rows keep theirs."""
    count = scores.shape[1]
    if not len(scores):
        return SLOPE, np.zeros(count)
    at = (np.arange(len(truth)), truth)

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slope, bias = np.exp(parameters[0]), parameters[1:]
        shares = calibrated(scores, slope, bias)
        value = -np.log(np.maximum(shares[at], 1e-300)).sum() + bias @ bias
        shares[at] -= 1.0
        return value, np.concatenate([[slope * (shares * scores).sum()], shares.sum(axis=0) + 2 * bias])

    start = np.concatenate([[np.log(SLOPE)], np.zeros(count)])
    limits = [(np.log(0.1), np.log(20.0)), *[(-5.0, 5.0)] * count]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=limits).x
    return float(np.exp(found[0])), found[1:]


def cross_validated(
    scores: NDArray[np.float64], truth: NDArray[np.int64], fold_of: NDArray[np.int64], labels: Sequence[str]
) -> dict[str, Any]:
    """Figures of held-out rows; the calibration of each fold comes from the other folds.

    accepted: for each least probability, the share of rows that reach it and how many of those are right."""
    shares = np.zeros_like(scores)
    for number in range(fold_of.max() + 1):
        test, rest = fold_of == number, (fold_of != number) & (fold_of >= 0)
        shares[test] = calibrated(scores[test], *calibration(scores[rest], truth[rest]))
    shares, truth = shares[fold_of >= 0], truth[fold_of >= 0]
    guess, top = shares.argmax(axis=1), shares.max(axis=1)
    right = guess == truth
    picked = np.maximum(shares[np.arange(len(truth)), truth], 1e-15)
    accepted = []
    for level in THRESHOLDS:
        over = top >= level
        accuracy = round(float(right[over].mean()), 4) if over.any() else None
        accepted.append({"from": level, "share": round(float(over.mean()), 4), "right": accuracy})
    return {
        **figures([labels[at] for at in truth], [labels[at] for at in guess]),
        "folds": int(fold_of.max() + 1),
        "log_loss": round(float(-np.log(picked).mean()), 4),
        "accepted": accepted,
    }


def figures(truth: Sequence[str], guess: Sequence[str]) -> dict[str, Any]:
    """Accuracy, macro-F1 and precision, recall, F1 and rows of each label.

    The macro mean is over every label that occurs in either sequence; a label never guessed, or never true,
    counts 0. Raises ValueError for sequences of different length or without a row."""
    if not truth:
        raise ValueError("no rows")
    pairs = Counter(zip(truth, guess, strict=True))
    true_rows, guessed_rows = Counter(truth), Counter(guess)
    labels = sorted(true_rows | guessed_rows)
    exact = {label: 2 * pairs[label, label] / (true_rows[label] + guessed_rows[label]) for label in labels}
    per_class = {
        label: {
            "precision": round(pairs[label, label] / max(guessed_rows[label], 1), 4),
            "recall": round(pairs[label, label] / max(true_rows[label], 1), 4),
            "f1": round(exact[label], 4),
            "rows": true_rows[label],
        }
        for label in labels
    }
    return {
        "accuracy": round(sum(pairs[label, label] for label in labels) / len(truth), 4),
        "macro_f1": round(sum(exact.values()) / len(exact), 4),
        "per_class": per_class,
    }
