"""Fill a database with orders: some thousand lives by the rules, and copies of them until there are enough.

    python -m tests.bench.fill --data DIR --orders 1000000 [--open 100000] [--seed 1]

A life is derived by `dispatch.bulk` as the demo's are. A copy has its own ids, number, caller and hash
chain; the copies of ended orders lie whole weeks earlier, those of open ones a moment. `check_invariants`
holds them all."""

import argparse
import io
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from tests.bench import cluster

CLOSED_LIVES, OPEN_LIVES = 3000, 2000
FRESH_RULES = 300
"""Days back that the first version of the clock rules surely covers."""


@dataclass
class Stopwatch:
    """Seconds by stage."""

    stages: dict[str, float] = field(default_factory=dict)

    def time(self, name: str, work: Callable, *arguments):
        start = time.monotonic()
        result = work(*arguments)
        self.stages[name] = self.stages.get(name, 0) + time.monotonic() - start
        return result


def fill(orders: int, open_orders: int, seed: int) -> dict[str, float]:
    """Bring an empty database to so many orders, so many of them open. Django must be set up."""
    from django.core.management import call_command

    from dispatch.demo import people
    from hotline.lib.db_now import db_now
    from tests.bench.copies import Copies
    from workorders.models import WorkOrder

    watch = Stopwatch()
    call_command("migrate", verbosity=0)
    call_command("load_reference", stdout=io.StringIO())
    if WorkOrder.objects.exists():
        raise SystemExit("There are orders already: fill wants an empty database.")
    now = db_now()
    cast = people.make_cast("Bench-Water-2026", now)
    watch.time("lives", write_base, cast, now, seed, orders - open_orders, open_orders)
    watch.time("copies", Copies(Random(seed)).make, orders, open_orders)
    return watch.stages


def write_base(cast, now: datetime, seed: int, closed: int, still_open: int) -> None:
    """The lives to be copied."""
    from dispatch.demo.desk import Desk
    from workorders.lifecycle import OPEN, State

    rng = Random(seed)
    desk = Desk(cast, now, rng)
    for _life in range(min(closed, CLOSED_LIVES)):
        at = now - timedelta(days=rng.uniform(45, FRESH_RULES))
        desk.live(desk.odd(at) if rng.random() < 0.03 else desk.order(at))
        desk.write(least=500)
    ages = {
        State.PENDING: 0.08,
        State.DISPATCHED: 0.15,
        State.REPLY_REVIEW: 4,
        State.CALLBACK: 5,
        State.HANDLING: 3,
    }
    shares = {
        State.PENDING: 10,
        State.DISPATCHED: 12,
        State.REPLY_REVIEW: 5,
        State.CALLBACK: 8,
        State.HANDLING: 65,
    }
    made = 0
    while made < min(still_open, OPEN_LIVES):
        stop = desk.pick(shares)
        story = desk.order(
            now - timedelta(days=rng.uniform(0.001, ages[stop])),
            desk.pick({"help": 6, "complaint": 3}),
            taken="tidy",
            path="full",
            returns=0,
            stop=stop,
        )
        story.run(now)
        if story.order.state in OPEN:
            desk.keep(story.life)
            made += 1
        desk.write(least=500)
    desk.write()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the benchmark's own PostgreSQL")
    parser.add_argument("--orders", type=int, required=True)
    parser.add_argument("--open", type=int, help="how many of them are open; a tenth unless told")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with cluster.running(options.data, options.orders):
        import django

        django.setup()
        still_open = options.orders // 10 if options.open is None else options.open
        start = time.monotonic()
        stages = fill(options.orders, still_open, options.seed)
        took = time.monotonic() - start
        parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in stages.items())
        print(f"{options.orders} orders in {took:.1f} s ({options.orders / took:.0f} a second): {parts}")


if __name__ == "__main__":
    main()
