"""/ui/: every token and component of the pages, living. For engineers; any logged-in person may look."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from django import forms
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from hotline.lib.icons import ICONS
from workorders.lifecycle import State, Urgency

COLOURS = (  # heading, then (token, what it alone means)
    (
        _("Ink and paper"),
        (
            ("ink", pgettext_lazy("colour", "text")),
            ("ink-2", pgettext_lazy("colour", "labels, secondary text")),
            ("ink-3", pgettext_lazy("colour", "hints")),
            ("paper", pgettext_lazy("colour", "the page")),
            ("surface", pgettext_lazy("colour", "what lies on it")),
            ("sunken", pgettext_lazy("colour", "wells")),
            ("line", pgettext_lazy("colour", "hairlines")),
            ("line-strong", pgettext_lazy("colour", "edges of inputs")),
        ),
    ),
    (
        _("Brand: where one can act"),
        (
            ("nav", pgettext_lazy("colour", "top bar")),
            ("nav-2", pgettext_lazy("colour", "inside the top bar")),
            ("nav-line", pgettext_lazy("colour", "edges on the top bar")),
            ("brand", pgettext_lazy("colour", "links, main button")),
            ("brand-strong", pgettext_lazy("colour", "pressed, chosen")),
            ("brand-soft", pgettext_lazy("colour", "chosen row")),
            ("brand-line", pgettext_lazy("colour", "edges of what is chosen")),
            ("focus", pgettext_lazy("colour", "focus ring")),
            ("focus-on-nav", pgettext_lazy("colour", "focus ring on the bar")),
        ),
    ),
    (
        _("States: whose turn it is"),
        (
            ("state-draft", pgettext_lazy("colour", "not yet sent")),
            ("state-wait", pgettext_lazy("colour", "waits for someone to take it")),
            ("state-work", pgettext_lazy("colour", "a unit works on it")),
            ("state-decide", pgettext_lazy("colour", "the hotline decides")),
            ("state-ask", pgettext_lazy("colour", "the citizen is asked")),
            ("state-done", pgettext_lazy("colour", "closed")),
            ("state-ended", pgettext_lazy("colour", "ended otherwise")),
        ),
    ),
    (
        _("Urgency, time left, cards"),
        (
            ("urgent-1", pgettext_lazy("colour", "life and property")),
            ("urgent-2", pgettext_lazy("colour", "lifeline")),
            ("time-calm", pgettext_lazy("colour", "time enough")),
            ("time-soon", pgettext_lazy("colour", "due soon")),
            ("time-late", pgettext_lazy("colour", "late")),
            ("time-paused", pgettext_lazy("colour", "clock stands still")),
            ("card-yellow", pgettext_lazy("colour", "yellow card")),
            ("card-red", pgettext_lazy("colour", "red card")),
        ),
    ),
    (
        _("What the system says"),
        (
            ("say-info", pgettext_lazy("colour", "for information")),
            ("say-good", pgettext_lazy("colour", "done")),
            ("say-warn", pgettext_lazy("colour", "take care")),
            ("say-bad", pgettext_lazy("colour", "refused or failed")),
        ),
    ),
)
SIZES = ("xs", "s", "m", "l", "xl", "2xl")
SPACES = ("s1", "s2", "s3", "s4", "s5", "s6", "s7")
REMAINING = (  # minutes, paused
    (2 * 24 * 60 + 200, False),
    (95, False),
    (12, False),
    (-45, False),
    (-2 * 24 * 60, False),
    (600, True),
)
KINDS = [
    ("inquiry", pgettext_lazy("kind", "Inquiry")),
    ("help", pgettext_lazy("kind", "Help")),
    ("complaint", pgettext_lazy("kind", "Complaint")),
    ("report", pgettext_lazy("kind", "Report")),
    ("suggestion", pgettext_lazy("kind", "Suggestion")),
    ("thanks", pgettext_lazy("kind", "Thanks")),
    ("other", pgettext_lazy("kind", "Other")),
]


ORDER_FIELDS = ("number", "state", "urgency", "card", "mode", "kind_id", "minutes", "title")
ORDERS = (
    (
        "JN260212A7K2M9X",
        "handling",
        "E1",
        "red",
        "confidential",
        "help",
        -45,
        _("Gas smell in the stairwell of building 3, residents are leaving their flats"),
    ),
    (
        "JN260212B4H8T2Q",
        "dispatched",
        "E2",
        "yellow",
        "real_name",
        "complaint",
        12,
        _("No hot water in the whole compound since the evening"),
    ),
    (
        "JN260211C9W3F5R",
        "reply_review",
        "N",
        "",
        "anonymous",
        "report",
        95,
        _("Night work on a building site without a permit"),
    ),
    (
        "JN260211D2P6J8V",
        "handling",
        "N",
        "",
        "real_name",
        "suggestion",
        3080,
        _("More benches at the bus stop"),
    ),
    (
        "JN260210E5X1N7C",
        "closed",
        "N",
        "",
        "real_name",
        "thanks",
        None,
        _("Thanks to the road crew that cleared the ice"),
    ),
)


class SampleForm(forms.Form):
    """Every sort of field once."""

    phone = forms.CharField(label=_("Phone"), help_text=_("Digits only; shown masked after saving."))
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS[1:3])
    on = forms.DateField(
        label=_("Promised for"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    content = forms.CharField(label=_("What happened"), widget=forms.Textarea(attrs={"rows": 3}))
    solved = forms.ChoiceField(
        label=_("Is it solved"),
        choices=[("yes", _("Yes")), ("partly", _("Partly")), ("no", _("No"))],
        widget=forms.RadioSelect,
    )
    photo = forms.FileField(label=_("Photo"), required=False)
    confidential = forms.BooleanField(label=_("Keep the caller's name confidential"), required=False)


@require_safe
def ui(request: HttpRequest) -> HttpResponse:
    """The style page."""
    if not (settings.DEBUG or request.user.is_authenticated):
        return redirect_to_login(request.get_full_path())
    refused = SampleForm(
        {"phone": "", "kind": "help", "content": str(_("The street lamp is dark."))}, auto_id="refused_%s"
    )
    refused.is_valid()
    return render(
        request,
        "ui.html",
        {
            "colours": COLOURS,
            "sizes": SIZES,
            "spaces": SPACES,
            "states": State.values,
            "urgencies": [code for code in Urgency.values if code != Urgency.N],
            "remaining_samples": REMAINING,
            "kinds": sample_kinds(),
            "orders": sample_orders(),
            "form": SampleForm(auto_id="sample_%s"),
            "refused": refused,
            "icons": ICONS,
            "now": timezone.now(),
        },
    )


class SampleKind(SimpleNamespace):
    def __str__(self) -> str:
        return str(self.label)


def sample_kinds() -> list[SampleKind]:
    return [SampleKind(pk=code, label=label) for code, label in KINDS]


def sample_orders() -> list[SimpleNamespace]:
    """Rows that look like orders, with the hard cases: long words, all overlays, none."""
    kinds = {kind.pk: kind for kind in sample_kinds()}
    orders = [SimpleNamespace(**dict(zip(ORDER_FIELDS, row, strict=True))) for row in ORDERS]
    for index, order in enumerate(orders):
        order.kind = kinds[order.kind_id]
        order.created_at = timezone.now() - timedelta(hours=7 * index + 1)
    return orders
