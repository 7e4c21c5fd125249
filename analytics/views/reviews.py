"""/reviews/: the daily reviews. The supervisor completes and signs them, the leader reads."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from analytics import reviews as rules
from analytics.forms import DayForm, MeasureForm, NotesForm, ResultForm, SignForm
from analytics.lines import code_words
from analytics.models import ActionItem, Review, ReviewLine
from analytics.views.orders import line_page
from hotline.accounts.models import Role
from hotline.accounts.roles import role_required
from hotline.lib.db_now import db_now
from hotline.lib.errors import DomainError

DAYS_A_PAGE = 31
UNUSUAL, RATHER = 3, 2
"""From this z on a category is unusual, or rather much or little."""
readers = role_required(Role.SUPERVISOR, Role.LEADER)
writers = role_required(Role.SUPERVISOR)


@require_GET
@readers
def reviews(request: HttpRequest) -> HttpResponse:
    return show_list(request, DayForm(initial={"day": timezone.localdate(db_now())}))


def show_list(request: HttpRequest, form: DayForm, status: int = 200) -> HttpResponse:
    found = Review.objects.select_related("signed_by").order_by("-date")
    if before := parse_date(request.GET.get("cursor", "")[:10]):
        found = found.filter(date__lt=before)
    rows = list(found[: DAYS_A_PAGE + 1])
    more, rows = len(rows) > DAYS_A_PAGE, rows[:DAYS_A_PAGE]
    context = {
        "rows": rows,
        "form": form,
        "next": rows[-1].date.isoformat() if more else None,
        "may_write": request.user.role == Role.SUPERVISOR,
    }
    return render(request, "analytics/reviews.html", context, status=status)


@require_POST
@writers
def review_draft(request: HttpRequest) -> HttpResponse:
    """Draft the review of a day, or recount its draft."""
    form = DayForm(request.POST)
    if form.is_valid():
        try:
            found = rules.draft(form.cleaned_data["day"], now=db_now())
        except DomainError as refusal:
            form.add_error("day", str(refusal))
        else:
            messages.success(request, done_words(found))
            return redirect("review", found.date)
    return show_list(request, form, status=422)


def done_words(found: Review) -> str:
    if found.status == Review.Status.SIGNED:
        return _("This review is signed: its numbers are frozen.")
    return _("The day is counted.")


@require_GET
@readers
def review(request: HttpRequest, day: date) -> HttpResponse:
    found = Review.objects.select_related("signed_by").filter(date=day).first()
    if found is None:
        can_be_drafted = request.user.role == Role.SUPERVISOR and day <= timezone.localdate(db_now())
        return render(request, "analytics/review_none.html", {"day": day, "may_draft": can_be_drafted})
    return show(request, found)


def show(request: HttpRequest, found: Review, status: int = 200, **forms: Any) -> HttpResponse:
    """The page of one review; `forms` are those that were refused, with what was typed."""
    may_write = request.user.role == Role.SUPERVISOR and found.status == Review.Status.DRAFT
    totals = found.numbers.get("totals", {})
    context = {
        "review": found,
        "day": found.date,
        "totals": totals,
        "may_write": may_write,
        "means": found.numbers.get("means", {}),
        "kinds": shares(found, "kinds", "kind", totals.get("accepted", 0)),
        "channels": shares(found, "channels", "channel", totals.get("accepted", 0)),
        "categories": [category_row(row) for row in found.numbers.get("categories", [])],
        "units": named(found, "units", "unit"),
        "reasons": named(found, "reasons", "reason"),
        "urgent": [urgent_row(row) for row in found.numbers.get("urgent", [])],
        "measures": [
            {
                "item": item,
                "form": forms.get(f"result_{item.pk}") or ResultForm(auto_id=f"measure_{item.pk}_%s"),
            }
            for item in rules.measures_due(found)
        ],
        "actions": found.actions.all(),
        "notes_form": forms.get("notes") or NotesForm(initial={"notes": found.notes}),
        "measure_form": forms.get("measure") or MeasureForm(after=found.date),
        "sign_form": forms.get("sign") or SignForm(initial={"seen": found.as_of.isoformat()}),
        "refused": next((form for form in forms.values()), None),
        "before": found.date - timedelta(days=1),
        "after": found.date + timedelta(days=1),
        "now": db_now(),
    }
    return render(request, "analytics/review.html", context, status=status)


# --- What people add -----------------------------------------------------------------------------------


@require_POST
@writers
def review_notes(request: HttpRequest, day: date) -> HttpResponse:
    found, form = get_object_or_404(Review, date=day), NotesForm(request.POST)
    if form.is_valid():
        try:
            rules.write_notes(found, actor=request.user, notes=form.cleaned_data["notes"])
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The notes are kept."))
            return redirect("review", day)
    return show(request, found, 422, notes=form)


@require_POST
@writers
def review_measure(request: HttpRequest, day: date) -> HttpResponse:
    """Add a measure for the days to come."""
    found = get_object_or_404(Review, date=day)
    form = MeasureForm(request.POST, after=found.date)
    if form.is_valid():
        try:
            rules.add_measure(found, actor=request.user, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("The measure is added."))
            return redirect("review", day)
    return show(request, found, 422, measure=form)


@require_POST
@writers
def review_result(request: HttpRequest, day: date, pk: int) -> HttpResponse:
    """Write down what came of a measure that is due."""
    found = get_object_or_404(Review, date=day)
    item = get_object_or_404(ActionItem, pk=pk, review__date__lt=day, due_on__lte=day)
    form = ResultForm(request.POST, auto_id=f"measure_{item.pk}_%s")
    if form.is_valid():
        try:
            rules.finish_measure(item, actor=request.user, result=form.cleaned_data["result"], now=db_now())
        except DomainError as refusal:
            form.add_error("result", str(refusal))
        else:
            messages.success(request, _("The result is recorded."))
            return redirect("review", day)
    return show(request, found, 422, **{f"result_{item.pk}": form})


@require_POST
@writers
def review_sign(request: HttpRequest, day: date) -> HttpResponse:
    found, form = get_object_or_404(Review, date=day), SignForm(request.POST)
    if form.is_valid():
        try:
            rules.sign(found.pk, actor=request.user, now=db_now(), seen=form.cleaned_data["seen"])
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The review is signed."))
            return redirect("review", day)
    return show(request, found, 422, sign=form)


@require_GET
@readers
def review_orders(request: HttpRequest, day: date, key: str) -> HttpResponse:
    """Exactly the orders behind one number."""
    line = get_object_or_404(ReviewLine.objects.select_related("review"), review__date=day, key=key)
    return line_page(request, line, back=("review", day), as_of=line.review.as_of)


# --- The numbers in words --------------------------------------------------------------------------------


def shares(found: Review, part: str, group: str, whole: int) -> list[dict[str, Any]]:
    return [
        {
            **row,
            "key": f"{group}:{row['code']}",
            "label": code_words(group, row["code"]),
            "share": row["n"] / whole,
        }
        for row in found.numbers.get(part, [])
    ]


def named(found: Review, part: str, group: str) -> list[dict[str, Any]]:
    return [
        {
            "key": f"{group}:{row['code']}",
            "label": code_words(group, row["code"]),
            "n": row.get("n", row.get("overdue")),
        }
        for row in found.numbers.get(part, [])
    ]


def category_row(row: dict[str, Any]) -> dict[str, Any]:
    how = "new" if row["new"] else level_of(row["z"])
    label = code_words("category", row["code"])
    return {**row, "key": f"category:{row['code']}", "label": label, "how": how}


def level_of(z: float) -> str:
    if z >= UNUSUAL:
        return "up"
    if z >= RATHER:
        return "rather"
    return "down" if z <= -RATHER else ""


def urgent_row(row: dict[str, Any]) -> dict[str, Any]:
    at = {
        name: parse_datetime(row[name]) if row[name] else None
        for name in ("created_at", "dispatched_at", "replied_at")
    }
    minutes = (at["dispatched_at"] - at["created_at"]) / timedelta(minutes=1) if at["dispatched_at"] else None
    return {
        **row,
        **at,
        "minutes": None if minutes is None else int(minutes),
        "category": code_words("category", row["category"] or "none"),
        "unit": code_words("unit", row["unit"]) if row["unit"] else "",
    }
