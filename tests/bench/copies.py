"""Copies of whole lives, made inside PostgreSQL."""

from datetime import date, datetime, timedelta
from random import Random

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from dispatch.models import Assignment, Clock, ClockStep, Request
from hotline.lib.numbers import order_number
from workorders.lifecycle import OPEN
from workorders.models import (
    Callback,
    CallbackAttempt,
    Caller,
    Commendation,
    Notice,
    OrderEvent,
    Promise,
    Reply,
    WorkOrder,
)

STRIDED = (Caller, WorkOrder, Assignment, Clock, ClockStep, Callback)
"""Tables whose rows others name: a copy has the original's id plus k strides."""
PLAIN = (Request, Reply, CallbackAttempt, Commendation, Promise, Notice)
WEEK, MOMENT = timedelta(days=7), timedelta(milliseconds=1)


class Copies:
    """Multiplies what is in the database now."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.used = set(WorkOrder.objects.values_list("number", flat=True))
        rows = WorkOrder.objects.order_by("pk").values_list("pk", "created_at", "state")
        self.closed = [(pk, at) for pk, at, state in rows if state not in OPEN]
        self.open = [(pk, at) for pk, at, state in rows if state in OPEN]
        self.strides = {model: stride_of(model) for model in STRIDED}

    def make(self, orders: int, open_orders: int) -> None:
        """Copy until there are so many orders in all."""
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE chosen (id bigint PRIMARY KEY, number text, shift interval)")
            gin = drop_gin(cursor) if orders > 20_000 else []
        for k in range(1, orders):
            wanted = self.pick(self.closed, orders - open_orders, k, WEEK)
            wanted += self.pick(self.open, open_orders, k, MOMENT)
            if not wanted:
                break
            self.copy(k, wanted)
        tables = [model._meta.db_table for model in STRIDED]
        set_sequence = "SELECT setval(pg_get_serial_sequence('{0}', 'id'), max(id)) FROM {0}"
        after = [
            *map(set_sequence.format, tables),
            "SET maintenance_work_mem = '1GB'",
            *gin,
            "VACUUM ANALYZE",
        ]
        with connection.cursor() as cursor:
            for statement in after:
                cursor.execute(statement)

    def pick(self, base: list[tuple[int, datetime]], goal: int, k: int, shift: timedelta) -> list[tuple]:
        """The originals whose k-th copy is wanted, each with its new number and its shift in time."""
        left, prefix = goal - k * len(base), settings.CITY_PREFIX
        days = [(pk, timezone.localdate(at - k * shift)) for pk, at in base[: max(left, 0)]]
        return [(pk, self.number(prefix, day), k * shift) for pk, day in days]

    def number(self, prefix: str, day: date) -> str:
        """One that no order has: the draws of the first lives may come again, and a million draws meet by
        chance."""
        while (drawn := order_number(prefix, day, self.rng)) in self.used:
            pass
        self.used.add(drawn)
        return drawn

    @transaction.atomic
    def copy(self, k: int, wanted: list[tuple]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE chosen")
            cursor.execute(
                "INSERT INTO chosen SELECT * FROM unnest(%s::bigint[], %s::text[], %s::interval[])",
                [list(column) for column in zip(*wanted, strict=True)],
            )
            # Foreign keys of copies hold as those of their originals do: nothing to check again.
            cursor.execute("SET LOCAL session_replication_role = replica")
            for model in (*STRIDED, *PLAIN):
                cursor.execute(self.insert(model, k))
            cursor.execute("SET LOCAL session_replication_role = origin")  # the trail chains itself
            cursor.execute(self.insert(OrderEvent, k))

    def insert(self, model: type[models.Model], k: int) -> str:
        """INSERT … SELECT of the k-th copies of this table's rows."""
        columns = {
            field.column: self.value(model, field, k)
            for field in model._meta.concrete_fields
            if not field.primary_key or model in self.strides
        }
        names = ", ".join(f'"{column}"' for column in columns)
        return (
            f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {", ".join(columns.values())} '
            f"FROM {self.source(model)} ORDER BY t.id"
        )

    def source(self, model: type[models.Model]) -> str:
        table = f'"{model._meta.db_table}" t'
        if model is WorkOrder:
            return f"{table} JOIN chosen c ON c.id = t.id"
        if model is Caller:
            return (
                f"{table} WHERE t.id IN (SELECT caller_id FROM workorders_workorder JOIN chosen USING (id))"
            )
        if model is CallbackAttempt:
            through = "workorders_callback b ON b.id = t.callback_id"
            return f"{table} JOIN {through} JOIN chosen c ON c.id = b.order_id"
        recent = (
            " AND c.shift < interval '1 day'" if model is Notice else ""
        )  # bells of long ago are nobody's
        return f"{table} JOIN chosen c ON c.id = t.order_id{recent}"

    def value(self, model: type[models.Model], field: models.Field, k: int) -> str:
        """The SQL of one column of a copy."""
        column = f't."{field.column}"'
        if field.primary_key:
            return f"{column} + {k * self.strides[model]}"
        if field.is_relation and field.related_model in self.strides:
            return f"{column} + {k * self.strides[field.related_model]}"
        if model is OrderEvent and field.name == "step":
            return f"{column} + {k * self.strides[ClockStep]}"
        if model is WorkOrder and field.name == "number":
            return "c.number"
        if model is Caller and field.name == "phone_index":
            return f"left(md5({column} || '{k}'), 32)"
        if model is Notice and field.name == "key":
            return f"{column} || '#{k}'"
        is_shifted = isinstance(field, models.DateTimeField) and model is not Caller
        return f"{column} - c.shift" if is_shifted else column


def stride_of(model: type[models.Model]) -> int:
    ids = model._default_manager.aggregate(low=models.Min("pk"), high=models.Max("pk"))
    return (ids["high"] or 0) - (ids["low"] or 0) + 1


def drop_gin(cursor) -> list[str]:
    """Take away the indexes that are cheaper to build at once than row by row; returns what makes them
    again."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes"
        " WHERE tablename = 'workorders_workorder' AND indexdef LIKE '%USING gin%'"
    )
    found = cursor.fetchall()
    for name, _definition in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _name, definition in found]
