"""Orders out of a file, through the doors: each row all or nothing, known ones skipped, the sure ones
dispatched.

What a row leaves open is filled in as intake would suggest it. Kind: its cue words, thanks by its category,
else help (a letter wants something done). Category: given, or scored so well and so far ahead of the next
that nobody need look. Urgency: the highest of given, category and alarm words. Place: given, or read from
address and text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch import assigning, routing
from dispatch.importrows import Row, Table, instant_of
from hotline.lib.errors import DomainError
from workorders import intake, vocabulary
from workorders.classification import suggest_categories, urgency_of
from workorders.errors import InvalidInput
from workorders.intake import CallerInput, OrderInput
from workorders.kinds import suggest_kind
from workorders.lifecycle import URGENCY_RANK, Channel, Urgency
from workorders.models import Category, Kind, Place, WorkOrder
from workorders.places import find_place, place_of

MARGIN = 0.3
"""By how much the best category must lead, so that nobody need look."""
BATCH = 50
"""Rows in one transaction, each in a savepoint of its own."""
THANKS_GROUP = "18"
LONGEST_ID = 200


@dataclass(frozen=True)
class Options:
    source: str = "import"
    dispatches: bool = False
    min_score: float = 0.9
    is_dry_run: bool = False


@dataclass
class Result:
    """What became of the rows. `triage`: imported and not dispatched."""

    read: int = 0
    imported: int = 0
    known: int = 0
    rejected: int = 0
    dispatched: int = 0
    triage: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


@dataclass
class Import:
    """One run over one table. `on_reject` is told each refused row with the reason; `tick` counts rows."""

    table: Table
    options: Options
    now: datetime
    on_reject: Callable[[Row, str], None]
    tick: Callable[[int], None] = lambda count: None
    result: Result = field(default_factory=Result)
    seen: set[str] = field(default_factory=set)

    def run(self) -> Result:
        """Import every row. A dry run does everything and keeps nothing."""
        rows = self.table.rows()
        while batch := list(islice(rows, BATCH)):
            with transaction.atomic():
                known = self.known_ids(batch)
                for row in batch:
                    self.take(row, known)
                    self.tick(1)
                if self.options.is_dry_run:
                    transaction.set_rollback(True)
        return self.result

    def known_ids(self, rows: list[Row]) -> set[str]:
        ids = [row.get("id") for row in rows if row.get("id")]
        orders = WorkOrder.objects.filter(source=self.options.source, source_id__in=ids)
        return set(orders.values_list("source_id", flat=True)) | self.seen

    def take(self, row: Row, known: set[str]) -> None:
        self.result.read += 1
        row_id = row.get("id")
        if row_id and row_id in known | self.seen:
            self.result.known += 1
            return
        try:
            with transaction.atomic():
                dispatched = import_row(row, self.options, now=self.now)
        except DomainError as refusal:
            self.result.rejected += 1
            self.on_reject(row, str(refusal.message))
            return
        self.seen |= {row_id} - {""}
        self.result.imported += 1
        self.result.dispatched += dispatched
        self.result.triage += not dispatched


def import_row(row: Row, options: Options, *, now: datetime) -> bool:
    """Create the order of one row, and dispatch it where that is asked for and sure. True when dispatched."""
    data, is_placed = order_input(row, options, now=now)
    order = intake.create(data, actor=None, now=now)
    return options.dispatches and is_placed and dispatch_if_sure(order, now=now)


def order_input(row: Row, options: Options, *, now: datetime) -> tuple[OrderInput, bool]:
    """What is known of the row's order, and whether its place may be relied on: none, given, or in the
    address. One that was found in the text alone is for a person to confirm. Raises InvalidInput."""
    title, content, address = row.get("title"), row.get("content"), row.get("address")
    if not content:
        raise InvalidInput(_("There is no content."), field="content")
    if len(row.get("id")) > LONGEST_ID:
        raise InvalidInput(_("The id is longer than 200 characters."), field="id")
    text = f"{title}\n{content}"
    category = code_of(Category, row.get("category"), "category") or sure_category(text, options.min_score)
    kind = code_of(Kind, row.get("kind"), "kind") or likely_kind(text, category)
    place = code_of(Place, row.get("place"), "place")
    is_placed = True
    if not place and (found := place_of(address, content)) is not None:
        place, is_placed = found.code, find_place(address, is_address=True) is not None
    data = OrderInput(
        content=content,
        channel=row.get("channel") or Channel.PLATFORM,
        kind=kind,
        category=category,
        place=place,
        title=title,
        address=address,
        urgency=likely_urgency(row.get("urgency"), text),
        caller=CallerInput(row.get("caller_name"), row.get("caller_phone"), row.get("mode")),
        source=options.source,
        source_id=row.get("id"),
        created_at=instant_of(row.get("created_at"), now),
    )
    return data, is_placed


def code_of(table: type[Kind] | type[Category] | type[Place], given: str, field: str) -> str:
    """The code of a given code or Chinese name. Raises InvalidInput for what is neither, or names several."""
    if not given:
        return ""
    rows = vocabulary.by_code(table)
    if given in rows:
        return given
    named = [row.code for row in rows.values() if row.name_zh == given and row.is_active]
    if table is Category:
        named = [code for code in named if rows[code].level == "leaf"]
    if len(named) != 1:
        raise InvalidInput(_("%(field)s: unknown: %(value)s") % {"field": field, "value": given}, field=field)
    return named[0]


def sure_category(text: str, min_score: float) -> str:
    """The best category, if it scores so well and leads by so much; else none."""
    ranked = [*suggest_categories(text), ("", 0.0), ("", 0.0)]
    (best, score), (_second, next_score) = ranked[0], ranked[1]
    return best if score >= min_score and score - next_score >= MARGIN else ""


def likely_kind(text: str, category: str) -> str:
    if category.startswith(THANKS_GROUP):
        return "thanks"
    return suggest_kind(text) or "help"


def likely_urgency(given: str, text: str) -> str:
    """The higher of what was given and what the words say; `create` adds the category's own."""
    if given and given not in Urgency.values:
        raise InvalidInput(
            _("%(field)s: unknown: %(value)s") % {"field": "urgency", "value": given}, field="urgency"
        )
    return max(given or Urgency.N, urgency_of(text).level, key=lambda level: URGENCY_RANK[Urgency(level)])


def dispatch_if_sure(order: WorkOrder, *, now: datetime) -> bool:
    """Send it where the catalogue names one unit and asks nothing. Emergencies, lifelines, reports of
    wrongdoing and thanks wait for a person."""
    if order.category is None or order.urgency != Urgency.N or order.kind_id in (None, "report", "thanks"):
        return False
    route = routing.resolve(order.category, order.place, on=timezone.localdate(now))
    if route.unit is None or route.ask:
        return False
    assigning.dispatch(order.pk, actor=None, now=now, expect=order.version, unit=route.unit, co=route.co)
    return True


def safe_cells(row: Row, columns: list[str]) -> Iterator[str]:
    """The cells of a refused row for a spreadsheet: text that would run as a formula gets an apostrophe."""
    for column in columns:
        text = str(row.raw.get(column, ""))
        yield f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
