"""/account/totp/: set up the second factor, and prove it at login."""

import django_otp
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from hotline.accounts import sessions, totp
from hotline.accounts.forms import CodeForm, EnrolForm
from hotline.lib.db_now import db_now
from hotline.lib.errors import DomainError


@login_required
@require_http_methods(["GET", "POST"])
def totp_enrol(request: HttpRequest) -> HttpResponse:
    if totp.device_of(request.user):
        return redirect("home")
    form = EnrolForm(request.POST or None)
    offer = totp.Offer(request.user)
    if request.method == "POST":
        try:
            offer = totp.Offer.from_signed(request.user, request.POST.get("offer", ""))
            if form.is_valid():
                device = totp.enrol(request.user, offer, form.cleaned_data["code"], db_now())
                enter(request, device)
                return redirect("home")
        except DomainError as refusal:
            form.add_error("code" if refusal.code == "code_refused" else None, refusal.message)
    context = {"form": form, "offer": offer}
    return render(request, "accounts/totp_enrol.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def totp_verify(request: HttpRequest) -> HttpResponse:
    if request.user.is_verified():
        return redirect("home")
    if totp.device_of(request.user) is None:
        return redirect("totp_enrol")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            enter(request, totp.prove(request.user, form.cleaned_data["code"]))
        except DomainError as refusal:
            form.add_error("code", refusal.message)
        else:
            return redirect("home")
    return render(request, "accounts/totp_verify.html", {"form": form}, status=422 if form.errors else 200)


def enter(request: HttpRequest, device) -> None:
    """From here on the session is proven. A new session id, because its rights have grown."""
    django_otp.login(request, device)
    request.session[sessions.HAS_TOTP] = True
    request.session.cycle_key()
