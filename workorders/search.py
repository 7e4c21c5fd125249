"""One search for the box on every page and for the API: an order's number, a caller's phone, or words."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from hotline.accounts.models import Role, User
from hotline.lib.bigrams import clean_text, query_hashes
from hotline.lib.masking import mask_phone, normal_phone
from hotline.lib.numbers import is_order_number, normal_order_number
from workorders.access import log_access
from workorders.errors import InvalidInput
from workorders.lifecycle import Mode
from workorders.models import Caller
from workorders.models.accesslog import AccessAct
from workorders.models.order import WorkOrderQuerySet

LONGEST = 100
MOST_WORDS = 8
CANDIDATES = 1000
"""So many of the newest orders that may hold the words are looked at: older ones are found by a narrower
question."""
SHORTEST_PHONE = 7
"""Digits: shorter numbers (110, 12345) are words that people write about."""


def search(
    orders: WorkOrderQuerySet, q: str, *, user: User, now: datetime, request: HttpRequest | None = None
) -> WorkOrderQuerySet:
    """Those of `orders`, which the caller has scoped to the user, that match. An empty text matches all.

    A number finds that order. A whole phone number finds its caller's orders, and is written to the access
    log; confidential ones only for the supervisor. Anything else is words, all of which must occur in
    title, content or address; one of them has two characters or more, and the newest thousand are found.
    Narrow `orders` first: dates and other filters that come later cut what was found. Raises InvalidInput
    for less than two characters."""
    q = q.strip()[:LONGEST]
    if not q:
        return orders
    if is_order_number(number := normal_order_number(q)):
        return orders.filter(number=number)
    if phone := as_phone(q):
        return by_phone(orders, phone, user=user, now=now, request=request)
    return by_words(orders, q)


def as_phone(q: str) -> str:
    """The normal form if this is a whole phone number and nothing else; else empty."""
    try:
        phone = normal_phone(q)
    except ValueError:
        return ""
    return phone if len(phone) >= SHORTEST_PHONE else ""


def by_phone(
    orders: WorkOrderQuerySet, phone: str, *, user: User, now: datetime, request: HttpRequest | None
) -> WorkOrderQuerySet:
    log_access(
        AccessAct.SEARCH,
        user=user,
        now=now,
        field="phone",
        facts={"phone": mask_phone(phone)},
        request=request,
    )
    if user.role != Role.SUPERVISOR:
        # To find a report of wrongdoing by its reporter's number would tell who reported.
        orders = orders.exclude(mode=Mode.CONFIDENTIAL)
    return orders.filter(caller__in=Caller.objects.with_phone(phone).values("pk"))


def by_words(orders: WorkOrderQuerySet, q: str) -> WorkOrderQuerySet:
    words = re.split(r"\s+", unicodedata.normalize("NFKC", q).strip())[:MOST_WORDS]
    words = [word for word in words if clean_text(word)]
    if not (hashes := query_hashes(words)):
        raise InvalidInput(_("Type at least two characters."), field="q")
    # The pairs find the newest candidates, the text itself decides. Apart from each other, because only
    # then does the planner know how common the pairs are: rare ones it takes from their index, common ones
    # from the newest orders.
    newest = orders.filter(bigrams__contains=hashes).order_by("-created_at", "-pk").values("pk")[:CANDIDATES]
    orders = orders.filter(pk__in=newest)
    for word in words:
        orders = orders.filter(
            Q(title__icontains=word) | Q(content__icontains=word) | Q(address__icontains=word)
        )
    return orders
