"""How a text classifier is learned and judged: no database, no files. Method and figures: docs/decisions/0004-classifier.md."""

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.svm import LinearSVC

from workorders.textmodel import TextModel, calibrated, grams, plain

FOLDS = 5
FEATURES = 50_000
SEED = 0
ABSENT = -1.0
"""Score of a label that a fold's training part does not hold: as far off as a clear no."""
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

    `extra` rows only train: they are never tested, and a fold leaves out those whose group it tests. The figures are
    None where the rows do not allow two folds. Deterministic. Raises CannotLearn."""
    labels = sorted({example.label for example in (*examples, *extra)})
    if len(labels) < 2:
        raise CannotLearn("A classifier needs rows of at least two labels.")
    truth = np.array([labels.index(example.label) for example in examples])
    scores, fold_of = held_out_scores(examples, extra, labels)
    tested = fold_of >= 0
    slope, bias = calibration(scores[tested], truth[tested])
    model = fit([*examples, *extra], labels, slope, bias)
    return model, cross_validated(scores, truth, fold_of, labels) if tested.any() else {"folds": 0}


def fit(
    examples: Sequence[Example], labels: Sequence[str], slope: float, bias: NDArray[np.float64]
) -> TextModel:
    """A linear support vector machine per label over the TF-IDF of character 1- to 3-grams."""
    vectoriser = TfidfVectorizer(
        analyzer=grams, sublinear_tf=True, max_features=FEATURES, min_df=2 if len(examples) >= 100 else 1
    )
    try:
        matrix = vectoriser.fit_transform([example.text for example in examples])
    except ValueError as error:
        raise CannotLearn("The texts hold no letters to learn from.") from error
    held = sorted({example.label for example in examples})
    weights = np.zeros((matrix.shape[1], len(labels)), dtype=np.float32)
    intercept = np.full(len(labels), ABSENT, dtype=np.float32)
    if len(held) > 1:  # a fold of a tiny set may train on one label only
        machine = LinearSVC(C=1.0, class_weight="balanced", random_state=SEED)
        machine.fit(matrix, [example.label for example in examples])
        slopes, offsets = machine.coef_, machine.intercept_
        if len(held) == 2:  # one boundary serves both
            slopes, offsets = np.vstack([-slopes, slopes]), np.concatenate([-offsets, offsets])
        columns = [labels.index(label) for label in held]
        weights[:, columns], intercept[columns] = slopes.T, offsets
    vocabulary = {word: int(column) for word, column in vectoriser.vocabulary_.items()}
    idf = vectoriser.idf_.astype(np.float32)
    return TextModel(
        tuple(labels), vocabulary, idf, weights, intercept, slope, np.asarray(bias, dtype=np.float32)
    )


def held_out_scores(
    examples: Sequence[Example], extra: Sequence[Example], labels: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Each example's scores by a model that saw nothing of its group, and the number of its fold (-1: no folds)."""
    scores = np.zeros((len(examples), len(labels)))
    fold_of = np.full(len(examples), -1)
    flat = np.zeros(len(labels))
    for number, (train, test) in enumerate(folds(examples)):
        bundles = {examples[row].bundle for row in test}
        known = [examples[row] for row in train] + [
            example for example in extra if example.bundle not in bundles
        ]
        scores[test] = fit(known, labels, 1.0, flat).scores([examples[row].text for row in test])
        fold_of[test] = number
    return scores, fold_of


def folds(examples: Sequence[Example]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Train and test rows: labels spread evenly, no group split. Fewer folds, or none, when rows are few."""
    bundles = [example.bundle for example in examples]
    labels = [example.label for example in examples]
    if not labels:
        return []
    most = min(FOLDS, len(set(bundles)), max(Counter(labels).values()))
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
        return 2.0, np.zeros(count)

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slope, bias = np.exp(parameters[0]), parameters[1:]
        shares = calibrated(scores, slope, bias)
        picked = shares[np.arange(len(truth)), truth]
        wrong = shares.copy()
        wrong[np.arange(len(truth)), truth] -= 1.0
        value = -np.log(np.maximum(picked, 1e-300)).sum() + bias @ bias
        gradient = np.concatenate([[slope * (wrong * scores).sum()], wrong.sum(axis=0) + 2 * bias])
        return value, gradient

    start = np.concatenate([[np.log(2.0)], np.zeros(count)])
    limits = [(np.log(0.1), np.log(20.0)), *[(-5.0, 5.0)] * count]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=limits).x
    return float(np.exp(found[0])), found[1:]


def cross_validated(
    scores: NDArray[np.float64], truth: NDArray[np.int64], fold_of: NDArray[np.int64], labels: Sequence[str]
) -> dict[str, Any]:
    """Figures of held-out rows; the calibration of each fold comes from the other folds."""
    shares = np.zeros_like(scores)
    for number in range(fold_of.max() + 1):
        test, rest = fold_of == number, (fold_of != number) & (fold_of >= 0)
        shares[test] = calibrated(scores[test], *calibration(scores[rest], truth[rest]))
    tested = fold_of >= 0
    shares, truth = shares[tested], truth[tested]
    guess, top = shares.argmax(axis=1), shares.max(axis=1)
    right = guess == truth
    picked = shares[np.arange(len(truth)), truth]
    return {
        **figures([labels[at] for at in truth], [labels[at] for at in guess]),
        "folds": int(fold_of.max() + 1),
        "log_loss": round(float(-np.log(np.maximum(picked, 1e-15)).mean()), 4),
        "accepted": [
            {
                "from": level,
                "share": round(float((top >= level).mean()), 4),
                "right": round(float(right[top >= level].mean()), 4) if (top >= level).any() else None,
            }
            for level in THRESHOLDS
        ],
    }


def figures(truth: Sequence[str], guess: Sequence[str]) -> dict[str, Any]:
    """Accuracy, macro-F1 and precision, recall, F1 and rows of each label.

    The macro mean is over every label that occurs in either sequence; a label never guessed, or never true, counts 0.
    Raises ValueError for sequences of different length or without a row."""
    if not truth:
        raise ValueError("no rows")
    pairs = Counter(zip(truth, guess, strict=True))
    true_rows, guessed_rows = Counter(truth), Counter(guess)
    per_class = {}
    for label in sorted(true_rows | guessed_rows):
        hits = pairs[label, label]
        precision = hits / guessed_rows[label] if guessed_rows[label] else 0.0
        recall = hits / true_rows[label] if true_rows[label] else 0.0
        per_class[label] = {
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "f1": round(2 * hits / (true_rows[label] + guessed_rows[label]), 4),
            "rows": true_rows[label],
        }
    exact = [2 * pairs[label, label] / (true_rows[label] + guessed_rows[label]) for label in per_class]
    return {
        "accuracy": round(sum(pairs[label, label] for label in per_class) / len(truth), 4),
        "macro_f1": round(sum(exact) / len(exact), 4),
        "per_class": per_class,
    }
