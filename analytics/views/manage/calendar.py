"""/manage/calendar/import/: a year of official days, looked at before it is saved."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from analytics.views.manage.rows import posted, refuse
from analytics.views.manage.tables import CALENDAR
from dispatch import calendardays
from hotline.accounts.models import Role
from hotline.accounts.roles import role_required
from hotline.lib.db_now import db_now
from hotline.lib.errors import DomainError

LARGEST = 200_000
"""Bytes of a file: a year has fewer than 3,000."""


class ImportForm(forms.Form):
    """The days come from the file, if one is chosen, else from the text."""

    notice = forms.CharField(
        label=_("Notice"), max_length=200, help_text=_("The official notice that these days come from.")
    )
    file = forms.FileField(label=_("CSV file"), required=False)
    text = forms.CharField(
        label=_("Days"),
        required=False,
        max_length=LARGEST,
        widget=forms.Textarea(attrs={"spellcheck": "false"}),
    )

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if not file:
            return ""
        if file.size > LARGEST:
            raise forms.ValidationError(_("This file is too large for a calendar."))
        try:
            return file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(_("This is no CSV file in UTF-8.")) from None

    def clean(self) -> None:
        if not self.cleaned_data.get("file") and not self.cleaned_data.get("text") and not self.errors:
            self.add_error("text", _("Choose a file or type the days."))

    @property
    def days(self) -> str:
        return self.cleaned_data.get("file") or self.cleaned_data.get("text") or ""


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMIN)
def calendar_import(request: HttpRequest) -> HttpResponse:
    form = ImportForm(posted(request), request.FILES or None)
    context = {"table": CALENDAR, "form": form}
    if request.method == "POST" and form.is_valid():
        now, plan = db_now(), calendardays.plan(form.days)
        if request.POST.get("step") == "save":
            try:
                count = calendardays.apply(
                    plan, actor=request.user, now=now, notice=form.cleaned_data["notice"]
                )
            except DomainError as refusal:
                refuse(form, refusal)
            else:
                words = ngettext("%(count)s day is saved.", "%(count)s days are saved.", count)
                messages.success(request, words % {"count": count})
                return redirect(CALENDAR.url)
        # What was in the file goes on as text, because a browser does not send a file twice.
        form = ImportForm({**request.POST.dict(), "text": form.days}) if not form.errors else form
        start, shifts = calendardays.shifts(plan.lines, timezone.localdate(now))
        clocks = calendardays.clocks_over(line.day for line in plan.lines)
        context |= {"form": form, "plan": plan, "start": start, "shifts": shifts, "clocks": clocks}
    return render(
        request, "analytics/manage/calendar_import.html", context, status=422 if form.errors else 200
    )
