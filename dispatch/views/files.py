"""/orders/<number>/files/: the files of an order, as a block of its page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from hotline.accounts.models import Role, User
from hotline.lib.db_now import db_now
from workorders import attachments
from workorders.access import order_for
from workorders.errors import DomainError
from workorders.models import Attachment, WorkOrder


class FileForm(forms.Form):
    """One file; what may come in is said by `workorders.attachments`."""

    file = forms.FileField(
        label=gettext_lazy("New file"), widget=forms.FileInput(attrs={"accept": attachments.ACCEPT})
    )
    label = forms.ChoiceField(
        label=gettext_lazy("Shows the place"), choices=Attachment.Label.choices, required=False
    )


def files_context(order: WorkOrder, user: User, form: FileForm | None = None) -> dict[str, Any]:
    """What the block needs: the files, newest last, and the form for one more (none for an auditor)."""
    rows = order.attachments.select_related("by").order_by("at", "pk")[: attachments.MOST_FILES]
    may_add = user.role != Role.AUDITOR
    return {"order": order, "files": rows, "file_form": form or FileForm(), "may_add": may_add}


@login_required
@require_POST
def order_files(request: HttpRequest, number: str) -> HttpResponse:
    """Keep one more file. Refused: 422, and why."""
    order, now = order_for(request.user, number), db_now()
    form = FileForm(request.POST, request.FILES)
    if form.is_valid() and kept(request, order, form, now):
        messages.success(request, _("The file is kept."))
        if not request.htmx:
            return redirect("order", number)
        form = None
    status = 422 if form is not None else 200
    before = order.version
    order.refresh_from_db(fields=["version"])
    context = files_context(order, request.user, form) | {"before": before}
    return render(request, "dispatch/_order_files.html", context, status=status)


def kept(request: HttpRequest, order: WorkOrder, form: FileForm, now: datetime) -> bool:
    try:
        data = form.cleaned_data
        attachments.store(order, data["file"], actor=request.user, now=now, label=data["label"])
    except DomainError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else "file", str(refusal))
        return False
    return True


@login_required
@require_GET
def order_file(request: HttpRequest, number: str, file_id: int) -> HttpResponse:
    """The file as a download, recorded."""
    order = order_for(request.user, number)
    return attachments.answer_with(order, file_id, user=request.user, now=db_now(), request=request)
