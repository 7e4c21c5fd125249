"""What polled fragments share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse


def not_modified(request: HttpRequest, data: Any, make: Callable[[], HttpResponse]) -> HttpResponse:
    """304 when the browser already shows this data in this language, else what `make` renders, with the tag
    to ask by."""
    text = json.dumps([data, request.LANGUAGE_CODE], default=str, sort_keys=True)
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:20]}"'
    response = HttpResponse(status=304) if request.headers.get("If-None-Match") == etag else make()
    response["ETag"], response["Cache-Control"] = etag, "private, no-store"
    return response
