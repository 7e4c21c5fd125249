"""/account/: who I am here, my sessions and my tokens."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hotline.accounts import sessions, tokens, totp
from hotline.accounts.forms import TokenForm
from hotline.lib.db_now import db_now
from hotline.lib.errors import DomainError


@login_required
@require_safe
def profile(request: HttpRequest) -> HttpResponse:
    return page(request)


def page(request: HttpRequest, form: TokenForm | None = None, plain: str = "") -> HttpResponse:
    context = {
        "units": request.user.units.order_by("code"),
        "device": totp.device_of(request.user),
        "tokens": request.user.tokens.filter(revoked_at=None),
        "form": form or TokenForm(),
        "plain": plain,
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "accounts/profile.html", context, status=status)


@login_required
@require_POST
def sessions_end(request: HttpRequest) -> HttpResponse:
    sessions.end_others(request)
    messages.success(request, _("Your other sessions have ended."))
    return redirect("profile")


@login_required
@require_POST
def token_create(request: HttpRequest) -> HttpResponse:
    """Answers with the page itself, not with a redirect: the plain token is shown once and kept nowhere."""
    form = TokenForm(request.POST)
    if form.is_valid():
        try:
            plain = tokens.issue_token(request.user, form.cleaned_data["label"])
        except DomainError as refusal:
            form.add_error(None, refusal.message)
        else:
            return page(request, plain=plain)
    return page(request, form)


@login_required
@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(request.user.tokens, pk=pk)
    tokens.revoke_token(token, db_now())
    messages.success(request, _("The token no longer works."))
    return redirect("profile")
