"""/manage/: the tables, and what needs the administrator's attention."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from analytics.views.manage.tables import TABLES
from hotline.accounts.models import Role
from hotline.accounts.roles import role_required


@require_GET
@role_required(Role.ADMIN)
def manage(request: HttpRequest) -> HttpResponse:
    cards = [{"table": table, "rows": table.rows().count()} for table in TABLES.values()]
    return render(request, "analytics/manage/home.html", {"cards": cards})
