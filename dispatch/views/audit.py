"""/audit/: who saw what, when and why; who changed which setting; who logged in. For the auditor, who changes
nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dispatch.forms.audit import AccessForm, ChangeForm, LoginForm, SpanForm, start_of
from dispatch.paging import page_of
from dispatch.wording import REVEALABLE
from hotline.accounts import logins
from hotline.accounts.changewords import action_words, differences, table_words
from hotline.accounts.models import Change, Role
from hotline.accounts.roles import role_required
from hotline.lib.db_now import db_now
from hotline.lib.sheets import CSV_TYPE, XLSX_TYPE, csv_chunks, xlsx_file
from hotline.lib.tags import full_time
from workorders import auditing
from workorders.models import AccessLog


@require_GET
@role_required(Role.AUDITOR)
def audit(request: HttpRequest) -> HttpResponse:
    form = AccessForm(request.GET, auto_id="filter_%s")
    rows = auditing.accesses(form.wanted()) if form.is_valid() else None
    start = start_of(timezone.localdate(db_now()))
    context = {
        "form": form,
        "revealers": auditing.most_revealing(start, start + timedelta(days=1)),
        "alarming": auditing.people_alarming(start, start + timedelta(days=1)),
        "quota": auditing.REVEALS_A_DAY,
        "most": auditing.MOST_ROWS,
        "today": start,
    }
    return listed(request, "access", form, rows, "-at", context, line_of)


@require_GET
@role_required(Role.AUDITOR)
def audit_changes(request: HttpRequest) -> HttpResponse:
    form = ChangeForm(request.GET, auto_id="filter_%s")
    rows = changes(form) if form.is_valid() else None
    return listed(request, "changes", form, rows, "-at", {}, change_line)


@require_GET
@role_required(Role.AUDITOR)
def audit_logins(request: HttpRequest) -> HttpResponse:
    form = LoginForm(request.GET, auto_id="filter_%s")
    rows = None
    if form.is_valid():
        read = logins.successes if form.cleaned_data["outcome"] == "done" else logins.failures
        rows = read(form.wanted())
    return listed(request, "logins", form, rows, "-attempt_time", {}, lambda row: row)


def listed(
    request: HttpRequest,
    tab: str,
    form: SpanForm,
    rows: QuerySet | None,
    by: str,
    context: dict[str, Any],
    dressed: Any,
) -> HttpResponse:
    """One page of a tab, newest first; no rows when the filters make no sense."""
    context |= {"tab": tab, "form": form, "filtered": bool(set(request.GET) - {"cursor"})}
    if rows is not None:
        page = page_of(rows, by=by, cursor=request.GET.get("cursor", ""))
        context |= {"lines": [dressed(row) for row in page.rows], "next": page.next}
    return render(request, f"dispatch/audit_{tab}.html", context, status=422 if form.errors else 200)


def line_of(row: AccessLog) -> dict[str, Any]:
    return {
        "row": row,
        "url": reverse("order", args=[row.order.number]) if row.order else "",
        "units": _(", ").join(str(unit) for unit in row.user.units.all()) if row.user else "",
        "field": REVEALABLE.get(row.field, row.field),
        "more": more_of(row),
    }


def more_of(row: AccessLog) -> str:
    """What else the line keeps: the masked number of a search, the size of an export."""
    if "phone" in row.facts:
        return str(row.facts["phone"])
    if "rows" in row.facts:
        return _("%(count)s rows") % {"count": row.facts["rows"]}
    return ""


def changes(form: ChangeForm) -> QuerySet[Change]:
    span, data = form.span(), form.cleaned_data
    rows = Change.objects.select_related("actor")
    if person := span["person"]:
        rows = rows.filter(Q(actor__username__icontains=person) | Q(actor__name__icontains=person))
    wanted = {
        "table": data["table"],
        "key__icontains": data["key"].strip(),
        "at__gte": span["since"],
        "at__lt": span["until"],
    }
    return rows.filter(**{name: value for name, value in wanted.items() if value})


def change_line(change: Change) -> dict[str, Any]:
    return {
        "change": change,
        "table": table_words(change.table),
        "action": action_words(change.action),
        "differences": differences(change),
    }


@require_POST
@role_required(Role.AUDITOR)
def audit_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The filtered lines as CSV or XLSX; the filters stand in the address, like those of the page."""
    form = AccessForm(request.GET, auto_id="filter_%s")
    if not form.is_valid():
        return listed(request, "access", form, None, "-at", {}, line_of)
    now = db_now()
    line, rows = auditing.export(form.wanted(), actor=request.user, now=now, kind=kind, request=request)
    name, cells = f"access-log-{line.pk}.{kind}", (cells_of(row) for row in rows)
    if kind == "csv":
        answer: HttpResponseBase = StreamingHttpResponse(csv_chunks(header(), cells), content_type=CSV_TYPE)
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
    file = xlsx_file(_("Access log"), facts_of(form, request, line), header(), cells, WIDTHS)
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX_TYPE)


WIDTHS = (20, 16, 14, 12, 24, 16, 22, 12, 40, 18, 14)


def header() -> list[str]:
    return [
        _("When"),
        _("User name"),
        _("Name"),
        _("Role"),
        _("Units"),
        _("Act"),
        _("Order number"),
        _("Field"),
        _("Reason"),
        _("IP address"),
        _("More"),
    ]


def cells_of(row: AccessLog) -> list[Any]:
    line, user = line_of(row), row.user
    who = [user.username, user.name, user.get_role_display(), line["units"]] if user else ["", "", "", ""]
    return [
        row.at,
        *who,
        row.get_act_display(),
        row.order.number if row.order else "",
        str(line["field"]),
        row.reason,
        row.ip or "",
        line["more"],
    ]


def facts_of(form: AccessForm, request: HttpRequest, line: AccessLog) -> list[tuple[str, Any]]:
    """What stands above the table: which lines, who took the copy, when, and under which number it is
    logged."""
    chosen = [f"{bound.label}: {bound.value()}" for bound in form if bound.value()]
    return [
        (_("Filters"), _(", ").join(chosen) or _("none")),
        (_("Exported by"), f"{request.user} ({request.user.username})"),
        (_("Exported at"), full_time(line.at)),
        (_("Number of the export"), str(line.pk)),
    ]
