"""500 clocks fall due while everything around them is killed at random: none is missed, none fires twice.

    .venv/bin/python tests/faults/clocks_under_kills.py [--seed N] [--orders 500] [--window 40] [--faults 60]

Starts a durable PostgreSQL, a Valkey, two Celery workers and a beat of its own in a temporary folder. Half
of the orders wait for their dispatch, half are with a unit; all their clocks fall due within the window.
Meanwhile it kills, at random and with -9: a worker, a child of a worker, beat, Valkey (kept or emptied);
PostgreSQL restarts in `immediate` mode, which is a crash; a receiver of webhooks fails now and then; and
people sign and withdraw orders. Then it lets the system settle, asks `check_invariants`, and prints a JSON
report. Exit code 1 for any violation."""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from hotline.embedded.postgres import Postgres  # noqa: E402  # after the path
from hotline.embedded.programs import Program  # noqa: E402
from hotline.embedded.valkey import Valkey  # noqa: E402

SETTLE = 150
"""Seconds that the system gets, once the faults end, to fire and send what is left."""


class Receiver(ThreadingHTTPServer):
    """A receiver of webhooks that drops repeats by their id, and fails one time in ten."""

    daemon_threads = True

    def __init__(self, chance: random.Random) -> None:
        super().__init__(("127.0.0.1", 0), Hook)
        self.chance, self.deliveries, self.effects = chance, Counter[str](), list[str]()
        self.lock = threading.Lock()

    def take(self, key: str) -> int:
        with self.lock:
            if self.chance.random() < 0.1:
                return 500
            self.deliveries[key] += 1
            if self.deliveries[key] == 1:
                self.effects.append(key)
            return 204


class Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.server.take(self.headers["webhook-id"]))
        self.end_headers()

    def log_message(self, *args) -> None:
        """Quiet."""


class System:
    """The processes under test. Started and killed from the main thread only."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.postgres = Postgres(home / "pg", home / "s", home / "pg.log", copies=home / "copies")
        self.valkey = Valkey(home / "valkey", home / "v", home / "valkey.log")
        self.workers: list[Program] = []
        self.beat: Program | None = None

    def start_services(self) -> None:
        self.postgres.start()
        self.valkey.start()
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "hotline.settings",
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "DATA_DIR": str(self.home / "data"),
            "SECRET_KEY": secrets.token_urlsafe(48),
            "FIELD_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "UNACKED_RESTORE_INTERVAL": "1",
            "UNACKED_RESTORE_THROTTLE": "1",
            "STATIC_MANIFEST": "no",
        }

    def start_programs(self) -> None:
        celery = ["celery", "-A", "hotline"]
        for number in (1, 2):
            command = [*celery, "worker", "-c", "2", "-n", f"w{number}@faults", "--loglevel", "warning"]
            self.workers.append(
                Program(f"worker-{number}", command, self.home / f"worker-{number}.log", os.environ)
            )
        beat = [*celery, "beat", "-s", str(self.home / "beat"), "--pidfile", "", "--loglevel", "warning"]
        self.beat = Program("beat", beat, self.home / "beat.log", os.environ)
        for program in (*self.workers, self.beat):
            program.start()

    def stop(self) -> None:
        for program in (*self.workers, self.beat):
            if program is not None:
                with suppress(ProcessLookupError):
                    program.stop()
        self.valkey.stop()
        self.postgres.stop()

    # --- Faults ------------------------------------------------------------------------------------
    def kill_program(self, program: Program) -> None:
        kill_session(program.child)
        program.start()

    def kill_pool_child(self, chance: random.Random) -> None:
        """Only a child of a worker: its parent lives and makes another."""
        found = children_of(chance.choice(self.workers).child.pid)
        if found:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(found), signal.SIGKILL)

    def kill_valkey(self, *, emptied: bool) -> None:
        kill_session(self.valkey.child)
        if emptied:
            shutil.rmtree(self.valkey.data)
        self.valkey.start()

    def crash_postgres(self) -> None:
        self.postgres.child.send_signal(signal.SIGQUIT)
        self.postgres.child.wait(30)
        self.postgres.start()

    def faults(self, chance: random.Random) -> dict[str, tuple[int, Callable[[], None]]]:
        """Every fault with its weight."""
        return {
            "worker": (8, lambda: self.kill_program(chance.choice(self.workers))),
            "pool child": (8, lambda: self.kill_pool_child(chance)),
            "beat": (3, lambda: self.kill_program(self.beat)),
            "valkey": (2, lambda: self.kill_valkey(emptied=False)),
            "valkey emptied": (2, lambda: self.kill_valkey(emptied=True)),
            "postgres immediate": (2, self.crash_postgres),
        }


def kill_session(child: subprocess.Popen) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def children_of(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(text) for text in listed.read_text().split()] if listed.exists() else []


# --- Orders --------------------------------------------------------------------------------------------


def prepare(orders: int, url: str) -> list[int]:
    """Migrate, load the reference data, and make the orders through the doors. Returns those with a unit."""
    import django

    django.setup()
    from django.core.management import call_command

    from dispatch import assigning
    from hotline.accounts.models import Membership, Unit, User
    from hotline.lib.db_now import db_now
    from workorders import intake
    from workorders.intake import CallerInput, OrderInput
    from workorders.models import Endpoint

    call_command("migrate", verbosity=0)
    call_command("load_reference", stdout=sys.stderr)
    operator = User.objects.create_user("operator", role="operator")
    clerk = User.objects.create_user("clerk", role="unit")
    unit = Unit.objects.get(code="370102-MARKET")
    Membership.objects.create(user=clerk, unit=unit)
    Endpoint.objects.create(
        name="hook", channel="webhook", url=url, role="supervisor", secret="s", allow_private=True
    )
    with_unit, caller = [], CallerInput("Wang", "13812345678")
    for number in range(orders):
        urgency = "E1" if number % 10 == 0 else ""
        matter = OrderInput(
            "lamp", kind="help", category="080101", place="370102001", urgency=urgency, caller=caller
        )
        order = intake.create(matter, actor=operator, now=db_now())
        if number % 2:
            common = {"actor": operator, "now": db_now(), "expect": None}
            assigning.dispatch(order.pk, unit=unit, reason="test", **common)
            with_unit.append(order.pk)
    return with_unit


def fall_due(chance: random.Random, window: float) -> int:
    """Set every waiting moment to some instant of the window. Returns how many there are."""
    from dispatch.models import ClockStep
    from hotline.lib.db_now import db_now

    begin = db_now() + timedelta(seconds=5)
    steps = list(ClockStep.objects.select_related("clock"))
    for step in steps:
        step.due_at = step.try_at = begin + timedelta(seconds=chance.uniform(0, window))
        if step.step == "due":
            step.clock.due_at = step.due_at
            step.clock.save(update_fields=["due_at"])
    ClockStep.objects.bulk_update(steps, ["due_at", "try_at"], batch_size=500)
    return len(steps)


def people_work(with_unit: list[int], chance: random.Random, done: threading.Event, acts: Counter) -> None:
    """Sign, contact and withdraw orders while everything breaks. A refused or failed act is no fault of
    theirs."""
    from django.db import Error, connection

    from dispatch import signing
    from hotline.accounts.models import User
    from hotline.lib.db_now import db_now
    from hotline.lib.errors import DomainError
    from workorders import intake

    operator, clerk = User.objects.get(username="operator"), User.objects.get(username="clerk")
    while not done.wait(chance.uniform(0.05, 0.4)):
        pk = chance.choice(with_unit)
        try:
            if chance.random() < 0.6:
                signing.sign(pk, actor=clerk, now=db_now(), expect=None)
            else:
                intake.withdraw(pk, actor=operator, now=db_now(), expect=None, text="called again")
            acts["done"] += 1
        except DomainError:
            acts["refused"] += 1
        except Error:
            acts["failed"] += 1
            connection.close()
    connection.close()


# --- The run -------------------------------------------------------------------------------------------


def break_things(system: System, chance: random.Random, seconds: float) -> Counter:
    """One fault after the other until the time is over."""
    faults, done = system.faults(chance), Counter[str]()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(chance.uniform(0.5, 3))
        (name,) = chance.choices(list(faults), weights=[weight for weight, _act in faults.values()])
        faults[name][1]()
        done[name] += 1
        print(f"  {name}", file=sys.stderr)
    return done


def settle(seconds: float) -> float:
    """Wait until nothing is due and nothing unsent. Returns how long that took."""
    from dispatch.models import ClockStep
    from hotline.lib.db_now import db_now
    from workorders import relay

    began = time.monotonic()
    while time.monotonic() - began < seconds:
        due = ClockStep.objects.filter(fired_at=None, cancelled_at=None, parked_at=None, due_at__lte=db_now())
        if not due.exists() and relay.next_try() is None:
            break
        time.sleep(0.5)
    return time.monotonic() - began


def figures() -> dict[str, float]:
    """What became of the moments, counted by own queries."""
    from django.db import connection

    queries = {
        "fired": "SELECT count(*) FROM dispatch_clockstep WHERE fired_at IS NOT NULL",
        "cancelled": "SELECT count(*) FROM dispatch_clockstep WHERE cancelled_at IS NOT NULL",
        "parked": "SELECT count(*) FROM dispatch_clockstep WHERE parked_at IS NOT NULL",
        "missed": """SELECT count(*) FROM dispatch_clockstep WHERE fired_at IS NULL AND cancelled_at IS NULL
            AND due_at < clock_timestamp()""",
        "fired twice": """SELECT count(*) FROM (SELECT step FROM workorders_orderevent WHERE step IS NOT NULL
            GROUP BY 1 HAVING count(*) > 1) twice""",
        "fired without an event": """SELECT count(*) FROM dispatch_clockstep s WHERE fired_at IS NOT NULL
            AND NOT EXISTS (SELECT FROM workorders_orderevent WHERE step = s.id)""",
        "lag p50 s": """SELECT percentile_cont(.5)
            WITHIN GROUP (ORDER BY extract(epoch FROM fired_at - due_at))
            FROM dispatch_clockstep WHERE fired_at IS NOT NULL""",
        "lag max s": "SELECT max(extract(epoch FROM fired_at - due_at)) FROM dispatch_clockstep"
        " WHERE fired_at IS NOT NULL",
        "notices to send": "SELECT count(*) FROM workorders_notice WHERE channel <> 'bell'",
        "notices dead": "SELECT count(*) FROM workorders_notice WHERE dead_at IS NOT NULL",
    }
    found = {}
    with connection.cursor() as cursor:
        for name, query in queries.items():
            cursor.execute(query)
            found[name] = round(float(cursor.fetchone()[0] or 0), 2)
    return found


def check(receiver: Receiver, home: Path) -> dict[str, int]:
    """Every invariant and its count."""
    from dispatch import invariants

    log = home / "receiver.jsonl"
    log.write_text("".join(json.dumps({"key": key}) + "\n" for key in receiver.effects))
    return {
        finding.code: finding.count
        for finding in invariants.check(receiver_log=log if receiver.effects else None)
    }


def run(home: Path, seed: int, orders: int, window: float, seconds: float) -> dict:
    chance = random.Random(seed)
    receiver, system = Receiver(random.Random(seed)), System(home)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    try:
        system.start_services()
        with_unit = prepare(orders, f"http://127.0.0.1:{receiver.server_port}/")
        system.start_programs()
        moments = fall_due(chance, window)
        from django.db import connection

        connection.close()
        acts, done = Counter[str](), threading.Event()
        worker = threading.Thread(target=people_work, args=(with_unit, random.Random(seed), done, acts))
        worker.start()
        faults = break_things(system, chance, seconds)
        done.set()
        worker.join()
        settled = settle(SETTLE)
        report = {
            "seed": seed,
            "orders": orders,
            "moments": moments,
            "faults": dict(faults),
            "acts": dict(acts),
        }
        report |= {"settled after s": round(settled, 1), **figures(), "invariants": check(receiver, home)}
        repeats = sum(times - 1 for times in receiver.deliveries.values())
        return report | {"notices received": len(receiver.effects), "repeated deliveries": repeats}
    finally:
        system.stop()
        receiver.shutdown()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--orders", type=int, default=500)
    parser.add_argument("--window", type=float, default=40)
    parser.add_argument("--faults", type=float, default=60, help="seconds of faults")
    parser.add_argument("--keep", action="store_true", help="keep the folder with the logs")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else secrets.randbelow(10**6)
    print(f"seed {seed}", file=sys.stderr)
    home = Path(tempfile.mkdtemp(prefix="hotline-faults-", dir="/tmp"))
    home.chmod(0o711)  # the database's user must pass through
    try:
        report = run(home, seed, options.orders, options.window, options.faults)
    finally:
        if options.keep:
            print(home, file=sys.stderr)
        else:
            shutil.rmtree(home, ignore_errors=True)
    print(json.dumps(report, indent=1))
    wrong = [
        report[name] for name in ("missed", "fired twice", "fired without an event", "parked", "notices dead")
    ]
    lost = report["notices to send"] - report["notices received"]
    sys.exit(1 if any(wrong) or lost or any(report["invariants"].values()) else 0)


if __name__ == "__main__":
    main()
