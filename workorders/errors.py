"""Refusals of an order's doors."""

from django.utils.translation import gettext_lazy as _

from hotline.lib.errors import DomainError, InvalidInput

__all__ = ["DomainError", "IllegalTransition", "InvalidInput", "NotAllowed", "StaleVersion"]


class StaleVersion(DomainError):
    code = "stale_version"
    message = _("Someone changed this order meanwhile. Reload it; your text is kept.")


class IllegalTransition(DomainError):
    code = "illegal_transition"
    message = _("This step is not possible in the order's present state.")


class NotAllowed(DomainError):
    code = "not_allowed"
    message = _("Your role may not take this step.")
    status = 403
