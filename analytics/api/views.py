"""The board, the daily review and the tally of thanks over HTTP."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analytics import board, periods, reviews, tallies
from analytics.models import Review, Tally
from dispatch.api.base import ApiView
from dispatch.api.outputs import Refusal
from hotline.accounts.models import Role
from workorders.errors import NotAllowed

LIVE = "live"
"""Status of numbers that nobody has stored yet: counted for this answer."""
REFUSALS = {code: Refusal for code in (400, 401, 403, 404, 429)}


class BoardShown(serializers.Serializer):
    as_of = serializers.DateTimeField()
    counts = serializers.DictField(child=serializers.IntegerField())


class ActionShown(serializers.Serializer):
    text = serializers.CharField()
    owner = serializers.CharField()
    due_on = serializers.DateField()
    result = serializers.CharField(allow_blank=True)
    done_at = serializers.DateTimeField(allow_null=True)


class ReviewShown(serializers.Serializer):
    date = serializers.DateField()
    as_of = serializers.DateTimeField()
    status = serializers.ChoiceField([*Review.Status.values, LIVE])
    numbers = serializers.DictField()
    notes = serializers.CharField(allow_blank=True)
    signed_by = serializers.CharField(allow_null=True)
    signed_at = serializers.DateTimeField(allow_null=True)
    actions = ActionShown(many=True)


class TallyShown(serializers.Serializer):
    week_start = serializers.DateField()
    as_of = serializers.DateTimeField()
    numbers = serializers.DictField()


class ForLeads(ApiView):
    """Figures about everybody's orders: for the duty supervisor and the duty leader, as their pages are."""

    roles = frozenset({Role.SUPERVISOR, Role.LEADER})

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        if request.user.role not in self.roles:
            raise NotAllowed()

    def not_before(self, start: date) -> None:
        """Http404 for a day or week that has not begun."""
        if periods.day_bounds(start)[0] > self.now:
            raise Http404


class Board(ForLeads):
    @extend_schema(
        operation_id="board", tags=["figures"], responses={200: BoardShown, 401: Refusal, 403: Refusal}
    )
    def get(self, request: Request) -> Response:
        """How many open orders need attention, by reason."""
        counts = board.counts(request.user, self.now)
        return Response(BoardShown({"as_of": self.now, "counts": counts}).data)


class DailyReview(ForLeads):
    @extend_schema(operation_id="daily_review", tags=["figures"], responses={200: ReviewShown, **REFUSALS})
    def get(self, request: Request, date: str) -> Response:
        """The review of a day (2026-02-12), as stored; counted for this answer where none is stored yet."""
        day = periods.parse_day(date)
        row = Review.objects.filter(date=day).select_related("signed_by").first()
        return Response(ReviewShown(stored(row) if row else self.counted(day)).data)

    def counted(self, day: date) -> dict[str, Any]:
        self.not_before(day)
        as_of = min(self.now, periods.day_bounds(day)[1])
        numbers, _lines = reviews.count(day, as_of)
        return {
            "date": day,
            "as_of": as_of,
            "status": LIVE,
            "numbers": numbers,
            "notes": "",
            "signed_by": None,
            "signed_at": None,
            "actions": [],
        }


def stored(row: Review) -> dict[str, Any]:
    names = ("date", "as_of", "status", "numbers", "notes", "signed_at")
    signer = str(row.signed_by) if row.signed_by else None
    return {
        **{name: getattr(row, name) for name in names},
        "signed_by": signer,
        "actions": row.actions.all()[:100],
    }


class GratitudeTally(ForLeads):
    @extend_schema(operation_id="gratitude_tally", tags=["figures"], responses={200: TallyShown, **REFUSALS})
    def get(self, request: Request, week: str) -> Response:
        """The thanks of a week (a date in it, or 2026-W07), as stored; counted for this answer where not
        stored yet."""
        start = periods.parse_week(week)
        row = Tally.objects.filter(week_start=start).first()
        if row is None:
            self.not_before(start)
            as_of = min(self.now, periods.day_bounds(start + timedelta(days=6))[1])
            numbers, _lines = tallies.count(start, as_of)
            row = Tally(week_start=start, as_of=as_of, numbers=numbers)
        return Response(TallyShown(row).data)
