"""/manage/: the tables, and what needs the administrator's attention."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from analytics.views.manage.tables import TABLES
from dispatch.calendardays import missing_year
from dispatch.cataloguing import leaves_without_lead
from dispatch.parked import parked_steps
from hotline.accounts.models import Role
from hotline.accounts.roles import role_required
from hotline.lib.db_now import db_now
from workorders import classification
from workorders.endpoints import dead_notices
from workorders.models import ClassifierModel


@require_GET
@role_required(Role.ADMIN)
def manage(request: HttpRequest) -> HttpResponse:
    context = {
        "needs": needs(timezone.localdate(db_now())),
        "cards": [{"table": table, "rows": table.rows().count()} for table in TABLES.values()],
        "models": classifiers(),
        "serving": classification.serving() is not None,
    }
    return render(request, "analytics/manage/home.html", context)


def needs(today: date) -> list[dict[str, Any]]:
    """What somebody has to look at, the worst first."""
    found = []
    if parked := parked_steps().count():
        text = ngettext(
            "%(n)s step of a clock failed five times and waits.",
            "%(n)s steps of clocks failed five times and wait.",
            parked,
        )
        words = text % {"n": parked}
        found.append(need("error", "clock-pause", words, reverse("manage_parked"), _("Look at them")))
    if dead := dead_notices().count():
        text = ngettext("%(n)s notice could not be sent.", "%(n)s notices could not be sent.", dead)
        words = text % {"n": dead}
        found.append(need("error", "send-off", words, reverse("manage_dead"), _("Look at them")))
    if year := missing_year(today):
        text = _(
            "The official calendar of %(year)s is missing: deadlines that reach into it are provisional."
        )
        words = text % {"year": year}
        found.append(need("warning", "calendar-x", words, reverse("manage_calendar_import"), _("Import it")))
    if unled := list(leaves_without_lead(today)):
        text = ngettext(
            "%(n)s category has no lead in the dispatch catalogue, so that its orders wait in triage: "
            "%(names)s",
            "%(n)s categories have no lead in the dispatch catalogue, so that their orders wait in triage: "
            "%(names)s",
            len(unled),
        )
        words = text % {"n": len(unled), "names": _(", ").join(str(leaf) for leaf in unled[:3])}
        found.append(
            need("warning", "route", words, reverse("manage_add", args=["catalogue"]), _("New entry"))
        )
    return found


def need(level: str, icon: str, text: str, url: str = "", action: str = "") -> dict[str, str]:
    return {"level": level, "icon": icon, "text": text, "url": url, "action": action}


def classifiers() -> list[dict[str, Any]]:
    """The versions in use, with the figures that their training measured."""
    rows = ClassifierModel.objects.filter(is_current=True).defer("blob")[:20]
    return [
        {
            "model": row,
            "labels": len(row.labels),
            "accuracy": row.figures.get("accuracy"),
            "macro_f1": row.figures.get("macro_f1"),
        }
        for row in rows
    ]
