"""How long a login lasts, and what must be done before any page opens."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeGuard
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model, logout, update_session_auth_hash
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.db import models
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect
from django_otp import user_has_device

from hotline.accounts.models import NEEDS_TOTP, User
from hotline.accounts.passwords import must_be_changed

LOGIN_AT, SEEN_AT, HAS_TOTP = "login_at", "seen_at", "has_totp"
SEEN_STEP = timedelta(seconds=30)
"""`seen_at` is written at most this often, so that not every click writes the session."""
API_PATHS = ("/api/v1/", "/api/schema/")
ALWAYS_OPEN = frozenset(
    {
        "login",
        "logout",
        "password_change",
        "totp_enrol",
        "totp_verify",
        "set_language",
        "healthz",
        "readyz",
        "metrics",
    }
)
"""Names of the URLs that somebody may open who still has to change a password or prove the second factor."""


@receiver(user_logged_in, dispatch_uid="accounts.session_begins")
def session_begins(sender, request, user, **kwargs) -> None:
    # The web server's clock: a limit of half an hour is not worth a query on every request.
    now = timezone.now().timestamp()
    request.session[LOGIN_AT] = request.session[SEEN_AT] = now
    request.session[HAS_TOTP] = user_has_device(user)


def why_over(session: SessionBase, now: datetime) -> str | None:
    """'absolute' or 'idle' when the session has outlived its limit, else None."""
    login_at, seen_at = session.get(LOGIN_AT, 0), session.get(SEEN_AT, 0)
    if now.timestamp() - login_at >= settings.SESSION_ABSOLUTE_HOURS * 3600:
        return "absolute"
    if now.timestamp() - seen_at >= settings.SESSION_IDLE_MINUTES * 60:
        return "idle"
    return None


def open_duty(request: HttpRequest, now: datetime) -> str | None:
    """Name of the page this person has to deal with first; None when free to go.

    A second factor that exists comes before the password: whoever has only the password cannot change it."""
    user = request.user
    needs_totp = user.role in NEEDS_TOTP or request.session.get(HAS_TOTP, False)
    unproven = needs_totp and not user.is_verified()
    if unproven and user_has_device(user):
        return "totp_verify"
    if must_be_changed(user, now):
        return "password_change"
    return "totp_enrol" if unproven else None


def end_all(user: User) -> None:
    """End every session of this person, wherever it is."""
    get_user_model().objects.filter(pk=user.pk).update(session_round=models.F("session_round") + 1)
    user.refresh_from_db(fields=["session_round"])


def end_others(request: HttpRequest) -> None:
    """End every session of the person at this screen except this one."""
    end_all(request.user)
    update_session_auth_hash(request, request.user)


class SessionLimitsMiddleware:
    """Ends sessions after idle and absolute limits and keeps people on the page they have to deal with first.

    Pages go to the login page and say why, the API answers 401 or 403, htmx requests get HX-Redirect. A
    polling request (header or parameter X-Poll) is answered but does not count as activity. Requests that
    carry an API token are judged by the token alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.session_over = None
        if has_session(request):
            self.check_limits(request)
        response = self.get_response(request)
        if is_login_redirect(response):
            return to_login(request, response)
        if has_session(request) and request.user.is_authenticated and "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response

    def check_limits(self, request: HttpRequest) -> None:
        """End the session that is over; note the activity of one that is not."""
        if not request.user.is_authenticated:
            return
        now = timezone.now()
        if reason := why_over(request.session, now):
            logout(request)
            request.session_over = reason
        elif not is_poll(request) and now.timestamp() - request.session[SEEN_AT] >= SEEN_STEP.total_seconds():
            request.session[SEEN_AT] = now.timestamp()

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        if request.resolver_match.url_name in ALWAYS_OPEN or not has_session(request):
            return None
        if not request.user.is_authenticated:
            return None
        duty = open_duty(request, timezone.now())
        if duty is None:
            return None
        if request.path.startswith(API_PATHS):
            detail = _(
                "Open Hotline in a browser first: your account needs a new password or a second factor."
            )
            return JsonResponse({"code": f"{duty}_required", "detail": detail}, status=403)
        if not is_htmx(request):
            return redirect(duty)
        if urlsplit(page_behind(request)).path == resolve_url(duty):
            # The bell of that very page: sending it there would reload the page for ever.
            return HttpResponse(status=204)
        return HttpResponseClientRedirect(resolve_url(duty))


def has_session(request: HttpRequest) -> bool:
    """False for visitors without a login cookie and for programs with an API token."""
    scheme = request.headers.get("Authorization", "").split(" ")[0].lower()
    if scheme in {"bearer", "token"} and request.path.startswith(API_PATHS):
        return False
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def is_poll(request: HttpRequest) -> bool:
    return "X-Poll" in request.headers or "X-Poll" in request.GET


def is_htmx(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers  # this middleware runs before django_htmx's


def is_login_redirect(response: HttpResponse) -> TypeGuard[HttpResponseRedirect]:
    return isinstance(response, HttpResponseRedirect) and urlsplit(response.url).path == resolve_url(
        settings.LOGIN_URL
    )


def to_login(request: HttpRequest, response: HttpResponseRedirect) -> HttpResponse:
    """The redirect to the login page, with the reason and with a page to come back to that can be opened."""
    query = QueryDict(urlsplit(response.url).query, mutable=True)
    if request.session_over:
        query["ended"] = request.session_over
    if "next" in query and (is_htmx(request) or request.method != "GET"):
        # A fragment or a POST cannot be opened afterwards: come back to the page it was sent from.
        query["next"] = page_behind(request)
    url = resolve_url(settings.LOGIN_URL) + (f"?{query.urlencode()}" if query else "")
    if is_htmx(request):
        whole = HttpResponseClientRedirect(url)
        whole.cookies = response.cookies
        return whole
    response.headers["Location"] = url
    return response


def page_behind(request: HttpRequest) -> str:
    source = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    if url_has_allowed_host_and_scheme(source, {request.get_host()}):
        parts = urlsplit(source)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path
    return resolve_url(settings.LOGIN_REDIRECT_URL)
