"""How long several lists are, in one query that costs the same however long they grow."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import IntegerField, QuerySet, Subquery

from hotline.accounts.models import User

CAP = 1000
"""From here on a list is "999+": nobody works through it by counting."""


class CappedCount(Subquery):
    """Rows of a queryset, counted up to its slice."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS capped)"
    output_field = IntegerField()


def counts_of(user: User, lists: Mapping[str, QuerySet], cap: int = CAP) -> dict[str, int]:
    """Length of each list, at most `cap`. The lists are already those of `user`: this only gives the query
    a row to stand on."""
    counts = {
        f"count_{name}": CappedCount(rows.order_by().values("pk")[:cap]) for name, rows in lists.items()
    }
    row = User.objects.filter(pk=user.pk).annotate(**counts).values(*counts).get()
    return {name: row[f"count_{name}"] or 0 for name in lists}  # None: a list that is empty by definition


def count_words(count: int) -> str:
    return str(count) if count < CAP else f"{CAP - 1}+"
