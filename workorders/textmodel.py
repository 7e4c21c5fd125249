"""A trained text classifier as plain numbers: character n-grams, TF-IDF, a linear score per label,
calibration.

A stored model is arrays and JSON; loading one never runs code from it. Scoring needs numpy alone, so a web
process does not carry the training library. Training is in learning.py."""

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from operator import add

import numpy as np
from numpy.typing import NDArray

FORMAT = 1
MOST_CHARACTERS = 4_000
"""Text beyond this is not read: the matter stands in the first lines, and no message may hold up a worker."""
NOT_LETTERS = re.compile(r"[\W\d_]+")


class DamagedModel(ValueError):
    """The stored bytes are not a text model of a format this version reads."""


def plain(text: str) -> str:
    """The letters of a text, one form each: NFKC, lower case, without digits, punctuation and white space.

    Cross-validation was the same or better without the rest, and a model then holds no number of anybody."""
    return NOT_LETTERS.sub("", unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).lower())


def grams(text: str) -> chain[str]:
    """Every run of one, two and three neighbouring letters, in no promised order, repeats included."""
    letters = plain(text)
    pairs = list(map(add, letters, letters[1:]))
    return chain(letters, pairs, map(add, pairs, letters[2:]))


@dataclass(frozen=True)
class TextModel:
    """Scores and probabilities of one label set. Immutable, safe to share between threads.

    weights: (features, labels); slope and bias: probabilities are softmax(slope * score + bias)."""

    labels: tuple[str, ...]
    vocabulary: dict[str, int]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    intercept: NDArray[np.float32]
    slope: float
    bias: NDArray[np.float32]

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Shape (len(texts), len(self.labels)): signed distance to each label's boundary, no
        probabilities."""
        rows = np.empty((len(texts), len(self.labels)))
        for number, text in enumerate(texts):
            rows[number] = self._scores_of(text)
        return rows

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Shape (len(texts), len(self.labels)); rows sum to 1; columns in the order of `self.labels`.

        A text without one known character gets what the labels' boundaries alone say."""
        return calibrated(self.scores(texts), self.slope, self.bias)

    def predictions(self, texts: Sequence[str]) -> list[tuple[str, float]]:
        """The likeliest label of each text and its probability."""
        shares = self.probabilities(texts)
        best = shares.argmax(axis=1) if len(texts) else []
        return [(self.labels[column], float(row[column])) for row, column in zip(shares, best, strict=True)]

    def _scores_of(self, text: str) -> NDArray[np.float64]:
        known = [column for column in map(self.vocabulary.get, grams(text)) if column is not None]
        if not known:
            return self.intercept.astype(np.float64)
        columns, counts = np.unique(np.array(known), return_counts=True)
        values = (1.0 + np.log(counts, dtype=np.float32)) * self.idf[columns]
        values /= np.sqrt(values @ values)
        return values @ self.weights[columns] + self.intercept

    def to_bytes(self) -> bytes:
        """The model for storage; `from_bytes` gives an equal one."""
        words = sorted(self.vocabulary, key=self.vocabulary.__getitem__)
        head = {"format": FORMAT, "labels": self.labels, "vocabulary": words, "slope": self.slope}
        text = np.frombuffer(json.dumps(head, ensure_ascii=False).encode(), dtype=np.uint8)
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer, head=text, idf=self.idf, weights=self.weights, intercept=self.intercept, bias=self.bias
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, blob: bytes) -> "TextModel":
        """The model that `to_bytes` stored. Raises DamagedModel for anything else."""
        try:
            with np.load(io.BytesIO(blob), allow_pickle=False) as stored:
                head = json.loads(stored["head"].tobytes().decode())
                parts = [stored[name] for name in ("idf", "weights", "intercept", "bias")]
            if head["format"] != FORMAT:
                raise DamagedModel(f"The model has format {head['format']}; this version reads {FORMAT}.")
            words, labels, slope = head["vocabulary"], tuple(head["labels"]), float(head["slope"])
        except DamagedModel:
            raise
        except (KeyError, TypeError, ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise DamagedModel("The stored bytes are not a text model.") from error
        idf, weights, intercept, bias = parts
        wide, deep = (len(words),), (len(labels),)
        if [part.shape for part in parts] != [wide, wide + deep, deep, deep]:
            raise DamagedModel("The parts of the stored model do not fit together.")
        return cls(labels, {word: at for at, word in enumerate(words)}, idf, weights, intercept, slope, bias)


def calibrated(scores: NDArray[np.float64], slope: float, bias: NDArray[np.floating]) -> NDArray[np.float64]:
    """softmax(slope * scores + bias), row by row."""
    shifted = slope * scores + bias
    shifted -= shifted.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    return powers / powers.sum(axis=1, keepdims=True)
