"""Where notices go besides the bell: signed webhooks, SMS and WeCom addresses, as an administrator keeps
them.

Secrets are sealed, shown nowhere, and rotate: the one before stays valid until the next change."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hotline.accounts.changing import Values, add_row, change_row, require_admin
from hotline.accounts.history import record_change
from hotline.accounts.models import User
from hotline.lib.errors import InvalidInput
from hotline.lib.outgoing import AddressRefused, may_call, post, signed_headers
from workorders.models import Endpoint, Notice
from workorders.models.notice import NoticeChannel
from workorders.relay import body_of, send_again

SHORTEST_SECRET = 16


def add(values: Values, *, actor: User | None, now: datetime, basis: str = "") -> Endpoint:
    """A new endpoint. Raises InvalidInput, NotAdministrator."""
    row = Endpoint(**values)
    check(row)
    return add_row(row, actor=actor, now=now, basis=basis)


def edit(
    endpoint: Endpoint,
    values: Values,
    *,
    actor: User | None,
    now: datetime,
    basis: str = "",
    expect: str = "",
    action: str = "edit",
) -> bool:
    """Change an endpoint. An empty secret leaves the present one; a new one keeps it as the previous.

    Raises InvalidInput, StaleRow, NotAdministrator."""
    values = dict(values)
    secret = values.pop("secret", "")
    hidden = {"secret": secret, "old_secret": endpoint.secret} if secret and secret != endpoint.secret else {}
    changed = Endpoint(**{field.attname: getattr(endpoint, field.attname) for field in Endpoint._meta.fields})
    for name, value in {**values, **hidden}.items():
        setattr(changed, name, value)
    check(changed)
    return change_row(
        endpoint, values, actor=actor, now=now, basis=basis, expect=expect, action=action, secret=hidden
    )


def check(endpoint: Endpoint) -> None:
    """What the fields alone cannot tell. Raises InvalidInput."""
    if endpoint.channel == NoticeChannel.BELL:
        raise InvalidInput(_("The bell needs no address."), field="channel")
    if endpoint.channel == NoticeChannel.WEBHOOK and len(endpoint.secret) < SHORTEST_SECRET:
        raise InvalidInput(
            _("A webhook is signed: give a secret of %(count)s characters or more.")
            % {"count": SHORTEST_SECRET},
            field="secret",
        )
    if endpoint.channel != NoticeChannel.WEBHOOK and not endpoint.template.strip():
        raise InvalidInput(_("Write the body that this service expects."), field="template")
    if (endpoint.unit_id is None) == (not endpoint.role):
        raise InvalidInput(_("Choose either a unit or a role."), field="unit")
    check_address(endpoint)


def check_address(endpoint: Endpoint) -> None:
    """An address written as digits is judged here, a name whenever it is called."""
    parts = urlsplit(endpoint.url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise InvalidInput(_("Give an http or https address without a password in it."), field="url")
    try:
        address = ip_address(parts.hostname)
    except ValueError:
        return
    if not may_call(address, endpoint.allow_private):
        raise InvalidInput(_("This address is not public."), field="url")


def retire(endpoint: Endpoint, *, actor: User | None, now: datetime, basis: str = "") -> bool:
    """Send nothing there any more."""
    return change_row(endpoint, {"is_active": False}, actor=actor, now=now, basis=basis, action="retire")


def restore(endpoint: Endpoint, *, actor: User | None, now: datetime, basis: str = "") -> bool:
    """Send there again. Raises InvalidInput when the address may no longer be called."""
    check(endpoint)
    return change_row(endpoint, {"is_active": True}, actor=actor, now=now, basis=basis, action="restore")


# --- Trying it out -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trial:
    """What was sent for a test, and what came back: a status, or why there is none."""

    headers: dict[str, str]
    body: str
    status: int | None = None
    error: str = ""

    @property
    def went_well(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def try_out(endpoint: Endpoint, *, actor: User | None, now: datetime) -> Trial:
    """Send one message that says it is a test, signed like any other, and record that it was tried.

    Never raises for what goes wrong outside. Raises NotAdministrator."""
    require_admin(actor)
    notice = Notice(
        key=f"test-{endpoint.pk}-{int(now.timestamp())}",
        kind="test",
        endpoint=endpoint,
        channel=endpoint.channel,
        unit=endpoint.unit,
        role=endpoint.role,
        created_at=now,
    )
    body = body_of(notice)
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Hotline"}
    secrets = [endpoint.secret, endpoint.old_secret]
    headers |= signed_headers(notice.key, int(now.timestamp()), body, secrets)
    status, error = exchange(endpoint, body, headers)
    outcome: dict[str, Any] = {"status": status} if status is not None else {"error": error}
    record_change(actor, endpoint, endpoint.name, "test", {}, outcome, now)
    return Trial(headers, shown(body), status, error)


def exchange(endpoint: Endpoint, body: bytes, headers: dict[str, str]) -> tuple[int | None, str]:
    """(status, "") or (None, what went wrong)."""
    try:
        return post(endpoint.url, body, headers, allow_private=endpoint.allow_private), ""
    except (OSError, http.client.HTTPException, AddressRefused, ValueError) as error:
        return None, f"{type(error).__name__}: {error}"[:300]


def shown(body: bytes) -> str:
    """The body for reading: JSON is indented."""
    text = body.decode(errors="replace")
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except ValueError:
        return text


# --- Dead notices ------------------------------------------------------------------------------------

DISCARDED = "discarded"
"""Fact of a dead notice that an administrator gave up, with the reason."""


def dead_notices():
    """Notices that could not be sent and that nobody has dealt with yet, oldest first."""
    dead = Notice.objects.filter(dead_at__isnull=False, sent_at__isnull=True)
    return dead.exclude(facts__has_key=DISCARDED).select_related("endpoint").order_by("dead_at", "pk")


@transaction.atomic
def retry(notice: Notice, *, actor: User | None, now: datetime) -> None:
    """Give a dead notice another eight tries. Raises InvalidInput when it is not dead any more."""
    require_admin(actor)
    if not send_again([notice.pk], now=now):
        raise InvalidInput(_("This notice was dealt with already."))
    record_change(actor, notice, str(notice.pk), "retry", {"error": notice.error}, {}, now)


@transaction.atomic
def discard(notice: Notice, *, actor: User | None, now: datetime, note: str) -> None:
    """Give a dead notice up, for a stated reason. Raises InvalidInput without one."""
    require_admin(actor)
    if len(note.strip()) < 2:
        raise InvalidInput(_("Say why: it is recorded."), field="note")
    locked = dead_notices().select_for_update(of=("self",)).filter(pk=notice.pk).first()
    if locked is None:
        raise InvalidInput(_("This notice was dealt with already."))
    locked.facts = {**locked.facts, DISCARDED: note.strip()[:200]}
    locked.save(update_fields=["facts"])
    record_change(
        actor, notice, str(notice.pk), "discard", {"error": locked.error}, {}, now, note.strip()[:200]
    )
