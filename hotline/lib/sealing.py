"""Personal data at rest: sealed with AES-256-GCM, found again by a blind index.

Sealed text is `v1.<key id>.<base64url of nonce, ciphertext, tag>`. FIELD_KEY holds base64 keys of 32 bytes,
comma separated, newest first: the first seals, all open. So a key is rotated by putting a new one in front
and re-sealing the rows for which `is_current` is false. The blind index hangs on the *last*, oldest key and
survives that; dropping the last key needs every blind index computed anew. Each key only derives
(HKDF-SHA256) one subkey for sealing, one for the index, and its public id."""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

VERSION = "v1"
KEY_BYTES, NONCE_BYTES = 32, 12
INDEX_LENGTH = 32
"""Length of a blind index: 32 hexadecimal digits, 128 bits."""


class SealedError(Exception):
    """Sealed text cannot be opened: its key is missing, or the text was changed. Never tells the text."""


@dataclass(frozen=True)
class KeyRing:
    """The derived keys of one FIELD_KEY setting."""

    current: str
    ciphers: Mapping[str, AESGCM]
    index_key: bytes


def seal(text: str) -> str:
    """`text` sealed with the first key. The same text gives another result each time."""
    ring = key_ring()
    header = f"{VERSION}.{ring.current}"
    nonce = os.urandom(NONCE_BYTES)
    body = nonce + ring.ciphers[ring.current].encrypt(nonce, text.encode(), header.encode())
    return f"{header}.{base64.urlsafe_b64encode(body).decode()}"


def open_sealed(text: str) -> str:
    """What was sealed. Raises SealedError when the key is missing or the text was changed."""
    version, _, rest = text.partition(".")
    key_id, _, body = rest.partition(".")
    if version != VERSION or not body:
        raise SealedError("This is not sealed text.")
    cipher = key_ring().ciphers.get(key_id)
    if cipher is None:
        raise SealedError(f"Sealed with key {key_id}, which FIELD_KEY does not hold.")
    try:
        raw = base64.b64decode(body, altchars=b"-_", validate=True)
        return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], f"{VERSION}.{key_id}".encode()).decode()
    except (binascii.Error, ValueError, InvalidTag):
        raise SealedError(
            f"Sealed text of key {key_id} does not open: it was changed, or is cut short."
        ) from None


def is_current(sealed: str) -> bool:
    """True when `sealed` bears the first key; else it waits for re-sealing: `seal(open_sealed(sealed))`."""
    return sealed.startswith(f"{VERSION}.{key_ring().current}.")


def blind_index(text: str) -> str:
    """Equal for equal texts and meaningless without the key; INDEX_LENGTH hexadecimal digits.

    Normalise first (`masking.normal_phone`): the index knows no "nearly equal"."""
    digest = hmac.new(key_ring().index_key, text.encode(), hashlib.sha256)
    return digest.hexdigest()[:INDEX_LENGTH]


def check_keys() -> None:
    """Raises ImproperlyConfigured when FIELD_KEY is unusable. For the start, so that no caller finds out."""
    key_ring()


def key_ring() -> KeyRing:
    """The keys of settings.FIELD_KEY. Raises ImproperlyConfigured for bad ones."""
    return _ring_of(settings.FIELD_KEY)


@lru_cache(maxsize=8)
def _ring_of(setting: str) -> KeyRing:
    keys = [_decoded(word, place) for place, word in enumerate(setting.split(","), start=1)]
    if len(set(keys)) < len(keys):
        raise ImproperlyConfigured("FIELD_KEY holds the same key twice.")
    ids = [_derived(key, "id", 4).hex() for key in keys]
    ciphers = {key_id: AESGCM(_derived(key, "seal")) for key_id, key in zip(ids, keys, strict=True)}
    return KeyRing(current=ids[0], ciphers=ciphers, index_key=_derived(keys[-1], "index"))


def _decoded(word: str, place: int) -> bytes:
    try:
        key = base64.b64decode(word.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        raise ImproperlyConfigured(f"FIELD_KEY, key {place}, is not base64.") from None
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured(f"FIELD_KEY, key {place}, has {len(key)} bytes: it must have {KEY_BYTES}.")
    if len(set(key)) == 1:
        raise ImproperlyConfigured(f"FIELD_KEY, key {place}, repeats one byte: make a random key.")
    return key


def _derived(key: bytes, use: str, length: int = KEY_BYTES) -> bytes:
    return HKDF(
        algorithm=SHA256(), length=length, salt=None, info=f"hotline {use} {VERSION}".encode()
    ).derive(key)


class SealedTextField(models.TextField):
    """Plain text in Python, sealed text in the database; an empty text stays empty.

    The database cannot search or compare it (FieldError), except for null: keep a blind index beside it."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return seal(value) if value else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return open_sealed(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None
