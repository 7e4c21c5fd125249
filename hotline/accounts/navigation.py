"""What stands in the navigation: only what this person's role may open."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from hotline.accounts.models import SEES_ALL_ORDERS, Role, User


@dataclass(frozen=True)
class Entry:
    name: str
    """Name of the URL."""
    label: Any
    icon: str
    """Name of the icon in the sprite."""
    roles: frozenset[Role]


def entry(name: str, label: Any, icon: str, *roles: Role) -> Entry:
    return Entry(name, label, icon, frozenset(roles))


ENTRIES = (
    entry("desk", _("Desk"), "headset", Role.OPERATOR, Role.SUPERVISOR),
    entry("triage", _("Triage"), "route", Role.DISPATCHER, Role.SUPERVISOR),
    entry("inbox", _("Inbox"), "inbox", Role.UNIT),
    entry("callbacks", _("Call-backs"), "phone-outgoing", Role.CALLBACK, Role.SUPERVISOR),
    entry("thanks", _("Thanks"), "heart", Role.OPERATOR, Role.DISPATCHER, Role.SUPERVISOR),
    entry("board", _("Board"), "layout-dashboard", Role.SUPERVISOR, Role.LEADER),
    entry("reviews", _("Daily reviews"), "report", Role.SUPERVISOR, Role.LEADER),
    entry("tallies", _("Tallies of thanks"), "heart-handshake", Role.SUPERVISOR, Role.LEADER),
    entry("orders", _("Orders"), "list-details", *SEES_ALL_ORDERS),
    entry("audit", _("Audit"), "eye-check", Role.AUDITOR),
    entry("manage", _("Settings"), "settings", Role.ADMIN),
)
HOMES = {
    Role.OPERATOR: "desk",
    Role.DISPATCHER: "triage",
    Role.CALLBACK: "callbacks",
    Role.SUPERVISOR: "board",
    Role.LEADER: "board",
    Role.UNIT: "inbox",
    Role.ADMIN: "manage",
    Role.AUDITOR: "audit",
}

COUNTS: dict[str, Callable[[User], int | None]] = {}
"""How much waits behind an entry, by URL name: one cheap query each. Apps add theirs in AppConfig.ready."""


def url_of(name: str) -> str | None:
    """The address behind a URL name, None when no app provides it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


def home_of(user: User) -> str | None:
    """Address of the page where this person's role works."""
    return url_of(HOMES[Role(user.role)])


def entries_for(user: User, path: str) -> list[dict[str, Any]]:
    """The navigation of this person as {url, name, label, icon, active, count}; `path` is the page shown."""
    shown = []
    for item in ENTRIES:
        url = url_of(item.name) if user.role in item.roles else None
        if url:
            count = COUNTS[item.name](user) if item.name in COUNTS else None
            active = path.startswith(url)
            shown.append(
                {
                    "url": url,
                    "name": item.name,
                    "label": item.label,
                    "icon": item.icon,
                    "active": active,
                    "count": count,
                }
            )
    return shown


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"navigation": []}
    return {"navigation": entries_for(user, request.path)}
