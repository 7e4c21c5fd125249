"""/account/password/: choose a new password."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.password_validation import password_validators_help_texts
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from hotline.accounts import passwords
from hotline.accounts.forms import PasswordForm
from hotline.accounts.history import record_change
from hotline.lib.db_now import db_now


@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "POST"])
def password_change(request: HttpRequest) -> HttpResponse:
    user = request.user
    form = PasswordForm(user, request.POST or None)
    now = db_now()
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            passwords.set_password(user, form.cleaned_data["new"], now)
            record_change(user, user._meta.label_lower, user.username, "password", {}, {}, now)
        update_session_auth_hash(request, user)
        messages.success(request, _("Your password is changed. Your other sessions have ended."))
        return redirect("home")
    context = {
        "form": form,
        "rules": password_validators_help_texts(),
        "forced": passwords.must_be_changed(user, now),
        "too_old": passwords.is_too_old(user, now),
    }
    return render(request, "accounts/password_change.html", context, status=422 if form.errors else 200)
