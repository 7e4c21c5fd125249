"""Long lists to choose from by typing: selects whose options carry the words they are found by.

Without a script they are ordinary selects; `static/js/combobox.js` turns them into search boxes. The
options are written once for each language and kept: six hundred of them, rendered one by one, would
cost more than the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from dispatch import names
from hotline.lib.cached import Cached
from workorders.models.category import Level

NONE_CHOSEN = ("", _("– choose –"))


class Option(NamedTuple):
    code: str
    name: str
    note: str = ""
    """Shown beside the name in the search box."""
    words: str = ""
    """Further words it is found by."""
    more: tuple[tuple[str, str], ...] = ()
    """Further data- attributes."""


def leaves() -> Iterable[Option]:
    """Active leaves, by code."""
    for row in names.categories.get().values():
        if row.is_active and row.level == Level.LEAF:
            group = str(row.parent or "")
            words = " ".join([row.code, row.name_zh, row.name_en, group, *row.keywords])
            yield Option(row.code, str(row), f"{row.code} {group}", words, (("urgency", row.urgency),))


def places() -> Iterable[Option]:
    """Active places, each after what it lies in."""
    for row in sorted(names.places.get().values(), key=lambda row: row.code):
        if row.is_active and row.level != "city":
            inside = names.place_words(row.parent) if row.parent else ""
            words = " ".join([row.code, row.name_zh, row.name_en, inside, *row.aliases])
            yield Option(row.code, names.place_words(row), "", words)


def units() -> Iterable[Option]:
    for row in names.units.get().values():
        if row.is_active:
            yield Option(row.code, row.short_name, "", " ".join([row.code, row.name, *row.aliases]))


def reasons(*uses: str) -> Iterable[Option]:
    """Reasons with what is told to the caller."""
    for row in names.reasons.get().values():
        if row.is_active and row.use in uses:
            more = (("script", row.script), ("route", row.lawful_route))
            yield Option(row.code, f"{row.code} {row}", "", "", more)


class OptionList(forms.Select):
    """A select over `read()`; `is_long` lists become search boxes."""

    def __init__(self, read: Callable[[], Iterable[Option]], *, is_long: bool = True, hint: Any = "") -> None:
        super().__init__(attrs={"data-combobox": "", "data-hint": hint} if is_long else {})
        self.written: Cached[dict[str, str]] = Cached(dict)
        self.read = read

    def __deepcopy__(self, memo: dict) -> OptionList:
        copy = super().__deepcopy__(memo)
        copy.written, copy.read = self.written, self.read  # every form shares what is written
        return copy

    def render(self, name: str, value: Any, attrs: dict | None = None, renderer: Any = None) -> SafeString:
        kept, language = self.written.get(), get_language() or ""
        if language not in kept:
            kept[language] = format_html_join("", "{}", ((option_html(option),) for option in self.read()))
        html, code = kept[language], str(value or "")
        if code:
            chosen = format_html('<option value="{}"', code)
            html = html.replace(chosen, f"{chosen} selected", 1)
        own = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        first = format_html('<option value="">{}</option>', NONE_CHOSEN[1])
        return mark_safe(f"<select{own}>{first}{html}</select>")


def option_html(option: Option) -> SafeString:
    data = {
        f"data-{name}": value
        for name, value in (("note", option.note), ("words", option.words), *option.more)
    }
    more = flatatt({name: value for name, value in data.items() if value})
    return format_html('<option value="{}"{}>{}</option>', option.code, more, option.name)
