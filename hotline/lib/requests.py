"""What a request is called in the logs, and where it came from."""

import logging
import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

HEADER = "X-Request-ID"
NO_REQUEST = "-"
SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")

_request_id: ContextVar[str] = ContextVar("request_id", default=NO_REQUEST)


def current_request_id() -> str:
    """The id of the request being answered in this context, or "-" outside of any."""
    return _request_id.get()


class RequestIdMiddleware:
    """Names each request: `request.request_id`, every log line, and the X-Request-ID header of the answer.

    An id that comes in is kept only when a proxy of ours stands before us (TRUSTED_PROXIES > 0) and the id is
    8 to 64 letters, digits and ". _ -"; else a new one is made. Comes first in MIDDLEWARE."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = incoming_id(request) or secrets.token_hex(16)
        request.request_id = request_id  # type: ignore[attr-defined]  # pages show it beside an error
        token = _request_id.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            _request_id.reset(token)
        response.headers[HEADER] = request_id
        return response


def incoming_id(request: HttpRequest) -> str | None:
    """The id given by a trusted proxy, or None."""
    if settings.TRUSTED_PROXIES < 1:
        return None
    given = request.headers.get(HEADER, "")
    return given if SANE_ID.fullmatch(given) else None


class RequestIdFilter(logging.Filter):
    """Gives every log record a `request_id`, "-" outside of a request. Never drops a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        # Django logs a refused request after the middleware is through; the record still carries the request.
        request = getattr(record, "request", None)
        record.request_id = getattr(request, "request_id", None) or current_request_id()
        return True


def client_ip(request: HttpRequest) -> str:
    """The address of the client: the N-th from the right of X-Forwarded-For, N = TRUSTED_PROXIES.

    What stands further left was written by the client and is never believed. Falls back to the peer's address
    when N is 0, or when the header is shorter than N or holds no address there; empty on a Unix socket."""
    peer: str = request.META.get("REMOTE_ADDR") or ""
    hops = settings.TRUSTED_PROXIES
    if hops < 1:
        return peer
    chain = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if len(chain) < hops:
        return peer
    return plain_address(chain[-hops]) or peer


def plain_address(text: str) -> str | None:
    """An IP address without port or brackets, in its canonical form; None if it is not one."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ip_address(text))
    except ValueError:
        return None
