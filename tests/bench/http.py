"""How fast the product answers over HTTP, at a given number of orders.

python -m tests.bench.http --data DIR --orders 10000 [--seconds 6] [--clients 1,4,16] [--only triage,create]

Fills the database of this size first, if it is empty (see fill.py). Starts granian as ./run does (2
workers), measures each scenario with so many clients in a closed loop, prints a table, and writes
DIR/http-N.json. Queries are counted by a middleware of the benchmark; CPU is that of the web workers and of
PostgreSQL from /proc, the clients' own left out."""

import argparse
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import mean, quantiles

from tests.bench import cluster, fill

TICK = os.sysconf("SC_CLK_TCK")
SEARCHED = (
    "\u6f0f\u6c34",
    "\u6696\u6c14",
    "\u5783\u573e",
    "\u7269\u4e1a",
)  # leak, heating, refuse, management
TEXT = "\u697c\u4e0a\u6c34\u7ba1\u6f0f\u6c34\uff0c\u5df2\u7ecf\u4e09\u5929\u6ca1\u6709\u4eba\u6765\u4fee"
"""A leaking pipe, and nobody came for three days."""
UNIT = "370100-ENERGY"


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: str = ""


@dataclass(frozen=True)
class Figures:
    """One scenario with so many clients. Times in milliseconds, CPU per request."""

    scenario: str
    clients: int
    requests: int
    per_second: float
    p50: float
    p95: float
    queries: float
    web_cpu: float
    database_cpu: float
    failures: int


@dataclass(frozen=True)
class Keys:
    """What the clients log in with, and orders to look at."""

    token: str
    dispatcher: str
    clerk: str
    numbers: list[str]


def make_keys() -> Keys:
    """Tokens and sessions, made without HTTP."""
    from django.conf import settings
    from django.test import Client

    from hotline.accounts.models import ApiToken, User
    from hotline.accounts.tokens import issue_token
    from workorders.models import WorkOrder

    def session_of(username: str) -> str:
        client = Client()
        client.force_login(
            User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend"
        )
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    operator = User.objects.get(username="operator")
    ApiToken.objects.filter(user=operator, label="bench").delete()
    numbers = WorkOrder.objects.exclude(state="draft").order_by("?")[:400].values_list("number", flat=True)
    return Keys(
        issue_token(operator, "bench"), session_of("dispatcher"), session_of(f"unit-{UNIT}"), list(numbers)
    )


def scenarios(keys: Keys) -> dict[str, Callable[[Random], Asked]]:
    """What is measured: each makes the next request."""
    api = {"Authorization": f"Bearer {keys.token}", "Content-Type": "application/json"}

    def page(path: str, session: str) -> Asked:
        return Asked("GET", path, {"Cookie": f"sessionid={session}", "Accept": "text/html"})

    def create(rng: Random) -> Asked:
        caller = {"name": "\u738b\u82b3", "phone": f"154{rng.randrange(10**8):08d}"}
        data = {
            "channel": "phone",
            "kind": "help",
            "category": "020103",
            "place": "370102001",
            "content": TEXT,
            "address": "1",
            "caller": caller,
        }
        headers = api | {"Idempotency-Key": str(uuid.UUID(int=rng.getrandbits(128)))}
        return Asked("POST", "/api/v1/orders/", headers, json.dumps(data))

    return {
        "create": create,
        "triage": lambda rng: page("/triage/", keys.dispatcher),
        "inbox": lambda rng: page("/inbox/", keys.clerk),
        "order": lambda rng: page(f"/orders/{rng.choice(keys.numbers)}/", keys.dispatcher),
        "suggest": lambda rng: Asked("POST", "/api/v1/suggest/", api, json.dumps({"content": TEXT})),
        "search": lambda rng: page(
            "/orders/?q=" + "".join(f"%{byte:02X}" for byte in rng.choice(SEARCHED).encode()), keys.dispatcher
        ),
    }


# --- Clients -----------------------------------------------------------------------------------------


def client(port: int, scenario: str, keys: Keys, seed: int, seconds: float, barrier, answers) -> None:
    """One client in a closed loop: ask, wait, ask again."""
    make, rng = scenarios(keys)[scenario], Random(f"{seed} {time.time_ns()}")
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    times, queries, failures = [], [], 0
    barrier.wait()
    end = time.perf_counter() + seconds
    while (start := time.perf_counter()) < end:
        asked = make(rng)
        link.request(asked.method, asked.path, asked.body or None, asked.headers)
        answer = link.getresponse()
        answer.read()
        times.append(time.perf_counter() - start)
        queries.append(int(answer.headers.get("X-Queries", 0)))
        failures += answer.status not in (200, 201)
    answers.put((times, queries, failures))


def measure(
    port: int, pids: tuple[int, int], scenario: str, keys: Keys, clients: int, seconds: float
) -> Figures:
    """Run one scenario. The first two seconds of one client warm the workers up and are not counted."""
    run_clients(port, scenario, keys, min(clients, 2), 2)
    before = [cpu_of(pid) for pid in pids]
    start = time.perf_counter()
    answers = run_clients(port, scenario, keys, clients, seconds)
    took = time.perf_counter() - start
    web, database = (cpu_of(pid) - earlier for pid, earlier in zip(pids, before, strict=True))
    times = sorted(one for found, _queries, _failures in answers for one in found)
    cuts = quantiles(times, n=100) if len(times) > 1 else [*times] * 99
    count = len(times)
    return Figures(
        scenario,
        clients,
        count,
        round(count / took, 1),
        ms(cuts[49]),
        ms(cuts[94]),
        round(mean(one for _times, found, _failures in answers for one in found), 1),
        ms(web / count),
        ms(database / count),
        sum(failures for _times, _queries, failures in answers),
    )


def run_clients(port: int, scenario: str, keys: Keys, clients: int, seconds: float) -> list[tuple]:
    context = get_context("fork")
    barrier, answers = context.Barrier(clients), context.Queue()
    work = [
        context.Process(target=client, args=(port, scenario, keys, seed, seconds, barrier, answers))
        for seed in range(clients)
    ]
    for process in work:
        process.start()
    found = [answers.get(timeout=seconds + 180) for _process in work]
    for process in work:
        process.join()
    return found


def ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


# --- The server --------------------------------------------------------------------------------------


@contextmanager
def web_server(log: Path):
    """granian as ./run starts it, with the benchmark's settings. Yields its port and pid."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        "granian",
        "--interface",
        "wsgi",
        "--workers",
        "2",
        "--blocking-threads",
        "4",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "hotline.wsgi:application",
    ]
    command[0] = str(Path(sys.executable).with_name("granian"))
    with log.open("w") as file:
        server = subprocess.Popen(command, stdout=file, stderr=file, start_new_session=True)
        try:
            wait_for(port, server, log)
            yield port, server.pid
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=30)


def wait_for(port: int, server: subprocess.Popen, log: Path) -> None:
    for _try in range(240):
        try:
            link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            link.request("GET", "/healthz")
            if link.getresponse().status == 200:
                return
        except OSError:
            pass
        if server.poll() is not None:
            break
        time.sleep(0.25)
    raise SystemExit(f"The web server does not start; see {log}.")


def cpu_of(pid: int) -> float:
    """CPU seconds of a process, of its living children, and of those it has buried."""
    spent = own_cpu(pid)
    for task in Path(f"/proc/{pid}/task").iterdir():
        spent += sum(cpu_of(int(child)) for child in (task / "children").read_text().split())
    return spent


def own_cpu(pid: int) -> float:
    try:
        numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(number) for number in numbers[11:15]) / TICK


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the benchmark's own PostgreSQL")
    parser.add_argument("--orders", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--clients", default="1,4,16")
    parser.add_argument("--only", default="", help="scenarios, comma between")
    options = parser.parse_args()
    with cluster.running(options.data, options.orders) as database:
        import django

        django.setup()
        fill_if_empty(options.orders)
        keys = make_keys()
        from django.db import connections

        connections.close_all()  # the clients are forks
        names = [name for name in scenarios(keys) if not options.only or name in options.only.split(",")]
        found = []
        with web_server(options.data / "web.log") as (port, pid):
            show_head(options.orders)
            for name in names:
                for clients in map(int, options.clients.split(",")):
                    found.append(
                        measure(port, (pid, database.child.pid), name, keys, clients, options.seconds)
                    )
                    show(found[-1])
    report = {"orders": options.orders, "figures": [asdict(figures) for figures in found]}
    (options.data / f"http-{options.orders}.json").write_text(json.dumps(report, indent=1))


def fill_if_empty(orders: int) -> None:
    from django.core.management import call_command

    from workorders.models import WorkOrder

    call_command("migrate", verbosity=0)
    if not WorkOrder.objects.exists():
        print(f"filling: {fill.fill(orders, orders // 10, 1)}", flush=True)


def show_head(orders: int) -> None:
    print(f"{orders} orders")
    print(
        f"{'scenario':<10}{'clients':>8}{'req/s':>9}{'p50 ms':>9}{'p95 ms':>9}{'queries':>9}"
        f"{'web ms':>9}{'db ms':>9}{'failed':>8}",
        flush=True,
    )


def show(row: Figures) -> None:
    print(
        f"{row.scenario:<10}{row.clients:>8}{row.per_second:>9}{row.p50:>9}{row.p95:>9}{row.queries:>9}"
        f"{row.web_cpu:>9}{row.database_cpu:>9}{row.failures:>8}",
        flush=True,
    )


if __name__ == "__main__":
    main()
