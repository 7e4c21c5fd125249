"""100,000 moments fall due at once: how long do two sweepers need?

    .venv/bin/python -m tests.bench.sweep [--due 100000] [--sweepers 2] [--kind handle|mixed] [--profile]

Starts a durable PostgreSQL of its own in a temporary folder. One order is led to its state through the doors
and
then copied, with trail and clocks, as often as needed. `handle`: each order's handling time is over. `mixed`:
each order waits to be signed for, and sign, contact, return window and yellow card fall due together, so
every fourth moment also changes the order's state. Prints one line of JSON."""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import resource
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from hotline.embedded.postgres import Postgres  # noqa: E402  # after the path

TABLES = ("workorders_workorder", "dispatch_assignment", "dispatch_clock", "dispatch_clockstep")
STEPS = {
    "handle": [("handle", "due")],
    "mixed": [("sign", "due"), ("contact", "due"), ("return_window", "due"), ("handle", "yellow")],
}
SWEEP = "import django; django.setup(); from dispatch import escalation; escalation.sweep()"
PROFILE = f"import cProfile, pstats; cProfile.run({SWEEP!r}, '/tmp/sweep.prof')"


def begin(home: Path) -> Postgres:
    database = Postgres(home / "pg", home / "s", home / "pg.log", copies=home / "copies")
    database.start()
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "hotline.settings",
        "DATABASE_URL": database.url,
        "REDIS_URL": f"unix://{home}/none",
        "DATA_DIR": str(home / "data"),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "STATIC_MANIFEST": "no",
        "STATEMENT_TIMEOUT_MS": "0",
    }
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("load_reference", stdout=sys.stderr)
    return database


def pattern(kind: str) -> int:
    """The order that is copied: in hand, or waiting to be signed for."""
    from dispatch import assigning, signing
    from hotline.accounts.models import Membership, Unit, User
    from hotline.lib.db_now import db_now
    from workorders import intake
    from workorders.intake import CallerInput, OrderInput

    operator, clerk = (User.objects.create_user(role, role=role) for role in ("operator", "unit"))
    unit = Unit.objects.get(code="370102-MARKET")
    Membership.objects.create(user=clerk, unit=unit)
    text = "The shop at the corner sells food that is out of date; the caller asks for an inspection. " * 2
    matter = OrderInput(
        text,
        kind="complaint",
        category="080101",
        place="370102001",
        caller=CallerInput("Wang", "13812345678"),
    )
    order = intake.create(matter, actor=operator, now=db_now())
    common = {"now": db_now(), "expect": None}
    assigning.dispatch(order.pk, actor=operator, unit=unit, reason="bench", **common)
    if kind == "handle":
        signing.sign(order.pk, actor=clerk, **common)
    return order.pk


def copy(cursor, table: str, order_id: int, copies: int, columns: dict[str, str], where: str) -> None:
    """Insert copies of the rows of one order; `columns` says what differs, `g` is the number of the copy."""
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        [table],
    )
    names = [name for (name,) in cursor.fetchall()]
    values = ", ".join(columns.get(name, f't."{name}"') for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    cursor.execute(
        f"INSERT INTO {table} ({listed}) SELECT {values} FROM generate_series(1, {copies}) g"
        f" JOIN {table} t ON t.{where} = {order_id} ORDER BY g, t.id"
    )
    cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


def multiply(order_id: int, copies: int) -> None:
    """Copies of the order with everything that hangs on it. Ids: the original's plus g times a stride."""
    from django.db import connection, transaction

    stride = 100
    new = f"t.id + g * {stride}"
    order = f"{order_id} + g * {stride}"
    with transaction.atomic(), connection.cursor() as cursor:
        number = "'BX' || lpad(g::text, 10, '0')"
        copy(cursor, TABLES[0], order_id, copies, {"id": new, "number": number}, "id")
        copy(cursor, "workorders_orderevent", order_id, copies, {"id": new, "order_id": order}, "order_id")
        copy(cursor, TABLES[1], order_id, copies, {"id": new, "order_id": order}, "order_id")
        assignment = {"assignment_id": f"t.assignment_id + g * {stride}"}
        copy(cursor, TABLES[2], order_id, copies, {"id": new, "order_id": order, **assignment}, "order_id")
        clock = {"clock_id": f"t.clock_id + g * {stride}"}
        copy(cursor, TABLES[3], order_id, copies, {"id": new, "order_id": order, **clock}, "order_id")


def fall_due(kind: str) -> int:
    """Set the chosen moments to now. Returns how many there are."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE dispatch_clockstep s SET due_at = clock_timestamp(), try_at = clock_timestamp()"
            " FROM dispatch_clock c"
            " WHERE c.id = s.clock_id AND s.fired_at IS NULL AND s.cancelled_at IS NULL"
            " AND (c.kind, s.step) IN (SELECT * FROM unnest(%s::text[], %s::text[]))",
            [[kind for kind, _step in STEPS[kind]], [step for _kind, step in STEPS[kind]]],
        )
        due = cursor.rowcount
        connection.connection.set_session(autocommit=True)
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    return due


def race(sweepers: int, *, profile: bool) -> float:
    """Seconds until every sweeper has found nothing more to do, their start included."""
    command = [sys.executable, "-c", PROFILE if profile else SWEEP]
    began = time.monotonic()
    running = [subprocess.Popen(command, cwd=ROOT) for _number in range(sweepers)]
    codes = [one.wait() for one in running]
    assert not any(codes), codes
    return time.monotonic() - began


def cpu_of_children() -> float:
    """CPU seconds of the sweepers, which have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cpu_of(database: Postgres) -> float:
    """CPU seconds of the server: its own, of children that have ended, and of those that live."""
    server = str(database.child.pid)
    pids = [server, *Path(f"/proc/{server}/task/{server}/children").read_text().split()]
    ticks = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            spent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
            ticks += sum(int(number) for number in (spent if pid == server else spent[:2]))
    return ticks / os.sysconf("SC_CLK_TCK")


def left() -> tuple[int, int]:
    """How many moments are still due, and how many fired twice."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM dispatch_clockstep WHERE fired_at IS NULL AND cancelled_at IS NULL"
            " AND try_at <= clock_timestamp()"
        )
        waiting = cursor.fetchone()[0]
        cursor.execute(
            "SELECT count(*) - count(DISTINCT step) FROM workorders_orderevent WHERE step IS NOT NULL"
        )
        return waiting, cursor.fetchone()[0]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--due", type=int, default=100_000)
    parser.add_argument("--sweepers", type=int, default=2)
    parser.add_argument("--kind", choices=STEPS, default="handle")
    parser.add_argument(
        "--profile", action="store_true", help="one sweeper under cProfile, into /tmp/sweep.prof"
    )
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="hotline-bench-", dir="/tmp"))
    home.chmod(0o711)  # the database's user must pass through
    database = None
    try:
        database = begin(home)
        multiply(pattern(options.kind), options.due // len(STEPS[options.kind]) - 1)
        due = fall_due(options.kind)
        before, python_before = cpu_of(database), cpu_of_children()
        seconds = race(1 if options.profile else options.sweepers, profile=options.profile)
        report = {
            "kind": options.kind,
            "due": due,
            "sweepers": options.sweepers,
            "seconds": round(seconds, 1),
        }
        report["per_second"] = round(due / seconds)
        report["cpu_of_sweepers"] = round(cpu_of_children() - python_before, 1)
        report["cpu_of_database"] = round(cpu_of(database) - before, 1)
        report["load"] = round(os.getloadavg()[0], 1)
        report["left"], report["fired_twice"] = left()
        print(json.dumps(report))
    finally:
        if database is not None:
            database.stop()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
