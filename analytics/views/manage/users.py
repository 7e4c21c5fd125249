"""/manage/users/: what goes beyond editing a row: the first password, and helping somebody who is locked
out."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from analytics.views.manage.rows import posted, refuse, row_or_404
from analytics.views.manage.tables import USERS
from hotline.accounts import people
from hotline.accounts.models import Role
from hotline.accounts.roles import role_required
from hotline.lib.db_now import db_now
from hotline.lib.errors import DomainError


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMIN)
def user_add(request: HttpRequest) -> HttpResponse:
    """Answers with the one-time password itself, not with a redirect: it is shown once and kept nowhere."""
    form = USERS.form(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            user, plain = people.create(actor=request.user, now=db_now(), **form.values())
        except DomainError as refusal:
            refuse(form, refusal)
        else:
            return one_time(request, user, plain)
    context = {"table": USERS, "form": form}
    return render(request, "analytics/manage/add.html", context, status=422 if form.errors else 200)


def one_time(request: HttpRequest, user, plain: str) -> HttpResponse:
    context = {"table": USERS, "row": user, "address": USERS.address(user), "plain": plain}
    return render(request, "analytics/manage/one_time.html", context)


@require_POST
@role_required(Role.ADMIN)
def user_act(request: HttpRequest, key: str, act: str) -> HttpResponse:
    """password, factor, unlock or sessions, for somebody who cannot help themselves."""
    user = row_or_404(USERS, key)
    by = {"actor": request.user, "now": db_now()}
    try:
        if act == "password":
            return one_time(request, user, people.reset_password(user, **by))
        if act == "factor":
            people.reset_second_factor(user, **by)
            done = _("The second factor is forgotten: a new one is set up at the next login.")
        elif act == "unlock":
            people.unlock(user, **by)
            done = _("Failed logins are forgotten: the person can log in again.")
        elif act == "sessions":
            people.end_sessions(user, **by)
            done = _("The person is logged out everywhere.")
        else:
            raise Http404("no such act")
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect(USERS.address(user))
