"""How facts about an order look. The form tells what kind of fact it is, the colour its level, the word all.

A state is a tinted pill, urgency a solid block, a card an outlined chip with a card on it, identity a quiet
chip with a lock, time left is text with a clock. Forms: `static/css/app.css`; `/ui/` shows them all."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from hotline.lib.durations import remaining_words
from hotline.lib.tags import NOTHING
from workorders.lifecycle import Mode, State, Urgency

register = template.Library()

STATE_LOOKS = {  # code: (family, icon); a family has one colour, which says whose turn it is
    "draft": ("draft", "pencil"),
    "pending": ("wait", "inbox"),
    "dispatched": ("wait", "mail"),
    "return_review": ("decide", "arrow-back-up"),
    "adjudication": ("decide", "scale"),
    "handling": ("work", "progress"),
    "reply_review": ("decide", "checklist"),
    "callback": ("ask", "phone-outgoing"),
    "rework_review": ("decide", "refresh-alert"),
    "closed": ("done", "circle-check"),
    "rejected": ("ended", "ban"),
    "merged": ("ended", "arrows-join"),
    "handed_over": ("ended", "transfer-out"),
    "invalid": ("ended", "circle-off"),
    "withdrawn": ("ended", "arrow-back"),
}
URGENCY_ICONS = {"E1": "urgent", "E2": "bolt"}
CARD_WORDS = {"yellow": _("Yellow card"), "red": _("Red card")}
MODE_ICONS = {"anonymous": "user-off", "confidential": "lock"}
KIND_ICONS = {
    "inquiry": "help-circle",
    "help": "hand-stop",
    "complaint": "message-report",
    "report": "shield-search",
    "suggestion": "bulb",
    "thanks": "heart-handshake",
    "other": "dots",
}
SOON = 120
"""Minutes: from here on the time left is "soon"."""


def _code(thing: Any, attribute: str) -> str:
    """Tags take an order or the bare code, so that filters and legends look like the list."""
    return thing if isinstance(thing, str) else getattr(thing, attribute)


@register.inclusion_tag("workorders/_badges/state.html")
def state_badge(order: Any) -> dict[str, Any]:
    """The state of an order (or a state's code) in words."""
    code = _code(order, "state")
    family, icon_name = STATE_LOOKS[code]
    return {"code": code, "family": family, "icon_name": icon_name, "label": State(code).label}


@register.inclusion_tag("workorders/_badges/urgency.html")
def urgency_badge(order: Any, short: bool = False) -> dict[str, Any]:
    """E1 or E2; nothing for ordinary orders. `short` shows the code; screen readers still hear the words."""
    code = _code(order, "urgency")
    if code not in URGENCY_ICONS:
        return {}
    return {"code": code, "label": Urgency(code).label, "short": short, "icon_name": URGENCY_ICONS[code]}


@register.inclusion_tag("workorders/_badges/card.html")
def card_badge(order: Any) -> dict[str, Any]:
    """The yellow or red card of an order; nothing without one."""
    code = _code(order, "card")
    return {"code": code, "label": CARD_WORDS.get(code, "")}


@register.inclusion_tag("workorders/_badges/mode.html")
def mode_badge(order: Any) -> dict[str, Any]:
    """How the caller's identity is kept: anonymous or confidential; nothing for real names."""
    code = _code(order, "mode")
    if code not in MODE_ICONS:
        return {}
    return {"code": code, "label": Mode(code).label, "icon_name": MODE_ICONS[code]}


@register.inclusion_tag("workorders/_badges/kind.html")
def kind_label(kind: Any) -> dict[str, Any]:
    """The kind in words with its icon. Takes an order (read with its kind) or a Kind."""
    kind = getattr(kind, "kind", kind)
    return {"label": kind, "icon_name": KIND_ICONS.get(getattr(kind, "pk", ""), "tag")}


@register.inclusion_tag("workorders/_badges/remaining.html")
def remaining(
    minutes: int | None, working: bool = False, paused: bool = False, soon: int = SOON
) -> dict[str, Any]:
    """Time left in the same words everywhere; a dash when `minutes` is None.

    Late below zero, soon from `soon` minutes down. `working` says that the minutes are working minutes."""
    if minutes is None:
        return {"nothing": NOTHING}
    level, icon_name = time_level(minutes, soon)
    if paused:
        level, icon_name = "paused", "clock-pause"
    return {
        "level": level,
        "icon_name": icon_name,
        "words": remaining_words(minutes, working=working),
        "paused": paused,
    }


def time_level(minutes: int, soon: int = SOON) -> tuple[str, str]:
    """Level and icon of a time left: late, soon or calm."""
    if minutes < 0:
        return "late", "clock-x"
    return ("soon", "clock-exclamation") if minutes <= soon else ("calm", "clock")
