"""Rows of long lists, rendered fast: the template of a row is rendered once with marks in place of the
values, and then filled in for each row.

In such a template `{{ row.name }}` is a value and nothing else can be asked of `row`: no filter, no
condition, for they would see the mark. What differs from row to row in shape is a value itself, made from a
sheet of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

MARK = re.compile("\ue000(\\w+)\ue001")
"""Private characters, which no text of ours holds."""


class Marks:
    """Stands for the row while its template is rendered."""

    def __getitem__(self, name: str) -> SafeString:
        return mark_safe(f"\ue000{name}\ue001")


def fill(template: str, row: Mapping[str, Any], **flags: str) -> SafeString:
    """The template for this row, in the active language. `flags` are further context, the same for many
    rows."""
    parts = _parts(template, get_language() or "", tuple(flags.items()))
    return mark_safe("".join([part if even else _text(row[part]) for even, part in parts]))


def _text(value: Any) -> str:
    """As a template would print it. Django's own `conditional_escape` looks for lazy texts first, which
    costs as much as all the rest of a row."""
    return value if isinstance(value, SafeString) else escape(str(value))


def _read(template: str, language: str, flags: tuple[tuple[str, str], ...]) -> tuple[tuple[bool, str], ...]:
    """The text between the values, and the names of the values, in turn."""
    pieces = MARK.split(render_to_string(template, {"row": Marks(), **dict(flags)}))
    return tuple((index % 2 == 0, piece) for index, piece in enumerate(pieces))


_parts = _read if settings.DEBUG else lru_cache(maxsize=512)(_read)
