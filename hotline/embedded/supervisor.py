"""Start everything in order, keep it running, stop it in the opposite order."""

import contextlib
import http.client
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType

from . import assets, programs
from .children import Reaper, bound_step, bound_to_us, kill_session, wait_until
from .environment import ROOT, tell
from .errors import CannotStart
from .folder import DataFolder, given
from .postgres import Postgres
from .programs import Service
from .valkey import Valkey

TRIES = 5
HEALTHY_AFTER = 60.0
"""Seconds after which a restarted child counts as well again."""
DEMO = ["demo", "--days", "30", "--per-day", "40", "--seed", "12345"]
DEMO_LOGINS = "operator, dispatcher, callback, supervisor, leader, admin, auditor, unit-CODE (for every unit)"


class Asked(BaseException):
    """Somebody asked the launcher to end (Ctrl-C, SIGTERM, the terminal went away)."""


@contextlib.contextmanager
def ending_on_request() -> Iterator[None]:
    """Inside, a request to end is the exception Asked, once; what follows it is not interrupted again."""
    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup ./run wants to outlive its terminal
        signals.append(signal.SIGHUP)

    def ask(number: int, frame: FrameType | None) -> None:
        for one in signals:
            signal.signal(one, signal.SIG_IGN)
        raise Asked

    before = {one: signal.signal(one, ask) for one in signals}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


class Site:
    """Hotline on one data folder, whose lock the caller holds."""

    def __init__(self, folder: DataFolder, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.env = dict(environment)
        self.env |= {"DATA_DIR": str(folder.path), "DJANGO_SETTINGS_MODULE": "hotline.settings"}
        self.env |= folder.keys(environment)
        self.running: list[Service] = []
        self.failures: dict[str, int] = {}
        self.began: dict[str, float] = {}
        self.noted: dict[str, object] = {"pid": os.getpid(), "ready": False}
        self.reaper = Reaper()

    # --- Starting -------------------------------------------------------------------------------------
    def start_services(self) -> None:
        """Database and broker, as far as the environment does not name its own."""
        run = self.folder.run_folder()
        if not given(self.env, "DATABASE_URL"):
            home = self.folder.database()
            database = Postgres(home, run / "s", self.folder.log("postgres"), copies=home.parent / "programs")
            self._start(database)
            self.env["DATABASE_URL"] = database.url
        if not given(self.env, "REDIS_URL"):
            broker = Valkey(self.folder.path / "valkey", run / "v", self.folder.log("valkey"))
            self._start(broker)
            self.env["REDIS_URL"] = broker.url

    def prepare(self) -> bool:
        """Migrate and load the reference data. True when the demo may be made: there are neither orders nor
        users, or only the users of a demo that was cut off."""
        found = self._step(["-m", "hotline.embedded.prepare"], "The database cannot be prepared").split()
        return found == [] or (found == ["users"] and self._demo_mark.exists())

    def load_demo(self) -> None:
        tell("Making a demo month (30 days, 40 orders a day) …")
        password = self.folder.secret("demo-password", self.env.get("DEMO_PASSWORD") or fresh_password())
        self._demo_mark.touch()
        self._step(["manage.py", *DEMO], "The demo cannot be made", {"DEMO_PASSWORD": password})
        self._step(["manage.py", "catch_up_reviews", "--days", "14"], "The demo's reviews cannot be made", {})
        self._demo_mark.unlink()

    @property
    def _demo_mark(self) -> Path:
        return self.folder.path / "demo-unfinished"

    def build_assets(self) -> None:
        assets.build(self.folder.path)
        assets.collect(self.folder.path, self.env)

    def start_programs(self, host: str, port: int) -> None:
        """Worker and web, not waiting for each other. Raises CannotStart when the site does not answer."""
        self.env.setdefault("ALLOWED_HOSTS", allowed_hosts(host))
        self._start(
            programs.worker(self.folder.log("worker"), self.env, self.folder.path / "beat" / "schedule")
        )
        site = programs.web(self.folder.log("web"), self.env, host, port)
        self._start(site)

        def alive() -> bool:
            return site.child is not None and site.child.poll() is None

        if not wait_until(lambda: answers(host, port, self.env["ALLOWED_HOSTS"]), seconds=60, alive=alive):
            raise CannotStart(f"The web server does not answer: {last_line(site.log)} (log: {site.log})")

    def _start(self, service: Service) -> None:
        self.running.append(service)
        service.start()
        if service.child:
            self.reaper.watch(service.child.pid)
        self.began[service.name] = time.monotonic()
        self._note()

    def _step(self, command: list[str], failure: str, extra: Mapping[str, str] | None = None) -> str:
        """Run a Python command of the environment to its end and return its standard output."""
        env = self.env | dict(extra or {})
        done = bound_step([sys.executable, *command], cwd=ROOT, env=env)
        if done.returncode != 0:
            self.folder.check_space()
            raise CannotStart(f"{failure}: see above.")
        return done.stdout.decode()

    def _note(self) -> None:
        """Write down who runs: other commands use it, the next start waits for it to be gone."""
        pids = [service.child.pid for service in self.running if service.child]
        self.noted |= {name.lower(): self.env.get(name) for name in ("DATABASE_URL", "REDIS_URL")}
        self.folder.note(**self.noted, children=pids)

    # --- Running --------------------------------------------------------------------------------------
    def ready(self) -> None:
        """Say that `./run manage` may use the services."""
        self.noted["ready"] = True
        self._note()

    def watch(self) -> None:
        """Restart what dies, until asked to end. Raises CannotStart when one keeps dying."""
        while True:
            for service in self.running:
                if service.child is None or service.child.poll() is not None:
                    self._restart(service)
            time.sleep(0.5)

    def _restart(self, service: Service) -> None:
        if time.monotonic() - self.began[service.name] > HEALTHY_AFTER:
            self.failures[service.name] = 0
        tries = self.failures[service.name] = self.failures.get(service.name, 0) + 1
        last = f"{last_line(service.log)} (log: {service.log})"
        if tries > TRIES:
            raise CannotStart(f"{service.name} died again after {TRIES} tries: {last}")
        tell(f"{service.name} died; starting it again, try {tries} of {TRIES}: {last}")
        if service.child:
            kill_session(service.child)  # its own children may hold the port
        time.sleep(min(8.0, 0.25 * 2**tries))
        service.start()
        if service.child:
            self.reaper.watch(service.child.pid)
        self.began[service.name] = time.monotonic()
        self._note()

    # --- Stopping -------------------------------------------------------------------------------------
    def stop(self) -> None:
        """Web, worker and beat, Valkey, PostgreSQL: each is asked, and killed after ten seconds."""
        while self.running:
            service = self.running.pop()
            with contextlib.suppress(OSError):  # one that cannot be stopped must not keep the others
                service.stop()
        self.reaper.close()
        shutil.rmtree(self.folder.run_folder(), ignore_errors=True)


def serve(folder: DataFolder, environment: Mapping[str, str], *, host: str, port: int, demo: bool) -> int:
    """`./run`: everything, until asked to end. The caller holds the folder's lock."""
    site = Site(folder, environment)
    with ending_on_request():
        try:
            site.start_services()
            is_empty = site.prepare()
            site.build_assets()
            if is_empty and demo:
                site.load_demo()
            site.ready()
            site.start_programs(host, port)
            sys.stdout.write(welcome(folder, host, port))
            sys.stdout.flush()
            site.watch()
        except Asked:
            tell("Stopping …")
        finally:
            site.stop()
    tell("Hotline has stopped.")
    return 0


def manage(folder: DataFolder, environment: Mapping[str, str], arguments: list[str]) -> int:
    """`./run manage …` with nothing running: database and broker for this one command. Its exit code."""
    site = Site(folder, environment)
    with ending_on_request():
        try:
            site.start_services()
            site.prepare()
            return run_manage(site.env, arguments)
        except Asked:
            return 130
        finally:
            site.stop()


def manage_beside(folder: DataFolder, environment: Mapping[str, str], arguments: list[str]) -> int | None:
    """`./run manage …` with the services of a running `./run`. None when there is none any more."""
    while folder.is_taken():
        state = folder.state()
        if state.get("ready"):
            env = dict(environment) | folder.keys(environment)
            env |= {"DATA_DIR": str(folder.path), "DJANGO_SETTINGS_MODULE": "hotline.settings"}
            for name in ("DATABASE_URL", "REDIS_URL"):
                if not given(environment, name) and state.get(name.lower()):
                    env[name] = state[name.lower()]
            return run_manage(env, arguments)
        time.sleep(0.2)
    return None


def run_manage(env: Mapping[str, str], arguments: list[str]) -> int:
    """manage.py with our standard input, output and error; its exit code (128 + N when signal N ended it)."""
    child = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=dict(env),
        preexec_fn=bound_to_us(signal.SIGTERM, own_session=False),
    )
    before = signal.signal(signal.SIGINT, lambda number, frame: None)  # Ctrl-C is the command's to answer
    try:
        code = child.wait()
    except Asked:
        child.terminate()
        code = child.wait(10)
    finally:
        if child.poll() is None:
            child.kill()
        signal.signal(signal.SIGINT, before)
    return code if code >= 0 else 128 - code


def answers(host: str, port: int, hosts: str) -> bool:
    """Whether /healthz says 200 under a host name that the settings allow."""
    name = next((word.strip().lstrip(".") for word in hosts.split(",") if word.strip(" *")), "localhost")
    connection = http.client.HTTPConnection(reachable(host), port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": name})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def reachable(host: str) -> str:
    """An address a person on this machine can open: `all addresses` is none."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)


def allowed_hosts(host: str) -> str:
    """ALLOWED_HOSTS where the environment does not say: this machine's names and the address we listen on."""
    return (
        "*"
        if host in ("0.0.0.0", "::")
        else f"localhost,127.0.0.1,[::1],{f'[{host}]' if ':' in host else host}"
    )


def welcome(folder: DataFolder, host: str, port: int) -> str:
    shown = reachable(host)
    lines = ["", f"Hotline is running: http://{f'[{shown}]' if ':' in shown else shown}:{port}/"]
    with contextlib.suppress(OSError):
        password = (folder.path / "demo-password").read_text(encoding="utf-8").strip()
        lines += [f"Demo logins: {DEMO_LOGINS}", f"Password of all: {password}"]
    lines += [
        f"Data and logs: {folder.path}",
        "Stop with Ctrl-C, or with ./run stop from another terminal.",
        "",
    ]
    return "\n".join(lines) + "\n"


def fresh_password() -> str:
    """Three groups that are easy to read out: no letter that looks like a digit."""
    letters, digits = "abcdefghjkmnpqrstuvwxyz", "23456789"
    groups = [
        "".join(secrets.choice(letters) for _ in range(4)),
        "".join(secrets.choice(digits) for _ in range(4)),
    ]
    return "-".join(["".join(secrets.choice(letters) for _ in range(4)).capitalize(), *groups])


def last_line(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1].strip() if lines else "it said nothing"
