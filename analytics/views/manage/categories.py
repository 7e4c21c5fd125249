"""/manage/categories/: the tree, and merging one leaf into another."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from analytics.views.manage.forms import LongSelect
from analytics.views.manage.rows import TypedForm, posted, refuse, row_context, row_or_404
from analytics.views.manage.tables import CATEGORIES
from dispatch import retiring
from hotline.accounts.models import Role
from hotline.accounts.roles import role_required
from hotline.lib.db_now import db_now
from hotline.lib.errors import DomainError
from workorders.categories import open_orders_by_leaf
from workorders.models import Category
from workorders.models.category import Level


class TreeFilter(forms.Form):
    q = forms.CharField(label=gettext_lazy("Name, code or keyword"), required=False, max_length=60)
    use = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[
            ("", gettext_lazy("in use")),
            ("0", gettext_lazy("out of use")),
            ("all", gettext_lazy("all")),
        ],
    )


@require_GET
@role_required(Role.ADMIN)
def manage_categories(request: HttpRequest) -> HttpResponse:
    form = TreeFilter(request.GET, auto_id="filter_%s")
    form.is_valid()
    text, use = form.cleaned_data.get("q", "").strip(), form.cleaned_data.get("use", "")
    context = {"table": CATEGORIES, "form": form, "tree": tree(text, use), "searching": bool(text or use)}
    return render(request, "analytics/manage/categories.html", context)


def tree(text: str, use: str) -> list[dict[str, Any]]:
    """Top categories with their groups and leaves, narrowed to what matches; empty groups stay when nothing
    is searched for, so that something can be added to them."""
    shown = Category.objects.select_related("merged_into")
    if use != "all":
        shown = shown.filter(is_active=use != "0")
    if text:
        match = Q(name_zh__icontains=text) | Q(name_en__icontains=text) | Q(code__startswith=text)
        shown = shown.filter(match | Q(keywords__contains=[text]))
    found = {row.pk: row for row in shown}
    orders = open_orders_by_leaf()
    nodes = {
        row.pk: {"row": row, "below": [], "hit": row.pk in found} for row in Category.objects.order_by("code")
    }
    for node in nodes.values():
        row = found.get(node["row"].pk, node["row"])
        node |= {"row": row, "url": CATEGORIES.address(row), "orders": orders.get(row.code, 0)}
        if row.parent_id is not None:
            nodes[row.parent_id]["below"].append(node)
    tops = [node for node in nodes.values() if node["row"].level == Level.TOP]
    return [node for node in tops if pruned(node, bool(text or use))]


def pruned(node: dict[str, Any], searching: bool) -> bool:
    """Drop what does not match; true when the node itself or something below it stays."""
    if searching and node["hit"] and node["row"].level != Level.LEAF and node["row"].is_active:
        return bool(node.setdefault("whole", True))
    node["below"] = [below for below in node["below"] if pruned(below, searching)]
    return node["hit"] or bool(node["below"])


class MergeForm(TypedForm):
    into = forms.ModelChoiceField(
        label=gettext_lazy("Merge into"),
        queryset=Category.objects.none(),
        to_field_name="code",
        widget=LongSelect(),
    )
    field_order = ["into", "typed", "why"]

    def __init__(self, leaf: Category, *args: Any, **kwargs: Any) -> None:
        super().__init__(leaf.code, *args, **kwargs)
        others = Category.objects.filter(level=Level.LEAF, is_active=True).exclude(pk=leaf.pk)
        self.fields["into"].queryset = others
        self.fields["into"].label_from_instance = lambda row: f"{row.code} {row}"


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMIN)
def manage_merge(request: HttpRequest, key: str) -> HttpResponse:
    leaf = row_or_404(CATEGORIES, key)
    if leaf.level != Level.LEAF:
        raise Http404("only leaves are merged")
    form = MergeForm(leaf, posted(request))
    if request.method == "POST" and form.is_valid():
        into, why = form.cleaned_data["into"], form.cleaned_data["why"]
        try:
            retiring.merge_categories(leaf, into, actor=request.user, now=db_now(), basis=why)
        except DomainError as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("%(leaf)s is merged into %(into)s.") % {"leaf": leaf, "into": into})
            return redirect(CATEGORIES.address(into))
    context = row_context(CATEGORIES, leaf) | {"form": form}
    return render(request, "analytics/manage/merge.html", context, status=422 if form.errors else 200)
