"""Tags and filters that every template has without `{% load %}`: icons, times, numbers, fields, links.

One way to write a date, a share or a field, so that all pages agree. The tags about orders are in
`workorders/templatetags/orders.py`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.template.context import Context
from django.templatetags.static import static
from django.utils import dateformat, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from hotline.lib.icons import ICONS
from hotline.lib.requests import NO_REQUEST, current_request_id

register = template.Library()

NOTHING = "–"
"""What a table shows where there is no value."""
WEEKDAYS = (
    pgettext_lazy("short weekday", "Mon"),
    pgettext_lazy("short weekday", "Tue"),
    pgettext_lazy("short weekday", "Wed"),
    pgettext_lazy("short weekday", "Thu"),
    pgettext_lazy("short weekday", "Fri"),
    pgettext_lazy("short weekday", "Sat"),
    pgettext_lazy("short weekday", "Sun"),
)
KNOWN_ICONS = frozenset(ICONS)


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """One icon of the sprite. Without `label` it is decoration and hidden from screen readers.

    Raises ValueError for a name that is not in `hotline/lib/icons.py`: it would draw nothing."""
    if name not in KNOWN_ICONS:
        raise ValueError(f"icon {name!r} is not in hotline/lib/icons.py")
    href = f"{static('icons.svg')}#{name}"
    css = f"icon {css}".strip()
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>', css, label, href
        )
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', css, href
    )


@register.simple_tag
def request_number() -> str:
    """The number of this request for whoever asks for support; empty outside of a request."""
    number = current_request_id()
    return "" if number == NO_REQUEST else number


# --- Times and numbers ---------------------------------------------------------------------------------


def _local(value: date | datetime) -> date | datetime:
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


@register.filter
def day(value: date | datetime | None) -> str:
    """A date with its weekday: 12 Feb 2026 (Thu), in Chinese with year, month and day signs."""
    if not value:
        return NOTHING
    local = _local(value)
    written = dateformat.format(local, pgettext("date pattern", "j M Y"))
    return _("%(date)s (%(weekday)s)") % {"date": written, "weekday": WEEKDAYS[local.weekday()]}


@register.filter
def full_time(value: datetime | None) -> str:
    """The one long form of an instant: the day as `day` writes it, then 24-hour time in the site's zone."""
    if not value:
        return NOTHING
    return f"{day(value)} {_local(value):%H:%M}"


@register.filter
def clock_time(value: datetime | None) -> str:
    """09:31:05, for "data as of"."""
    return f"{_local(value):%H:%M:%S}" if value else NOTHING


@register.filter
def table_time(value: datetime | None) -> SafeString | str:
    """The short form for tables: 02-12 09:31, with the year in front when it isn't the present one.

    The full form is in the title, read by screen readers, and shown while the row has the focus."""
    if not value:
        return NOTHING
    local = _local(value)
    pattern = "%m-%d %H:%M" if local.year == timezone.localdate().year else "%Y-%m-%d %H:%M"
    return format_html(
        '<time class="when" datetime="{}" title="{}"><span class="when-short" aria-hidden="true">{}</span>'
        '<span class="when-full">{}</span></time>',
        local.isoformat(timespec="seconds"),
        full_time(value),
        local.strftime(pattern),
        full_time(value),
    )


@register.filter
def percent(share: float | None) -> str:
    """A share between 0 and 1 as a percentage with one decimal; a dash where there is none."""
    return NOTHING if share is None else f"{share * 100:.1f}%"


@register.filter
def number(value: int | float | None) -> str:
    """A count with thousands separators; a dash where there is none."""
    return NOTHING if value is None or value == "" else f"{value:,}"


# --- Links and data age ----------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """The present query string with some parameters replaced; None or "" removes one. Starts with `?`.

    A changed filter starts at the first page: `cursor` is dropped unless it is what changes."""
    request = context.get("request")
    params = request.GET.copy() if request is not None else QueryDict(mutable=True)
    if "cursor" not in changes:
        params.pop("cursor", None)
    for name, value in changes.items():
        if value is None or value == "":
            params.pop(name, None)
        elif isinstance(value, list | tuple):
            params.setlist(name, [str(item) for item in value])
        else:
            params[name] = str(value)
    return f"?{params.urlencode()}"


@register.inclusion_tag("_as_of.html")
def as_of(at: datetime, stale_after: int = 60) -> dict[str, Any]:
    """The line "Data as of 09:31:05". The shell keeps it right while polls answer 304, and marks it after
    `stale_after` seconds without an answer."""
    return {"at": at, "stale_after": stale_after}


# --- Form fields -------------------------------------------------------------------------------------------


@register.inclusion_tag("_field.html")
def field(
    bound: BoundField, label: str = "", help: str = "", css: str = "", hide_label: bool = False, **attrs: Any
) -> dict:
    """A labelled form field: label, input, help, and its errors next to it; what was typed stays.

    Other keywords become attributes of the input, with `_` as `-`: `{% field form.phone data_key="F4" %}`."""
    widget = bound.field.widget
    own = {
        name.replace("_", "-"): value
        for name, value in attrs.items()
        if value is not None and value is not False
    }
    choices = isinstance(widget, forms.RadioSelect)  # CheckboxSelectMultiple is one, too
    ticked = isinstance(widget, forms.CheckboxInput)
    if not choices:
        own["class"] = " ".join(
            filter(None, [_control_class(widget), widget.attrs.get("class"), own.get("class")])
        )
        if bound.errors:
            own["class"] += " is-invalid"
    described = " ".join(
        filter(
            None,
            [
                f"{bound.auto_id}_helptext" if help or bound.help_text else "",
                f"{bound.auto_id}_error" if bound.errors else "",
            ],
        )
    )
    if described and not choices:
        own["aria-describedby"] = described
    return {
        "bound": bound,
        "label": label or bound.label,
        "help": help or bound.help_text,
        "css": css,
        "hide_label": hide_label,
        "described": described,
        "choices": choices,
        "ticked": ticked,
        "control": "" if choices else bound.as_widget(attrs=own),
        "required": bound.field.required and not ticked,
    }


def _control_class(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    if isinstance(widget, forms.Select):
        return "form-select"
    return "form-control"
