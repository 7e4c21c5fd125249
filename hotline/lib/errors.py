"""Refusals of the domain: raised by rules, translated once at each edge."""

from typing import Any

from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A rule says no. `code` is stable for programs, `message` is for people, `field` names the input at
    fault.

    `status` is the HTTP status the API answers with."""

    code = "refused"
    message: Any = _("This is not possible.")
    status = 409

    def __init__(
        self, message: Any = None, *, field: str | None = None, code: str | None = None, **details: Any
    ) -> None:
        if message is not None:
            self.message = message
        if code is not None:
            self.code = code
        self.field = field
        self.details = details
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message)


class InvalidInput(DomainError):
    """A value does not fit, whatever the order's state: 400 with the field's name."""

    code = "invalid"
    status = 400
