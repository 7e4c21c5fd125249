"""The look: one set of readable tokens, shown in full on /ui/, and templates that no browser blocks."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from hotline import ui

ROOT = Path(settings.BASE_DIR)
CSS = ROOT / "static" / "css"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
COLOUR = re.compile(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6});")
OWN_SHEETS = ("app.css", "shell.css", "print.css")

READ_ON = {  # background: what is written on it
    "paper": ("ink", "ink-2", "ink-3", "brand", "time-soon", "time-late", "say-bad"),
    "surface": (
        "ink",
        "ink-2",
        "ink-3",
        "brand",
        "brand-strong",
        "time-calm",
        "time-soon",
        "time-late",
        "say-bad",
    ),
    "sunken": ("ink", "ink-2", "ink-3"),
    "brand-soft": ("ink", "brand", "brand-strong", "ink-3", "time-soon", "time-late"),
    "nav": ("on-nav", "on-nav-2"),
    "nav-2": ("on-nav", "on-nav-2"),
    "brand": ("on-solid",),
    "urgent-1": ("on-solid",),
    "urgent-2": ("on-solid",),
    "say-bad": ("on-solid",),
    **{
        f"state-{family}-bg": (f"state-{family}",)
        for family in ["draft", "wait", "work", "decide", "ask", "done", "ended"]
    },
    **{f"say-{level}-bg": ("ink", f"say-{level}") for level in ["info", "good", "warn", "bad"]},
}
SEEN_ON = {
    "surface": ("line-strong", "focus", "card-yellow-edge", "card-red"),
    "nav": ("nav-line", "focus-on-nav"),
}


def tokens() -> dict[str, str]:
    return dict(COLOUR.findall((CSS / "tokens.css").read_text(encoding="utf-8")))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("back", "ink"), [(back, ink) for back, inks in READ_ON.items() for ink in inks])
def test_every_text_is_readable_on_its_background(back, ink):
    assert contrast(tokens()[back], tokens()[ink]) >= 4.5


@pytest.mark.parametrize(
    ("back", "mark"), [(back, mark) for back, marks in SEEN_ON.items() for mark in marks]
)
def test_every_edge_and_ring_stands_out(back, mark):
    assert contrast(tokens()[back], tokens()[mark]) >= 3


@pytest.mark.parametrize("sheet", OWN_SHEETS)
def test_colours_are_defined_once(sheet):
    text = (CSS / sheet).read_text(encoding="utf-8")

    assert re.findall(r"#[0-9a-f]{3,8}\b|rgba?\(", text) == []


@pytest.mark.parametrize("sheet", OWN_SHEETS)
def test_every_token_in_use_is_defined(sheet):
    defined = set(re.findall(r"--([a-z0-9-]+):", (CSS / "tokens.css").read_text(encoding="utf-8")))
    used = set(re.findall(r"var\(--([a-z0-9-]+)\)", (CSS / sheet).read_text(encoding="utf-8")))

    assert used - defined == set()


def test_the_style_page_shows_every_colour_with_its_meaning():
    shown = {token for _heading, rows in ui.COLOURS for token, _meaning in rows}
    grounds = {
        name for name in tokens() if name.endswith(("-bg", "-edge")) or name.startswith(("on-", "tblr-"))
    }

    assert set(tokens()) - grounds - shown == set()


def test_anyone_who_works_here_may_look_at_the_style_page(operator):
    request = RequestFactory().get("/ui/")
    request.user = operator

    response = ui.ui(request)

    assert response.status_code == 200


def test_strangers_are_sent_to_the_login(settings):
    settings.DEBUG = False
    request = RequestFactory().get("/ui/")
    request.user = AnonymousUser()

    assert ui.ui(request).status_code == 302


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_hold_nothing_that_the_security_policy_blocks(template):
    """A blocked style or script fails silently, and so do Bootstrap's attributes: its script isn't loaded."""
    text = template.read_text(encoding="utf-8")

    assert (
        re.findall(r"""\sstyle=|\son[a-z]+=["']|data-bs-|<script(?![^>]*(?:src=|application/json))""", text)
        == []
    )


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_icon_that_a_template_names_is_in_the_sprite(template):
    named = re.findall(r"""\{% icon ["']([a-z0-9-]+)["']""", template.read_text(encoding="utf-8"))

    assert set(named) - set(ui.ICONS) == set()
