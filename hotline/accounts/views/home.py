"""/ and the small things every page needs."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from hotline.accounts.navigation import home_of

YEAR_SECONDS = 365 * 24 * 3600


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """To the page where this role works; a list of what may be opened when there is none."""
    url = home_of(request.user)
    return redirect(url) if url else render(request, "accounts/home.html")


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the reader's choice of language for a year and go back to the page."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = resolve_url(settings.LOGIN_REDIRECT_URL)
    response = redirect(target)
    language = request.POST.get("language")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=YEAR_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


@csrf_exempt
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked. `/readyz` tells whether the system works."""
    return HttpResponse("ok", content_type="text/plain")
