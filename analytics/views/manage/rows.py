"""Listing, editing and retiring rows of any table, with their history: the same pages for all tables."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from analytics.views.manage.listing import filter_form, filters_of, narrowed, page_of
from analytics.views.manage.table import Table
from analytics.views.manage.tables import TABLES
from dispatch.paging import page_of as page_by_time
from hotline.accounts.changewords import action_words, differences
from hotline.accounts.changing import CannotUndo, StaleRow, earlier_values, history_of, key_of
from hotline.accounts.models import Change, Role
from hotline.accounts.roles import role_required
from hotline.lib.db_now import db_now
from hotline.lib.errors import DomainError

KEY_LABELS = {
    "code": gettext_lazy("Code"),
    "username": gettext_lazy("User name"),
    "name": gettext_lazy("Name"),
    "word": gettext_lazy("Word"),
    "date": gettext_lazy("Date"),
    "key": gettext_lazy("Key"),
    "pk": gettext_lazy("No."),
}
"""How the column is headed that leads to a row."""


def table_or_404(slug: str) -> Table:
    if slug not in TABLES:
        raise Http404("no such table")
    return TABLES[slug]


def posted(request: HttpRequest) -> Any:
    """What a form is bound to: also a POST without any field is one."""
    return request.POST if request.method == "POST" else None


def row_or_404(table: Table, key: str) -> Any:
    try:
        return get_object_or_404(table.rows(), **{table.lookup: key})
    except (ValueError, forms.ValidationError):
        raise Http404("no such row") from None


@require_GET
@role_required(Role.ADMIN)
def manage_list(request: HttpRequest, slug: str) -> HttpResponse:
    table = table_or_404(slug)
    form = filter_form(table, request.GET)
    rows = narrowed(table, table.rows(), form).distinct()
    found, cursor = page_of(rows, table.order, request.GET.get("cursor", ""))
    lines = [
        {
            "url": table.address(row),
            "key": table.key(row),
            "cells": [(column, column.text(row)) for column in table.columns],
            "retired": not getattr(row, "is_active", True),
        }
        for row in found
    ]
    filtered = any(request.GET.get(name) for name in ("q", *(one.name for one in filters_of(table))))
    context = {
        "table": table,
        "key_label": KEY_LABELS[table.lookup],
        "form": form,
        "lines": lines,
        "next": cursor,
        "filtered": filtered,
    }
    return render(request, "analytics/manage/list.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMIN)
def manage_add(request: HttpRequest, slug: str) -> HttpResponse:
    table = table_or_404(slug)
    if table.add is None:
        raise Http404("rows of this table are not added")
    form = table.form(posted(request), instance=blank_row(table, request))
    if request.method == "POST" and form.is_valid():
        try:
            row = table.add(form.values(), actor=request.user, now=db_now(), basis=form.basis())
        except DomainError as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("%(name)s is added.") % {"name": table.name(row)})
            return redirect(table.address(row))
    context = {"table": table, "form": form}
    return render(request, "analytics/manage/add.html", context, status=422 if form.errors else 200)


def blank_row(table: Table, request: HttpRequest) -> Any:
    """A new row; `?parent=` says below which one it lies, when the table is a tree."""
    row = table.model()
    if parent := request.GET.get("parent"):
        row.parent = get_object_or_404(table.model, **{table.lookup: parent})
    return row


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMIN)
def manage_row(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    table = table_or_404(slug)
    row = row_or_404(table, key)
    if request.method == "GET" and request.GET.get("tab") == "history":
        return history_page(request, table, row)
    if table.edit is None:
        raise Http404("rows of this table are not edited")
    # The form writes into its row while it checks; the page goes on showing the row as it is stored.
    make = table.edit_form or table.form
    form = make(posted(request), instance=row_or_404(table, key))
    if request.method == "POST" and form.is_valid():
        try:
            saved = table.edit(
                row,
                form.values(),
                actor=request.user,
                now=db_now(),
                basis=form.basis(),
                expect=form.cleaned_data["seen"],
            )
        except DomainError as refusal:
            refuse(form, refusal)
            if isinstance(refusal, StaleRow):
                form.data = form.data.copy()
                form.data["seen"] = make(instance=row_or_404(table, key)).fingerprint()
        else:
            messages.success(request, _("Saved."))
            return redirect(table.address(saved if isinstance(saved, table.model) else row))
    context = row_context(table, row) | {"form": form}
    return render(request, "analytics/manage/row.html", context, status=422 if form.errors else 200)


def row_context(table: Table, row: Any) -> dict[str, Any]:
    return {
        "table": table,
        "row": row,
        "title": table.name(row),
        "key": table.key(row),
        "known_as": key_of(row),
        "address": table.address(row),
        "retired": not getattr(row, "is_active", True),
        "changes": history_of(row).count(),
        "use": table.use(row) if table.use else [],
        **(table.side_context(row) if table.side_context else {}),
    }


def history_page(request: HttpRequest, table: Table, row: Any) -> HttpResponse:
    page = page_by_time(history_of(row), by="-at", cursor=request.GET.get("cursor", ""))
    lines = [
        {
            "change": change,
            "action": action_words(change.action),
            "differences": differences(change),
            "can_undo": can_undo(table, row, change),
        }
        for change in page.rows
    ]
    context = row_context(table, row) | {"lines": lines, "next": page.next}
    return render(request, "analytics/manage/history.html", context)


def can_undo(table: Table, row: Any, change: Change) -> bool:
    """Whether the row still is as this change left it. The rules have the last word."""
    if change.action == "add":
        offered = "add" in table.undo or (table.retire is not None and getattr(row, "is_active", False))
        return offered and history_of(row).first() == change
    if change.action == "unmerge":
        return False  # merging asks for the other category anew
    if change.action in table.undo:
        return all(now_is(row, name, value) for name, value in change.after.items())
    try:
        earlier_values(change, row)
    except CannotUndo:
        return False
    return (table.restore is not None) if "is_active" in change.before else (table.edit is not None)


def now_is(row: Any, name: str, value: Any) -> bool:
    present = getattr(row, name, value)
    if hasattr(present, "all"):
        return True  # a set of related rows: the rule compares it
    return present == value or str(present) == str(value) or getattr(present, "code", None) == value


@require_POST
@role_required(Role.ADMIN)
def manage_undo(request: HttpRequest, slug: str, key: str, pk: int) -> HttpResponse:
    table = table_or_404(slug)
    row = row_or_404(table, key)
    change = get_object_or_404(history_of(row), pk=pk)
    try:
        after = undo(table, row, change, actor=request.user, now=db_now(), basis=f"#{change.pk}")
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        row = after if isinstance(after, table.model) else row
        messages.success(request, _("The change of line %(number)s is undone.") % {"number": change.pk})
    gone = not table.rows().filter(pk=row.pk).exists()
    return redirect(table.url if gone else f"{table.address(row)}?tab=history")


def undo(table: Table, row: Any, change: Change, **by: Any) -> Any:
    """Apply the inverse of a change as a new change, under the same rules. Raises DomainError."""
    if not can_undo(table, row, change):
        raise CannotUndo
    if change.action in table.undo:
        return table.undo[change.action](row, change, **by)
    if change.action == "add":
        return table.retire(row, **by)
    if "is_active" in change.before:
        return (table.restore if change.before["is_active"] else table.retire)(row, **by)
    return table.edit(row, earlier_values(change, row), action="undo", **by)


class TypedForm(forms.Form):
    """Asks for the row's own key, so that nothing goes out of use by a slip."""

    typed = forms.CharField(
        max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )
    why = forms.CharField(label=gettext_lazy("Basis of this change"), max_length=200, required=False)

    def __init__(self, word: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.word = word
        self.fields["typed"].label = _("Type %(word)s to confirm") % {"word": word}

    def clean_typed(self) -> str:
        typed = self.cleaned_data["typed"].strip()
        if typed != self.word:
            raise forms.ValidationError(_("This is not %(word)s."), params={"word": self.word})
        return typed


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMIN)
def manage_retire(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    table = table_or_404(slug)
    if table.retire is None:
        raise Http404("rows of this table stay in use")
    row = row_or_404(table, key)
    form = TypedForm(table.confirmation(row), posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            table.retire(row, actor=request.user, now=db_now(), basis=form.cleaned_data["why"])
        except DomainError as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("%(name)s is out of use.") % {"name": table.name(row)})
            return redirect(table.address(row))
    context = row_context(table, row) | {"form": form}
    return render(request, "analytics/manage/retire.html", context, status=422 if form.errors else 200)


@require_POST
@role_required(Role.ADMIN)
def manage_restore(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    table = table_or_404(slug)
    if table.restore is None:
        raise Http404("rows of this table stay in use")
    row = row_or_404(table, key)
    try:
        table.restore(row, actor=request.user, now=db_now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(name)s is in use again.") % {"name": table.name(row)})
    return redirect(table.address(row))


def refuse(form: forms.BaseForm, refusal: DomainError) -> None:
    """Show a refusal next to the field it names, else on top; what was typed stays."""
    field = refusal.field if refusal.field in form.fields else None
    form.add_error(field, str(refusal))
