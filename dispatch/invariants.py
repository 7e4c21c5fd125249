"""What must always hold, each as a query that counts the rows breaking it. For after every fault and every
night.

The queries read the database only; I1 and I11b compare it with what clients and receivers noted."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from hotline.lib.errors import DomainError
from workorders.lifecycle import TRANSITIONS, WITH_LEAD, State

STATES = [str(state) for state in State]
LEADING = [str(state) for state in STATES if state in WITH_LEAD]
OUTLIVING = ["archive", "promise", "linkage_feedback", "survey_link"]
"""Kinds of clocks that go on after an order has ended."""


@dataclass(frozen=True)
class Finding:
    """One invariant and how many rows break it."""

    code: str
    name: str
    count: int

    def __str__(self) -> str:
        return f"{self.code} {self.name}: {self.count}"


class UnreadableLog(DomainError):
    code = "unreadable_log"


def check(*, client_log: Path | None = None, receiver_log: Path | None = None) -> Iterator[Finding]:
    """Every invariant in order. Without a log its invariant counts 0. Raises UnreadableLog before anything is
    checked.

    A log is CSV with a header, or JSON lines. client_log: `key` (the Idempotency-Key) and `outcome`, where
    `ok` means that the client got a 2xx. receiver_log: one line per effect, with the notice's `key`."""
    keys = acknowledged_keys(client_log) if client_log else []
    effects = [row["key"] for row in read_log(receiver_log, "key")] if receiver_log else []
    with patient_cursor() as cursor:
        yield Finding("I1", "no acknowledged create lost", count(cursor, LOST_CREATES, {"keys": keys}))
        for code, name, query in QUERIES:
            yield Finding(code, name, count(cursor, query, PARAMETERS))
    twice = sum(times > 1 for times in Counter(effects).values())
    yield Finding("I11b", "one effect per notice", twice)


@dataclass(frozen=True)
class BrokenEvent:
    """The first event whose place in its order's chain is wrong."""

    order: str
    number: int


def verify_trail() -> tuple[int, BrokenEvent | None]:
    """How many events there are, and the first broken one: a gap, a forged hash, or an order whose version
    differs from its last event (then `number` is the version)."""
    with patient_cursor() as cursor:
        cursor.execute("SELECT count(*) FROM workorders_orderevent")
        events = cursor.fetchone()[0]
        cursor.execute(f"SELECT order_id, number FROM ({BROKEN_CHAIN}) broken ORDER BY 1, 2 LIMIT 1")
        row = cursor.fetchone()
        if row is None:
            return events, None
        cursor.execute("SELECT number FROM workorders_workorder WHERE id = %s", [row[0]])
        order = cursor.fetchone()
        return events, BrokenEvent(order[0] if order else f"#{row[0]}", row[1])


@contextmanager
def patient_cursor() -> Iterator[CursorWrapper]:
    """A cursor in a transaction of its own whose statements may take long and sort in memory."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL work_mem = '128MB'")
        yield cursor


def count(cursor: CursorWrapper, query: str, parameters: dict[str, Any]) -> int:
    cursor.execute(f"SELECT count(*) FROM ({query}) broken", parameters)
    return cursor.fetchone()[0]


def acknowledged_keys(log: Path) -> list[str]:
    return sorted({row["key"] for row in read_log(log, "key", "outcome") if row["outcome"] == "ok"})


def read_log(path: Path, *needed: str) -> list[dict[str, str]]:
    """Rows of a log, CSV with a header or JSON lines. Raises UnreadableLog, naming what is missing."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        parse: Callable[[str], Any] = json_lines if text.lstrip().startswith("{") else csv_rows
        rows: list[dict[str, str]] = parse(text)
    except (OSError, ValueError) as problem:
        raise UnreadableLog(f"The log {path} cannot be read: {problem}.") from None
    for row in rows:
        if missing := [name for name in needed if name not in row]:
            raise UnreadableLog(f"The log {path} has a row without '{missing[0]}'.")
    return rows


def json_lines(text: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def csv_rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def edges() -> list[tuple[str, str, str]]:
    """The transition table as (from, verb, to); `to` is empty where the verb keeps the state, `from` at
    creation."""
    known = [("", "create", State.DRAFT), ("", "create", State.PENDING)]
    known += [(at, verb, to or "") for (at, verb), step in TRANSITIONS.items() for to in step.to]
    return [(str(at), verb, str(to)) for at, verb, to in known]


# --- The queries -----------------------------------------------------------------------------------

LOST_CREATES = """
SELECT key FROM unnest(%(keys)s::text[]) AS asked(key)
LEFT JOIN workorders_idempotencykey USING (key)
GROUP BY key HAVING count(DISTINCT order_id) <> 1"""

TWO_ORDERS_PER_KEY = """
SELECT user_id::text AS whose, key FROM workorders_idempotencykey
GROUP BY 1, 2 HAVING count(*) > 1 OR count(DISTINCT order_id) > 1
UNION ALL
SELECT source, source_id FROM workorders_workorder WHERE source_id <> ''
GROUP BY 1, 2 HAVING count(*) > 1"""

FIRED_TWICE = """
SELECT s.order_id, c.kind, c.generation, s.step FROM dispatch_clockstep s
JOIN dispatch_clock c ON c.id = s.clock_id
JOIN workorders_orderevent e ON e.step = s.id
GROUP BY 1, 2, 3, 4 HAVING count(*) > 1"""

MISSED = """
SELECT id FROM dispatch_clockstep
WHERE fired_at IS NULL AND cancelled_at IS NULL AND parked_at IS NULL
  AND due_at < clock_timestamp() - interval '60 s'"""

EARLY = "SELECT id FROM dispatch_clockstep WHERE fired_at < due_at"

AFTER_THE_END = """
SELECT s.id FROM dispatch_clockstep s
JOIN dispatch_clock c ON c.id = s.clock_id
JOIN workorders_workorder o ON o.id = s.order_id
CROSS JOIN LATERAL (
  SELECT least(s.cancelled_at, c.ended_at, CASE WHEN c.kind <> ALL(%(outliving)s) THEN o.closed_at END) AS at
) ended
WHERE s.fired_at > ended.at AND NOT EXISTS (
  SELECT FROM workorders_orderevent fired
  JOIN workorders_orderevent later ON later.order_id = fired.order_id AND later.number > fired.number
  WHERE fired.step = s.id AND later.at = ended.at
)"""
"""An act that began first but waited for the sweep's lock ends the clock with its own, earlier, time: the
trail then shows it after the firing, and nothing is wrong."""

NOT_ONE_LEAD = """
SELECT o.id FROM workorders_workorder o
LEFT JOIN dispatch_assignment a ON a.order_id = o.id AND a.role = 'lead' AND a.ended_at IS NULL
GROUP BY o.id, o.state HAVING count(a.id) <> CASE WHEN o.state = ANY(%(leading)s) THEN 1 ELSE 0 END"""

LEADS_NOT_TILING = """
SELECT order_id FROM (
  SELECT order_id, at, (to_state = ANY(%(leading)s))::int - (from_state = ANY(%(leading)s))::int AS change
    FROM workorders_orderevent WHERE to_state <> ''
  UNION ALL SELECT order_id, started_at, -1 FROM dispatch_assignment WHERE role = 'lead'
  UNION ALL SELECT order_id, ended_at, 1 FROM dispatch_assignment WHERE role = 'lead' AND ended_at IS NOT NULL
) points
WHERE change <> 0 GROUP BY order_id, at HAVING sum(change) <> 0"""
"""At every instant the trail's "has a lead" (0 or 1) equals the number of leads: their changes cancel out.
A lead of no length (thanks passed on) cancels itself."""

NOT_IN_THE_TABLE = """
SELECT e.id FROM (
  SELECT id, verb, from_state, to_state, coalesce((%(states)s::text[])[
    (max(number::bigint * 32 + array_position(%(states)s::text[], to_state::text))
       FILTER (WHERE to_state <> '')
       OVER (PARTITION BY order_id ORDER BY number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ) %% 32], '') AS folded
  FROM workorders_orderevent
) e
LEFT JOIN unnest(%(edge_from)s::text[], %(edge_verb)s::text[], %(edge_to)s::text[]) AS edge(at, verb, target)
  ON edge.at = e.folded AND edge.verb = e.verb AND edge.target = e.to_state
WHERE edge.verb IS NULL OR e.from_state <> CASE WHEN e.to_state = '' THEN '' ELSE e.folded END"""
"""`folded` is the state that the events before this one add up to: the target of the latest that moved the
order, found as the largest of number and state packed into one integer."""

BROKEN_CHAIN = """
SELECT order_id, number FROM (
  SELECT e.order_id, e.number, e.prev_hash, e.hash, event_digest(e.prev_hash, e) AS digest,
    row_number() OVER w AS place, lag(e.hash, 1, '') OVER w AS before
  FROM workorders_orderevent e WINDOW w AS (PARTITION BY e.order_id ORDER BY e.number)
) chain WHERE number <> place OR prev_hash <> before OR hash <> digest
UNION ALL
SELECT o.id, o.version FROM workorders_workorder o
LEFT JOIN (SELECT order_id, max(number) AS last FROM workorders_orderevent GROUP BY 1) trail
  ON trail.order_id = o.id
WHERE o.version IS DISTINCT FROM trail.last"""

NOT_THE_FOLD = """
SELECT o.id FROM workorders_workorder o
LEFT JOIN (
  SELECT DISTINCT ON (order_id) order_id, to_state FROM workorders_orderevent
  WHERE to_state <> '' ORDER BY order_id, number DESC
) trail ON trail.order_id = o.id
WHERE o.state IS DISTINCT FROM trail.to_state"""

STUCK_NOTICES = """
SELECT id FROM workorders_notice
WHERE channel <> 'bell' AND sent_at IS NULL AND dead_at IS NULL
  AND created_at < clock_timestamp() - interval '5 min'"""

QUERIES = [
    ("I2", "one order per key", TWO_ORDERS_PER_KEY),
    ("I3", "no clock fires twice", FIRED_TWICE),
    ("I4", "no clock missed", MISSED),
    ("I5", "no clock early", EARLY),
    ("I6", "no clock after the end", AFTER_THE_END),
    ("I7a", "one lead", NOT_ONE_LEAD),
    ("I7b", "leads tile the time in hand", LEADS_NOT_TILING),
    ("I8", "only steps of the table", NOT_IN_THE_TABLE),
    ("I9", "trail gap-free and chained", BROKEN_CHAIN),
    ("I10", "state is the sum of the trail", NOT_THE_FOLD),
    ("I11a", "no notice stuck", STUCK_NOTICES),
]
_edges = edges()
PARAMETERS: dict[str, Any] = {
    "states": STATES,
    "leading": LEADING,
    "outliving": OUTLIVING,
    "edge_from": [at for at, _verb, _to in _edges],
    "edge_verb": [verb for _at, verb, _to in _edges],
    "edge_to": [to for _at, _verb, to in _edges],
}
