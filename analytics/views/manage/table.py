"""What a table of settings is to its pages: how it is listed, which form edits it, which rules write it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from django.urls import reverse

from hotline.accounts.changing import key_of


@dataclass(frozen=True)
class Column:
    label: Any
    text: Callable[[Any], Any]
    css: str = ""


@dataclass(frozen=True)
class Filter:
    name: str
    label: Any
    choices: Callable[[], Any]
    where: Callable[[str], Q]
    nothing: Any = None
    """What choosing nothing is called, when it does not mean all."""
    unset: Callable[[], Q] | None = None
    """What the list shows then."""


Rule = Callable[..., Any]


@dataclass(frozen=True)
class Table:
    """`edit(row, values, actor=, now=, basis=, expect=)`, `add(values, actor=, now=, basis=)`, and `retire`
    / `restore` `(row, actor=, now=, basis=)` are rules: they raise DomainError. A table without one of them
    does not offer it. `undo`: by action of the history, what undoes it, `(row, change, actor=, now=,
    basis=)`."""

    slug: str
    model: type[models.Model]
    title: Any
    about: Any
    icon: str
    form: type
    """Of a new row, and of a present one unless `edit_form` is another."""
    columns: tuple[Column, ...]
    name: Callable[[Any], Any] = str
    """What a row is called in a heading."""
    edit_form: type | None = None
    lookup: str = "code"
    order: tuple[str, ...] = ("code",)
    search: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    related: tuple[str, ...] = ()
    prefetched: tuple[str, ...] = ()
    edit: Rule | None = None
    add: Rule | None = None
    retire: Rule | None = None
    restore: Rule | None = None
    undo: Mapping[str, Rule] = field(default_factory=dict)
    use: Callable[[Any], list[str]] | None = None
    """What uses a row today, in sentences."""
    side: str = ""
    """Template beside the form: what else can be done with the row."""
    side_context: Callable[[Any], dict[str, Any]] | None = None
    words: Mapping[str, Any] = field(default_factory=dict)
    """Other words for `add`, `retire`, `restore`, `warning`."""

    @property
    def goes_out_of_use(self) -> bool:
        return self.retire is not None and hasattr(self.model, "is_active")

    # Templates call whatever can be called, so they ask these instead of the rules themselves.
    @property
    def can_add(self) -> bool:
        return self.add is not None

    @property
    def shows_use(self) -> bool:
        return self.use is not None

    @property
    def url(self) -> str:
        return reverse("manage_list", args=[self.slug])

    def rows(self) -> QuerySet:
        return self.model._default_manager.select_related(*self.related).prefetch_related(*self.prefetched)

    def address(self, row: Any) -> str:
        return reverse("manage_row", args=[self.slug, self.key(row)])

    def key(self, row: Any) -> str:
        return str(getattr(row, self.lookup))

    def confirmation(self, row: Any) -> str:
        """What has to be typed before the row goes out of use."""
        return key_of(row)
