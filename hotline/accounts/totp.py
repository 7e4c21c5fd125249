"""The second factor: a code that an app on the phone makes anew every 30 seconds (TOTP, RFC 6238).

The codes follow the web server's clock (`time.time()` inside django-otp), so these functions take `now` only
for what they record."""

import secrets
from base64 import b32encode
from datetime import datetime

import segno
from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from hotline.accounts.history import record_change
from hotline.accounts.models import Role, User
from hotline.accounts.sessions import end_all
from hotline.lib.errors import DomainError

DEVICE_NAME = "app"
SALT = "hotline.accounts.totp"
OFFER_SECONDS = 3600
"""How long a new secret may lie on the enrolment page before it has to be fetched again."""


class CodeRefused(DomainError):
    code = "code_refused"
    message = _("This code is not right, or it was used already. Wait for the next one.")
    status = 400


class TooManyCodes(DomainError):
    code = "too_many_codes"
    status = 429


class ResetRefused(DomainError):
    code = "not_allowed"
    message = _("Only another administrator may reset a second factor.")
    status = 403


def device_of(user: User) -> TOTPDevice | None:
    """The confirmed device of this person."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).order_by("pk").first()


class Offer:
    """A new secret for this person's app: shown as a picture and in letters, kept nowhere until confirmed."""

    def __init__(self, user: User, key: str | None = None) -> None:
        self.user = user
        self.key = key or secrets.token_hex(20)

    @classmethod
    def from_signed(cls, user: User, signed: str) -> "Offer":
        """The offer that this person's page carried. Raises CodeRefused when it is forged or too old."""
        try:
            owner, key = signing.loads(signed, salt=SALT, max_age=OFFER_SECONDS)
        except signing.BadSignature:
            owner, key = None, None
        if owner != user.pk:
            raise CodeRefused(_("This page is too old. Scan the new picture."), code="offer_expired")
        return cls(user, key)

    @property
    def signed(self) -> str:
        return signing.dumps([self.user.pk, self.key], salt=SALT)

    @property
    def letters(self) -> str:
        """The secret for typing, in groups of four."""
        text = b32encode(bytes.fromhex(self.key)).decode()
        return " ".join(text[at : at + 4] for at in range(0, len(text), 4))

    @property
    def picture(self) -> str:
        """The QR code as a data: URI of an SVG."""
        return segno.make(TOTPDevice(user=self.user, key=self.key).config_url).svg_data_uri(scale=5, border=2)


@transaction.atomic
def enrol(user: User, offer: Offer, code: str, now: datetime) -> TOTPDevice:
    """Take the offered secret into use after its first code. That code will not work a second time.

    Raises CodeRefused, also when the person has a device already: a reset comes first."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    check = TOTP(bytes.fromhex(offer.key))
    check.time = timezone.now().timestamp()
    if device_of(user) or not code.isdecimal() or not check.verify(int(code), tolerance=1):
        raise CodeRefused
    TOTPDevice.objects.filter(user=user, confirmed=False).delete()
    device = TOTPDevice.objects.create(
        user=user, name=DEVICE_NAME, key=offer.key, confirmed=True, last_t=check.t(), drift=check.drift
    )
    record_change(user, user, user.username, "totp_enrol", {}, {}, now)
    return device


def prove(user: User, code: str) -> TOTPDevice:
    """The device that accepts this code. Raises CodeRefused, or TooManyCodes while it must be left alone.

    A code works once, even when sent twice at the same moment: the device is locked while it is checked."""
    with transaction.atomic():
        device = (
            TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True).order_by("pk").first()
        )
        if device is not None:
            allowed, why = device.verify_is_allowed()
            if not allowed:
                raise TooManyCodes(wait_text(why["locked_until"]))
            if device.verify_token(code):
                return device
    raise CodeRefused  # outside of the transaction: the failure has to be counted


def wait_text(until: datetime) -> str:
    seconds = max(1, round((until - timezone.now()).total_seconds()))
    return ngettext(
        "Too many wrong codes. Try again in %(seconds)d second.",
        "Too many wrong codes. Try again in %(seconds)d seconds.",
        seconds,
    ) % {"seconds": seconds}


@transaction.atomic
def reset(user: User, actor: User | None, now: datetime) -> None:
    """Forget the device of `user`, who then has to enrol a new one, and end all sessions of `user`.

    Only another administrator may do it; `actor` None is the command line. Raises ResetRefused."""
    if actor is not None and (actor.pk == user.pk or actor.role != Role.ADMIN or not actor.is_active):
        raise ResetRefused
    TOTPDevice.objects.filter(user=user).delete()
    end_all(user)
    record_change(actor, user, user.username, "totp_reset", {}, {}, now)
