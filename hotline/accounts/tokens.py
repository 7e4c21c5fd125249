"""Tokens for programs: issued once in plain, kept as a digest, revocable."""

import hashlib
import secrets
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from hotline.accounts.models import ApiToken, User
from hotline.lib.errors import DomainError

SCHEMES = {"bearer", "token"}
MOST_TOKENS = 20
"""More live tokens than that nobody keeps an eye on."""


class TooManyTokens(DomainError):
    code = "too_many_tokens"
    message = gettext_lazy("You have too many tokens. Revoke one that is no longer used.")


def digest_of(plain: str) -> str:
    """SHA-256 is enough: a token has 256 random bits, there is nothing to guess."""
    return hashlib.sha256(plain.encode()).hexdigest()


def issue_token(user: User, label: str = "") -> str:
    """A new token in plain, the only time it is seen. Raises TooManyTokens."""
    if user.tokens.filter(revoked_at=None).count() >= MOST_TOKENS:
        raise TooManyTokens
    plain = f"hl_{secrets.token_urlsafe(32)}"
    ApiToken.objects.create(user=user, digest=digest_of(plain), label=label)
    return plain


def revoke_token(token: ApiToken, now: datetime) -> None:
    """The token stops working at once. Revoking twice keeps the first time."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer TOKEN` (or `Token TOKEN`)."""

    def authenticate_header(self, request) -> str:
        return 'Bearer realm="api"'

    def authenticate(self, request) -> tuple[User, ApiToken] | None:
        scheme, _space, plain = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() not in SCHEMES:
            return None
        token = (
            ApiToken.objects.select_related("user")
            .filter(digest=digest_of(plain.strip()), revoked_at=None, user__is_active=True)
            .first()
        )
        if token is None:
            raise AuthenticationFailed(_("This token is not valid."))
        today = timezone.localdate()
        if token.used_on != today:
            ApiToken.objects.filter(pk=token.pk).update(used_on=today)
        return token.user, token


class TokenScheme(OpenApiAuthenticationExtension):
    """How the token is described in the OpenAPI document."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": _("A token made on the profile page.")}
