"""The badges of an order as ready HTML, for lists: a code's badge is rendered once for each language and
kept.

The markup is that of the tags in `templatetags/orders.py`; a list of 50 rows then renders no template per
badge."""

from __future__ import annotations

from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from hotline.lib.durations import remaining_words
from hotline.lib.tags import NOTHING
from workorders.templatetags import orders as tags

PLACE_OF_WORDS = "\ue000"
"""A private character that stands for the words while the markup around them is kept."""


def state(code: str) -> SafeString:
    return _badge("state", code, get_language() or "")


def urgency(code: str, *, short: bool = True) -> SafeString:
    """Empty for ordinary orders."""
    return _badge("urgency_short" if short else "urgency", code, get_language() or "")


def card(code: str) -> SafeString:
    return _badge("card", code, get_language() or "")


def mode(code: str) -> SafeString:
    return _badge("mode", code, get_language() or "")


def kind(code: str | None, label: str) -> SafeString:
    """A kind in words with its icon."""
    return _kind(tags.KIND_ICONS.get(code or "", "tag"), label)


def remaining(
    minutes: int | None, *, working: bool, paused: bool = False, soon: int = tags.SOON
) -> SafeString:
    """Time left with its icon and level; a dash without a deadline."""
    if minutes is None:
        return SafeString(NOTHING)
    level, icon = tags.time_level(minutes, soon)
    if paused:
        level, icon = "paused", "clock-pause"
    shell = _time_shell(level, icon, paused, get_language() or "")
    return mark_safe(shell.replace(PLACE_OF_WORDS, escape(remaining_words(minutes, working=working))))


@lru_cache(maxsize=256)
def _badge(name: str, code: str, language: str) -> SafeString:
    context = {
        "state": tags.state_badge,
        "urgency": tags.urgency_badge,
        "urgency_short": lambda code: tags.urgency_badge(code, short=True),
        "card": tags.card_badge,
        "mode": tags.mode_badge,
    }[name](code)
    return mark_safe(render_to_string(f"workorders/_badges/{name.partition('_')[0]}.html", context).strip())


@lru_cache(maxsize=64)
def _kind(icon: str, label: str) -> SafeString:
    return mark_safe(
        render_to_string("workorders/_badges/kind.html", {"icon_name": icon, "label": label}).strip()
    )


@lru_cache(maxsize=64)
def _time_shell(level: str, icon: str, paused: bool, language: str) -> str:
    context = {"level": level, "icon_name": icon, "words": PLACE_OF_WORDS, "paused": paused}
    return render_to_string("workorders/_badges/remaining.html", context).strip()
