"""Chinese text as sets of hashed character pairs: what search and duplicates compare.

A hash is `crc32 - 2**31`, so a set fits PostgreSQL's int4[] with intarray's GIN index."""

import unicodedata
from collections.abc import Collection, Iterable
from itertools import pairwise
from zlib import crc32


def clean_text(text: str) -> str:
    """Letters and digits alone, NFKC-normalised and case-folded: white space and punctuation never matter."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def bigram_hashes(text: str) -> list[int]:
    """Sorted unique hashes of the pairs of neighbours; a text of one character gives the hash of that one."""
    clean = clean_text(text)
    pairs = {left + right for left, right in pairwise(clean)} or ({clean} if clean else set())
    return sorted(crc32(pair.encode("utf-8", "surrogatepass")) - 2**31 for pair in pairs)


def query_hashes(words: Iterable[str]) -> list[int]:
    """Sorted unique hashes that a text holding every word must hold (`bigrams @> query`), pairs inside words
    only.

    Necessary, not sufficient: recheck with LIKE. Words of one character have no pair and are left to that
    recheck."""
    hashes: set[int] = set()
    for word in words:
        if len(clean_text(word)) > 1:
            hashes.update(bigram_hashes(word))
    return sorted(hashes)


def jaccard(left: Collection[int], right: Collection[int]) -> float:
    """Shared share of two sets of hashes, 0.0 to 1.0; 0.0 when both are empty."""
    first, second = set(left), set(right)
    shared = len(first & second)
    return shared / (len(first) + len(second) - shared) if shared else 0.0
