"""What a city decides about its reports: few values, each with a basis and a history."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from analytics.models import Parameter
from hotline.accounts.changing import Values, change_row
from hotline.accounts.models import User
from hotline.lib.errors import InvalidInput

WEEK_STARTS_ON = "week_starts_on"
LABELS = {WEEK_STARTS_ON: _("First day of the report week")}
ALLOWED = {WEEK_STARTS_ON: range(1, 8)}


def edit(
    parameter: Parameter,
    values: Values,
    *,
    actor: User | None,
    now: datetime,
    basis: str = "",
    expect: str = "",
    action: str = "edit",
) -> bool:
    """Set a parameter. Reports that are stored stay as they are.

    Raises InvalidInput (no basis, a value outside the allowed ones), StaleRow, NotAdministrator."""
    value = values.get("value", parameter.value)
    if value not in ALLOWED.get(parameter.key, ()):
        raise InvalidInput(_("Choose one of the values offered."), field="value")
    if not values.get("basis", basis).strip():
        raise InvalidInput(_("Name the decision or document that this rests on."), field="basis")
    return change_row(parameter, values, actor=actor, now=now, basis=basis, expect=expect, action=action)
