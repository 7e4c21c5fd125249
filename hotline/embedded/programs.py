"""What the launcher keeps running: database, broker, worker with beat, web server. Started in this order."""

import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from .children import spawn, stop
from .environment import ROOT


class Service(Protocol):
    """Something that runs. `child` is None when it does not."""

    name: str
    log: Path
    child: subprocess.Popen[bytes] | None

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Program:
    """A Python program: `on_stop` asks it to end, `on_death` is what it gets when we are killed."""

    def __init__(
        self,
        name: str,
        command: list[str],
        log: Path,
        env: Mapping[str, str],
        *,
        on_stop: signal.Signals = signal.SIGTERM,
        on_death: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name, self.command, self.log, self.env = name, command, log, env
        self.on_stop, self.on_death = on_stop, on_death
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.child = spawn(
                [sys.executable, "-m", *self.command],
                on_death=self.on_death,
                output=log,
                env=self.env,
                cwd=ROOT,
                umask=0o077,
            )

    def stop(self) -> None:
        if self.child is not None:
            stop(self.child, self.on_stop)
            self.child = None


def worker(log: Path, env: Mapping[str, str], schedule: Path) -> Program:
    """Worker and beat in one. SIGQUIT: running tasks get CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT, then are left.

    What was left is done again after the next start: tasks are acknowledged late and safe to run twice."""
    command = ["celery", "-A", "hotline", "worker", "--beat", "-c", "2", "-s", str(schedule)]
    return Program("worker", command, log, env, on_stop=signal.SIGQUIT, on_death=signal.SIGQUIT)


def web(log: Path, env: Mapping[str, str], host: str, port: int) -> Program:
    command = [
        "granian",
        "--interface",
        "wsgi",
        "--workers",
        "2",
        "--blocking-threads",
        "4",
        "--host",
        host,
        "--port",
        str(port),
        "hotline.wsgi:application",
    ]
    return Program("web", command, log, env)
