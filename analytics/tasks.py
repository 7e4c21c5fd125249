"""Beat's entries. The rules are in `analytics.reviews`; the commands do the same without Celery."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from analytics import reviews, tallies
from analytics.periods import week_of
from hotline.lib.db_now import db_now


@shared_task(ignore_result=True)
def draft_daily_review() -> None:
    """22:00: draft today's review."""
    now = db_now()
    reviews.draft(timezone.localdate(now), now=now)


@shared_task(ignore_result=True)
def recount_daily_review() -> None:
    """After midnight: recount yesterday's draft, now that the day is whole, draft what a stop left out, and
    keep the week's tally up to date."""
    now = db_now()
    reviews.catch_up(days=7, now=now)
    yesterday = timezone.localdate(now) - timedelta(days=1)
    reviews.draft(yesterday, now=now)
    tallies.make(week_of(yesterday), now=now)
