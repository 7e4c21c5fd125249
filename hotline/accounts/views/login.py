"""/login/ and /logout/, and what somebody sees who tried too often."""

import math

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hotline.accounts import locks, sessions
from hotline.accounts.forms import LoginForm
from hotline.lib.requests import client_ip

ENDED = {
    "idle": _("You were logged out because nothing was done for a while. Drafts are kept."),
    "absolute": _("You were logged out because a login lasts one shift at most. Drafts are kept."),
}


class Login(LoginView):
    template_name = "accounts/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def form_valid(self, form: LoginForm) -> HttpResponse:
        user = form.get_user()
        if user.role in settings.SINGLE_SESSION_ROLES:
            sessions.end_all(user)
        return super().form_valid(form)

    def form_invalid(self, form: LoginForm) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_context_data(self, **kwargs):
        return super().get_context_data(ended=ENDED.get(self.request.GET.get("ended")), **kwargs)


login = Login.as_view()
logout = LogoutView.as_view()


def locked_out(request: HttpRequest, original_response=None, credentials=None) -> HttpResponse:
    """Instead of the login page after too many failures (AXES_LOCKOUT_CALLABLE); unknown names get it too."""
    username = (credentials or {}).get("username", "")
    # The lock is kept by the web server's clock (axes), so it is counted by that clock.
    wait = locks.locked_for(username, client_ip(request), timezone.now())
    minutes = max(1, math.ceil(wait.total_seconds() / 60))
    response = render(request, "accounts/locked_out.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(max(1, math.ceil(wait.total_seconds())))
    return response
